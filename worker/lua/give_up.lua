-- A worker that shuts down gives up all that its processes still hold: it is due at once, and no death.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  later    sorted set: entry id by the time (ms) it is due
-- ARGV[1]  group    consumer group
-- ARGV[2]  prefix   of the names of the worker's processes, or the whole name of one; it ends with ':'
--
-- Returns how many entries were given up.

local now = whole(server_time())
local given = 0
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then return 0 end -- no intake was here yet: there is no stream, or no group
for _, fields in ipairs(consumers) do
  local consumer = by_name(fields)
  local name, pending = consumer.name, consumer.pending
  if string.sub(name .. ':', 1, #ARGV[2]) == ARGV[2] and pending > 0 then
    for _, entry in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', pending, name)) do
      redis.call('XCLAIM', KEYS[1], ARGV[1], 'waiting', 0, entry[1], 'JUSTID')
      redis.call('ZADD', KEYS[2], now, entry[1])
      given = given + 1
    end
  end
end
return given
