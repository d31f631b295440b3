-- Add articles to a raw stream, all or none: a server that is full refuses the script.
--
-- KEYS[1]  raw    stream of raw entries of one lane
-- ARGV[1]  run    the run they are counted for; empty: none
-- ARGV[2…] two an article: itself, its origin (empty: not known)
--
-- Returns the ids of the entries.

local ids = {}
for i = 2, #ARGV, 2 do
  local fields = { 'article', ARGV[i] }
  if ARGV[1] ~= '' then
    fields[3], fields[4] = 'run', ARGV[1]
  end
  if ARGV[i + 1] ~= '' then
    fields[#fields + 1] = 'origin'
    fields[#fields + 1] = ARGV[i + 1]
  end
  ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', unpack(fields))
end
return ids
