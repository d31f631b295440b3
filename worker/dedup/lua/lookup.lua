-- What is kept of one article, and of the copies it has. ARGV after the head: 'show' or 'forget',
-- id, hash of the id. Returns nil, or {kind, revision, version, canonical id, copies…}.

local verb, id, raw = ARGV[FIRST], ARGV[FIRST + 1], ARGV[FIRST + 2]
local c = { id = id, raw = raw }
c.hash, c.tag = unpack_('>I4xxc2', raw)
fetch_ids({ c })
local found = posted(c)
local own = known(c, found)
if verb == 'forget' then
  local claim = claim_of(id)
  if claim then drop(id, claim) end
  for _, bucket in ipairs(found and buckets or {}) do
    for _, number in ipairs(found[bucket.tag] or {}) do
      local n = number - IDS
      if number == COPIED then
        if own then call('HDEL', duplicates(bucket, c)) end
      elseif name_of(bucket, n) == id then
        set_state(bucket, n, DEAD)
        call('DEL', format('%s:c%d', bucket.key, n))
      end
    end
  end
  save()
  return (own or claim) and 1 or 0
end
if not own then return nil end
local canonical
if own.copy then
  local home = bucket_of(own.of_bucket)
  canonical = home and read(home, own.of)
else
  canonical = own
end
canonical = canonical and root(canonical)
local answer = { own.copy and 'copy' or 'canonical', own.revision, own.version,
  canonical and name_of(canonical.bucket, canonical.n) or '' }
if canonical then
  for _, copy in ipairs(call('LRANGE', format('%s:c%d', canonical.bucket.key, canonical.n), 0, -1)) do
    answer[#answer + 1] = copy
  end
end
return answer
