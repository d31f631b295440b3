-- What a candidate is to a record: the rules of judgement.py, which says why they are so.

local NEAR, WITHIN, ROUND_UP, WHOLE, LIKE_LENGTH = 0.25, 0.53, 6, 0.75, 1.6
local TEMPLATE_WORDS, TEMPLATE_NUMBERS = 100, 0.65
local TABLE_WORDS, TABLE_NUMBERS, TABLE_SIMILARITY, TABLE_FEWEST = 250, 0.45, 0.4, 6
local NAMES_WORDS, NAMES_SIMILARITY, SHORT_WORDS, SHORT_SIMILARITY = 150, 0.45, 25, 0.6
local STRANGERS, STRANGERS_FEWEST, STRANGERS_SIMILARITY = 0.35, 1.5, 0.75
local COPIES = { exact = true, near = true, containment = true }
local MAP, LEVELS, LEVEL_SIZE, FULL = 64, 6, 384, 460
local CROWD = 8 -- articles that may share an anchor in a bucket
local KEPT, MAPS = 10, 111 -- of a candidate: where what the record keeps begins, and the maps of all levels

local bor, log = bit.bor, math.log
-- Bits set in a byte, plus ZERO: the digits as bytes, taken apart when first asked for, because a script
-- starts anew with every call.
local ONES, ZERO = nil, 48
local DIGITS = '0112122312232334122323342334344512232334233434452334344534454556'
  .. '1223233423343445233434453445455623343445344545563445455645565667'
  .. '1223233423343445233434453445455623343445344545563445455645565667'
  .. '2334344534454556344545564556566734454556455656674556566756676778'
local NOTHING = { [4] = string.rep('\0', 4), [8] = string.rep('\0', 8) }

-- How many distinct things set `ones` of `bits`: linear counting.
local function distinct(ones, bits)
  return -bits * log(1 - min(ones, bits - 0.5) / bits)
end

local WORDS = { [4] = '>I4', [8] = '>I4I4', [MAP] = '>' .. string.rep('I4', MAP / 4) }

-- Bits set in a string.
local function ones_of(a)
  if not ONES then
    ONES = { byte(DIGITS, 2, -1) }
    ONES[0] = ZERO
  end
  local table_, bytes, ones = ONES, { byte(a, 1, -1) }, 0
  for k = 1, #a do ones = ones + table_[bytes[k]] end
  return ones - ZERO * #a
end

