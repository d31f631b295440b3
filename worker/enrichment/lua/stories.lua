-- Stories: online clustering of articles, atomic a batch.
--
-- KEYS[1] is the tag `{namespace:stories}`; every key begins with it and so lies in its slot:
--   TAG:a:<article>  STRING  story of an article: a redelivery gets the same one; life: the window
--   TAG:s:<story>    HASH    c centroid (msgpack: feature -> weight), e embedding (msgpack: list),
--                            n articles, first and last (Unix seconds), title; life: the window after
--                            its last article
--   TAG:f:<feature>  STRING  stories that a telling feature leads to, 16 characters each, the latest
--                            last; at most `posted`; life: the window after the last addition
--   TAG:d:<day>      ZSET    stories of a day (YYYY-MM-DD) by their articles of that day; life: the
--                            window after the last of them came
--   TAG:days         ZSET    the days, each by the time of its latest article; those without
--                            stories go when a later one comes
--
-- ARGV: operation, then
--   assign:  window (s), threshold, half-life (s), posted, then for each article
--            id, id of a new story, time (s), day, title, features, embedding
--            features: "feature weight feature weight …", the most telling first, of length one;
--            embedding: "number number …", of length one, or empty
--   release: window (s), then for each article id, day
--
-- assign returns the story of each article; release returns how many were given up.

local tag = KEYS[1]
local LEADS = 7       -- features of an article that lead to stories
local KEPT = 40        -- features that a centroid keeps
local CANDIDATES = 4   -- stories compared
local NAME = 16        -- characters of a story's id

local sub, call = string.sub, redis.call

