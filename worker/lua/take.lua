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

local taken = {}
for i = 3, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if pending then
    local holder = string.sub(pending[2], 1, 7)
    if holder == 'intake:' or holder == 'enrich:' or pending[2] == ARGV[2] then
      local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i])[1]
      if entry then
        local history = redis.call('HGET', KEYS[2], ARGV[i])
        local stage = history and redis.call('HGET', KEYS[3], ARGV[i])
        -- It counts as delivered once by the intake's reading, and once more for each worker that took it.
        taken[#taken + 1] = {entry[1], entry[2], history or '', stage or '', pending[4] - 1}
      else
        for key = 2, 4 do redis.call('HDEL', KEYS[key], ARGV[i]) end
      end
    end
  end
end
return taken
