-- Grant articles of a source at a rate: each gets a time at which it may go on, one behind another. One second's
-- worth may go on at once after a pause, one article at least.
--
-- KEYS[1]  source  hash: next: time (ms) of the next article; at: time (ms) of the last call
-- KEYS[2]  turns   sorted set: article -> the time (ms) that it was given, kept for an hour after that
-- ARGV[1]  rate    articles a second
-- ARGV[2…] articles
--
-- Returns for each the ms until it may go on. Asked again, an article has the time that it was given before.

local KEPT = 3600000
local now = server_time()
local rate = tonumber(ARGV[1])
local step = 1000 / rate
local found = redis.call('HMGET', KEYS[1], 'next', 'at')
local due, at = tonumber(found[1] or 0), tonumber(found[2] or 0)
if at > now then due = due - (at - now) end -- the clock was put back
due = math.max(due, now - (math.max(1, rate) - 1) * step)

local waits = {}
for i = 2, #ARGV do
  local given = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[i]))
  if not given then
    given = due
    due = due + step
    redis.call('ZADD', KEYS[2], string.format('%.3f', given), ARGV[i])
  end
  waits[i - 1] = math.max(0, math.ceil(given - now))
end
redis.call('HSET', KEYS[1], 'next', string.format('%.3f', due), 'at', whole(now))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', whole(now - KEPT))
for i = 1, 2 do
  redis.call('PEXPIRE', KEYS[i], whole(math.max(0, due - now) + KEPT))
end
return waits
