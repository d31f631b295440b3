-- Make the holders' claims final. A claim that ran out is taken again first, if nobody else has it.

local function commit(c)
  local claim = claim_of(c.id)
  if not claim or claim.holder ~= c.holder then
    reserve(c)
    claim = claim_of(c.id)
    if not claim or claim.holder ~= c.holder then return end -- settled already, or another's now
  end
  if claim.n then
    local bucket = bucket_of(claim.bucket)
    if bucket then set_state(bucket, claim.n, SETTLED) end
    settle_identity(c, format('%d', claim.n))
  else
    settle_identity(c, 'd' .. pack('>c8I4I2', c.content, c.version, claim.revision))
    local bucket = bucket_of(claim.of[1])
    if bucket then
      local copies = format('%s:c%d', bucket.key, claim.of[2])
      call('RPUSH', copies, c.copy)
      expire(bucket, copies)
    end
  end
  forget_claim(c.id)
end

for _, c in ipairs(candidates()) do commit(c) end
return 'OK'
