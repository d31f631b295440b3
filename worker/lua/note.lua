-- Note something of entries that are not settled yet: a worker that was frozen and wakes up late must leave
-- nothing behind of what others have settled meanwhile.
--
-- KEYS[1]  stream  raw entries of one lane
-- KEYS[2]  notes   hash: entry id -> what is noted
-- ARGV[1]  group   consumer group
-- ARGV[2…] two an entry: id, note
--
-- Returns how many were noted.

local noted = 0
for i = 2, #ARGV, 2 do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1) > 0 then
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    noted = noted + 1
  end
end
return noted
