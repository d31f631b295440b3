-- Numbers on each bucket of the window: number, docs, slots, new, update, duplicate, unchanged; last
-- the open claims.

local answer = {}
for _, bucket in ipairs(buckets) do
  local row = { bucket.number, bucket.docs, bucket.slots }
  for i, value in ipairs(call('HMGET', bucket.key, 'new', 'update', 'duplicate', 'unchanged')) do
    row[i + 3] = tonumber(value) or 0
  end
  answer[#answer + 1] = row
end
answer[#answer + 1] = max(0, call('HLEN', T .. ':claims') - 1) -- one is no claim: LONG
return answer
