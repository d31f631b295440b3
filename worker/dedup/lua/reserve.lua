-- Look up and claim each candidate, in batch order. Returns an answer for each.

for _, id in ipairs(call('ZRANGEBYSCORE', T .. ':leases', '-inf', format('%d', NOW - 10 * LEASE), 'LIMIT', 0, 16)) do
  local claim = claim_of(id) -- nobody came back for it: what it wrote goes
  if claim then drop(id, claim) end
end

local answers = {}
for i, c in ipairs(candidates()) do answers[i] = reserve(c) end
return answers
