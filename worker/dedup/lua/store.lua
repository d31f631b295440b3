-- What the index keeps, and how it is read and written. Every script begins with this file.
--
-- All keys begin with T = KEYS[1], which is hash-tagged: one shard is one slot of a Redis Cluster.
-- A bucket b is a stretch of time (the time since 1970 divided by its length); all its keys expire
-- together, when its end is older than the window. An article's place in a bucket is its number n.
--
--   T                 string  layout: version and settings that what is stored depends on; for ever
--   T:claims          hash    article id -> claim (cmsgpack); from reserve to commit or release
--   T:b               hash    docs: articles numbered so far; slots: how many strings its postings are
--                             spread over; new, update, duplicate, unchanged: verdicts given
--   T:p<slots>:<slot> string  postings of all buckets with so many slots, oldest first, 6 bytes each:
--                             the last 2 of an anchor; the bucket modulo 16 in 4 bits, and in 28
--                             bits the number of an article that has it. The slot is the anchor's
--                             first 4 bytes modulo slots. The hash of an id is posted like an
--                             anchor, with the number ID: the bucket knows it. A slot expires with
--                             the last bucket that wrote to it, and loses the postings of buckets
--                             that are over when it is written to.
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
local NUMBERS, ID = 2 ^ 28, 2 ^ 28 - 1
local DEAD, OPEN, SETTLED = 0, 1, 2
local HEAD, COPY = '>BBI2I2I4I2c8c8c8c4', '>c8I4I2I4I4'

local call = redis.call
local pack, unpack_ = struct.pack, struct.unpack
local sub, byte, find, format = string.sub, string.byte, string.find, string.format
local floor, min, max = math.floor, math.min, math.max

local clock = call('TIME')
local LAYOUT, WINDOW, BUCKETS, SLOTS, LEASE, POLICY =
  ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local SERVER = clock[1] * 1000 + floor(clock[2] / 1000) -- ms
local NOW = SERVER + tonumber(ARGV[8]) -- tests set the clock on, a rebuild sets it back
local FIRST = 9 -- where a script's own arguments begin
local LENGTH = floor(WINDOW / (BUCKETS - 1))

local stored = call('GET', T)
if not stored then
  call('SET', T, LAYOUT)
elseif stored ~= LAYOUT then
  return redis.error_reply('LAYOUT ' .. stored)
end

-- Buckets of the window that hold anything, newest first, and the current one, which may not yet.
local buckets, by_tag, current = {}, {}, nil

local function add(bucket, at)
  table.insert(buckets, at, bucket)
  by_tag[bucket.tag] = bucket
end

