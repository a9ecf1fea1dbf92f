-- From messages to Wireshark's trees, and what can be learnt from them: which server is at which
-- address. Loaded by zookeeper_quorum.lua; returns a function that binds it to the protocols and
-- their fields. Every function gets a message that is whole: `size` bytes of `buffer` at `offset`.
-- A flow is one direction of a stream, see there.

return function(bytes, zkelection, zkquorum, E, Q, malformed)

local show = {}

-- members: endpoint -> Int64, learnt from greetings and configurations. election_ports: endpoints
-- that are known for election ports. addresses: the distinct addresses seen; their text can change
-- while the capture is open, when names are looked up, so `numbers` by text is only a short cut.
local members, election_ports, addresses, numbers
function show.forget() members, election_ports, addresses, numbers = {}, {}, {}, {} end
show.forget()
function show.is_election_port(key) return election_ports[key] end

-- An address and a port as a key.
function show.endpoint(address, port)
  local text = tostring(address)
  local number = numbers[text]
  if not number or addresses[number] ~= address then
    number = nil
    for index, known in ipairs(addresses) do
      if known == address then number = index end
    end
    number = number or #addresses + 1
    addresses[number], numbers[text] = addresses[number] or address, number
  end
  return number .. ":" .. port
end

-- The key of an address as text; nil for a name, which is not looked up, and for a wildcard.
local function text_endpoint(host, port)
  host = host:gsub("^%[", ""):gsub("%]$", "")
  if host:match("^[0:.]+$") then return nil end
  if host:match("^%d+%.%d+%.%d+%.%d+$") then return show.endpoint(Address.ip(host), port) end
  if host:match("^[%x:.]*:[%x:.]*$") then return show.endpoint(Address.ipv6(host), port) end
end

local function sid_at(flow, where)
  return flow.stream.sids[where] or members[where]
end

local function learn_address(host, port, sid, is_election_port)
  local key = text_endpoint(host, port)
  if not key then return end
  members[key] = sid
  if is_election_port then election_ports[key] = true end
end

-- The value of a server line: addresses of `sid`.
local function learn_server(sid, value)
  for part in (value:match("^[^;]*")):gmatch("[^|]+") do
    local host, port, election_port = part:match("^%s*(.-):(%d+):(%d+)")
    if host then
      learn_address(host, port, sid, false)
      learn_address(host, election_port, sid, true)
    end
  end
end

-- Trees ----------------------------------------------------------------------------------------

local function text_of(range) return range:string(ENC_UTF_8) end

local function add_text(tree, field, buffer, offset, length)
  if length < 1 then return tree:add(field, buffer(offset - 4, 4), "") end
  return tree:add(field, buffer(offset, length), text_of(buffer(offset, length)))
end

-- One message: its layer with kind and both ids, its summary in the Info column.
local function add_message(proto, fields, flow, kind, range, pinfo, tree, summary)
  local item = tree:add(proto, range)
  item:add(fields.kind, range, kind):set_generated()
  local src, dst = sid_at(flow, flow.src), sid_at(flow, flow.dst)
  if src then item:add(fields.src_sid, src):set_generated() end
  if dst then item:add(fields.dst_sid, dst):set_generated() end
  item:append_text(": " .. summary)
  local who = (src or dst) and string.format("%s > %s ", tostring(src or "?"), tostring(dst or "?"))
  pinfo.cols.protocol = proto.name
  if pinfo.private.zookeeper == tostring(pinfo.number) then
    pinfo.cols.info:append(", " .. summary)
  else
    pinfo.cols.info:set((who or "") .. summary)
    pinfo.private.zookeeper = tostring(pinfo.number)
  end
  return item
end

-- `where` is the offset of the byte that is not as expected.
function show.malformed(protocol, flow, buffer, offset, size, expected, where, pinfo, tree)
  local message = string.format("byte %d: expected %s", where - offset, expected)
  local item = add_message(protocol.proto, protocol.fields, flow, "malformed", buffer(offset, size),
    pinfo, tree, "malformed: " .. message)
  item:add(protocol.fields.expected, buffer(where, math.min(4, buffer:len() - where)), message)
  item:add_proto_expert_info(malformed[protocol.proto], message)
end

-- Bytes of a message whose beginning or end the capture does not have.
function show.skipped(protocol, flow, buffer, offset, size, pinfo, tree)
  local range = buffer(offset, size)
  local item = add_message(protocol.proto, protocol.fields, flow, "skipped", range, pinfo, tree,
    size .. " bytes of a message that is not whole")
  item:add(protocol.fields.skipped, range)
