-- Lines that recur over the articles of one outlet.
--
-- KEYS[1]  {outlet}:<period>     hash, this period: line -> articles that held it; "" -> articles seen.
--                                Lives two periods. At most ARGV[2] lines; later ones are not counted.
-- KEYS[2]  {outlet}:<period-1>   the same, the period before. Read only.
-- KEYS[3]  {outlet}:=<article>   string, the lines that were dropped from this article, in one piece
--                                (16 characters each). Lives two periods from when it was decided.
--
-- ARGV[1]  life in seconds
-- ARGV[2]  lines kept a period, at most
-- ARGV[3]  articles that must have held a line before this one
-- ARGV[4]  share of the outlet's articles that must have held it
-- ARGV[5…] the article's lines, 16 characters each, no line twice
--
-- Returns the lines to drop, in one piece. What was decided for an article stays decided, and an
-- article is counted once.

local decided = redis.call('GET', KEYS[3])
if decided then
  return decided
end

local dropped = {}
local seen = tonumber(redis.call('HGET', KEYS[1], '') or 0) + tonumber(redis.call('HGET', KEYS[2], '') or 0)
local room = tonumber(ARGV[2]) - redis.call('HLEN', KEYS[1])
for i = 5, #ARGV do
  local line = ARGV[i]
  local now = tonumber(redis.call('HGET', KEYS[1], line) or 0)
  local before = tonumber(redis.call('HGET', KEYS[2], line) or 0)
  local held = now + before
  if held >= tonumber(ARGV[3]) and held >= tonumber(ARGV[4]) * seen then
    dropped[#dropped + 1] = line
  end
  if now > 0 or room > 0 then
    redis.call('HINCRBY', KEYS[1], line, 1)
    if now == 0 then room = room - 1 end
  end
end
redis.call('HINCRBY', KEYS[1], '', 1)
redis.call('EXPIRE', KEYS[1], ARGV[1])
local answer = table.concat(dropped)
redis.call('SET', KEYS[3], answer, 'EX', ARGV[1])
return answer
