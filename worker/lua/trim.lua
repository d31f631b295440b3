-- Trim a raw stream below everything that is unread or unsettled.
--
-- KEYS[1]  stream  raw entries of one lane
-- ARGV[1]  group   consumer group
-- ARGV[2]  keep    ms that settled entries are kept; 0: drop all that is settled
-- ARGV[3]  length  entries kept above that, at most (0: any number)
--
-- XDEL would make the group's lag unknown, so only MINID is used. Returns the number of entries trimmed.

-- Whether a number is the smaller, by its digits: an id may have 20, more than a number of Lua tells apart.
local function smaller(a, b)
  if #a ~= #b then return #a < #b end
  return a < b
end

local function below(a, b)
  local am, as = string.match(a, '^(%d+)-(%d+)')
  local bm, bs = string.match(b, '^(%d+)-(%d+)')
  if am ~= bm then return smaller(am, bm) end
  return smaller(as, bs)
end

local safe
local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
if pending[1] > 0 then
  safe = pending[2]
else
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local fields = by_name(group)
    if fields.name == ARGV[1] then safe = fields['last-delivered-id'] end
  end
end
if not safe then return 0 end

local cutoff = whole(math.max(0, server_time() - tonumber(ARGV[2]))) .. '-0'
local length = tonumber(ARGV[3])
local excess = redis.call('XLEN', KEYS[1]) - length
if length > 0 and excess > 0 then
  local last = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', math.min(excess, 1000))
  local id = last[#last][1]
  if below(cutoff, id) then cutoff = id end
end
if below(safe, cutoff) then cutoff = safe end
return redis.call('XTRIM', KEYS[1], 'MINID', '~', cutoff)
