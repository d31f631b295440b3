-- A breaker: stops a lane, or the whole desk, when too much fails, and probes its way back.
--
-- KEYS[1]  breaker  hash: state 'closed' | 'open' | 'probing'; good, bad: results in the window; run: failures
--                   in a row; until: time (ms) of the next probe; pause: ms of the present pause; since: time
--                   (ms) it opened; why: for people
-- ARGV[1]  verb     'record' results, or 'ask' whether to go on
-- ARGV[2]  pause    ms of the first pause; it doubles
-- ARGV[3]  longest  ms of the longest pause
-- record:
-- ARGV[4]  good     results that went well
-- ARGV[5]  bad      results that failed
-- ARGV[6]  probe    '1': these are the results of a probe
-- ARGV[7]  share    limit: share of failures in the window; 0: never
-- ARGV[8]  run      limit: failures in a row; 0: never
-- ARGV[9]  window   results in the window
-- ARGV[10] why      what went wrong, for people
--
-- 'ask' returns {'go'}, {'probe'} (send one batch, then ask again) or {'stop', ms until the next probe}.
-- 'record' returns {state}.

local now = server_time()
local names = {'state', 'good', 'bad', 'run', 'until', 'pause'}
local values = redis.call('HMGET', KEYS[1], unpack(names))
local state = values[1] or 'closed'
local good, bad, run = tonumber(values[2] or 0), tonumber(values[3] or 0), tonumber(values[4] or 0)
local ends, pause = tonumber(values[5] or 0), tonumber(values[6] or 0)
local first, longest = tonumber(ARGV[2]), tonumber(ARGV[3])

local function open(why, length)
  if state == 'closed' then redis.call('HSET', KEYS[1], 'since', whole(now)) end
  redis.call('HSET', KEYS[1], 'state', 'open', 'until', whole(now + length), 'pause', whole(length), 'why', why)
  state = 'open'
end

if ARGV[1] == 'ask' then
  if state == 'closed' then return {'go'} end
  if now < ends and ends - now <= longest * 2 then return {'stop', whole(ends - now)} end
  -- One probe at a time; if nothing is heard of it, there is another after the same pause.
  redis.call('HSET', KEYS[1], 'state', 'probing', 'until', whole(now + math.max(pause, first)))
  return {'probe'}
end

local more_good, more_bad = tonumber(ARGV[4]), tonumber(ARGV[5])
local share, most, window = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
if more_good + more_bad == 0 then return {state} end
if state ~= 'closed' then
  if ARGV[6] ~= '1' then return {state} end -- what was still on its way says nothing new
  if more_good > 0 and (share == 0 or more_bad <= share * (more_good + more_bad)) then
    redis.call('HSET', KEYS[1], 'state', 'closed', 'good', 0, 'bad', 0, 'run', 0, 'pause', 0)
    return {'closed'}
  end
  open(ARGV[10], math.min(longest, math.max(first, pause * 2)))
  return {state}
end

good, bad = good + more_good, bad + more_bad
if good + bad > window then
  local scale = window / (good + bad)
  good, bad = good * scale, bad * scale
end
run = more_good > 0 and 0 or run + more_bad
redis.call('HSET', KEYS[1], 'state', 'closed', 'good', good, 'bad', bad, 'run', run)
if most > 0 and run >= most then
  open(ARGV[10], first)
elseif share > 0 and good + bad >= window / 2 and bad >= share * (good + bad) then
  open(ARGV[10], first)
end
return {state}
