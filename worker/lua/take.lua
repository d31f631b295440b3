-- A worker takes the entries of its batch: those still pending that no living worker holds.
--
-- KEYS[1]  stream    raw entries of one lane
-- KEYS[2]  history   hash: entry id -> JSON list of what went wrong with it
-- ARGV[1]  group     consumer group
-- ARGV[2]  worker    name of the worker, beginning with 'worker:'
-- ARGV[3]  lease     ms after which a hold that was not refreshed is void
-- ARGV[4…] ids       entries of the batch
--
-- Returns for each entry taken {id, fields, history}; history is '' where nothing has gone wrong yet.
-- An entry whose body was trimmed away is dropped from the pending list by XCLAIM and not returned.

local taken = {}
for i = 4, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if pending then
    local holder, idle = pending[2], pending[3]
    local held = string.sub(holder, 1, 7) == 'worker:' and holder ~= ARGV[2]
                 and idle < tonumber(ARGV[3])
    if not held then
      local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i])[1]
      if entry then taken[#taken + 1] = {entry[1], entry[2], redis.call('HGET', KEYS[2], ARGV[i]) or ''}
      end
    end
  end
end
return taken
