-- Publish the next articles of a replay, once, however often this is sent; hold its lock meanwhile.
--
-- KEYS[1]  progress  hash: run; published: articles so far; position of the last; end: where it ends, as it was
--                    when it began; done; at: time (s) of the last step
-- KEYS[2]  lock      string: token of the process that runs it; expires
-- KEYS[3]  raw       stream of raw entries of one lane
-- ARGV[1]  token     of this process
-- ARGV[2]  hold      ms that the lock holds from now on; 0: give it up, and do nothing else
-- ARGV[3]  life      seconds that the progress is kept
-- ARGV[4]  run       its name
-- ARGV[5]  before    articles that it has published so far
-- ARGV[6]  position  of the last article of this step
-- ARGV[7]  end       as above
-- ARGV[8]  done      '1': nothing follows
-- ARGV[9…] two an article: its JSON, where it came from ('': not known)
--           none: the lock is taken, or kept, and nothing is published
--
-- Returns how many articles it has published; -1: another process runs it, or did while this one stood still;
-- -2: fewer than before, the server came back without its last writes.

local holder = redis.call('GET', KEYS[2])
if ARGV[2] == '0' then
  if holder == ARGV[1] then redis.call('DEL', KEYS[2]) end
  return 0
end
if holder and holder ~= ARGV[1] then return -1 end

local known = redis.call('HMGET', KEYS[1], 'run', 'published', 'done')
local before, more = tonumber(ARGV[5]), (#ARGV - 8) / 2
local published = before
if known[1] == ARGV[4] then
  published = tonumber(known[2])
elseif before > 0 and not known[1] then
  return -2
elseif before > 0 or (known[1] and known[3] ~= '1') then
  return -1
end
local again = more > 0 and published == before + more
if published < before then return -2 end
if published ~= before and not again then return -1 end

redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
if again or (more == 0 and ARGV[8] ~= '1') then return published end
for i = 9, #ARGV, 2 do add_entry(KEYS[3], ARGV[i], ARGV[4], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'run', ARGV[4], 'published', before + more, 'position', ARGV[6], 'end', ARGV[7],
  'done', ARGV[8], 'at', redis.call('TIME')[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return before + more
