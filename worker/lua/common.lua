-- What the scripts of this folder share: each is loaded behind this file.

-- The server's time in ms.
local function server_time()
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end

-- A whole number in digits: Lua itself would write a time in ms as 1.7e+12.
local function whole(number) return string.format('%.0f', number) end

-- A reply of names, each followed by its value, as a table.
local function by_name(reply)
  local values = {}
  for i = 1, #reply, 2 do values[reply[i]] = reply[i + 1] end
  return values
end

-- Add an article to a raw stream, and return the id of its entry. Run and origin may be ''.
local function add_entry(stream, article, run, origin)
  local fields = {'article', article}
  if run ~= '' then fields[3], fields[4] = 'run', run end
  if origin ~= '' then
    local last = #fields
    fields[last + 1], fields[last + 2] = 'origin', origin
  end
  return redis.call('XADD', stream, '*', unpack(fields))
end

-- A history with one more event, both JSON; the history may be false: there is none yet.
local function with_event(history, event)
  return history and string.sub(history, 1, -2) .. ',' .. event .. ']' or '[' .. event .. ']'
end
