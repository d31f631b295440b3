-- Give the holders' claims up: another copy may be the canonical, or the same entry when it comes
-- back. Arguments of a candidate: id, holder, hash of the id and anchors.

local batch, ids = {}, {}
for at = FIRST, #ARGV, 3 do
  batch[#batch + 1] = { id = ARGV[at], holder = ARGV[at + 1], raw = ARGV[at + 2] }
  ids[#ids + 1] = ARGV[at]
end
fetch_claims(ids)
local held = {}
for _, c in ipairs(batch) do
  local claim = claim_of(c.id)
  if claim and claim.holder == c.holder then
    c.hash, c.tag = unpack_('>I4xxc2', c.raw)
    c.anchors_at = 9
    held[#held + 1] = c
  end
end
fetch_ids(held)
fetch_anchors(held)
for _, c in ipairs(held) do
  local claim = claim_of(c.id)
  if claim and claim.holder == c.holder then drop(c.id, claim, c) end -- one may stand in it twice
end
save()
return 'OK'
