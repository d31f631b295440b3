-- Stories: online clustering of articles, atomic a batch.
--
-- KEYS[1] is the tag `{namespace:stories}`; every key begins with it and so lies in its slot:
--   TAG:a:<article>  STRING  story of an article: a redelivery gets the same one; life: the window
--   TAG:s:<story>    HASH    f features of the centroid (see below), q sum of the squares of their weights,
--                            e embedding (its numbers as doubles), n articles, first and last (Unix seconds), title; life: the window after
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
--            id, id of a new story, time (s), day, title, features (the most telling first; the weights of
--            length one), embedding (of length one, or empty)
--   release: window (s), then for each article id, day
--
-- Features are packed: 8 bytes each, the hash of a word, then the weight of each as a double.
--
-- assign returns the story of each article; release returns how many were given up.

local tag = KEYS[1]
local LEADS = 7       -- features of an article that lead to stories
local KEPT = 40        -- features that a centroid keeps
local CANDIDATES = 4   -- stories compared
local NAME = 16        -- characters of a story's id
local GIVEN = 7        -- arguments of an article
local WORD = 8         -- bytes of a feature

local call, remove = redis.call, table.remove
local pack, unpack_ = struct.pack, struct.unpack

-- Formats by the count of what they name: a list is taken apart, or put together, in one call.
local function format(one)
  return setmetatable({}, { __index = function(self, count)
    self[count] = '<' .. string.rep(one, count)
    return self[count]
  end })
end
local DOUBLES, WORDS, NAMES = format('d'), format('c' .. WORD), format('c' .. NAME)

-- A list of `count` values that stand in `packed` from `at` on.
local function apart(formats, count, packed, at)
  local list = { unpack_(formats[count], packed, at) }
  list[count + 1] = nil -- where it stopped
  return list
end