end

local function add_config(fields, buffer, offset, length, tree)
  if length < 1 then return end
  local text = text_of(buffer(offset, length))
  local item = tree:add(fields.config, buffer(offset, length), text)
  local at = 0
  for line, line_end in text:gmatch("([^\n]*)(\n?)") do
    if line ~= "" and at + #line <= length then
      local range = buffer(offset + at, #line)
      local sid, server = line:match("^server%.(%-?%d+)=(.*)$")
      local version = line:match("^version=(%x+)$")
      if sid then
        item:add(fields.config_server, range, line)
        learn_server(Int64(sid), server)
      elseif version and #version <= 16 then
        item:add(fields.config_version, range, UInt64.fromhex(string.rep("0", 16 - #version) .. version))
      elseif line:match("^group") or line:match("^weight") then
        item:add(fields.config_group, range, line)
      end
    end
    at = at + #line + #line_end
  end
end

function show.sasl(proto, fields, flow, buffer, offset, size, pinfo, tree)
  local status = buffer(offset + 8, 4):int()
  local item = add_message(proto, fields, flow, "sasl", buffer(offset, size), pinfo, tree,
    "SASL " .. (({ [0] = "in progress", "success" })[status] or "error"))
  item:add(fields.sasl_status, buffer(offset + 8, 4))
  if size > 16 then item:add(fields.sasl_token, buffer(offset + 16, size - 16)) end
end

-- The election port ----------------------------------------------------------------------------

function show.greeting(flow, buffer, offset, size, pinfo, tree)
  local at = size == 8 and offset or offset + 8
  local sid = buffer(at, 8):int64()
  flow.stream.sids[flow.src] = sid
  election_ports[flow.dst] = true
  local text = size > 20 and text_of(buffer(offset + 20, size - 20)) or ""
  for host, port in text:gmatch("([^|]*):(%d+)") do
    learn_address(host, port, sid, true)
  end
  local item = add_message(zkelection, E, flow, "initial", buffer(offset, size), pinfo, tree,
    string.format("Greeting sid=%s %s", tostring(sid), text))
  if size > 8 then item:add(E.protocol_version, buffer(offset, 8)) end
  item:add(E.sid, buffer(at, 8))
  if size == 8 then return end
  item:add(E.address_length, buffer(offset + 16, 4))
  local place = offset + 20
  for part in text:gmatch("[^|]+") do
    item:add(E.address, buffer(place, math.min(#part, offset + size - place)), part)
    place = place + #part + 1
  end
end

function show.frame(flow, buffer, offset, size, pinfo, tree)
  local length, at = size - 4, offset + 4
  local version = length >= 40 and buffer(at + 36, 4):int() or 0
  local config = version >= 2 and length >= 44 and buffer(at + 40, 4):int() or 0
  local function broken(expected, where)
    return show.malformed({ proto = zkelection, fields = E }, flow, buffer, offset, size, expected, where, pinfo, tree)
  end
  if length < 28 then return broken("a notification of at least 28 bytes", offset) end
  if length > 28 and length < 36 then return broken("the peer epoch, 8 bytes", at + 28) end
  if version >= 2 and length > 40 and length < 44 then
    return broken("the length of the configuration, 4 bytes", at + 40)
  end
  if config < 0 or config > length - 44 and config > 0 then
    return broken("a configuration that ends within the frame, found " .. config .. " bytes", at + 40)
  end
  if buffer(at, 4):uint() > 3 then return broken("a state from 0 to 3", at) end
  local state = bytes.kStates[buffer(at, 4):uint()]
  -- Who leads votes for itself.
  if state == "LEADING" then flow.stream.sids[flow.src] = buffer(at + 4, 8):int64() end
  local item = add_message(zkelection, E, flow, "notification", buffer(offset, size), pinfo, tree,
    string.format("%s leader=%s zxid=0x%s round=%s", state, tostring(buffer(at + 4, 8):int64()),
      buffer(at + 12, 8):bytes():tohex(true):gsub("^0+(.)", "%1"), tostring(buffer(at + 20, 8):int64())))
  item:add(E.length, buffer(offset, 4))
  item:add(E.state, buffer(at, 4))
  item:add(E.leader, buffer(at + 4, 8))
  item:add(E.zxid, buffer(at + 12, 8))
  item:add(E.election_epoch, buffer(at + 20, 8))
  if length >= 36 then item:add(E.peer_epoch, buffer(at + 28, 8)) end
  if length >= 40 then item:add(E.version, buffer(at + 36, 4)) end
  if length >= 44 and version >= 2 then
    item:add(E.config_length, buffer(at + 40, 4))
    add_config(E, buffer, at + 44, config, item)
  end
end

-- The learner port -----------------------------------------------------------------------------

local function add_record(letters, buffer, offset, stop, tree)
  return bytes.walk(letters, buffer, offset, stop, function(letter, at, size)
    if letter == "p" then add_text(tree, Q.path, buffer, at + 4, size - 4)
    elseif letter == "o" then tree:add(Q.sub_operation, buffer(at, 4))
    elseif letter == "P" then
      local place = at + 4
      while place < at + size do
        local length = math.max(buffer(place, 4):int(), 0)
        add_text(tree, Q.path, buffer, place + 4, length)
        place = place + 4 + length
      end
    end
  end)
end

local function operation_name(buffer, offset)
  local number = buffer(offset, 4):int()
  return bytes.kOperations[number] or tostring(number)
end

-- TxnHeader, transaction, and from 3.6 on the digest of the tree.
local function add_transaction(buffer, offset, stop, tree)
  if stop - offset < 32 then return "" end
  tree:add(Q.session, buffer(offset, 8))
  tree:add(Q.cxid, buffer(offset + 8, 4))
  tree:add(Q.txn_zxid, buffer(offset + 12, 8))
  tree:add(Q.txn_time, buffer(offset + 20, 8))
  tree:add(Q.operation, buffer(offset + 28, 4))
  local operation = buffer(offset + 28, 4):int()
  local letters = bytes.kTransactions[operation]
  local behind = letters and add_record(letters, buffer, offset + 32, stop, tree)
  if behind and operation == -10 then tree:add(Q.timeout, buffer(offset + 32, 4)) end
  if behind and operation == -1 then tree:add(Q.error, buffer(offset + 32, 4)) end
  if behind and stop - behind == 12 then
    tree:add(Q.digest_version, buffer(behind, 4))
    tree:add(Q.digest, buffer(behind + 4, 8))
  end
  return " " .. operation_name(buffer, offset + 28)
end

-- What each packet type carries, from `at` to `stop`. Returns words for the summary.
local show_data = {}

show_data.REQUEST = function(buffer, at, stop, tree)
  if stop - at < 16 then return end
  tree:add(Q.session, buffer(at, 8))
  tree:add(Q.cxid, buffer(at + 8, 4))
  tree:add(Q.operation, buffer(at + 12, 4))
  local letters = bytes.kRequests[buffer(at + 12, 4):int()]
  if letters then add_record(letters, buffer, at + 16, stop, tree) end
  return " " .. operation_name(buffer, at + 12)
end

show_data.PROPOSAL = add_transaction
show_data.INFORM = show_data.PROPOSAL

show_data.PING = function(buffer, at, stop, tree)
  for place = at, stop - 12, 12 do
    tree:add(Q.session, buffer(place, 8))
    tree:add(Q.timeout, buffer(place + 8, 4))
  end
end

show_data.REVALIDATE = function(buffer, at, stop, tree)
  if stop - at < 9 then return end
  tree:add(Q.session, buffer(at, 8))
  if stop - at >= 12 then tree:add(Q.timeout, buffer(at + 8, 4))
  else tree:add(Q.valid, buffer(at + 8, 1)) end
end

show_data.COMMITANDACTIVATE = function(buffer, at, stop, tree)
  if stop - at >= 8 then tree:add(Q.leader, buffer(at, 8)) end
end

show_data.INFORMANDACTIVATE = function(buffer, at, stop, tree)
  show_data.COMMITANDACTIVATE(buffer, at, stop, tree)
  return add_transaction(buffer, math.min(at + 8, stop), stop, tree)
end

show_data.NEWLEADER = function(buffer, at, stop, tree)
  add_config(Q, buffer, at, stop - at, tree)
end

show_data.FOLLOWERINFO = function(buffer, at, stop, tree)
  if stop - at < 8 then return end
  tree:add(Q.sid, buffer(at, 8))
  if stop - at >= 12 then tree:add(Q.protocol_version, buffer(at + 8, 4)) end
  if stop - at >= 20 then tree:add(Q.known_config, buffer(at + 12, 8)) end
  return " sid=" .. tostring(buffer(at, 8):int64())
end
show_data.OBSERVERINFO = show_data.FOLLOWERINFO

show_data.LEADERINFO = function(buffer, at, stop, tree)
  if stop - at >= 4 then tree:add(Q.protocol_version, buffer(at, 4)) end
end

show_data.ACKEPOCH = function(buffer, at, stop, tree)
  if stop - at >= 4 then tree:add(Q.epoch, buffer(at, 4)) end
end

function show.packet(flow, buffer, offset, size, pinfo, tree)
  local name = bytes.kPackets[buffer(offset, 4):int()]
  local length = buffer(offset + 12, 4):int()
  local at = offset + 16
  local stop = at + math.max(length, 0)
  if (name == "FOLLOWERINFO" or name == "OBSERVERINFO") and length >= 8 then
    flow.stream.sids[flow.src] = buffer(at, 8):int64()
  end
  local item = add_message(zkquorum, Q, flow, "quorum_packet", buffer(offset, size), pinfo, tree, name)
  item:add(Q.type, buffer(offset, 4))
  item:add(Q.zxid, buffer(offset + 4, 8))
  item:add(Q.data_length, buffer(offset + 12, 4))
  if length > 0 then
    local data = item:add(Q.data, buffer(at, length))
    local words = show_data[name] and show_data[name](buffer, at, stop, data)
    if words and words ~= "" then
      item:append_text(words)
      pinfo.cols.info:append(words)
    end
  end
  local place, ids = stop + 4, math.max(buffer(stop, 4):int(), 0)
  for _ = 1, ids do
    for _, field in ipairs({ Q.auth_scheme, Q.auth_id }) do
      local text = math.max(buffer(place, 4):int(), 0)
      add_text(item, field, buffer, place + 4, text)
      place = place + 4 + text
    end
  end
  if name ~= "SNAP" then return "messages" end
  return { section = "session count", left = 1, sessions = 0, acls = 0, nodes = 0, bytes = 0,
           data_bytes = 0, zxid = buffer(offset + 4, 8):uint64() }
end

-- The snapshot stream: as many whole parts as the buffer has behind `offset`, in one layer. `place`
-- is where in the stream it begins. Returns the offset that it reached, the next state, and what
-- snapshot_part_size says of the part that is not whole, if one is left.
local kNextSection = { ["session count"] = "sessions", sessions = "acl count", ["acl count"] = "acls",
                       acls = "nodes", nodes = "signature" }

local function add_part(place, buffer, offset, size, tree)
  if place.section == "sessions" then
    tree:add(Q.snapshot_session, buffer(offset, 8))
    place.sessions = place.sessions + 1
  elseif place.section == "acls" then
    place.acls = place.acls + 1
  elseif place.section == "signature" then
    add_text(tree, Q.snapshot_signature, buffer, offset + 4, size - 4)
  elseif place.section == "nodes" and size > 5 then
    local length = math.max(buffer(offset, 4):int(), 0)
    add_text(tree, Q.snapshot_path, buffer, offset + 4, length)
    place.nodes = place.nodes + 1
    place.data_bytes = place.data_bytes + math.max(buffer(offset + 4 + length, 4):int(), 0)
  end
end

local function step(place, buffer, offset, size)
  if place.section:find("count") then
    place.left, place.section = math.max(buffer(offset, 4):int(), 0), kNextSection[place.section]
  elseif place.section == "nodes" then
    place.left = size > 5 and 1 or 0
  else
    place.left = place.left - 1
  end
  while place.left == 0 and place.section do
    place.left, place.section = 1, kNextSection[place.section]
  end
end

function show.snapshot(place, flow, buffer, offset, pinfo, tree)
  local now = {}
  for key, value in pairs(place) do now[key] = value end
  local start, item = offset, nil
  local size, more, where
  while now.section and offset < buffer:len() do
    size, more, where = bytes.snapshot_part_size(now.section, buffer, offset, now.nodes == 0)
    if not size or offset + size > buffer:len() then break end
    item = item or add_message(zkquorum, Q, flow, "snapshot", buffer(start), pinfo, tree, "snapshot")
    add_part(now, buffer, offset, size, item)
    step(now, buffer, offset, size)
    now.bytes, offset = now.bytes + size, offset + size
    size, more, where = nil, nil, nil
  end
  if item then item:set_len(offset - start) end
  if now.section then return offset, now, size, more, where end
  for _, name in ipairs({ "zxid", "sessions", "acls", "nodes", "bytes", "data_bytes" }) do
    item:add(Q["snapshot_" .. name], name == "zxid" and now.zxid or UInt64(now[name])):set_generated()
  end
  item:append_text(string.format(" of %d nodes, %d bytes, ends here", now.nodes, now.bytes))
  return offset, "messages"
end

return show
end
