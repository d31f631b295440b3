-- Stories: online clustering of articles, atomic a batch. The script begins with `centroid.lua`.
--
-- KEYS[1] is the tag `{namespace:stories}`; every key begins with it and so lies in its slot:
--   TAG:a:<article>  STRING  story of an article: a redelivery gets the same one; life: the window
--   TAG:s:<story>    HASH    f features of the centroid (see below), q sum of the squares of their weights,
--                            e embedding (its numbers as doubles), n articles, first and last (Unix
--                            seconds), title; life: the window after its last article
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
local CANDIDATES = 4  -- stories compared
local NAME = 16       -- characters of a story's id
local NAMES = formats_of('c' .. NAME)
local GIVEN = 7       -- arguments of an article

local call, remove = redis.call, table.remove

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
