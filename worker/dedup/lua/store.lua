-- What the index keeps, and how it is read and written. Every script begins with this file.
--
-- All keys begin with T = KEYS[1], which is hash-tagged: one shard is one slot of a Redis Cluster.
-- A bucket b is a stretch of time (the time since 1970 divided by its length); all its keys expire
-- together, when its end is older than the window. An article's place in a bucket is its number n.
--
--   T                 string  layout: version and settings that what is stored depends on; for ever
--   T:claims          hash    article id -> claim (cmsgpack); a field lives from reserve to commit or release
--   T:leases          zset    article id -> end of its claim, ms; the same life
--   T:b               hash    docs: articles numbered so far, slots: hashes that hold the postings
--   T:b:p<slot>       hash    postings: last 2 bytes of an anchor -> numbers of the articles that have it
--   T:b:r<page>       string  records of PAGE articles, RECORD bytes each (see below)
--   T:b:n<page>       hash    number within the page -> article id
--   T:b:i<slot>       hash    identities: 6 bytes of the id's hash -> number, or the record of a duplicate
--   T:b:c<n>          list    copies of article n, as the caller packed them
--
-- Record: state 1, rank 1, size 2, words 2, version 4, revision 2, content 8, numbers 12, sketch 64.

local T = KEYS[1]
local RECORD, PAGE, POSTINGS, CROWD = 96, 42, 8, 8
local DEAD, OPEN, SETTLED = 0, 1, 2
local HEAD = '>BBI2I2I4I2c8c12'

local call = redis.call
local pack, unpack_ = struct.pack, struct.unpack
local sub, byte, format, floor = string.sub, string.byte, string.format, math.floor

local clock = call('TIME')
local NOW = clock[1] * 1000 + floor(clock[2] / 1000)
local LAYOUT, WINDOW, BUCKETS, SLOTS, LEASE =
  ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local LENGTH = floor(WINDOW / (BUCKETS - 1))

local stored = call('GET', T)
if not stored then
  call('SET', T, LAYOUT)
elseif stored ~= LAYOUT then
  return redis.error_reply('LAYOUT ' .. stored)
end

-- Buckets of the window that hold anything, newest first; the first is the current one.
local buckets = {}

local function open_bucket(number)
  local key = T .. ':' .. format('%d', number)
  local found = call('HMGET', key, 'docs', 'slots')
  return {
    key = key, number = number, docs = tonumber(found[1]) or 0, slots = tonumber(found[2]) or SLOTS,
    fresh = not found[1], ends = (number + 1) * LENGTH + WINDOW,
  }
end

