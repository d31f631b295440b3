-- Publish a batch of a run once, however often it is sent: a publisher that got no answer sends it again.
--
-- KEYS[1]  raw     stream of raw entries of one lane
-- KEYS[2]  run     hash: 'published' -> articles of the run that were published; outcome -> articles
-- ARGV[1]  run     its name
-- ARGV[2]  before  articles of the run that stand before this batch
-- ARGV[3]  life    seconds that the run is kept
-- ARGV[4…] two an article: its JSON, where it came from ('': not known)
--
-- Returns how many articles of the run are published now.

local published = tonumber(redis.call('HGET', KEYS[2], 'published') or 0)
if published == tonumber(ARGV[2]) then
  for i = 4, #ARGV, 2 do
    add_entry(KEYS[1], ARGV[i], ARGV[1], ARGV[i + 1])
    published = published + 1
  end
  redis.call('HSET', KEYS[2], 'published', published)
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
return published
