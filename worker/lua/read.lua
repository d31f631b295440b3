-- Hand unread entries of a raw stream to the intake: their ids only, the payload stays here.
--
-- KEYS[1]  stream   raw entries of one lane
-- ARGV[1]  group    consumer group
-- ARGV[2]  consumer the intake's name
-- ARGV[3]  count    entries to read, at most
--
-- Returns the ids read.

local reply = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3],
                         'STREAMS', KEYS[1], '>')
local ids = {}
if reply then
  for i, entry in ipairs(reply[1][2]) do ids[i] = entry[1] end
end
return ids
