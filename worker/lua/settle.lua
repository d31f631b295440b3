-- Settle entries: acknowledge each, and only the first time count its outcome and write its dead letter.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  counts   hash: outcome -> articles; 'latency_ms' -> sum over settled of publish-to-settle
-- KEYS[3]  history  hash: entry id -> JSON list of what went wrong
-- KEYS[4]  dead     stream of dead letters
-- KEYS[5]  deliv.   hash: entry id -> outcome, of entries delivered and not settled
-- KEYS[6…] runs     hashes: outcome -> articles of one run
-- ARGV[1]  group    consumer group
-- ARGV[2]  now      Unix time in ms
-- ARGV[3]  life     seconds that the count of a run is kept
-- ARGV[4]  length   dead letters kept, about
-- ARGV[5…] four an entry: id, outcome, index of its run in KEYS (0: none), dead letter ('' : none)
--
-- A worker that dies between delivery and this call leaves a second one that finds the article known and
-- calls it unchanged: the outcome noted at the delivery counts. Returns how many this call settled.

local settled, latency = 0, 0
for i = 5, #ARGV, 4 do
  local id, outcome, run, letter = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  if redis.call('XACK', KEYS[1], ARGV[1], id) == 1 then
    settled = settled + 1
    outcome = redis.call('HGET', KEYS[5], id) or outcome
    redis.call('HDEL', KEYS[5], id)
    latency = latency + math.max(0, tonumber(ARGV[2]) - tonumber(string.match(id, '^%d+')))
    redis.call('HINCRBY', KEYS[2], outcome, 1)
    if run > 0 then
      redis.call('HINCRBY', KEYS[run], outcome, 1)
      redis.call('EXPIRE', KEYS[run], ARGV[3])
    end
    if letter ~= '' then
      redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[4], '*', 'letter', letter)
    end
    redis.call('HDEL', KEYS[3], id)
  end
end
if settled > 0 then
  redis.call('HINCRBY', KEYS[2], 'latency_ms', string.format('%.0f', latency))
  redis.call('HSET', KEYS[2], 'settled_at', ARGV[2])
end
return settled
