-- A worker hands entries on to the workers that enrich: they stay pending, and wait for one of those.
--
-- KEYS[1]  stream  raw entries of one lane
-- ARGV[1]  group   consumer group
-- ARGV[2]  worker  the worker that holds them
-- ARGV[3…] ids     entries that are new or updates, and judged so
--
-- Only entries that this worker still holds are handed on. Returns their ids, and the server's time in ms.

local handed = {}
for i = 3, #ARGV do
  if redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])[1] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], 'enrich:', 0, ARGV[i], 'JUSTID')
    handed[#handed + 1] = ARGV[i]
  end
end
return {handed, whole(server_time())}
