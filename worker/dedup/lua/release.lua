-- Give the holders' claims up: another copy may be the canonical, or the same entry when it comes
-- back. Arguments of a candidate: id, holder, anchors.

for at = FIRST, #ARGV, 3 do
  local claim = claim_of(ARGV[at])
  if claim and claim.holder == ARGV[at + 1] then
    drop(ARGV[at], claim, { anchors = ARGV[at + 2], tags = tags_of(ARGV[at + 2]), keys = {} })
  end
end
save()
return 'OK'
