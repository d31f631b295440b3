-- What the index keeps, and how it is read and written. Every script begins with this file.
--
-- All keys begin with T = KEYS[1], which is hash-tagged: one shard is one slot of a Redis Cluster.
-- A bucket b is a stretch of time (the time since 1970 divided by its length); all its keys expire
-- together, when its end is older than the window. An article's place in a bucket is its number n.
--
--   T                 string  layout: version and settings that what is stored depends on; for ever
--   T:claims          hash    article id -> claim (cmsgpack); from reserve to commit or release
--   T:b               hash    docs: articles numbered so far; slots: how many strings the postings are
--                             spread over; new, update, duplicate, unchanged: verdicts given
--   T:b:p<slot>       string  postings, 6 bytes each: the last 2 of an anchor, number of an article
--                             that has it. The slot is the anchor's first 4 bytes modulo slots.
--   T:b:r<page>       string  records of PAGE articles, RECORD bytes each
--   T:b:n<page>       hash    number within the page -> article id; with '>' behind: the place (b:n)
--                             of the article that is canonical in its stead
--   T:b:i<slot>       hash    identities: 6 bytes of the id's hash -> numbers of its revisions, newest
--                             first; or a duplicate's record
--   T:b:c<n>          list    copies of article n, as the caller packed them
--
-- Record: state 1, rank 1, size 2, words 2, version 4, revision 2, content 8, numbers 8, names 8,
-- headline 4, map 64. A duplicate's: 'd', content 8, version 4, revision 2, place of its canonical 8.

local T = KEYS[1]
local RECORD, PAGE, POSTING, POSTINGS_A_SLOT = 104, 39, 6, 48
local DEAD, OPEN, SETTLED = 0, 1, 2
local HEAD, COPY = '>BBI2I2I4I2c8c8c8c4', '>c8I4I2I4I4'

local call = redis.call
local pack, unpack_ = struct.pack, struct.unpack
local sub, byte, find, format, floor, max = string.sub, string.byte, string.find, string.format, math.floor, math.max

local clock = call('TIME')
local LAYOUT, WINDOW, BUCKETS, SLOTS, LEASE, POLICY =
  ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local NOW = clock[1] * 1000 + floor(clock[2] / 1000) + tonumber(ARGV[8]) -- ms; tests set the clock on
local FIRST = 9 -- where a script's own arguments begin
local LENGTH = floor(WINDOW / (BUCKETS - 1))

local stored = call('GET', T)
if not stored then
  call('SET', T, LAYOUT)
elseif stored ~= LAYOUT then
  return redis.error_reply('LAYOUT ' .. stored)
end

-- Buckets of the window that hold anything, newest first; the first is the current one.
local buckets = {}
for back = 0, BUCKETS - 1 do
  local number = floor(NOW / LENGTH) - back
  local key = T .. ':' .. format('%d', number)
  local found = call('HMGET', key, 'docs', 'slots')
  if back == 0 or found[2] then
    buckets[#buckets + 1] = {
      key = key, postings = key .. ':p', number = number, docs = tonumber(found[1]) or 0, slots = tonumber(found[2]) or SLOTS,
      fresh = not found[2], ends = format('%d', (number + 1) * LENGTH + WINDOW),
    }
  end
end
local current = buckets[1]

local function expire(bucket, key)
  call('PEXPIREAT', key, bucket.ends, 'NX')
end

local function bucket_of(number)
  for _, bucket in ipairs(buckets) do
    if bucket.number == number then return bucket end
  end
end

-- The current bucket is written to for the first time. It is laid out for as many articles as the
-- fullest bucket before it, if that had more than the setting expects.
local function begin()
  for _, bucket in ipairs(buckets) do
    current.slots = max(current.slots, floor(bucket.docs * 8 / POSTINGS_A_SLOT))
  end
  call('HSET', current.key, 'slots', current.slots)
  expire(current, current.key)
  current.fresh = false
end

local function count(verdicts)
  for verdict, times in pairs(verdicts) do
    if current.fresh then begin() end
    call('HINCRBY', current.key, verdict, times)
  end
end

-- Records --------------------------------------------------------------------------------------

local function place(bucket, n)
  local page = floor(n / PAGE)
  return format('%s:r%d', bucket.key, page), (n - page * PAGE) * RECORD
end

local function names(bucket, n)
  local page = floor(n / PAGE)
  return format('%s:n%d', bucket.key, page), format('%d', n - page * PAGE)
end