local function doubles(packed) return apart(DOUBLES, #packed / 8, packed, 1) end

local function together(numbers) return pack(DOUBLES[#numbers], unpack(numbers)) end

local function features(packed)
  local count = #packed / (WORD + 8)
  return apart(WORDS, count, packed, 1), apart(DOUBLES, count, packed, count * WORD + 1)
end

-- The stories that at least two of the lists name, those named most often first.
local function candidates(lists)
  local named, by_count = {}, {}
  for i = 1, #lists do
    local list = lists[i]
    for at = #list, 1, -1 do
      local story = list[at]
      local count = (named[story] or 0) + 1
      named[story] = count
      if count > 1 then
        local same = by_count[count]
        if same then same[#same + 1] = story else by_count[count] = {story} end
      end
    end
  end
  local chosen = {}
  for count = LEADS, 2, -1 do
    for _, story in ipairs(by_count[count] or {}) do
      if named[story] == count then chosen[#chosen + 1] = story end
      if #chosen == CANDIDATES then return chosen end
    end
  end
  return chosen
end

-- How like an article is to a story.
local function likeness(one, story)
  local words, weights, own = story.words, story.weights, one.own
  local dot, square = 0, story.square
  for i = 1, #words do
    local mine = own[words[i]]
    if mine then dot = dot + mine * weights[i] end
  end
  local cosine = square > 0 and dot / math.sqrt(square) or 0
  local embedding, mean = one.embedding, story.mean
  if #embedding == 0 or #mean ~= #embedding then return cosine end
  dot, square = 0, 0
  for place, value in ipairs(mean) do
    dot = dot + value * embedding[place]
    square = square + value * value
  end
  return 0.8 * cosine + 0.2 * (square > 0 and dot / math.sqrt(square) or 0)
end

local function squares(weights)
  local sum = 0
  for i = 1, #weights do sum = sum + weights[i] * weights[i] end
  return sum
end

-- A story as it stands now, false where there is none. `stories` holds those that this call has met.
local function story_of(name, stories)
  local story = stories[name]
  if story == nil then
    local stored = call('HMGET', tag .. ':s:' .. name, 'f', 'q', 'e', 'first', 'last', 'n')
    story = false
    if stored[1] then
      local words, weights = features(stored[1])
      story = { words = words, weights = weights, square = doubles(stored[2])[1], mean = doubles(stored[3]),
        first = tonumber(stored[4]), last = tonumber(stored[5]), n = tonumber(stored[6] or 0) }
    end
    stories[name] = story
  end
  return story
end

local function best(named, stories, one, half)
  local found, high = nil, 0
  for _, name in ipairs(named) do
    local story = story_of(name, stories)
    if story then
      local time, first, last = one.time, story.first, story.last
      local gap = time > last and time - last or (time < first and first - time or 0)
      local score = likeness(one, story) * 0.5 ^ (gap / half)
      if score > high then found, high = name, score end
    end
  end
  return found, high
end

-- The k-th smallest of some numbers, whose order changes (Hoare's FIND): sorting all takes longer.
local function smallest(list, k)
  local low, high = 1, #list
  while low < high do
    local pivot, i, j = list[k], low, high
    repeat
      while list[i] < pivot do i = i + 1 end
      while pivot < list[j] do j = j - 1 end
      if i <= j then
        list[i], list[j] = list[j], list[i]
        i, j = i + 1, j - 1
      end
    until i > j
    if j < k then low = i end
    if k < i then high = j end
  end
  return list[k]
end

-- Keeps the heaviest features; of those as heavy as the last one the smallest hashes.
local function prune(words, weights)
  local count = #words
  if count <= KEPT then return end
  local least = smallest({ unpack(weights) }, count - KEPT + 1)
  local kept, ties = 0, {}
  for i = 1, count do
    local weight = weights[i]
    if weight > least then
      kept = kept + 1
      words[kept], weights[kept] = words[i], weight
    elseif weight == least then
      ties[#ties + 1] = words[i]
    end
  end
  if ties[2] then table.sort(ties) end
  for place = kept + 1, KEPT do words[place], weights[place] = ties[place - kept], least end
  for place = KEPT + 1, count do words[place], weights[place] = nil, nil end
end

local function join(story, one)
  -- What is old fades by a tenth with each article, so that a story may move on.
  local words, weights, own = story.words, story.weights, one.own
  local count = #words
  for i = 1, count do
    local word = words[i]
    local mine = own[word]
    if mine then
      weights[i], own[word] = weights[i] * 0.9 + mine, false -- those that are left are new to the story
    else
      weights[i] = weights[i] * 0.9
    end
  end
  for i = 1, #one.words do
    local word = one.words[i]
    if own[word] then
      count = count + 1
      words[count], weights[count] = word, one.weights[i]
    end
  end
  prune(words, weights)
  story.square = squares(weights)
  local embedding, mean = one.embedding, story.mean
  if #embedding > 0 and #mean ~= #embedding then mean = {} end
  for place, value in ipairs(embedding) do mean[place] = (mean[place] or 0) * 0.9 + value end
  story.mean = mean
  story.first, story.last = math.min(story.first, one.time), math.max(story.last, one.time)
  story.n, story.changed = story.n + 1, true
end

-- Make a story the latest of each list.
local function post(name, lists, most)
  for i = 1, #lists do
    local list = lists[i]
    local at = #list
    while at > 0 and list[at] ~= name do at = at - 1 end
    if at == 0 or at < #list then
      if at > 0 then remove(list, at) end
      list[#list + 1] = name
      if #list > most then remove(list, 1) end
    end
  end
end

-- The articles of the call that have no story yet, each once.
local function fresh(claims, known)
  local list, met = {}, {}
  for number, claim in ipairs(claims) do
    if not known[number] and not met[claim] then
      met[claim] = true
      local place = 6 + (number - 1) * GIVEN
      local words, weights = features(ARGV[place + 5])
      local own = {}
      for i = 1, #words do own[words[i]] = weights[i] end
      list[#list + 1] = {
        claim = claim, id = ARGV[place + 1], time = tonumber(ARGV[place + 2]), day = ARGV[place + 3],
        title = ARGV[place + 4], words = words, weights = weights, own = own,
        embedding = doubles(ARGV[place + 6]), lists = {},
      }
    end
  end
  return list
end

-- What is posted under the leading features of all these articles: key -> stories. Each article gets the
-- lists of its own.
local function postings(articles)
  local posted, wanted = {}, {}
  for _, one in ipairs(articles) do
    for i = 1, math.min(LEADS, #one.words) do
      local key = tag .. ':f:' .. one.words[i]
      if not posted[key] then
        posted[key] = true
        wanted[#wanted + 1] = key
      end
      one.lists[i] = key
    end
  end
  if #wanted > 0 then
    for place, stories in ipairs(call('MGET', unpack(wanted))) do
      posted[wanted[place]] = stories and apart(NAMES, #stories / NAME, stories, 1) or {}
    end
  end
  for _, one in ipairs(articles) do
    for i, key in ipairs(one.lists) do one.lists[i] = posted[key] end
  end
  return posted
end

local function write(stories, posted, days, window)
  for name, story in pairs(stories) do
    if story and story.changed then
      local key = tag .. ':s:' .. name
      call('HSET', key, 'f', table.concat(story.words) .. together(story.weights),
        'q', pack('<d', story.square), 'e', together(story.mean),
        'first', story.first, 'last', story.last, 'n', story.n)
      if story.title then call('HSET', key, 'title', story.title) end
      call('EXPIRE', key, window)
    end
  end
  for key, list in pairs(posted) do call('SET', key, table.concat(list), 'EX', window) end
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
  for place = 6, #ARGV, GIVEN do claims[#claims + 1] = tag .. ':a:' .. ARGV[place] end
  local answers = call('MGET', unpack(claims))
  local articles = fresh(claims, answers)
  local posted = postings(articles)
  for _, one in ipairs(articles) do
    local found, high = best(candidates(one.lists), stories, one, half)
    local name = high >= threshold and found or one.id
    local story = story_of(name, stories)
    if story then
      join(story, one)
    else
      stories[name] = { words = one.words, weights = one.weights, square = squares(one.weights),
        mean = one.embedding, first = one.time, last = one.time, n = 1, title = one.title, changed = true }
    end
    post(name, one.lists, most)
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
    local story = call('GET', claim)
    if story then
      call('DEL', claim)
      if tonumber(call('ZINCRBY', day, -1, story)) <= 0 then call('ZREM', day, story) end
      if call('HINCRBY', tag .. ':s:' .. story, 'n', -1) <= 0 then
        call('DEL', tag .. ':s:' .. story)
      end
      given = given + 1
    end
  end
  return given
end

return ARGV[1] == 'assign' and assign() or release()
