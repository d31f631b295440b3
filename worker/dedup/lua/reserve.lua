-- Look up and claim each candidate, in batch order. Arguments of a candidate: id, holder, and what
-- the fingerprint says, packed. Returns an answer for each.

local PACKED = '>c8c8I4I2I2BBc8c8c4'

local function candidate(at)
  local raw = ARGV[at + 2]
  local c = { id = ARGV[at], holder = ARGV[at + 1], keys = {}, ones = {}, shared = {} }
  local from
  c.hash, c.content, c.version, c.size, c.words, c.rank, c.posts, c.numbers, c.names, c.headline, from =
    unpack_(PACKED, raw)
  c.maps = sub(raw, from, from + LEVELS * MAP - 1)
  c.anchors = sub(raw, from + LEVELS * MAP)
  c.tags = tags_of(c.anchors)
  return c
end

begin()

local batch, ids = {}, {}
for at = FIRST, #ARGV, 3 do
  batch[#batch + 1] = candidate(at)
  ids[#ids + 1] = ARGV[at]
end
fetch_claims(ids)
fetch_ids(batch)

local answers, unchanged = {}, 0
for i, c in ipairs(batch) do
  answers[i] = reserve(c)
  if answers[i][1] == 'unchanged' then unchanged = unchanged + 1 end
end
if unchanged > 0 then count({ unchanged = unchanged }) end
save()
return answers
