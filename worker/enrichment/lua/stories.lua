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

local function numbers(text)
  local list = {}
  for number in string.gmatch(text, '%S+') do list[#list + 1] = tonumber(number) end
  return list
end

local function parse(text)
  local order, weights = {}, {}
  for feature, weight in string.gmatch(text, '(%S+) (%S+)') do
    order[#order + 1] = feature
    weights[feature] = tonumber(weight)
  end
  return order, weights
end

-- What the leading features are posted under, and what stands there.
local function postings(order)
  local keys = {}
  for place = 1, math.min(LEADS, #order) do keys[place] = tag .. ':f:' .. order[place] end
  return keys, #keys > 0 and redis.call('MGET', unpack(keys)) or {}
end

-- The stories that at least two leading features name, those named most often first.
local function candidates(posted)
  local named, by_count = {}, {}
  for _, stories in ipairs(posted) do
    for at = stories and #stories - NAME + 1 or 0, 1, -NAME do
      local story = string.sub(stories, at, at + NAME - 1)
      local count = (named[story] or 0) + 1
      named[story] = count
      if count > 1 then
        by_count[count] = by_count[count] or {}
        table.insert(by_count[count], story)
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

local function best(posted, weights, embedding, time, half)
  local found, high = nil, 0
  for _, story in ipairs(candidates(posted)) do
    local stored = redis.call('HMGET', tag .. ':s:' .. story, 'c', 'e', 'first', 'last')
    if stored[1] then
      local first, last = tonumber(stored[3]), tonumber(stored[4])
      local gap = time > last and time - last or (time < first and first - time or 0)
      local score = likeness(weights, embedding, cmsgpack.unpack(stored[1]),
        cmsgpack.unpack(stored[2])) * 0.5 ^ (gap / half)
      if score > high then found, high = story, score end
    end
  end
  return found, high
end

local function prune(centroid)
  local order = {}
  for feature in pairs(centroid) do order[#order + 1] = feature end
  if #order <= KEPT then return centroid end
  table.sort(order, function(a, b)
    if centroid[a] ~= centroid[b] then return centroid[a] > centroid[b] end
    return a < b
  end)
  local kept = {}
  for place = 1, KEPT do kept[order[place]] = centroid[order[place]] end
  return kept
end

local function join(story, weights, embedding, time, title, window)
  local key = tag .. ':s:' .. story
  local stored = redis.call('HMGET', key, 'c', 'e', 'first', 'last')
  local centroid, mean, first, last = weights, embedding, time, time
  if stored[1] then
    centroid, mean = cmsgpack.unpack(stored[1]), cmsgpack.unpack(stored[2])
    -- What is old fades by a tenth with each article, so that a story may move on.
    for feature, weight in pairs(centroid) do centroid[feature] = weight * 0.9 end
    for feature, weight in pairs(weights) do
      centroid[feature] = (centroid[feature] or 0) + weight
    end
    centroid = prune(centroid)
    if #embedding > 0 and #mean ~= #embedding then mean = {} end
    for place, value in ipairs(embedding) do mean[place] = (mean[place] or 0) * 0.9 + value end
    first, last = math.min(tonumber(stored[3]), time), math.max(tonumber(stored[4]), time)
  else
    redis.call('HSET', key, 'title', title)
  end
  redis.call('HSET', key, 'c', cmsgpack.pack(centroid), 'e', cmsgpack.pack(mean), 'first', first,
    'last', last)
  redis.call('HINCRBY', key, 'n', 1)
  redis.call('EXPIRE', key, window)
end

local function post(story, keys, posted, most, window)
  for place, key in ipairs(keys) do
    local stories = posted[place] or ''
    local at = 1
    while at < #stories and string.sub(stories, at, at + NAME - 1) ~= story do at = at + NAME end
    stories = string.sub(stories, 1, at - 1) .. string.sub(stories, at + NAME) .. story
    redis.call('SET', key, string.sub(stories, -most * NAME), 'EX', window)
  end
end

local function assign()
  local window, threshold = tonumber(ARGV[2]), tonumber(ARGV[3])
  local half, most = tonumber(ARGV[4]), tonumber(ARGV[5])
  local answers = {}
  for place = 6, #ARGV, 7 do
    local article, time, day = ARGV[place], tonumber(ARGV[place + 2]), ARGV[place + 3]
    local known = redis.call('GET', tag .. ':a:' .. article)
    if not known then
      local order, weights = parse(ARGV[place + 5])
      local embedding = numbers(ARGV[place + 6])
      local keys, posted = postings(order)
      local found, high = best(posted, weights, embedding, time, half)
      known = high >= threshold and found or ARGV[place + 1]
      join(known, weights, embedding, time, ARGV[place + 4], window)
      post(known, keys, posted, most, window)
      redis.call('SET', tag .. ':a:' .. article, known, 'EX', window)
      redis.call('ZINCRBY', tag .. ':d:' .. day, 1, known)
      redis.call('EXPIRE', tag .. ':d:' .. day, window)
      redis.call('ZADD', tag .. ':days', 'GT', time, day)
      redis.call('ZREMRANGEBYSCORE', tag .. ':days', '-inf', time - 2 * window)
    end
    answers[#answers + 1] = known
  end
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
