-- Find entries to hand to Celery again: those due after a return, and those that their holder lost.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  later    sorted set: entry id by the time (ms) it is due
-- ARGV[1]  group    consumer group
-- ARGV[2]  intake   the intake's name, which holds them from now on
-- ARGV[3]  now      Unix time in ms
-- ARGV[4]  lease    ms after which a worker's hold that was not refreshed is void
-- ARGV[5]  stale    ms after which a message to Celery counts as lost
-- ARGV[6]  count    entries, at most
-- ARGV[7]  cursor   pending entries from this id on are looked at for lost ones
--
-- Returns {together, alone, cursor}: ids to issue in batches; ids to issue one by one, because something went
-- wrong with them before and they must not take their neighbours along; where to go on ('-': at the end).

local together, alone = {}, {}

local function issue(id)
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID')
  if redis.call('HEXISTS', KEYS[3], id) == 1 then
    alone[#alone + 1] = id
  else
    together[#together + 1] = id
  end
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3], 'LIMIT', 0, ARGV[6])) do
  redis.call('ZREM', KEYS[2], id)
  issue(id)
end

local limit = tonumber(ARGV[6])
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[4], ARGV[7], '+', limit)
local cursor = '-'
for _, entry in ipairs(pending) do
  local id, holder, idle = entry[1], entry[2], entry[3]
  if string.sub(holder, 1, 7) == 'worker:' then
    local event = cjson.encode({at = tonumber(ARGV[3]) / 1000, kind = 'death', worker = holder})
    local history = redis.call('HGET', KEYS[3], id)
    if history then event = string.sub(history, 2, -2) .. ',' .. event end
    redis.call('HSET', KEYS[3], id, '[' .. event .. ']')
    issue(id)
  elseif idle >= tonumber(ARGV[5]) and not redis.call('ZSCORE', KEYS[2], id) then
    issue(id)
  end
  cursor = '(' .. id
end
if #pending < limit then cursor = '-' end
return {together, alone, cursor}
