-- Claims: holder, content, revision, ends, the place of the claim's own record if it has one, the
-- place of another: of the canonical, for a duplicate; of the one it is canonical instead of, for an
-- article; and the answer that was given.

-- A value so long, under the id '', makes the server keep the hash as a table: while all are short and
-- few, it would search them one after the other.
local LONG = string.rep('-', 65)

local claims, changed = {}, {} -- as read, kept and forgotten by this script; save() writes them

local function unpacked(holder, content, revision, ends, bucket, n, other_bucket, other, answer)
  return { holder = holder, content = content, revision = revision, ends = ends, bucket = bucket, n = n,
    other_bucket = other_bucket, other = other, answer = answer }
end

-- Read the claims on ids ahead, all in one command.
local function fetch_claims(ids)
  for i, raw in ipairs(call('HMGET', T .. ':claims', unpack(ids))) do
    if not changed[ids[i]] then claims[ids[i]] = raw and unpacked(cmsgpack.unpack(raw)) end
  end
end

local function claim_of(id)
  if claims[id] == nil then fetch_claims({ id }) end
  return claims[id]
end

-- Every claim there is: id -> claim.
local function all_claims()
  local all, found = call('HGETALL', T .. ':claims'), {}
  for i = 1, #all, 2 do
    if all[i] ~= '' then found[all[i]] = unpacked(cmsgpack.unpack(all[i + 1])) end
  end
  return found
end

local function keep_claim(id, claim)
  claim.ends = NOW + LEASE
  claims[id], changed[id] = claim, true
end

local function forget_claim(id)
  claims[id], changed[id] = false, true
end

local function save_claims()
  local kept, gone = {}, {}
  for id in pairs(changed) do
    local claim = claims[id]
    if claim then
      kept[#kept + 1] = id
      kept[#kept + 1] = cmsgpack.pack(claim.holder, claim.content, claim.revision, claim.ends, claim.bucket,
        claim.n, claim.other_bucket, claim.other, claim.answer)
    else
      gone[#gone + 1] = id
    end
  end
  if kept[1] then call('HSET', T .. ':claims', unpack(kept)) end
  if gone[1] then call('HDEL', T .. ':claims', unpack(gone)) end
end
