-- Note something of entries that are not settled yet: a worker that was frozen and wakes up late must leave
-- nothing behind of what others have settled meanwhile.
--
-- KEYS[1]  stream  raw entries of one lane
-- KEYS[2]  notes   hash: entry id -> what is noted
-- ARGV[1]  group   consumer group
-- ARGV[2…] two an entry: id, note
--
-- Returns how many were noted.

local count = (#ARGV - 1) / 2
local pending, noted = {}, {}

-- They are neighbours mostly: one look finds what is pending of them.
for _, one in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[#ARGV - 1], count)) do
  pending[one[1]] = true
end
for i = 2, #ARGV, 2 do
  if pending[ARGV[i]] or redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1] then
    noted[#noted + 1] = ARGV[i]
    noted[#noted + 1] = ARGV[i + 1]
  end
end
if noted[1] then redis.call('HSET', KEYS[2], unpack(noted)) end
return #noted / 2
