-- Settle entries: acknowledge each, and only the first time count its outcome and write its dead letter.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  counts   hash: outcome -> articles; 'latency_ms' -> sum over settled of publish-to-settle
-- KEYS[3]  history  hash: entry id -> JSON list of what went wrong
-- KEYS[4]  dead     stream of dead letters
-- KEYS[5]  deliv.   hash: entry id -> outcome, of entries delivered and not settled
-- KEYS[6]  stages   hash: entry id -> JSON of how far an isolated entry came
-- KEYS[7…] runs     hashes: outcome -> articles of one run
-- ARGV[1]  group    consumer group
-- ARGV[2]  life     seconds that the count of a run is kept
-- ARGV[3]  length   dead letters kept, about
-- ARGV[4…] four an entry: id, outcome, index of its run in KEYS (0: none), dead letter ('' : none)
--
-- A worker that dies between delivery and this call leaves a second one that finds the article known and
-- calls it unchanged: the outcome noted at the delivery counts. Returns how many this call settled.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local settled, latency = 0, 0
for i = 4, #ARGV, 4 do
  local id, outcome, run, letter = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  if redis.call('XACK', KEYS[1], ARGV[1], id) == 1 then
    settled = settled + 1
    local noted = redis.call('HGET', KEYS[5], id)
    if noted then
      outcome, letter = noted, ''
      redis.call('HDEL', KEYS[5], id)
    end
    latency = latency + math.max(0, now - tonumber(string.match(id, '^%d+')))
    redis.call('HINCRBY', KEYS[2], outcome, 1)
    if run > 0 then
      redis.call('HINCRBY', KEYS[run], outcome, 1)
      redis.call('EXPIRE', KEYS[run], ARGV[2])
    end
    if letter ~= '' then
      redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[3], '*', 'letter', letter)
    end
  end
  if redis.call('HDEL', KEYS[3], id) == 1 then redis.call('HDEL', KEYS[6], id) end
end
if settled > 0 then
  redis.call('HINCRBY', KEYS[2], 'latency_ms', string.format('%.0f', latency))
  redis.call('HSET', KEYS[2], 'settled_at', string.format('%.0f', now))
end
return settled
