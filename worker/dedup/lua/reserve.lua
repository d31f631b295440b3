-- Look up and claim each candidate, in batch order. Arguments of a candidate: id, holder, and what
-- the fingerprint says, packed: hash of the id 8, how many anchors are posted 1, what the record keeps,
-- the maps of all levels, the anchors. Returns an answer for each.

local PACKED, ANCHORS = '>I4xxc2BBI2I2I4c8', 495

local function candidate(at)
  local raw = ARGV[at + 2]
  local hash, tag, posts, rank, size, words, version, content = unpack_(PACKED, raw)
  return { id = ARGV[at], holder = ARGV[at + 1], raw = raw, facts_at = FACTS + KEPT - 3, hash = hash, tag = tag,
    posts = posts, rank = rank, size = size, words = words, version = version, content = content,
    anchors = apart(raw, ANCHORS), posted = nil, fetched = nil, shared = nil }
end

begin()

local batch, ids = {}, {}
for at = FIRST, #ARGV, 3 do
  batch[#batch + 1] = candidate(at)
  ids[#ids + 1] = ARGV[at]
end
fetch_claims(ids)
fetch_ids(batch)

local unknown = {} -- these will be looked up for sure; the others may be claimed or unchanged
for _, c in ipairs(batch) do
  c.posted = posted(c)
  if not claim_of(c.id) and not c.posted then unknown[#unknown + 1] = c end
end
fetch_anchors(unknown)

local answers, unchanged = {}, 0
for i, c in ipairs(batch) do
  answers[i] = reserve(c)
  if answers[i][1] == 'unchanged' then unchanged = unchanged + 1 end
end
if unchanged > 0 then count({ unchanged = unchanged }) end
save()
return answers
