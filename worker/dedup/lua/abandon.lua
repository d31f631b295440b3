-- Give up all claims of some holders, whatever articles they are on. Arguments: the holders.

local holders = {}
for at = FIRST, #ARGV do holders[ARGV[at]] = true end
for id, claim in pairs(all_claims()) do
  if holders[claim.holder] then drop(id, claim) end
end
save()
return 'OK'