do
  local current = floor(NOW / LENGTH)
  for back = 0, BUCKETS - 1 do
    local bucket = open_bucket(current - back)
    if back == 0 or not bucket.fresh then buckets[#buckets + 1] = bucket end
  end
end
local current = buckets[1]

local function expire(bucket, key)
  call('PEXPIREAT', key, format('%d', bucket.ends), 'NX')
end

local function bucket_of(number)
  for _, bucket in ipairs(buckets) do
    if bucket.number == number then return bucket end
  end
end

local function place(bucket, n)
  local page = floor(n / PAGE)
  return format('%s:r%d', bucket.key, page), (n - page * PAGE) * RECORD
end

local function name_of(bucket, n)
  local page = floor(n / PAGE)
  return call('HGET', format('%s:n%d', bucket.key, page), format('%d', n - page * PAGE))
end

local function read(bucket, n)
  local key, at = place(bucket, n)
  local raw = call('GETRANGE', key, at, at + RECORD - 1)
  if #raw < RECORD then return nil end
  local record = { bucket = bucket, n = n }
  record.state, record.rank, record.size, record.words, record.version, record.revision,
    record.content, record.numbers = unpack_(HEAD, raw)
  record.sketch = sub(raw, 33)
  return record
end

local function set_state(bucket, n, state)
  local key, at = place(bucket, n)
  call('SETRANGE', key, at, string.char(state))
end

-- Claims ---------------------------------------------------------------------------------------

local function claim_of(id)
  local raw = call('HGET', T .. ':claims', id)
  return raw and cmsgpack.unpack(raw)
end

local function keep_claim(id, claim)
  claim.ends = NOW + LEASE
  call('HSET', T .. ':claims', id, cmsgpack.pack(claim))
  call('ZADD', T .. ':leases', format('%d', claim.ends), id)
end

local function forget_claim(id)
  call('HDEL', T .. ':claims', id)
  call('ZREM', T .. ':leases', id)
end

-- Give up what a claim holds. Its postings go when the anchors are known; else they go when met.
local function drop(id, claim, anchors)
  local bucket = claim.n and bucket_of(claim.bucket)
  if bucket then
    set_state(bucket, claim.n, DEAD)
    local mine = format('%d', claim.n)
    for at = 1, anchors and #anchors or 0, 8 do
      local key = format('%s:p%d', bucket.key, unpack_('>I4', anchors, at) % bucket.slots)
      local field = sub(anchors, at + 6, at + 7)
      local kept = {}
      for n in string.gmatch(call('HGET', key, field) or '', '%d+') do
        if n ~= mine then kept[#kept + 1] = n end
      end
      if #kept == 0 then
        call('HDEL', key, field)
      else
        call('HSET', key, field, table.concat(kept, ','))
      end
    end
  end
  forget_claim(id)
end

-- Identities -----------------------------------------------------------------------------------

local function identity_key(bucket, hash)
  return format('%s:i%d', bucket.key, unpack_('>I4', hash) % bucket.slots)
end

-- The settled record of an id: the article's own, or {copy = true, …} of a duplicate.
local function known(c)
  local field = sub(c.hash, 3, 8)
  for _, bucket in ipairs(buckets) do
    local value = call('HGET', identity_key(bucket, c.hash), field)
    if value and byte(value) == 100 then -- 'd'
      local record = { copy = true }
      record.content, record.version, record.revision = unpack_('>c8I4I2', value, 2)
      return record
    elseif value then
      local n = tonumber(value)
      if name_of(bucket, n) == c.id then return read(bucket, n) end
    end
  end
end

local function settle_identity(c, value)
  local key = identity_key(current, c.hash)
  call('HSET', key, sub(c.hash, 3, 8), value)
  expire(current, key)
end

-- A new article --------------------------------------------------------------------------------

local function number_it()
  local n = call('HINCRBY', current.key, 'docs', 1) - 1
  if current.fresh then
    call('HSET', current.key, 'slots', current.slots)
    expire(current, current.key)
    current.fresh = false
  end
  return n
end

-- Write the record and its postings. `posted` holds what the current bucket answered for each anchor.
local function insert(c, revision, posted)
  local n = number_it()
  local key, at = place(current, n)
  if at == 0 then call('SETRANGE', key, RECORD * PAGE - 1, '\0') end
  call('SETRANGE', key, at, pack(HEAD, OPEN, c.rank, c.size, c.words, c.version, revision, c.content,
    c.numbers) .. c.sketch)
  local page = floor(n / PAGE)
  local names = format('%s:n%d', current.key, page)
  call('HSET', names, format('%d', n - page * PAGE), c.id)
  if at == 0 then
    expire(current, key)
    expire(current, names)
  end
  local written, number = 0, format('%d', n)
  for i = 1, #c.anchors / 8 do
    local value = posted[i]
    local _, others = string.gsub(value or '', ',', ',')
    if not value or others + 1 < CROWD then
      local from = i * 8 - 7
      local slot = format('%s:p%d', current.key, unpack_('>I4', c.anchors, from) % current.slots)
      call('HSET', slot, sub(c.anchors, from + 6, from + 7), value and value .. ',' .. number or number)
      expire(current, slot)
      written = written + 1
      if written == POSTINGS then break end
    end
  end
  return n
end

-- The candidates of a call: FIELDS arguments each, from ARGV[7] on.
local FIELDS = 12
local function candidates()
  local list = {}
  for at = 7, #ARGV, FIELDS do
    list[#list + 1] = {
      id = ARGV[at], holder = ARGV[at + 1], hash = ARGV[at + 2], content = ARGV[at + 3],
      version = tonumber(ARGV[at + 4]), size = tonumber(ARGV[at + 5]), words = tonumber(ARGV[at + 6]),
      rank = tonumber(ARGV[at + 7]), anchors = ARGV[at + 8], sketch = ARGV[at + 9],
      numbers = ARGV[at + 10], copy = ARGV[at + 11],
    }
  end
  return list
end
