-- Look up one candidate and claim it for its holder.

-- Whether so many share an anchor that it leads nowhere: the next one is posted in its place.
local function crowded(value, tag)
  local found, count_ = next_posting(value, tag, 1), 0
  while found do
    local number = unpack_('>I4', value, found + 2)
    if floor(number / NUMBERS) == current.tag and number % NUMBERS < IDS then
      count_ = count_ + 1
      if count_ == CROWD then return true end
    end
    found = next_posting(value, tag, found + POSTING)
  end
  return false
end

-- Write the record and its postings.
local function insert(c, revision)
  if not c.anchors then fetch_anchors({ c }) end
  local n = add_record(c.id, pack('>I2', revision) .. sub(c.raw, KEPT, KEPT + RECORD - 3))
  local slots, anchors, shared = current.slots, c.anchors, c.shared
  local layout, place, left = layouts[slots], placed(current, n), c.posts
  for i = 1, #anchors, 2 do
    local slot, tag = anchors[i] % slots, anchors[i + 1]
    if not (shared and shared[i] and crowded(layout.values[slot], tag)) then
      post(layout, slot, tag, place)
      left = left - 1
      if left == 0 then break end
    end
  end
  post(layout, c.hash % slots, c.tag, placed(current, IDS + n))
  return n
end

-- verdict, revision; if there is anything to say of them: id it points to, similarity, rule,
-- containment, shared, compared to, contains…
local function answer(verdict, revision, match, rule)
  if not match and not rule then return { verdict, revision } end
  if not match then return { verdict, revision, '', -1, rule, -1, -1, '' } end
  local target = (verdict == 'duplicate' or verdict == 'open') and match.id or ''
  return { verdict, revision, target, floor(match.j * 10000 + 0.5), rule or match.rule,
    floor(match.containment * 10000 + 0.5), floor(match.shared + 0.5), match.id }
end

local function claim_article(c, a, instead)
  local n = insert(c, a[2])
  keep_claim(c.id, { holder = c.holder, content = c.content, bucket = current.number, n = n, revision = a[2],
    other_bucket = instead and instead.bucket.number, other = instead and instead.n, answer = a })
  return a
end

-- Whether the candidate is to be canonical instead of an earlier copy.
local function preferred(c, record)
  if POLICY == 'outlets' then return c.rank < record.rank end
  return POLICY == 'longest' and c.size > 1.1 * record.size
end

local function claim_copy(c, revision, match)
  local canonical = root(match.record)
  if preferred(c, canonical) then
    match.id = name_of(canonical.bucket, canonical.n)
    local verdict = revision == 1 and 'new' or 'update'
    return claim_article(c, answer(verdict, revision, match, 'preferred'), canonical)
  end
  local a = answer('duplicate', revision, match)
  if canonical ~= match.record then a[3] = name_of(canonical.bucket, canonical.n) end
  keep_claim(c.id, { holder = c.holder, content = c.content, revision = revision,
    other_bucket = canonical.bucket.number, other = canonical.n, answer = a })
  return a
end

local function judge(c, own)
  local revision = own and own.revision + 1 or 1
  local verdict = own and 'update' or 'new'
  local copied = c.first and not (own and not own.copy) and copied_of(c)
  if copied then return claim_copy(c, revision, copied) end
  if not c.anchors then fetch_anchors({ c }) end
  local met = look(c, c.anchors)
  if own and not own.copy then
    local match = compare(c, own)
    match.id = c.id
    return claim_article(c, answer(verdict, revision, match, 'identity'))
  elseif not met then
    return claim_article(c, answer(verdict, revision, nil, own and 'identity'))
  end
  local found = matches(c, met)
  local settled, open, within = found.settled, found.open, found.within
  local told = settled and settled.j >= WHOLE -- by an earlier round-up
  if #within > 1 and found.within_size <= 1.1 * c.size and not told then -- a round-up of stories that differ
    if open then return answer('open', revision, open) end
    local best
    for _, match in ipairs(within) do
      if better(match, best) then best = match end
    end
    local a = answer(verdict, revision, best, 'contains')
    for _, match in ipairs(within) do a[#a + 1] = match.id end
    return claim_article(c, a)
  elseif settled then
    return claim_copy(c, revision, settled)
  elseif open then
    return answer('open', revision, open)
  end
  local a = answer(verdict, revision, found.guarded, not found.guarded and own and 'identity' or nil)
  for _, match in ipairs(within) do
    if match.rule == 'contains' then a[#a + 1] = match.id end
  end
  return claim_article(c, a)
end

local function reserve(c)
  local claim = claim_of(c.id)
  if claim and claim.holder ~= c.holder then
    if claim.ends > NOW then return { 'open', 1, c.id, -1, 'identity', -1, -1, c.id } end
    drop(c.id, claim)
  elseif claim and claim.content == c.content and (not claim.n or bucket_of(claim.bucket)) then
    -- the holder's own: it came back, or asks again
    keep_claim(c.id, claim)
    return claim.answer
  elseif claim then -- it was cleaned by another version meanwhile, or its record has left the window
    drop(c.id, claim)
  end
  local own = known(c, c.posted)
  if own and own.content == c.content then
    return answer('unchanged', own.revision, nil, 'identity')
  elseif own and own.version > 0 and c.version > 0 and c.version < own.version then
    return answer('unchanged', own.revision, nil, 'older')
  end
  return judge(c, own)
end
