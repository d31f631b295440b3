-- The main process of a worker says which of its processes live.
--
-- KEYS[1]  alive    sorted set: worker by the time (ms) its process was last seen alive
-- ARGV[1…] names    processes that live
--
-- Those that were not seen for a day are forgotten.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for i = 1, #ARGV do redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - 86400000))
return #ARGV
