-- Forget consumers that hold nothing and were not heard of for long. Those that hold entries stay.
--
-- KEYS[1]  stream  raw entries of one lane
-- ARGV[1]  group   consumer group
-- ARGV[2]  idle    ms without a word after which a consumer is forgotten
--
-- Returns how many were forgotten. Count and removal are one step: no entry can be lost between them.

local gone = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = by_name(fields)
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) and consumer.name ~= 'waiting' then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
    gone = gone + 1
  end
end
return gone
