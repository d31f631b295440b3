-- Adds each (id, revision) of a batch to the output stream once: marker and entry in one atomic step.
--
-- KEYS[1]                        STREAM  the output stream, e.g. copydesk:articles; trimmed by length.
-- KEYS[2 .. 1 + count * periods] SET     digests (64-bit integers) of the "id:revision" already added:
--     {copydesk:articles}:sent:<period>:<shard>, `periods` keys for each article, the present period
--     first. A set of up to 512 integers is an intset, 8 bytes a member. The braces keep the sets in
--     the stream's own Cluster slot. Each expires a window after its period ends.
-- ARGV[1] length the stream is trimmed to, about; 0: never
-- ARGV[2] periods in which a digest is looked for
-- ARGV[3] Unix time, in seconds, at which the sets of the present period expire
-- ARGV[4 ..] for each article: digest, id, revision, status, document
--
-- Returns the number of entries added.
local length, periods, expires = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local function sent(digest, first)
  for key = first, first + periods - 1 do
    if redis.call('SISMEMBER', KEYS[key], digest) == 1 then
      return true
    end
  end
  return false
end

local added = 0
local key = 2
for argument = 4, #ARGV, 5 do
  local digest, id, revision, status, document = unpack(ARGV, argument, argument + 4)
  if not sent(digest, key) then
    if length > 0 then
      redis.call('XADD', KEYS[1], 'MAXLEN', '~', length, '*',
        'id', id, 'revision', revision, 'status', status, 'article', document)
    else
      redis.call('XADD', KEYS[1], '*',
        'id', id, 'revision', revision, 'status', status, 'article', document)
    end
    redis.call('SADD', KEYS[key], digest)
    redis.call('EXPIREAT', KEYS[key], expires)
    added = added + 1
  end
  key = key + periods
end
return added