-- Bits set in either of two strings of like length, one at least of which was counted.
local function ones_of_either(a, b)
  local table_, or_, words = ONES, bor, WORDS[#a]
  local x, y = { unpack_(words, a) }, { unpack_(words, b) }
  local ones = 0
  for k = 1, #a / 4 do -- calls cost more than arithmetic: four bytes are put together at once
    local w = or_(x[k], y[k])
    local i = w % 256
    w = (w - i) / 256
    local j = w % 256
    w = (w - j) / 256
    local l = w % 256
    ones = ones + table_[i] + table_[j] + table_[l] + table_[(w - l) / 256 % 256]
  end
  return ones - ZERO * #a
end

-- Share of the smaller set of facts that is in both, and how many the smaller has.
local function agreement(a, b)
  if a == NOTHING[#a] or b == NOTHING[#b] then return 1, 0 end
  local bits = #a * 8
  local one, other = distinct(ones_of(a), bits), distinct(ones_of(b), bits)
  local union = distinct(ones_of_either(a, b), bits)
  local fewest = min(one, other)
  return min(1, max(0, (one + other - union) / fewest)), fewest
end

local function level_of(size)
  local level = 0
  while level < LEVELS - 1 and size > LEVEL_SIZE * 2 ^ level do level = level + 1 end
  return level
end

-- Shingles in both, estimated at the level the record is kept at.
local function shared_with(c, record)
  local level, bits = level_of(record.size), MAP * 8
  local at = MAPS + level * MAP
  local map, other = sub(c.raw, at, at + MAP - 1), sub(record.raw, MAP_AT, -1)
  local ones = c.ones[level]
  if not ones then
    ones = ones_of(map)
    c.ones[level] = ones
  end
  local earlier, union = ones_of(other), ones_of_either(map, other)
  local total = distinct(ones, bits) + distinct(earlier, bits)
  if total == 0 or ones > FULL then return 0 end
  return min(max(0, total - distinct(union, bits)) * (c.size + record.size) / total, c.size, record.size)
end

local function facts_of(x)
  if not x.numbers then x.numbers, x.names, x.headline = unpack_('>c8c8c4', x.raw, x.facts_at) end
  return x
end

local function rule_of(c, record, j, containment)
  local near = j >= NEAR
  if not near and containment < WITHIN then return 'different' end
  if not near and c.size > ROUND_UP * record.size then return 'contains' end
  local words = min(c.words, record.words)
  local ratio = max(c.words, record.words) / max(1, words)
  if words < TABLE_WORDS then
    local mine, theirs = facts_of(c), facts_of(record)
    local numbers, fewest = agreement(mine.numbers, theirs.numbers)
    local same, named = agreement(mine.names, theirs.names)
    if words < SHORT_WORDS and (j < SHORT_SIMILARITY or numbers < 0.95 or same < 0.9) then return 'short' end
    if words < TEMPLATE_WORDS and ratio < LIKE_LENGTH and numbers < TEMPLATE_NUMBERS then return 'numbers' end
    if ratio < LIKE_LENGTH and fewest >= TABLE_FEWEST and j < TABLE_SIMILARITY and numbers < TABLE_NUMBERS then
      return 'numbers'
    end
    if words < TEMPLATE_WORDS and j < STRANGERS_SIMILARITY and named >= STRANGERS_FEWEST and same < STRANGERS then
      return 'names'
    end
    if words < NAMES_WORDS and j < NAMES_SIMILARITY then
      local titled = mine.headline ~= NOTHING[4] and theirs.headline ~= NOTHING[4]
      if titled and agreement(mine.headline, theirs.headline) < 0.6 and same < 0.85 then return 'names' end
      if not titled and words < TEMPLATE_WORDS and same < 0.5 then return 'names' end
    end
  end
  return near and 'near' or 'containment'
end

local function compare(c, record)
  if c.content == record.content then
    return { rule = 'exact', j = 1, containment = 1, shared = c.size, record = record }
  end
  local shared = shared_with(c, record)
  local sizes = c.size + record.size
  local j = sizes > 0 and shared / (sizes - shared) or 0
  local containment = shared / max(1, min(c.size, record.size))
  return { rule = rule_of(c, record, j, containment), j = j, containment = containment, shared = shared,
    record = record }
end

-- Articles that share one of `anchors`, whose slots have been read; nil if none does. `c.shared` tells the
-- anchors that any of the window has.
local function look(c, anchors)
  local met, seen = nil, nil
  for slots, layout in pairs(layouts) do
    local values = layout.values
    for i = 1, #anchors, 2 do
      local value, tag = values[anchors[i] % slots], anchors[i + 1]
      local found = find(value, tag, 1, true) -- most anchors are met nowhere: this is all they cost
      while found do
        local number = (found - 1) % POSTING == 0 and unpack_('>I4', value, found + 2)
        local bucket = number and by_tag[floor(number / NUMBERS)]
        if bucket and number % NUMBERS < IDS then
          if not met then met, seen, c.shared = {}, {}, {} end
          c.shared[i] = true
          if not seen[number] then
            seen[number] = true
            met[#met + 1] = { bucket, number % NUMBERS }
          end
        end
        found = find(value, tag, found + 1, true)
      end
    end
  end
  return met
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

-- The more alike; of two alike, the one that came first.
local function better(a, b)
  if not b or a.j ~= b.j then return not b or a.j > b.j end
  local one, other = a.record, b.record
  if one.bucket ~= other.bucket then return one.bucket.number < other.bucket.number end
  return one.n < other.n
end

-- Compare with what shares an anchor. Returns the best settled copy, the best open one,
-- what a guard spoke on, and what stands within the candidate.
local function matches(c, met)
  local settled, open, guarded
  local within, size = {}, 0
  for _, at in ipairs(met) do
    local record = read(at[1], at[2])
    local match = record and compare(c, record)
    local state = match and match.rule ~= 'different' and state_of(record.bucket, record.n) or DEAD
    if state ~= DEAD then
      match.id = name_read(record)
      if match.id ~= c.id and (state == SETTLED or still_open(record, match.id)) then
        if not COPIES[match.rule] then
          if better(match, guarded) then guarded = match end
        elseif state == OPEN then
          if better(match, open) then open = match end
        elseif better(match, settled) then
          settled = match
        end
        if match.containment >= WHOLE and record.size <= 0.6 * c.size then
          within[#within + 1] = match
          size = size + match.shared
        end
      end
    end
  end
  return { settled = settled, open = open, guarded = guarded, within = within, within_size = size }
end

-- The settled article of the same words, of a candidate whose words were here before, by its first anchor alone:
-- nothing is more alike than that. Nil: there is none, or so many share the anchor that not all are posted.
local function copied_of(c)
  local met = look(c, c.first)
  if not met or #met >= CROWD then return nil end
  local settled = matches(c, met).settled
  return settled and settled.rule == 'exact' and settled
end
