-- Note something of entries that are not settled yet: a worker that was frozen and wakes up late must leave
-- nothing behind of what others have settled meanwhile.
--
-- KEYS[1]  stream  raw entries of one lane
-- KEYS[2]  notes   hash: entry id -> what is noted
-- ARGV[1]  group   consumer group
-- ARGV[2…] two an entry: id, note
--
-- Returns how many were noted.

-- Many are kept as a table: up to 512 short values the server would search one after the other, each time. A long
-- value makes it one, which it stays until it is empty.
local MANY, LONG = 16, string.rep('-', 65)

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
local length = #noted
if length > 2 * MANY then
  noted[length + 1], noted[length + 2] = '', LONG
  redis.call('HSET', KEYS[2], unpack(noted))
  redis.call('HDEL', KEYS[2], '')
elseif length > 0 then
  redis.call('HSET', KEYS[2], unpack(noted))
end
return length / 2