local function name_of(bucket, n)
  return call('HGET', names(bucket, n))
end

local function read(bucket, n)
  local key, at = place(bucket, n)
  local raw = call('GETRANGE', key, at, at + RECORD - 1)
  if #raw < RECORD then return nil end
  local record = { bucket = bucket, n = n }
  record.state, record.rank, record.size, record.words, record.version, record.revision,
    record.content, record.numbers, record.names, record.headline = unpack_(HEAD, raw)
  record.map = sub(raw, 41)
  return record
end

local function set_state(bucket, n, state)
  local key, at = place(bucket, n)
  call('SETRANGE', key, at, string.char(state))
end

-- The article that is canonical in place of this one, itself if none.
local function root(record)
  for _ = 1, 8 do -- each step is a takeover: more than a few mean nothing
    local key, field = names(record.bucket, record.n)
    local to = call('HGET', key, field .. '>')
    local b, n = string.match(to or '', '^(%d+):(%d+)$')
    local bucket = b and bucket_of(tonumber(b))
    local next_ = bucket and read(bucket, tonumber(n))
    if not next_ or next_.state ~= SETTLED then return record end
    record = next_
  end
  return record
end

-- Claims ---------------------------------------------------------------------------------------

local function claim_of(id)
  local raw = call('HGET', T .. ':claims', id)
  return raw and cmsgpack.unpack(raw)
end

local function keep_claim(id, claim)
  claim.ends = NOW + LEASE
  call('HSET', T .. ':claims', id, cmsgpack.pack(claim))
end

local function forget_claim(id)
  call('HDEL', T .. ':claims', id)
end

-- Postings -------------------------------------------------------------------------------------

-- The slots of all anchors in a bucket, as strings; buckets of one layout share them.
local function slots_of(c, bucket)
  local list = c.slots[bucket.slots]
  if not list then
    list = {}
    for at = 1, #c.anchors, 8 do list[#list + 1] = format('%d', unpack_('>I4', c.anchors, at) % bucket.slots) end
    c.slots[bucket.slots] = list
  end
  return list
end

-- Where the next posting of an anchor stands in a slot's value, from `from` on.
local function next_posting(value, tag, from)
  local at = find(value, tag, from, true)
  while at and (at - 1) % POSTING ~= 0 do at = find(value, tag, at + 1, true) end
  return at
end

local function unpost(bucket, key, posted)
  local value = call('GET', key)
  local found = value and next_posting(value, posted, 1)
  if found then
    call('SET', key, sub(value, 1, found - 1) .. sub(value, found + POSTING), 'PXAT', bucket.ends)
  end
end

-- Give up what a claim holds. Its postings go if the anchors are known; else its dead record is
-- passed over wherever they lead to it.
local function drop(id, claim, c)
  local bucket = claim.n and bucket_of(claim.bucket)
  if bucket then
    set_state(bucket, claim.n, DEAD)
    local number = pack('>I4', claim.n)
    for i, slot in ipairs(c and slots_of(c, bucket) or {}) do
      unpost(bucket, bucket.postings .. slot, sub(c.anchors, i * 8 - 1, i * 8) .. number)
    end
  end
  forget_claim(id)
end

-- Identities -----------------------------------------------------------------------------------

local function identity(bucket, hash)
  return format('%s:i%d', bucket.key, unpack_('>I4', hash) % max(1, floor(bucket.slots / 8))), sub(hash, 3, 8)
end

-- The settled record of an id: the article's own, or {copy = true, …} of a duplicate; its bucket.
local function known(c)
  for _, bucket in ipairs(buckets) do
    local value = call('HGET', identity(bucket, c.hash))
    if value and byte(value) == 100 then -- 'd'
      local record = { copy = true }
      record.content, record.version, record.revision, record.of_bucket, record.of = unpack_(COPY, value, 2)
      return record, bucket
    elseif value then
      local n = tonumber(string.match(value, '^%d+'))
      if name_of(bucket, n) == c.id then return read(bucket, n), bucket end
    end
  end
end

-- Write the settled record of an id: its newest revision's number, or a duplicate's record.
local function settle(c, bucket, revision, n, copy)
  local key, field = identity(bucket, c.hash)
  local earlier = n and revision > 1 and call('HGET', key, field)
  local value = n and format('%d', n) or copy
  if earlier and byte(earlier) ~= 100 then value = sub(value .. ',' .. earlier, 1, 64) end
  call('HSET', key, field, value)
  expire(bucket, key)
end
