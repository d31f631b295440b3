-- Lines that recur over the articles of one outlet: decides some of its articles, one after the other.
--
-- KEYS[1]   {outlet}:<period>     hash, this period: line -> articles that held it; "" -> articles seen,
--                                 with zeros in front from TABLE on.
--                                 Lives two periods. At most ARGV[2] lines; later ones are not counted.
-- KEYS[2]   {outlet}:<period-1>   the same, the period before. Read only.
-- KEYS[3…]  {outlet}:=<article>   string, the lines that were dropped from this article, in one piece
--                                 (16 characters each). Lives two periods from when it was decided.
--
-- ARGV[1]  life in seconds
-- ARGV[2]  lines kept a period, at most
-- ARGV[3]  articles that must have held a line before this one
-- ARGV[4]  share of the outlet's articles that must have held it
-- ARGV[5…] the lines of each article, no line twice, in one piece: 16 characters each
--
-- Returns for each article the lines to drop, in one piece. What was decided for an article stays decided,
-- and an article is counted once.

local WIDTH = 16
local STEP = 1000 -- values that Lua passes to one command
-- From so many articles on their number is written with zeros in front, longer than 64 characters: that
-- makes the server keep the hash as a table. Up to 512 short values it would search one after the other.
local TABLE, LONG = 3, '%065d'
local LIFE, MOST, LEAST, SHARE = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

-- All lines, each once, the empty one first; articles that held each, in this period and in the one before.
local lines, now, before = { '' }, {}, {}
local places = #KEYS > 3 and {} -- line -> where it stands; an article has no line twice

-- Take a text apart: where its lines stand among all.
local function apart(text)
  local parts, n = {}, #lines
  for at = 1, #text, WIDTH do
    local line = string.sub(text, at, at + WIDTH - 1)
    local place = places and places[line]
    if not place then
      n = n + 1
      place, lines[n] = n, line
      if places then places[line] = n end
    end
    parts[#parts + 1] = place
  end
  return parts
end

local function read(key, counts)
  for first = 1, #lines, STEP do
    local last = math.min(first + STEP - 1, #lines)
    for i, count in ipairs(redis.call('HMGET', key, unpack(lines, first, last))) do
      counts[first + i - 1] = count and tonumber(count) or 0
    end
  end
end

local length -- of the hash of this period

-- Count the lines of an article, and return those to drop.
local function count(parts)
  local least = math.max(LEAST, SHARE * (now[1] + before[1]))
  local dropped = {}
  for _, place in ipairs(parts) do
    local held = now[place]
    if held + before[place] >= least then dropped[#dropped + 1] = lines[place] end
    if held > 0 then
      now[place] = held + 1
    elseif length < MOST then
      now[place], length = 1, length + 1
    end
  end
  if now[1] == 0 then length = length + 1 end
  now[1] = now[1] + 1
  return table.concat(dropped)
end

local function write()
  local written = { '', now[1] > TABLE and string.format(LONG, now[1]) or now[1] }
  local n = 2
  for place = 2, #lines do
    if now[place] > 0 then -- 0: there was no room for it
      written[n + 1], written[n + 2] = lines[place], now[place]
      n = n + 2
    end
  end
  for first = 1, n, STEP do
    redis.call('HSET', KEYS[1], unpack(written, first, math.min(first + STEP - 1, n)))
  end
end

local texts = {} -- text -> its parts: copies have the same
local answers = redis.call('MGET', unpack(KEYS, 3))
for i, answer in ipairs(answers) do
  local text = ARGV[i + 4]
  if not answer and not texts[text] then texts[text] = apart(text) end
end
if next(texts) then
  read(KEYS[1], now)
  read(KEYS[2], before)
  length = redis.call('HLEN', KEYS[1])
  local decided = {} -- by key: an article may stand twice among them
  for i, answer in ipairs(answers) do
    if not answer then
      local decision = KEYS[i + 2]
      if not decided[decision] then
        decided[decision] = count(texts[ARGV[i + 4]])
        redis.call('SET', decision, decided[decision], 'EX', LIFE)
      end
      answers[i] = decided[decision]
    end
  end
  write()
end
redis.call('EXPIRE', KEYS[1], LIFE)
return answers
