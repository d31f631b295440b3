-- Postings, and what is known of an id by them.
--
-- A batch reads and writes some hundred slots. They are fields of a few hashes and not keys of their
-- own, so that a command a hash reads or writes them all. A hash has no more than GROUP, so that none
-- takes long to expire or to be moved to another node.

local POSTING, POSTINGS_A_SLOT, GROUP = 6, 24, 16384
local NUMBERS, IDS, COPIED = 2 ^ 28, 2 ^ 27, 2 ^ 28 - 1
local COPY = '>c8I4I2I4I4'

local layouts = {} -- those in use: slots -> values of the slots this script has read, and which it wrote

local function use_layout(slots)
  layouts[slots] = layouts[slots] or { slots = slots, values = {}, written = {} }
end

for _, bucket in ipairs(buckets) do use_layout(bucket.slots) end

local function group_key(layout, first)
  return format('%s:p%d:%d', T, layout.slots, first)
end

-- Read slots ahead, those of a group in one command. `lists` hold hashes, one in `step` places.
local function fetch(lists, step)
  for slots, layout in pairs(layouts) do
    local values, groups = layout.values, {}
    for _, list in ipairs(lists) do
      for i = 1, #list, step do
        local slot = list[i] % slots
        if not values[slot] then
          values[slot] = ''
          local first = slot - slot % GROUP
          local group = groups[first]
          if group then group[#group + 1] = slot else groups[first] = { slot } end
        end
      end
    end
    for first, group in pairs(groups) do
      local found = call('HMGET', group_key(layout, first), unpack(group))
      for i = 1, #group do values[group[i]] = found[i] or '' end
    end
  end
end

-- Read the slots of the ids of a batch ahead.
local function fetch_ids(batch)
  local hashes = {}
  for i, c in ipairs(batch) do hashes[i] = c.hash end
  fetch({ hashes }, 1)
end

-- Take hashes of 8 bytes apart, of `raw` from `at` on: of each, a number that tells the slot, and the tag.
local parts_of = setmetatable({}, { -- formats by their count
  __index = function(self, count_)
    self[count_] = '>' .. string.rep('I4xxc2', count_)
    return self[count_]
  end,
})
local function apart(hashes, at)
  local parts = { unpack_(parts_of[(#hashes - at + 1) / 8], hashes, at) }
  parts[#parts] = nil -- where it stopped
  return parts
end

-- Read the slots of all anchors of a batch ahead.
local function fetch_anchors(batch)
  local lists = {}
  for i, c in ipairs(batch) do
    c.anchors = apart(c.raw, c.anchors_at)
    lists[i] = c.anchors
  end
  fetch(lists, 2)
end

-- Where the next posting that begins with `tag` stands in a slot's value, from `from` on.
local function next_posting(value, tag, from)
  local at = find(value, tag, from, true)
  while at and (at - 1) % POSTING ~= 0 do at = find(value, tag, at + 1, true) end
  return at
end

-- What stands behind the tag in a posting.
local function placed(bucket, number)
  return pack('>I4', bucket.tag * NUMBERS + number)
end

-- The buckets that have left the window, by their number modulo 16, times 16: the byte in which a
-- posting says it holds that much. A rebuild writes to the buckets of long ago, with the clock set
-- back: those that follow are not over, although it does not see them.
local over = {}
for ahead = BUCKETS + 1, 16 - BUCKETS do over[(current.tag + ahead) % 16 * 16] = true end

-- Write to a slot, which has been read, without the postings in front whose buckets are over.
local function post(layout, slot, tag, place)
  local values = layout.values
  local value = values[slot]
  local bucket = byte(value, 3)
  if bucket and over[bucket - bucket % 16] then
    local from = 1
    while bucket and over[bucket - bucket % 16] do
      from = from + POSTING
      bucket = byte(value, from + 2)
    end
    value = sub(value, from)
  end
  values[slot] = value .. tag .. place
  layout.written[slot] = true
end

local function unpost(layout, slot, posted)
  local value = layout.values[slot]
  local found = next_posting(value, posted, 1)
  if found then
    layout.values[slot] = sub(value, 1, found - 1) .. sub(value, found + POSTING)
    layout.written[slot] = true
  end
end

local function save_postings()
  for _, layout in pairs(layouts) do
    local values, groups = layout.values, {}
    for slot in pairs(layout.written) do
      local first = slot - slot % GROUP
      local group = groups[first]
      if not group then
        group = {}
        groups[first] = group
      end
      local k = #group
      group[k + 1], group[k + 2] = slot, values[slot]
    end
    for first, group in pairs(groups) do call('HSET', group_key(layout, first), unpack(group)) end
  end
end

-- Every script that changes anything ends with this.
local function save()
  save_records()
  save_states()
  save_claims()
  save_postings()
end

-- Give up what a claim holds. Its postings go if the anchors are known; else its dead record is
-- passed over wherever they lead to it.
local function drop(id, claim, c)
  local bucket = claim.n and bucket_of(claim.bucket)
  if bucket then
    set_state(bucket, claim.n, DEAD)
    if c then
      local layout, place = layouts[bucket.slots], placed(bucket, claim.n)
      for i = 1, #c.anchors, 2 do unpost(layout, c.anchors[i] % bucket.slots, c.anchors[i + 1] .. place) end
      unpost(layout, c.hash % bucket.slots, c.tag .. placed(bucket, IDS + claim.n))
    end
  end
  forget_claim(id)
end

-- Called before anything is written to the current bucket. Its postings go where those before it went,
-- unless a window of buckets like the fullest would crowd that layout. What all buckets share lasts as
-- long as one that begins now. Claims that nobody came back for are given up.
local function begin()
  if current.slots then return end
  local docs = 0
  for _, bucket in ipairs(buckets) do docs = max(docs, bucket.docs) end
  current.slots = SLOTS
  while docs * BUCKETS * 8 > 2 * current.slots * POSTINGS_A_SLOT do current.slots = 2 * current.slots end
  add(current, 1)
  use_layout(current.slots)

  local all, open = T .. ':buckets', T .. ':claims'
  for _, number in ipairs(call('HKEYS', all)) do
    if tonumber(number) <= current.number - BUCKETS then call('HDEL', all, number) end
  end
  call('HSET', all, current.number, format('%d %d', current.docs, current.slots))
  call('HSET', open, '', LONG)
  call('HSET', current.key, 'new', 0)
  expire(current, current.key)
  local lasts = format('%d', max(current.ends, (floor(SERVER / LENGTH) + 1) * LENGTH + WINDOW))
  call('PEXPIREAT', all, lasts)
  call('PEXPIREAT', open, lasts)
  for first = 0, current.slots - 1, GROUP do
    local key = group_key(layouts[current.slots], first)
    call('HSET', key, 'ends', format('%65s', lasts)) -- so LONG that the server keeps a table
    call('PEXPIREAT', key, lasts)
  end

  for id, claim in pairs(all_claims()) do
    if claim.ends + 10 * LEASE < NOW then drop(id, claim) end
  end
end

-- Identities -----------------------------------------------------------------------------------

-- Where a bucket keeps a duplicate. `c.raw` begins with the hash of the id.
local function duplicates(bucket, c)
  return format('%s:d%d', bucket.key, c.hash % max(1, floor(bucket.slots / 64))), sub(c.raw, 3, 8)
end

-- The postings of an id, whose slot has been read, or of one like it: bucket's tag -> numbers, newest
-- first, COPIED among them. Nil: there are none.
local function posted(c)
  local found
  for slots, layout in pairs(layouts) do
    local value = layout.values[c.hash % slots]
    local at = find(value, c.tag, 1, true)
    while at do
      local number = (at - 1) % POSTING == 0 and unpack_('>I4', value, at + 2) or 0
      local n = number % NUMBERS
      if n >= IDS then
        local tag = (number - n) / NUMBERS
        found = found or {}
        found[tag] = found[tag] or {}
        table.insert(found[tag], 1, n)
      end
      at = find(value, c.tag, at + 1, true)
    end
  end
  return found
end

-- The newest settled record of an id, by its postings: the article's own, or {copy = true, …} of a
-- duplicate.
local function known(c, found)
  if not found then return nil end
  for _, bucket in ipairs(buckets) do
    local own
    for _, number in ipairs(found[bucket.tag] or {}) do
      local record
      if number == COPIED then
        local value = call('HGET', duplicates(bucket, c))
        if value then
          record = { copy = true }
          record.content, record.version, record.revision, record.of_bucket, record.of = unpack_(COPY, value)
        end
      elseif name_of(bucket, number - IDS) == c.id and state_of(bucket, number - IDS) == SETTLED then
        record = read(bucket, number - IDS)
      end
      if record and (not own or record.revision > own.revision) then own = record end
    end
    if own then return own end
  end
end
