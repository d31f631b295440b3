-- Make the holders' claims final. Arguments of a candidate: id, holder, hash of the id, content,
-- version, line for the canonical's list. Returns which have no claim of this holder, from 1.

local function copies(bucket, n)
  return format('%s:c%d', bucket.key, n)
end

-- The new canonical inherits the copies of the one it replaces, and that one is a copy from now on.
local function take_over(bucket, n, instead)
  local from = bucket_of(instead[1])
  if not from then return end
  local key, field = names(from, instead[2])
  call('HSET', key, field .. '>', format('%d:%d', bucket.number, n))
  for _, copy in ipairs(call('LRANGE', copies(from, instead[2]), 0, -1)) do
    call('RPUSH', copies(bucket, n), copy)
  end
  call('DEL', copies(from, instead[2]))
  expire(bucket, copies(bucket, n))
end

local function settle_article(c, claim)
  local bucket = bucket_of(claim.bucket)
  if not bucket then return end -- its bucket left the window between claim and commit
  set_state(bucket, claim.n, SETTLED)
  if claim.instead then take_over(bucket, claim.n, claim.instead) end
  if POLICY ~= 'first' then -- it may become a copy: keep what its line in the list will say
    call('RPUSH', copies(bucket, claim.n), c.copy)
    expire(bucket, copies(bucket, claim.n))
  end
  settle(c, bucket, claim.revision, claim.n)
end

local function settle_copy(c, claim)
  settle(c, current, claim.revision, nil,
    'd' .. pack(COPY, c.content, c.version, claim.revision, claim.of[1], claim.of[2]))
  local bucket = bucket_of(claim.of[1])
  if bucket then
    call('RPUSH', copies(bucket, claim.of[2]), c.copy)
    expire(bucket, copies(bucket, claim.of[2]))
  end
end

begin()

local batch, ids = {}, {}
for at = FIRST, #ARGV, 6 do
  batch[#batch + 1] = { id = ARGV[at], holder = ARGV[at + 1], hash = ARGV[at + 2], content = ARGV[at + 3],
    version = tonumber(ARGV[at + 4]), copy = ARGV[at + 5] }
  ids[#ids + 1] = ARGV[at]
end
fetch_claims(ids)
fetch_ids(batch)

local lost, verdicts = {}, {}
for i, c in ipairs(batch) do
  local claim = claim_of(c.id)
  if not claim or claim.holder ~= c.holder then
    lost[#lost + 1] = i
  else
    if claim.n then settle_article(c, claim) else settle_copy(c, claim) end
    forget_claim(c.id)
    local verdict = claim.answer[1]
    verdicts[verdict] = (verdicts[verdict] or 0) + 1
  end
end
count(verdicts)
save()
return lost
