-- What the index keeps, and how buckets and records are read and written. Every script begins with
-- this file.
--
-- All keys begin with T = KEYS[1], which is hash-tagged: one shard is one slot of a Redis Cluster.
-- A bucket b is a stretch of time (the time since 1970 divided by its length); all its keys expire
-- together, when its end is older than the window. An article's place in a bucket is its number n.
--
--   T                  string  layout: version and settings that what is stored depends on; for ever
--   T:claims           hash    article id -> claim, see claims.lua; from reserve to commit or release
--   T:buckets          hash    b -> articles numbered so far, and slots its postings are spread over
--   T:p<slots>:<first> hash    slots from `first` on, GROUP of them: slot -> postings of all buckets with
--                              so many slots, oldest first, 6 bytes each: the last 2 of an anchor; the
--                              bucket modulo 16 in 4 bits; in 28 bits the number of an article that has
--                              the anchor. The slot is the anchor's first 4 bytes modulo slots. The hash
--                              of an id is posted like an anchor: with IDS and the article's number, or
--                              with COPIED if the bucket knows it as a duplicate. A slot loses the
--                              postings of buckets that are over when it is written to. `ends`: when
--                              the last bucket is over.
--   T:b                hash    new, update, duplicate, unchanged: verdicts given
--   T:b:r<page>        string  PAGE articles: a state each, 1 byte, then a record each, RECORD bytes
--   T:b:n<page>        hash    number within the page -> article id; with '>' behind: the place (b:n)
--                              of the article that is canonical in its stead
--   T:b:d<slot>        hash    duplicates: 6 bytes of the id's hash -> content 8, version 4, revision
--                              2, place of its canonical 8
--   T:b:c<n>           list    copies of article n, as the caller packed them
--
-- What buckets share (claims, buckets, postings) expires with the last of them that was written to.
--
-- Record: revision 2; then, as the caller packed it: rank 1, size 2, words 2, version 4, content 8,
-- numbers 8, names 8, headline 4, map 64.

local T = KEYS[1]
local RECORD, PAGE = 103, 39
local DEAD, OPEN, SETTLED = 0, 1, 2
local HEAD, FACTS, MAP_AT = '>I2BI2I2I4c8', 20, 40 -- of a record: its head, where facts and map begin

local call = redis.call
local pack, unpack_ = struct.pack, struct.unpack
local sub, byte, char, find, format = string.sub, string.byte, string.char, string.find, string.format
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

