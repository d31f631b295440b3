-- Make the holders' claims final. Arguments of a candidate: id, holder; hash of the id 8, content 8
-- and version 4, packed; line for the canonical's list. Returns which have no claim of this holder,
-- from 1.

local function copies(bucket, n)
  return format('%s:c%d', bucket.key, n)
end

-- The new canonical inherits the copies of the one it replaces, and that one is a copy from now on.
local function take_over(bucket, claim)
  local from = bucket_of(claim.other_bucket)
  if not from then return end
  local key, field = names(from, claim.other)
  call('HSET', key, field .. '>', format('%d:%d', bucket.number, claim.n))
  for _, copy in ipairs(call('LRANGE', copies(from, claim.other), 0, -1)) do
    call('RPUSH', copies(bucket, claim.n), copy)
  end
  call('DEL', copies(from, claim.other))
  expire(bucket, copies(bucket, claim.n))
end

local function list(bucket, n, copy)
  local key = copies(bucket, n)
  if call('RPUSH', key, copy) == 1 then expire(bucket, key) end
end

local function settle_article(c, claim)
  local bucket = bucket_of(claim.bucket)
  if not bucket then return end -- its bucket left the window between claim and commit
  set_state(bucket, claim.n, SETTLED)
  if claim.other then take_over(bucket, claim) end
  if POLICY ~= 'first' then list(bucket, claim.n, c.copy) end -- it may become a copy: keep its line
end

local function settle_copy(c, claim)
  local key, field = duplicates(current, c)
  call('HSET', key, field, pack(COPY, c.content, c.version, claim.revision, claim.other_bucket, claim.other))
  expire(current, key)
  local layout, slot, place = layouts[current.slots], c.hash % current.slots, placed(current, COPIED)
  if not next_posting(layout.values[slot], c.tag .. place, 1) then post(layout, slot, c.tag, place) end
  local bucket = bucket_of(claim.other_bucket)
  if bucket then list(bucket, claim.other, c.copy) end
end

begin()

local batch, ids = {}, {}
for at = FIRST, #ARGV, 4 do
  batch[#batch + 1] = { id = ARGV[at], holder = ARGV[at + 1], raw = ARGV[at + 2], copy = ARGV[at + 3] }
  ids[#ids + 1] = ARGV[at]
end
fetch_claims(ids)
local copied = {} -- these are posted now
for _, c in ipairs(batch) do
  local claim = claim_of(c.id)
  if claim and claim.holder == c.holder and not claim.n then
    c.hash, c.tag, c.content, c.version = unpack_('>I4xxc2c8I4', c.raw)
    copied[#copied + 1] = c
  end
end
fetch_ids(copied)

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
