-- What is kept of one article, and of the copies it has. ARGV after the head: 'show' or 'forget',
-- id, hash of the id. Returns nil, or {kind, revision, version, canonical id, copies…}.

local verb, c = ARGV[FIRST], { id = ARGV[FIRST + 1], hash = ARGV[FIRST + 2] }
local own = known(c)
if verb == 'forget' then
  local claim = claim_of(c.id)
  if claim then drop(c.id, claim) end
  for _, bucket in ipairs(buckets) do
    local key, field = identity(bucket, c.hash)
    local value = call('HGET', key, field)
    for n in string.gmatch(value and byte(value) ~= 100 and value or '', '%d+') do
      if name_of(bucket, tonumber(n)) == c.id then
        set_state(bucket, tonumber(n), DEAD)
        call('DEL', format('%s:c%s', bucket.key, n))
      end
    end
    if own then call('HDEL', key, field) end
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
