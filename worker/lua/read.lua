-- Hand unread entries of a raw stream to the intake: their ids only, the payload stays here.
--
-- KEYS[1]  stream   raw entries of one lane
-- ARGV[1]  group    consumer group
-- ARGV[2]  consumer the intake's name
-- ARGV[3]  count    entries to read, at most
--
-- Returns {ids, last}: the ids read, and the id up to which the group has read (to block on).

local reply = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3],
                         'STREAMS', KEYS[1], '>')
local ids = {}
if reply then
  for i, entry in ipairs(reply[1][2]) do ids[i] = entry[1] end
end
if #ids > 0 then return {ids, ids[#ids]} end

for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local fields = {}
  for i = 1, #group, 2 do fields[group[i]] = group[i + 1] end
  if fields['name'] == ARGV[1] then return {ids, fields['last-delivered-id']} end
end
return {ids, '0-0'}
