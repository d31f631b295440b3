-- Give up all claims of some holders, whatever articles they are on. Arguments: the holders.

local holders = {}
for at = FIRST, #ARGV do holders[ARGV[at]] = true end
local all = call('HGETALL', T .. ':claims')
for i = 1, #all, 2 do
  local claim = cmsgpack.unpack(all[i + 1])
  if holders[claim.holder] then drop(all[i], claim) end
end
save()
return 'OK'
