-- Add articles to a raw stream, all or none: a server that is full refuses the script.
--
-- KEYS[1]  raw    stream of raw entries of one lane
-- ARGV[1]  run    the run they are counted for; empty: none
-- ARGV[2…] two an article: itself, its origin (empty: not known)
--
-- Returns the ids of the entries.

local ids = {}
for i = 2, #ARGV, 2 do
  ids[#ids + 1] = add_entry(KEYS[1], ARGV[i], ARGV[1], ARGV[i + 1])
end
return ids
