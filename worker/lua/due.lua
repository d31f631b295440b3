-- Find entries to hand to Celery again: those due after a return, and those that their holder lost.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  later    sorted set: entry id by the time (ms) it is due
-- KEYS[3]  history  hash: entry id -> JSON list of what went wrong
-- KEYS[4]  alive    sorted set: worker by the time (ms) its process was last seen alive
-- KEYS[5]  queue    list: the lane's Celery queue, newest message first
-- KEYS[6]  watch    hash: 'looked_at' time (ms) of the last look, 'amnesty' time (ms) until which no worker
--                   counts as dead
-- KEYS[7]  stages   hash: entry id -> JSON of how far an isolated entry came
-- KEYS[8]  enrich   list: the lane's queue of what is handed on to be enriched, newest message first
-- KEYS[9]  ended    sorted set: worker by the time (ms) its main process saw it end
-- KEYS[10] deliv.   hash: entry id -> outcome, of entries delivered and not settled
-- ARGV[1]  group    consumer group
-- ARGV[2]  intake   the intake's name, which holds them from now on
-- ARGV[3]  lease    ms after which a worker's hold that was not refreshed is void
-- ARGV[4]  stale    ms after which a message to Celery counts as lost, whatever stands in the queue
-- ARGV[5]  stuck    ms after which a living worker's hold that was not refreshed is void as well
-- ARGV[6]  count    entries to issue together, at most
-- ARGV[7]  room     messages to issue of entries alone or in small parts, at most
-- ARGV[8]  cursor   pending entries from this id on are looked at for lost ones
-- ARGV[9]  visible  1: the queues stand on this server; 0: another broker has them
-- ARGV[10] part     entries that make a small part
--
-- Returns {together, few, alone, cursor, deaths, now, gone}: ids to issue in batches; ids to issue in small parts,
-- because their batch took its worker with it; ids to issue one by one, because something else went wrong with
-- them, or a part of a batch did the same again, and they must not take their neighbours along; where to go on
-- ('-': at the end); workers' deaths over an entry that was alone; the server's time in ms; ids of what is no
-- longer there to be issued.

local PAGE = 500
local now = server_time()
local lease, stale, stuck = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local count, room, part = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[10])
local together, few, alone, gone, deaths = {}, {}, {}, {}, 0

-- Whether all that went wrong so far is that its batch took a worker with it.
local function one_of_a_batch(history)
  local events = cjson.decode(history)
  return #events == 1 and events[1].kind == 'death'
end

local function issue(id)
  local history = redis.call('HGET', KEYS[3], id)
  if #redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID') == 0 then
    -- Somebody deleted it from the stream, or it is settled: nothing of it stays.
    for _, key in ipairs({KEYS[3], KEYS[7], KEYS[10]}) do redis.call('HDEL', key, id) end
    gone[#gone + 1] = id
  elseif not history then
    together[#together + 1] = id
  elseif one_of_a_batch(history) then
    few[#few + 1] = id
  else
    alone[#alone + 1] = id
  end
end

local function full() return #together >= count or #alone + math.floor(#few / part) >= room end

-- After a time in which nobody looked, because the server or every intake was away, workers that live have
-- had no chance to refresh either. A clock that was put back has the same effect.
local looked_at = tonumber(redis.call('HGET', KEYS[6], 'looked_at')) or now
local amnesty = tonumber(redis.call('HGET', KEYS[6], 'amnesty')) or 0
local away = now - looked_at > lease / 2
local back = now < looked_at - 1000
-- One amnesty follows another only after a lease: a worker that is its own intake looks seldom, always.
if (away and now > amnesty + lease) or back then
  amnesty = now + lease
  redis.call('HSET', KEYS[6], 'amnesty', whole(amnesty))
end
redis.call('HSET', KEYS[6], 'looked_at', whole(now))

if back then
  -- Times in the future would keep entries, and the dead alive, for as long as the clock was put back: begin
  -- them anew.
  for _, key in ipairs({KEYS[4], KEYS[9]}) do
    for _, name in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. whole(now), '+inf')) do
      redis.call('ZADD', key, whole(now), name)
    end
  end
  for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    redis.call('ZADD', KEYS[2], whole(now), id)
  end
  local from = '-'
  repeat
    local page = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', PAGE)
    for _, entry in ipairs(page) do
      redis.call('XCLAIM', KEYS[1], ARGV[1], entry[2], 0, entry[1], 'IDLE', 0, 'JUSTID')
      from = '(' .. entry[1]
    end
  until #page < PAGE
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', whole(now), 'LIMIT', 0, count)) do
  if full() then break end
  redis.call('ZREM', KEYS[2], id)
  issue(id)
end

-- Messages leave the queue in the order they came: what was issued a lease before the oldest that still stands
-- there has left it. If nobody took it by now, it is lost.
local function stale_in(queue)
  if ARGV[9] == '0' then return stale end
  local oldest = redis.call('LINDEX', queue, -1)
  if not oldest then return lease end
  local good, message = pcall(cjson.decode, oldest)
  local issued = good and type(message.headers) == 'table' and tonumber(message.headers.issued)
  return issued and math.min(stale, math.max(0, now - issued) + lease) or stale
end
local issued_stale, handed_stale = stale_in(KEYS[5]), stale_in(KEYS[8])

local function note_death(id, holder)
  local event = {at = now / 1000, kind = 'death', worker = holder}
  local known = redis.call('HGET', KEYS[7], id)
  if known then event.stage = cjson.decode(known).stage end
  local history = redis.call('HGET', KEYS[3], id)
  if history and one_of_a_batch(history) then
    event.part = true
  elseif history then
    deaths = deaths + 1
  end
  redis.call('HSET', KEYS[3], id, with_event(history, cjson.encode(event)))
end

-- Of these it is certain: no lease has to run out. What was taken after the end is held by another process, to
-- which the system gave the same number.
local ended = redis.call('ZRANGE', KEYS[9], 0, -1, 'WITHSCORES')
for i = 1, #ended, 2 do
  if full() then break end
  for _, entry in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', PAGE, ended[i])) do
    if full() then break end
    if now - entry[3] <= tonumber(ended[i + 1]) then
      note_death(entry[1], ended[i])
      issue(entry[1])
    end
  end
end

local cursor = '-'
local pending = {}
if not full() then
  pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', lease, ARGV[8], '+', PAGE)
end
for _, entry in ipairs(pending) do
  if full() then break end
  local id, holder, idle = entry[1], entry[2], entry[3]
  if string.sub(holder, 1, 7) == 'worker:' then
    local seen = tonumber(redis.call('ZSCORE', KEYS[4], holder)) or 0
    if now - seen < lease then
      -- Its process lives: it is busy beyond refreshing, until the hard time limit ends it.
      if idle >= stuck then issue(id) end
    elseif now >= amnesty then
      note_death(id, holder)
      issue(id)
    end
  elseif idle >= (holder == 'enrich:' and handed_stale or issued_stale) and not redis.call('ZSCORE', KEYS[2], id) then
    issue(id)
  end
  cursor = '(' .. id
end
if #pending == 0 and full() then cursor = ARGV[8] end
if #pending > 0 and #pending < PAGE and cursor == '(' .. pending[#pending][1] then cursor = '-' end
return {together, few, alone, cursor, deaths, whole(now), gone}
