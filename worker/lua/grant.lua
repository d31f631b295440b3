-- A token bucket: grant articles of a source at a rate. It holds the tokens of one second, one at least.
--
-- KEYS[1]  bucket  hash: tokens left, at: time (ms) of the last grant; expires when it is full again
-- ARGV[1]  rate    tokens a second
-- ARGV[2]  count   tokens wanted
--
-- Returns how many are granted.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local rate, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local size = math.max(1, rate)
local found = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local passed = math.max(0, now - (tonumber(found[2]) or now)) / 1000
local tokens = math.min(size, (tonumber(found[1]) or size) + passed * rate)
local granted = math.min(wanted, math.floor(tokens))
redis.call('HSET', KEYS[1], 'tokens', tokens - granted, 'at', string.format('%.0f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(size / rate) + 1)
return granted
