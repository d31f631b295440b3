-- A worker takes the entries of its batch: those still pending that an intake issued or a worker handed on, or
-- that it has taken itself: it asks again where it got no answer.
--
-- KEYS[1]  stream    raw entries of one lane
-- KEYS[2]  history   hash: entry id -> JSON list of what went wrong with it
-- KEYS[3]  stages    hash: entry id -> JSON of how far an isolated entry came
-- KEYS[4]  delivered hash: entry id -> outcome, of entries delivered and not settled
-- ARGV[1]  group     consumer group
-- ARGV[2]  worker    name of the worker, beginning with 'worker:'
-- ARGV[3…] ids       entries of the batch
--
-- Returns for each entry taken {id, fields, history, stage, times}: history and stage are '' where nothing has gone
-- wrong; times that a worker took it before.
-- What another worker holds, or waits for its time, comes by way of an intake, which knows why it comes again.
-- An entry that somebody deleted from the stream is dropped from the pending list by XCLAIM, and forgotten.

local ids, pending = { unpack(ARGV, 3) }, {}
if not ids[1] then return {} end

-- An intake reads neighbours: one look finds what is pending of them, and mostly nothing else.
for _, one in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ids[1], ids[#ids], #ids)) do
  pending[one[1]] = one
end

local wanted, times = {}, {}
for _, id in ipairs(ids) do
  local one = pending[id] or redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1)[1]
  local holder = one and string.sub(one[2], 1, 7)
  if holder and not times[id] and (holder == 'intake:' or holder == 'enrich:' or one[2] == ARGV[2]) then
    wanted[#wanted + 1] = id
    -- It counts as delivered once by the intake's reading, and once more for each worker that took it.
    times[id] = one[4] - 1
  end
end
if not wanted[1] then return {} end

local taken = {}
local histories = redis.call('HMGET', KEYS[2], unpack(wanted))
local entries = {}
for _, entry in ipairs(redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, unpack(wanted))) do
  entries[entry[1]] = entry[2]
end
for i, id in ipairs(wanted) do
  if entries[id] then
    local history = histories[i]
    local stage = history and redis.call('HGET', KEYS[3], id)
    taken[#taken + 1] = {id, entries[id], history or '', stage or '', times[id]}
  else
    for key = 2, 4 do redis.call('HDEL', KEYS[key], id) end
  end
end
return taken
