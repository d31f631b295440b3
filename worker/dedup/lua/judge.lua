-- What a candidate is. Needs store.lua.

local EQUAL = {} -- how many of the two 4-bit rows in a byte are equal, by the exclusive or of two bytes
for x = 0, 255 do
  EQUAL[x] = (x % 16 == 0 and 1 or 0) + (x < 16 and 1 or 0)
end

local function similarity(a, b)
  local equal = 0
  for from = 1, #a, 32 do
    local x, y = { byte(a, from, from + 31) }, { byte(b, from, from + 31) }
    for i = 1, #x do equal = equal + EQUAL[bit.bxor(x[i], y[i])] end
  end
  local share = equal / (2 * #a)
  return math.max(0, (share - 1 / 16) / (1 - 1 / 16)) -- one in sixteen is equal by chance
end

-- Numbers of the articles that share an anchor, and what the current bucket answered for each.
local function look(c)
  local met, posted = {}, {}
  for _, bucket in ipairs(buckets) do
    local seen = {}
    for i = 1, #c.anchors / 8 do
      local from = i * 8 - 7
      local key = format('%s:p%d', bucket.key, unpack_('>I4', c.anchors, from) % bucket.slots)
      local value = call('HGET', key, sub(c.anchors, from + 6, from + 7))
      if bucket == current then posted[i] = value end
      if value then
        for n in string.gmatch(value, '%d+') do
          if not seen[n] then
            seen[n] = true
            met[#met + 1] = { bucket = bucket, n = tonumber(n) }
          end
        end
      end
    end
  end
  return met, posted
end

-- Whether the claim on an open record still holds; if not, the record is dead from now on.
local function still_open(record, id)
  local claim = claim_of(id)
  if claim and claim.n == record.n and claim.bucket == record.bucket.number then
    if claim.ends > NOW then return true end
    drop(id, claim)
  else
    set_state(record.bucket, record.n, DEAD)
  end
  return false
end

local function compare(c, record)
  local j = c.content == record.content and 1 or similarity(c.sketch, record.sketch)
  local shared = j * (c.size + record.size) / (1 + j)
  local smaller = math.max(1, math.min(c.size, record.size))
  return j, math.min(1, shared / smaller), shared
end

-- The best settled match, the best open one, and what the current bucket answered.
local function matches(c)
  local met, posted = look(c)
  local settled, open
  for _, place_ in ipairs(met) do
    local record = read(place_.bucket, place_.n)
    if record and record.state ~= DEAD then
      local j, containment, shared = compare(c, record)
      if j >= 0.28 or containment >= 0.6 then
        local id = name_of(record.bucket, record.n)
        local match = { id = id, j = j, containment = containment, shared = shared, record = record,
          rule = j == 1 and c.content == record.content and 'exact' or j >= 0.28 and 'near' or 'containment' }
        if id ~= c.id then
          if record.state == SETTLED then
            if not settled or j > settled.j then settled = match end
          elseif still_open(record, id) then
            if not open or j > open.j then open = match end
          end
        end
      end
    end
  end
  return settled, open, posted
end

local function answer(verdict, revision, match, rule)
  local a = { verdict, revision, '', -1, rule or '', -1, -1, '' }
  if match then
    if verdict == 'duplicate' or verdict == 'open' then a[3] = match.id end
    a[4], a[6], a[7] = floor(match.j * 10000 + 0.5), floor(match.containment * 10000 + 0.5),
      floor(match.shared + 0.5)
    a[5] = rule or match.rule
    a[8] = match.id
  end
  return a
end

local function claim_article(c, verdict, revision, posted, match, rule)
  local n = insert(c, revision, posted)
  local a = answer(verdict, revision, match, rule)
  keep_claim(c.id, { holder = c.holder, content = c.content, bucket = current.number, n = n,
    revision = revision, answer = a })
  return a
end

local function reserve(c)
  local claim = claim_of(c.id)
  if claim and claim.ends <= NOW and claim.holder ~= c.holder then
    drop(c.id, claim)
    claim = nil
  end
  if claim and claim.holder ~= c.holder then
    return { 'open', 1, c.id, -1, 'identity', -1, -1, c.id }
  elseif claim and claim.content == c.content then
    keep_claim(c.id, claim)
    return claim.answer
  elseif claim then -- the same entry reads otherwise now: its text was cleaned by another version
    drop(c.id, claim)
  end
  local own = known(c)
  if own and own.content == c.content then
    return answer('unchanged', own.revision, nil, 'identity')
  elseif own and own.version > 0 and c.version > 0 and c.version < own.version then
    return answer('unchanged', own.revision, nil, 'older')
  end
  local revision = own and own.revision + 1 or 1
  local settled, open, posted = matches(c)
  if own and not own.copy then
    local j, containment, shared = compare(c, own)
    return claim_article(c, 'update', revision, posted,
      { id = c.id, j = j, containment = containment, shared = shared }, 'identity')
  elseif settled then
    local a = answer('duplicate', revision, settled)
    keep_claim(c.id, { holder = c.holder, content = c.content, revision = revision, answer = a,
      of = { settled.record.bucket.number, settled.record.n } })
    return a
  elseif open then
    return answer('open', revision, open)
  elseif own then
    return claim_article(c, 'update', revision, posted, nil, 'identity')
  end
  return claim_article(c, 'new', 1, posted)
end
