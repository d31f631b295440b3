-- A worker at work refreshes its hold on the entries of its batch.
--
-- KEYS[1]  stream  raw entries of one lane
-- ARGV[1]  group   consumer group
-- ARGV[2]  worker  name of the worker
-- ARGV[3…] ids     entries of the batch
--
-- Returns how many it still holds; one that another has taken over stays with the other.

local held = 0
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    held = held + 1
  end
end
return held
