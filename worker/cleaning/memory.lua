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
local TABLE, LONG = 8, '%065d'

local function counts(key, lines)
  local found = {}
  for first = 1, #lines, STEP do
    local last = math.min(first + STEP - 1, #lines)
    for i, count in ipairs(redis.call('HMGET', key, unpack(lines, first, last))) do
      found[first + i - 1] = tonumber(count or 0)
    end
  end
  return found
end

local function decide(decision, text)
  local decided = redis.call('GET', decision)
  if decided then
    return decided
  end
  local lines = {''}
  for at = 1, #text, WIDTH do
    lines[#lines + 1] = string.sub(text, at, at + WIDTH - 1)
  end
  local now, before = counts(KEYS[1], lines), counts(KEYS[2], lines)
  local least = math.max(tonumber(ARGV[3]), tonumber(ARGV[4]) * (now[1] + before[1]))
  local room = tonumber(ARGV[2]) - redis.call('HLEN', KEYS[1])
  local dropped, changed = {}, {'', now[1] < TABLE and now[1] + 1 or string.format(LONG, now[1] + 1)}
  for i = 2, #lines do
    if now[i] + before[i] >= least then
      dropped[#dropped + 1] = lines[i]
    end
    if now[i] > 0 or room > 0 then
      changed[#changed + 1] = lines[i]
      changed[#changed + 1] = now[i] + 1
      if now[i] == 0 then room = room - 1 end
    end
  end
  for first = 1, #changed, STEP do
    redis.call('HSET', KEYS[1], unpack(changed, first, math.min(first + STEP - 1, #changed)))
  end
  local answer = table.concat(dropped)
  redis.call('SET', decision, answer, 'EX', ARGV[1])
  return answer
end

local answers = {}
for i = 3, #KEYS do
  answers[i - 2] = decide(KEYS[i], ARGV[i + 2])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return answers