for back = 0, BUCKETS - 1 do
  local number = floor(NOW / LENGTH) - back
  local key = T .. ':' .. format('%d', number)
  local found = call('HMGET', key, 'docs', 'slots')
  local bucket = { key = key, number = number, tag = number % 16, docs = tonumber(found[1]) or 0,
    slots = tonumber(found[2]), ends = format('%d', (number + 1) * LENGTH + WINDOW) }
  if back == 0 then current = bucket end
  if bucket.slots then add(bucket, #buckets + 1) end
end

local function expire(bucket, key)
  call('PEXPIREAT', key, bucket.ends, 'NX')
end

local function bucket_of(number)
  for _, bucket in ipairs(buckets) do
    if bucket.number == number then return bucket end
  end
end

local function count(verdicts)
  for verdict, times in pairs(verdicts) do
    call('HINCRBY', current.key, verdict, times)
  end
end

-- Records --------------------------------------------------------------------------------------

local made = {} -- what this script has numbered in the current bucket: n -> {id, raw}; save() writes it

local function place(bucket, n)
  local page = floor(n / PAGE)
  return bucket.key .. ':r' .. page, (n - page * PAGE) * RECORD
end

local function names(bucket, n)
  local page = floor(n / PAGE)
  return bucket.key .. ':n' .. page, n - page * PAGE
end

local function just_made(bucket, n)
  return bucket == current and made[n]
end

local function name_of(bucket, n)
  local mine = just_made(bucket, n)
  return mine and mine.id or call('HGET', names(bucket, n))
end

local function read(bucket, n)
  local mine, raw = just_made(bucket, n), nil
  if mine then
    raw = mine.raw
  else
    local key, at = place(bucket, n)
    raw = call('GETRANGE', key, at, at + RECORD - 1)
    if #raw < RECORD then return nil end
  end
  local record = { bucket = bucket, n = n }
  record.state, record.rank, record.size, record.words, record.version, record.revision,
    record.content, record.numbers, record.names, record.headline = unpack_(HEAD, raw)
  record.map = sub(raw, 41)
  return record
end

local function set_state(bucket, n, state)
  local mine = just_made(bucket, n)
  if mine then
    mine.raw = string.char(state) .. sub(mine.raw, 2)
  else
    local key, at = place(bucket, n)
    call('SETRANGE', key, at, string.char(state))
  end
end

-- Number an article of the current bucket.
local function add_record(id, raw)
  local n = current.docs
  made[n] = { id = id, raw = raw }
  current.docs = n + 1
  return n
end

local function save_records()
  local n = next(made) and current.docs
  while n and made[n - 1] do n = n - 1 end
  while n and made[n] do -- a page at a time
    local key, at = place(current, n)
    local list, field = names(current, n)
    local raw, ids = {}, {}
    for place_ = field, PAGE - 1 do
      if not made[n] then break end
      raw[#raw + 1] = made[n].raw
      ids[#ids + 1] = place_
      ids[#ids + 1] = made[n].id
      n = n + 1
    end
    if at == 0 then call('SETRANGE', key, RECORD * PAGE - 1, '\0') end
    call('SETRANGE', key, at, table.concat(raw))
    call('HSET', list, unpack(ids))
    if at == 0 then
      expire(current, key)
      expire(current, list)
    end
  end
  if n then call('HSET', current.key, 'docs', current.docs) end
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

local claims, changed = {}, {} -- as read, kept and forgotten by this script; save() writes them

-- Read the claims on ids ahead, all in one command.
local function fetch_claims(ids)
  for i, raw in ipairs(call('HMGET', T .. ':claims', unpack(ids))) do
    if not changed[ids[i]] then claims[ids[i]] = raw and cmsgpack.unpack(raw) end
  end
end

local function claim_of(id)
  if claims[id] == nil then fetch_claims({ id }) end
  return claims[id]
end

local function keep_claim(id, claim)
  claim.ends = NOW + LEASE
  claims[id], changed[id] = claim, true
end

local function forget_claim(id)
  claims[id], changed[id] = false, true
end

local function save_claims()
  for id in pairs(changed) do
    if claims[id] then
      call('HSET', T .. ':claims', id, cmsgpack.pack(claims[id]))
    else
      call('HDEL', T .. ':claims', id)
    end
  end
end

-- Every script that changes anything ends with this.
local function save()
  save_records()
  save_claims()
end

-- Postings -------------------------------------------------------------------------------------

local values = {} -- of the slots that this script has read or written

-- The slot of a hash, whose first 4 bytes stand at `at`, in the layout of so many slots.
local function slot_of(hashes, at, slots)
  return T .. ':p' .. slots .. ':' .. unpack_('>I4', hashes, at) % slots
end

-- The slots of all anchors.
local function keys_of(c, slots)
  local keys = c.keys[slots]
  if not keys then
    keys = {}
    local head = T .. ':p' .. slots .. ':'
    for i = 1, #c.tags do keys[i] = head .. unpack_('>I4', c.anchors, i * 8 - 7) % slots end
    c.keys[slots] = keys
  end
  return keys
end

-- The layouts in use: buckets by their slots.
local function layouts()
  local found = {}
  for _, bucket in ipairs(buckets) do found[bucket.slots] = true end
  return found
end

-- Read slots ahead, all in one command.
local function fetch(keys)
  for from = 1, #keys, 4000 do -- what fits on Lua's stack
    local to = min(from + 3999, #keys)
    for i, value in ipairs(call('MGET', unpack(keys, from, to))) do values[keys[from + i - 1]] = value or '' end
  end
end

local function value_of(key)
  if not values[key] then fetch({ key }) end
  return values[key]
end

-- Where the next posting that begins with `tag` stands in a slot's value, from `from` on.
local function next_posting(value, tag, from)
  local at = find(value, tag, from, true)
  while at and (at - 1) % POSTING ~= 0 do at = find(value, tag, at + 1, true) end
  return at
end

-- What an anchor is told apart by within its slot.
local function tags_of(anchors)
  local tags = {}
  for at = 1, #anchors, 8 do tags[#tags + 1] = sub(anchors, at + 6, at + 7) end
  return tags
end

local function posting(tag, bucket, n)
  return tag .. pack('>I4', bucket.tag * NUMBERS + n)
end

-- Whether a bucket has left the window, by its number modulo 16. A rebuild writes to the buckets of
-- long ago, with the clock set back: those that follow are not over, although it does not see them.
local function over(tag)
  local ahead = (tag - current.tag) % 16
  return ahead > BUCKETS and ahead <= 16 - BUCKETS
end

-- Write to a slot, without the postings in front whose buckets are over. It lasts as long as a bucket
-- that begins now.
local LASTS = format('%d', max(current.ends, (floor(SERVER / LENGTH) + 1) * LENGTH + WINDOW))
local function post(key, value, posted)
  local from = 1
  while from < #value and over(floor(byte(value, from + 2) / 16)) do from = from + POSTING end
  values[key] = sub(value, from) .. posted
  call('SET', key, values[key], 'PXAT', LASTS)
end

local function unpost(key, posted)
  local value = value_of(key)
  local found = next_posting(value, posted, 1)
  if found then
    values[key] = sub(value, 1, found - 1) .. sub(value, found + POSTING)
    call('SET', key, values[key], 'KEEPTTL')
  end
end

-- Give up what a claim holds. Its postings go if the anchors are known; else its dead record is
-- passed over wherever they lead to it.
local function drop(id, claim, c)
  local bucket = claim.n and bucket_of(claim.bucket)
  if bucket then
    set_state(bucket, claim.n, DEAD)
    for i, key in ipairs(c and keys_of(c, bucket.slots) or {}) do
      unpost(key, posting(c.tags[i], bucket, claim.n))
    end
  end
  forget_claim(id)
end

-- Called before anything is written to the current bucket. Its postings go where those before it went,
-- unless a window of buckets like the fullest would crowd that layout. Claims that nobody came back
-- for are given up.
local function begin()
  if current.slots then return end
  local docs = 0
  for _, bucket in ipairs(buckets) do docs = max(docs, bucket.docs) end
  current.slots = SLOTS
  while docs * BUCKETS * 8 > 2 * current.slots * POSTINGS_A_SLOT do current.slots = 2 * current.slots end
  call('HSET', current.key, 'slots', current.slots)
  expire(current, current.key)
  add(current, 1)
  local left = call('HGETALL', T .. ':claims')
  for i = 1, #left, 2 do
    local claim = cmsgpack.unpack(left[i + 1])
    if claim.ends + 10 * LEASE < NOW then drop(left[i], claim) end
  end
end

-- Identities -----------------------------------------------------------------------------------

local function identity(bucket, hash)
  return bucket.key .. ':i' .. unpack_('>I4', hash) % max(1, floor(bucket.slots / 32)), sub(hash, 3, 8)
end

-- Read ahead what tells which buckets know the ids of a batch, all in one command.
local function fetch_ids(batch)
  local keys = {}
  for slots in pairs(layouts()) do
    for _, c in ipairs(batch) do keys[#keys + 1] = slot_of(c.hash, 1, slots) end
  end
  fetch(keys)
end

-- The buckets that know an id, or one like it.
local function homes(c)
  local found, tag = {}, sub(c.hash, 7, 8)
  for slots in pairs(layouts()) do
    local value = value_of(slot_of(c.hash, 1, slots))
    local at = next_posting(value, tag, 1)
    while at do
      local number = unpack_('>I4', value, at + 2)
      if number % NUMBERS == ID then found[floor(number / NUMBERS)] = true end
      at = next_posting(value, tag, at + POSTING)
    end
  end
  return found
end

-- The settled record of an id: the article's own, or {copy = true, …} of a duplicate; its bucket.
local function known(c)
  local found = homes(c)
  for _, bucket in ipairs(buckets) do
    local value = found[bucket.tag] and call('HGET', identity(bucket, c.hash))
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
  if not homes(c)[bucket.tag] then
    local slot = slot_of(c.hash, 1, bucket.slots)
    post(slot, value_of(slot), posting(sub(c.hash, 7, 8), bucket, ID))
  end
end