local newest = floor(NOW / LENGTH)
local numbers = {}
for back = -1, BUCKETS - 1 do numbers[back + 2] = newest - back end
local held = call('HMGET', T .. ':buckets', unpack(numbers))
-- A clock that is put back over a bucket's beginning must not hide what the bucket holds: it stays the current one.
local first = held[1] and 1 or 2
for i = first, first + BUCKETS - 1 do
  local number = numbers[i]
  if held[i] or i == first then
    local docs, slots = string.match(held[i] or '0', '(%d+) ?(%d*)')
    local bucket = { key = format('%s:%d', T, number), number = number, tag = number % 16,
      docs = tonumber(docs), slots = tonumber(slots), ends = format('%d', (number + 1) * LENGTH + WINDOW) }
    if i == first then current = bucket end
    if bucket.slots then add(bucket, #buckets + 1) end
  end
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

local made = {} -- what this script has numbered in the current bucket: n -> {id, raw, state}
local states = {} -- what it has made of others: key of a page -> place in it -> state
local stored_states = {} -- as they were, those of a page at once: what is met together was mostly claimed together

local function page_of(bucket, n)
  local place = n % PAGE
  return format('%s:r%d', bucket.key, (n - place) / PAGE), place
end

local function names(bucket, n)
  local place = n % PAGE
  return format('%s:n%d', bucket.key, (n - place) / PAGE), place
end

local function just_made(bucket, n)
  return bucket == current and made[n]
end

local function name_of(bucket, n)
  local mine = just_made(bucket, n)
  return mine and mine.id or call('HGET', names(bucket, n))
end

-- The name of a record's article. What is canonical in its stead, which `root` asks for next, is read with it.
local function name_read(record)
  local mine = just_made(record.bucket, record.n)
  if mine then return mine.id end
  local key, field = names(record.bucket, record.n)
  local found = call('HMGET', key, field, field .. '>')
  record.instead = found[2]
  return found[1]
end

local function read(bucket, n)
  local mine, raw = just_made(bucket, n), nil
  if mine then
    raw = mine.raw
  else
    local key, place = page_of(bucket, n)
    local at = PAGE + place * RECORD
    raw = call('GETRANGE', key, at, at + RECORD - 1)
    if #raw < RECORD then return nil end
  end
  local revision, rank, size, words, version, content = unpack_(HEAD, raw)
  return { bucket = bucket, n = n, raw = raw, facts_at = FACTS, revision = revision, rank = rank, size = size,
    words = words, version = version, content = content, numbers = nil, names = nil, headline = nil,
    instead = nil }
end

local function state_of(bucket, n)
  local mine = just_made(bucket, n)
  if mine then return mine.state end
  local key, place = page_of(bucket, n)
  local state = states[key] and states[key][place]
  if state then return state end
  local page = stored_states[key]
  if not page then
    page = call('GETRANGE', key, 0, PAGE - 1)
    stored_states[key] = page
  end
  return byte(page, place + 1) or DEAD
end

local function set_state(bucket, n, state)
  local mine = just_made(bucket, n)
  if mine then
    mine.state = state
  else
    local key, place = page_of(bucket, n)
    states[key] = states[key] or {}
    states[key][place] = state
  end
end

-- Number an article of the current bucket.
local function add_record(id, raw)
  local n = current.docs
  made[n] = { id = id, raw = raw, state = OPEN }
  current.docs = n + 1
  return n
end

-- Write each run of neighbours at once: what was claimed together is mostly settled together.
local function save_states()
  for key, changed in pairs(states) do
    local first, run = 0, {}
    for place = 0, PAGE do
      if changed[place] then
        if not run[1] then first = place end
        run[#run + 1] = changed[place]
      elseif run[1] then
        call('SETRANGE', key, first, char(unpack(run)))
        run = {}
      end
    end
  end
end

local function save_records()
  if not next(made) then return end
  local n = current.docs
  while made[n - 1] do n = n - 1 end
  while made[n] do -- a page at a time
    local key, place = page_of(current, n)
    local list = names(current, n)
    local raw, state, ids = {}, {}, {}
    for field = place, PAGE - 1 do
      local mine = made[n]
      if not mine then break end
      local k = field - place + 1
      raw[k], state[k], ids[2 * k - 1], ids[2 * k] = mine.raw, mine.state, field, mine.id
      n = n + 1
    end
    if place == 0 then call('SETRANGE', key, PAGE * (RECORD + 1) - 1, '\0') end
    call('SETRANGE', key, place, char(unpack(state)))
    call('SETRANGE', key, PAGE + place * RECORD, table.concat(raw))
    call('HSET', list, unpack(ids))
    if place == 0 then
      expire(current, key)
      expire(current, list)
    end
  end
  call('HSET', T .. ':buckets', current.number, format('%d %d', current.docs, current.slots))
end

-- The article that is canonical in place of this one, itself if none.
local function root(record)
  for _ = 1, 8 do -- each step is a takeover: more than a few mean nothing
    if record.instead == nil then
      local key, field = names(record.bucket, record.n)
      record.instead = call('HGET', key, field .. '>')
    end
    local b, n = string.match(record.instead or '', '^(%d+):(%d+)$')
    local bucket = b and bucket_of(tonumber(b))
    local next_ = bucket and read(bucket, tonumber(n))
    if not next_ or state_of(bucket, next_.n) ~= SETTLED then return record end
    record = next_
  end
  return record
end
