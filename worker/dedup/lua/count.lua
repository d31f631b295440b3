-- Numbers on each bucket of the window: number, docs, slots, new, update, duplicate, unchanged; last
-- the open claims.

local answer = {}
for _, bucket in ipairs(buckets) do
  local row = { bucket.number }
  for i, value in ipairs(call('HMGET', bucket.key, 'docs', 'slots', 'new', 'update', 'duplicate', 'unchanged')) do
    row[i + 1] = tonumber(value) or 0
  end
  answer[#answer + 1] = row
end
answer[#answer + 1] = call('HLEN', T .. ':claims')
return answer
