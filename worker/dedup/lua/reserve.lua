-- Look up and claim each candidate, in batch order. Arguments of a candidate: id, holder, and what
-- the fingerprint says, packed. Returns an answer for each.

local PACKED = '>c8c8I4I2I2BBc8c8c4'

local function candidate(at)
  local raw = ARGV[at + 2]
  local c = { id = ARGV[at], holder = ARGV[at + 1], slots = {}, ones = {} }
  local from
  c.hash, c.content, c.version, c.size, c.words, c.rank, c.posts, c.numbers, c.names, c.headline, from =
    unpack_(PACKED, raw)
  c.maps = sub(raw, from, from + LEVELS * MAP - 1)
  c.anchors = sub(raw, from + LEVELS * MAP)
  return c
end

-- A new bucket begins: give up the claims that nobody came back for.
if current.fresh then
  local left = call('HGETALL', T .. ':claims')
  for i = 1, #left, 2 do
    local claim = cmsgpack.unpack(left[i + 1])
    if claim.ends + 10 * LEASE < NOW then drop(left[i], claim) end
  end
end

local answers, unchanged = {}, 0
for at = FIRST, #ARGV, 3 do
  local a = reserve(candidate(at))
  answers[#answers + 1] = a
  if a[1] == 'unchanged' then unchanged = unchanged + 1 end
end
if unchanged > 0 then count({ unchanged = unchanged }) end
return answers