local function numbers(text)
  local list = {}
  for number in string.gmatch(text, '%S+') do list[#list + 1] = tonumber(number) end
  return list
end

-- The keys that the leading features are posted under, and the weights of all.
local function parse(text)
  local keys, weights = {}, {}
  for feature, weight in string.gmatch(text, '(%S+) (%S+)') do
    if #keys < LEADS then keys[#keys + 1] = tag .. ':f:' .. feature end
    weights[feature] = tonumber(weight)
  end
  return keys, weights
end

-- The stories that at least two leading features name, those named most often first.
local function candidates(keys, posted)
  local named, by_count = {}, {}
  for _, key in ipairs(keys) do
    local stories = posted[key]
    for at = stories and #stories - NAME + 1 or 0, 1, -NAME do
      local story = sub(stories, at, at + NAME - 1)
      local count = (named[story] or 0) + 1
      named[story] = count
      if count > 1 then
        local list = by_count[count]
        if list then list[#list + 1] = story else by_count[count] = {story} end
      end
    end
  end
  local list = {}
  for count = LEADS, 2, -1 do
    for _, story in ipairs(by_count[count] or {}) do
      if named[story] == count then list[#list + 1] = story end
      if #list == CANDIDATES then return list end
    end
  end
  return list
end

local function likeness(weights, embedding, centroid, mean)
  local dot, square = 0, 0
  for feature, weight in pairs(centroid) do
    square = square + weight * weight
    local own = weights[feature]
    if own then dot = dot + own * weight end
  end
  local cosine = square > 0 and dot / math.sqrt(square) or 0
  if #embedding == 0 or #mean ~= #embedding then return cosine end
  dot, square = 0, 0
  for place, value in ipairs(mean) do
    dot = dot + value * embedding[place]
    square = square + value * value
  end
  return 0.8 * cosine + 0.2 * (square > 0 and dot / math.sqrt(square) or 0)
end

-- A story as it stands now, false where there is none. `stories` holds those that this call has met.
local function story_of(name, stories)
  local story = stories[name]
  if story == nil then
    local stored = call('HMGET', tag .. ':s:' .. name, 'c', 'e', 'first', 'last', 'n')
    story = stored[1] and {
      centroid = cmsgpack.unpack(stored[1]),
      mean = cmsgpack.unpack(stored[2]),
      first = tonumber(stored[3]),
      last = tonumber(stored[4]),
      n = tonumber(stored[5] or 0),
    } or false
    stories[name] = story
  end
  return story
end

local function best(named, stories, weights, embedding, time, half)
  local found, high = nil, 0
  for _, name in ipairs(named) do
    local story = story_of(name, stories)
    if story then
      local first, last = story.first, story.last
      local gap = time > last and time - last or (time < first and first - time or 0)
      local score = likeness(weights, embedding, story.centroid, story.mean) * 0.5 ^ (gap / half)
      if score > high then found, high = name, score end
    end
  end
  return found, high
end

-- Keeps the heaviest features; of those as heavy as the last one the first by the alphabet.
local function prune(centroid)
  local order = {}
  for _, weight in pairs(centroid) do order[#order + 1] = weight end
  if #order <= KEPT then return end
  table.sort(order) -- by plain numbers: a sort with a function of ours takes three times as long
  local least = order[#order - KEPT + 1]
  local room, ties = KEPT, {}
  for feature, weight in pairs(centroid) do
    if weight > least then
      room = room - 1
    elseif weight < least then
      centroid[feature] = nil
    else
      ties[#ties + 1] = feature
    end
  end
  table.sort(ties)
  for place = room + 1, #ties do centroid[ties[place]] = nil end
end

local function join(story, weights, embedding, time)
  -- What is old fades by a tenth with each article, so that a story may move on.
  local centroid, mean = story.centroid, story.mean
  for feature, weight in pairs(centroid) do centroid[feature] = weight * 0.9 end
  for feature, weight in pairs(weights) do
    centroid[feature] = (centroid[feature] or 0) + weight
  end
  prune(centroid)
  if #embedding > 0 and #mean ~= #embedding then mean = {} end
  for place, value in ipairs(embedding) do mean[place] = (mean[place] or 0) * 0.9 + value end
  story.mean = mean
  story.first, story.last = math.min(story.first, time), math.max(story.last, time)
  story.n, story.changed = story.n + 1, true
end

local function post(name, keys, posted, most)
  for _, key in ipairs(keys) do
    local stories = posted[key] or ''
    local at = 1
    while at < #stories and sub(stories, at, at + NAME - 1) ~= name do at = at + NAME end
    stories = sub(stories, 1, at - 1) .. sub(stories, at + NAME) .. name
    posted[key] = sub(stories, -most * NAME)
  end
end

-- The articles of the call that have no story yet, each once.
local function fresh(claims, known)
  local list, met = {}, {}
  for number, claim in ipairs(claims) do
    if not known[number] and not met[claim] then
      met[claim] = true
      local place = 6 + (number - 1) * 7
      local keys, weights = parse(ARGV[place + 5])
      list[#list + 1] = {
        claim = claim, id = ARGV[place + 1], time = tonumber(ARGV[place + 2]), day = ARGV[place + 3],
        title = ARGV[place + 4], keys = keys, weights = weights, embedding = numbers(ARGV[place + 6]),
      }
    end
  end
  return list
end

-- What is posted under the leading features of all these articles.
local function postings(articles)
  local posted, wanted = {}, {}
  for _, article in ipairs(articles) do
    for _, key in ipairs(article.keys) do
      if posted[key] == nil then
        posted[key] = false
        wanted[#wanted + 1] = key
      end
    end
  end
  if #wanted > 0 then
    for place, stories in ipairs(call('MGET', unpack(wanted))) do posted[wanted[place]] = stories end
  end
  return posted
end

local function write(stories, posted, days, window)
  for name, story in pairs(stories) do
    if story and story.changed then
      local key = tag .. ':s:' .. name
      call('HSET', key, 'c', cmsgpack.pack(story.centroid), 'e', cmsgpack.pack(story.mean),
        'first', story.first, 'last', story.last, 'n', story.n)
      if story.title then call('HSET', key, 'title', story.title) end
      call('EXPIRE', key, window)
    end
  end
  for key, names in pairs(posted) do call('SET', key, names, 'EX', window) end
  local newest
  for day, time in pairs(days) do
    call('EXPIRE', tag .. ':d:' .. day, window)
    call('ZADD', tag .. ':days', 'GT', time, day)
    newest = math.max(newest or time, time)
  end
  if newest then call('ZREMRANGEBYSCORE', tag .. ':days', '-inf', newest - 2 * window) end
end

local function assign()
  local window, threshold = tonumber(ARGV[2]), tonumber(ARGV[3])
  local half, most = tonumber(ARGV[4]), tonumber(ARGV[5])
  local claims, stories, days, chosen = {}, {}, {}, {}
  for place = 6, #ARGV, 7 do claims[#claims + 1] = tag .. ':a:' .. ARGV[place] end
  local answers = call('MGET', unpack(claims))
  local articles = fresh(claims, answers)
  local posted = postings(articles)
  for _, one in ipairs(articles) do
    local named = candidates(one.keys, posted)
    local found, high = best(named, stories, one.weights, one.embedding, one.time, half)
    local name = high >= threshold and found or one.id
    local story = story_of(name, stories)
    if story then
      join(story, one.weights, one.embedding, one.time)
    else
      stories[name] = {
        centroid = one.weights, mean = one.embedding, first = one.time, last = one.time, n = 1,
        title = one.title, changed = true,
      }
    end
    post(name, one.keys, posted, most)
    call('SET', one.claim, name, 'EX', window)
    call('ZINCRBY', tag .. ':d:' .. one.day, 1, name)
    days[one.day] = math.max(days[one.day] or one.time, one.time)
    chosen[one.claim] = name
  end
  write(stories, posted, days, window)
  for number, claim in ipairs(claims) do answers[number] = answers[number] or chosen[claim] end
  return answers
end

local function release()
  local given = 0
  for place = 3, #ARGV, 2 do
    local claim, day = tag .. ':a:' .. ARGV[place], tag .. ':d:' .. ARGV[place + 1]
    local story = redis.call('GET', claim)
    if story then
      redis.call('DEL', claim)
      if tonumber(redis.call('ZINCRBY', day, -1, story)) <= 0 then redis.call('ZREM', day, story) end
      if redis.call('HINCRBY', tag .. ':s:' .. story, 'n', -1) <= 0 then
        redis.call('DEL', tag .. ':s:' .. story)
      end
      given = given + 1
    end
  end
  return given
end

return ARGV[1] == 'assign' and assign() or release()
