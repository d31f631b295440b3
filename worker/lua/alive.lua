-- The main process of a worker says which of its processes live, and which it has seen end; an intake says that
-- it lives.
--
-- KEYS[1]  alive    sorted set: worker or intake by the time (ms) it was last seen alive
-- KEYS[2]  ended    sorted set: worker by the time (ms) its process was seen to have ended
-- ARGV[1]  count    of the names that live; they come first
-- ARGV[2…] names    of processes
--
-- Those that were not seen alive for a day are forgotten, those that ended after an hour.

local now = server_time()
local living = tonumber(ARGV[1])
for i = 2, #ARGV do
  if i - 1 <= living then
    redis.call('ZADD', KEYS[1], whole(now), ARGV[i])
  else
    redis.call('ZREM', KEYS[1], ARGV[i])
    redis.call('ZADD', KEYS[2], whole(now), ARGV[i])
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now - 86400000))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', whole(now - 3600000))
return living
