-- Publish dead letters again: each goes back to its raw stream once, however often this is called.
--
-- KEYS[1]  dead   stream of dead letters
-- KEYS[2]  raw    stream of raw entries of one lane
-- ARGV     three a letter: its id, the raw article, where it came from ('': not known)
--
-- Returns how many were published: a letter that is gone already was published, or purged, by another.

local published = 0
for i = 1, #ARGV, 3 do
  if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then
    add_entry(KEYS[2], ARGV[i + 1], '', ARGV[i + 2])
    published = published + 1
  end
end
return published
