-- Settle entries: acknowledge each, and only the first time count its outcome and write its dead letter.
--
-- KEYS[1]  stream   raw entries of one lane
-- KEYS[2]  counts   hash: outcome -> articles; 'latency_ms' -> sum over settled of publish-to-settle;
--                   'settled_at' -> ms; 'recent_ms', 'recent' -> that sum and its articles, fading (FADE)
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

local FADE = 300000 -- ms after which an article weighs a third of a new one in 'recent'

local now = server_time()

local ids = {}
for i = 4, #ARGV, 4 do ids[#ids + 1] = ARGV[i] end
local noted = redis.call('HMGET', KEYS[5], unpack(ids))

local settled, latency, delivered = 0, 0, {}
local counts = {} -- index of a key -> outcome -> articles

local function count(key, outcome)
  counts[key] = counts[key] or {}
  counts[key][outcome] = (counts[key][outcome] or 0) + 1
end

for n, id in ipairs(ids) do
  if redis.call('XACK', KEYS[1], ARGV[1], id) == 1 then
    local outcome, run, letter = unpack(ARGV, 4 * n + 1, 4 * n + 3)
    settled = settled + 1
    if noted[n] then
      outcome, letter = noted[n], ''
      delivered[#delivered + 1] = id
    end
    latency = latency + math.max(0, now - tonumber(string.match(id, '^%d+')))
    count(2, outcome)
    if run ~= '0' then count(tonumber(run), outcome) end
    if letter ~= '' then
      redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[3], '*', 'letter', letter)
    end
  end
end

for key, outcomes in pairs(counts) do
  for outcome, articles in pairs(outcomes) do redis.call('HINCRBY', KEYS[key], outcome, articles) end
  if key > 2 then redis.call('EXPIRE', KEYS[key], ARGV[2]) end
end
if delivered[1] then redis.call('HDEL', KEYS[5], unpack(delivered)) end
if redis.call('HDEL', KEYS[3], unpack(ids)) > 0 then redis.call('HDEL', KEYS[6], unpack(ids)) end
if settled > 0 then
  redis.call('HINCRBY', KEYS[2], 'latency_ms', whole(latency))
  local then_, sum, articles = unpack(redis.call('HMGET', KEYS[2], 'settled_at', 'recent_ms', 'recent'))
  local left = sum and math.exp(math.min(0, tonumber(then_) - now) / FADE) or 0 -- a clock may be put back
  redis.call('HSET', KEYS[2], 'settled_at', whole(now),
    'recent_ms', string.format('%.3f', left * (sum or 0) + latency),
    'recent', string.format('%.6f', left * (articles or 0) + settled))
end
return settled
