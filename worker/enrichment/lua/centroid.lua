-- Centroids: what a story is made of, how like an article is to it, and what becomes of it when an article
-- joins. No keys are read or written here: `stories.lua`, which follows, does that. It also says how features
-- are packed.

local KEPT = 40 -- features that a centroid keeps
local WORD = 8  -- bytes of a feature

local pack, unpack_ = struct.pack, struct.unpack

-- Formats by the count of what they name: a list is taken apart, or put together, in one call.
local function formats_of(one)
  return setmetatable({}, { __index = function(self, count)
    self[count] = '<' .. string.rep(one, count)
    return self[count]
  end })
end
local DOUBLES, WORDS = formats_of('d'), formats_of('c' .. WORD)

-- A list of `count` values that stand in `packed` from `at` on.
local function apart(formats, count, packed, at)
  local list = { unpack_(formats[count], packed, at) }
  list[count + 1] = nil -- where it stopped
  return list
end

local function doubles(packed) return apart(DOUBLES, #packed / 8, packed, 1) end

local function together(numbers) return pack(DOUBLES[#numbers], unpack(numbers)) end

local function features(packed)
  local count = #packed / (WORD + 8)
  return apart(WORDS, count, packed, 1), apart(DOUBLES, count, packed, count * WORD + 1)
end

-- How like an article is to a story.
local function likeness(one, story)
  local words, weights, own = story.words, story.weights, one.own
  local dot, square = 0, story.square
  for i = 1, #words do
    local mine = own[words[i]]
    if mine then dot = dot + mine * weights[i] end
  end
  local cosine = square > 0 and dot / math.sqrt(square) or 0
  local embedding, mean = one.embedding, story.mean
  if #embedding == 0 or #mean ~= #embedding then return cosine end
  dot, square = 0, 0
  for place, value in ipairs(mean) do
    dot = dot + value * embedding[place]
    square = square + value * value
  end
  return 0.8 * cosine + 0.2 * (square > 0 and dot / math.sqrt(square) or 0)
end

local function squares(weights)
  local sum = 0
  for i = 1, #weights do sum = sum + weights[i] * weights[i] end
  return sum
end

-- The k-th smallest of some numbers, whose order changes (Hoare's FIND): sorting all takes longer.
local function smallest(list, k)
  local low, high = 1, #list
  while low < high do
    local pivot, i, j = list[k], low, high
    repeat
      while list[i] < pivot do i = i + 1 end
      while pivot < list[j] do j = j - 1 end
      if i <= j then
        list[i], list[j] = list[j], list[i]
        i, j = i + 1, j - 1
      end
    until i > j
    if j < k then low = i end
    if k < i then high = j end
  end
  return list[k]
end

-- Keeps the heaviest features; of those as heavy as the last one the smallest hashes.
local function prune(words, weights)
  local count = #words
  if count <= KEPT then return end
  local least = smallest({ unpack(weights) }, count - KEPT + 1)
  local kept, ties = 0, {}
  for i = 1, count do
    local weight = weights[i]
    if weight > least then
      kept = kept + 1
      words[kept], weights[kept] = words[i], weight
    elseif weight == least then
      ties[#ties + 1] = words[i]
    end
  end
  if ties[2] then table.sort(ties) end
  for place = kept + 1, KEPT do words[place], weights[place] = ties[place - kept], least end
  for place = KEPT + 1, count do words[place], weights[place] = nil, nil end
end

local function join(story, one)
  -- What is old fades by a tenth with each article, so that a story may move on.
  local words, weights, own = story.words, story.weights, one.own
  local count = #words
  for i = 1, count do
    local word = words[i]
    local mine = own[word]
    if mine then
      weights[i], own[word] = weights[i] * 0.9 + mine, false -- those that are left are new to the story
    else
      weights[i] = weights[i] * 0.9
    end
  end
  for i = 1, #one.words do
    local word = one.words[i]
    if own[word] then
      count = count + 1
      words[count], weights[count] = word, one.weights[i]
    end
  end
  prune(words, weights)
  story.square = squares(weights)
  local embedding, mean = one.embedding, story.mean
  if #embedding > 0 and #mean ~= #embedding then mean = {} end
  for place, value in ipairs(embedding) do mean[place] = (mean[place] or 0) * 0.9 + value end
  story.mean = mean
  story.first, story.last = math.min(story.first, one.time), math.max(story.last, one.time)
  story.n, story.changed = story.n + 1, true
end
