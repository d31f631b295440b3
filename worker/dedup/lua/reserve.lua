-- Look up and claim each candidate, in batch order. Arguments of a candidate: id; holder; what the
-- fingerprint says, packed: hash of the id 8, how many anchors are posted 1, what the record keeps, the maps
-- of all levels, the anchors; whether its words were here before, '1' or ''. Returns an answer for each.

local PACKED, ANCHORS = '>I4xxc2BBI2I2I4c8', 495

local function candidate(at)
  local raw = ARGV[at + 2]
  local hash, tag, posts, rank, size, words, version, content = unpack_(PACKED, raw)
  -- Where a copy may become the canonical, all anchors are needed to post it.
  local short = ARGV[at + 3] == '1' and POLICY == 'first' and #raw > ANCHORS
  return { id = ARGV[at], holder = ARGV[at + 1], raw = raw, facts_at = FACTS + KEPT - 3, hash = hash, tag = tag,
    posts = posts, rank = rank, size = size, words = words, version = version, content = content,
    anchors_at = ANCHORS, anchors = nil, posted = nil, shared = nil, ones = {},
    first = short and apart(sub(raw, ANCHORS, ANCHORS + 7), 1) }
end

begin()

local batch, ids = {}, {}
for at = FIRST, #ARGV, 4 do
  batch[#batch + 1] = candidate(at)
  ids[#ids + 1] = ARGV[at]
end
fetch_claims(ids)
fetch_ids(batch)

local unknown, firsts = {}, {} -- these will be looked up for sure; the others may be claimed or unchanged
for _, c in ipairs(batch) do
  c.posted = posted(c)
  if c.first then
    firsts[#firsts + 1] = c.first
  elseif not claim_of(c.id) and not c.posted then
    unknown[#unknown + 1] = c
  end
end
fetch_anchors(unknown)
fetch(firsts, 2)

local answers, unchanged = {}, 0
for i, c in ipairs(batch) do
  answers[i] = reserve(c)
  if answers[i][1] == 'unchanged' then unchanged = unchanged + 1 end
end
if unchanged > 0 then count({ unchanged = unchanged }) end
save()
return answers
