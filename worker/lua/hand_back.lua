-- Hand entries back unsettled: they stay pending and are due again at a given time.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  later    sorted set: entry id by the time (ms) it is due
-- KEYS[3]  history  hash: entry id -> JSON list of what went wrong
-- ARGV[1]  group    consumer group
-- ARGV[2]  worker   the worker that holds them
-- ARGV[3…] three an entry: id, delay (ms), one more JSON object for its history ('' : none)
--
-- Only entries that this worker still holds are handed back; the others are in other hands already, or somebody
-- deleted them from the stream. Returns how many were.

local now = server_time()
local returned = 0
for i = 3, #ARGV, 3 do
  local id, delay, event = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  if redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1, ARGV[2])[1] then
    if #redis.call('XCLAIM', KEYS[1], ARGV[1], 'waiting', 0, id, 'JUSTID') == 0 then
      redis.call('HDEL', KEYS[3], id)
    else
      redis.call('ZADD', KEYS[2], whole(now + delay), id)
      if event ~= '' then
        redis.call('HSET', KEYS[3], id, with_event(redis.call('HGET', KEYS[3], id), event))
      end
      returned = returned + 1
    end
  end
end
return returned
