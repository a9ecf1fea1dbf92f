-- Wireshark dissector for what ZooKeeper servers say to each other, 3.3 to 3.9: the election port
-- (zkelection) and the learner port (zkquorum). README.md says how to install it.
--
-- Streams are recognised by their first bytes, or by the ports in the preferences. Messages that
-- span segments are put together by Wireshark's TCP reassembly. A snapshot is dissected part by
-- part as it comes, so that one of gigabytes is never held as a whole.

local folder = debug.getinfo(1, "S").source:match("^@?(.*[/\\])") or ""
local zkelection = Proto("zkelection", "ZooKeeper Election")
local zkquorum = Proto("zkquorum", "ZooKeeper Quorum")
local bytes = dofile(folder .. "zookeeper_quorum_bytes.lua")
local E, Q, malformed = dofile(folder .. "zookeeper_quorum_fields.lua")(bytes, zkelection, zkquorum)
local show = dofile(folder .. "zookeeper_quorum_show.lua")(bytes, zkelection, zkquorum, E, Q, malformed)

-- "endpoint endpoint" -> list of { sids = { endpoint -> Int64 }, flows = { endpoint -> flow }, first }
-- in the order of the capture: an address and port can be used again.
local streams = {}

function zkelection.init()
  streams = {}
  show.forget()
end

-- The direction of a stream that this packet belongs to. Its `state` says what the next byte is:
-- "start" (nothing seen yet), "greeting", "messages", "lost" (in the middle of something unknown),
-- or a table: the place inside of a snapshot. Such a table is never changed, only replaced, because
-- `at` keeps it for when the packet is dissected again. `again` says that a new stream begins here.
-- Nothing is read from the tree: Wireshark often makes none on its first pass.
local function flow_of(pinfo, again)
  local src = show.endpoint(pinfo.src, pinfo.src_port)
  local dst = show.endpoint(pinfo.dst, pinfo.dst_port)
  local key = src < dst and src .. " " .. dst or dst .. " " .. src
  local list = streams[key] or {}
  streams[key] = list
  local stream
  for index = #list, 1, -1 do
    stream = list[index]
    if stream.first <= pinfo.number then break end
  end
  if not stream or (again and stream.first < pinfo.number) then
    stream = { sids = {}, flows = {}, first = pinfo.number }
    stream.flows[src] = { state = "start", at = {}, src = src, dst = dst, stream = stream }
    stream.flows[dst] = { state = "start", at = {}, src = dst, dst = src, stream = stream }
    list[#list + 1] = stream
  end
  return stream.flows[src], stream.flows[dst]
end

-- The state in which this very call begins: noted on the first pass, looked up later. A packet can
-- come in several calls, told apart by their lengths; segments that were out of order can come cut
-- differently the second time, and then the packet's first state is taken.
local function begin(flow, buffer, pinfo)
  local number = pinfo.number
  local key = number .. ":" .. buffer:len()
  if pinfo.visited then
    if not flow.first or number < flow.first then return "start" end
    return flow.at[key] or flow.at[number] or "messages"
  end
  flow.first = flow.first or number
  if flow.state ~= "messages" or flow.at[number] then
    flow.at[key] = flow.state
    flow.at[number] = flow.at[number] or flow.state
  end
  return flow.state
end

-- A protocol: `first` gives the state behind "start", or nil with how many bytes it must see;
-- `size` and `show` are for the message at `offset`; `looks` finds a message in the unknown.

local election = { proto = zkelection, fields = E, looks = bytes.is_frame }

-- Releases up to 3.4.5 write the length of a frame alone.
function election.may_look(buffer, offset)
  local rest = buffer:len() - offset
  if rest < 4 or rest >= 8 then return false end
  local length = buffer(offset, 4):int()
  return (length == 28 or length == 36 or length >= 40 and length <= 4096) and
    bytes.may_be_frame(buffer, offset)
end

-- Ports that are used again: no frame begins like a greeting.
function election.begins_again(buffer)
  return not bytes.frame_size(buffer, 0) and bytes.is_greeting(buffer, 0, true)
end

function election.first(buffer, other)
  if other.greeted then return "messages" end
  if buffer:len() < 4 then return nil, 4 end
  if bytes.may_be_frame(buffer, 0) or bytes.is_sasl(buffer, 0) then return "messages" end
  if buffer:len() < 8 then return nil, 8 end
  return bytes.is_greeting(buffer, 0, true) and "greeting" or "lost"
end

function election.size(state, buffer, offset)
  if state == "greeting" then return bytes.greeting_size(buffer, offset) end
  if bytes.may_be_sasl(buffer, offset) then return bytes.sasl_size(buffer, offset) end
  return bytes.frame_size(buffer, offset)
end

function election.show(state, flow, buffer, offset, size, pinfo, tree)
  if state == "greeting" then
    flow.greeted = true
    show.greeting(flow, buffer, offset, size, pinfo, tree)
  elseif bytes.is_sasl(buffer, offset) then
    show.sasl(zkelection, E, flow, buffer, offset, size, pinfo, tree)
  else
    show.frame(flow, buffer, offset, size, pinfo, tree)
  end
  return "messages"
end

local learner = { proto = zkquorum, fields = Q, looks = bytes.is_packet }

function learner.may_look() return false end

function learner.begins_again(buffer) return bytes.is_learner_info(buffer, 0) end

function learner.first(buffer)
  if buffer:len() < 16 then return nil, 16 end
  return (bytes.is_packet(buffer, 0) or bytes.is_sasl(buffer, 0)) and "messages" or "lost"
end

function learner.size(_, buffer, offset)
  if bytes.may_be_sasl(buffer, offset) then return bytes.sasl_size(buffer, offset) end
  return bytes.packet_size(buffer, offset)
end

function learner.show(_, flow, buffer, offset, size, pinfo, tree)
  if bytes.is_sasl(buffer, offset) then
    show.sasl(zkquorum, Q, flow, buffer, offset, size, pinfo, tree)
    return "messages"
  end
  return show.packet(flow, buffer, offset, size, pinfo, tree)
end

-- What is before the next message of a direction that lost its place. The second value says that
-- what follows may be one: its beginning is there, and too few bytes to tell.
local function skip(protocol, flow, buffer, offset, pinfo, tree)
  local found, unsure = offset, false
  while found < buffer:len() and not protocol.looks(buffer, found) do
    unsure = protocol.may_look(buffer, found)
    if unsure then break end
    found = found + 1
  end
  if found > offset then show.skipped(protocol, flow, buffer, offset, found - offset, pinfo, tree) end
  return found, unsure
end

-- Dissects messages from `offset` on while they are whole. Returns where it stopped, the state
-- there, how many bytes the message that begins there needs, if one does, and whether that is all
-- of it.
local function messages(protocol, flow, state, buffer, pinfo, tree)
  local offset = 0
  while offset < buffer:len() do
    local size, more, where
    if state == "lost" then
      local unsure
      offset, unsure = skip(protocol, flow, buffer, offset, pinfo, tree)
      if offset == buffer:len() then return offset, state end
      if unsure then return offset, state, buffer:len() - offset + 1, false end
      state = "messages"
    end
    if type(state) == "table" then
      offset, state, size, more, where = show.snapshot(state, flow, buffer, offset, pinfo, tree)
      if type(state) ~= "table" or offset == buffer:len() then size = 0 end
    else
      size, more, where = protocol.size(state, buffer, offset)
      if size and offset + size <= buffer:len() then
        state = protocol.show(state, flow, buffer, offset, size, pinfo, tree)
        offset, size = offset + size, 0
      end
    end
    if size == false then
      local behind = math.min(math.max(where - offset, 1), buffer:len() - offset)
      show.malformed(protocol, flow, buffer, offset, behind, more, where, pinfo, tree)
      offset, state = offset + behind, "lost"
    elseif size ~= 0 then
      return offset, state, size or more, size ~= nil
    end
  end
  return offset, state
end

local function dissect(protocol, buffer, pinfo, tree)
  local flow, other = flow_of(pinfo)
  local state, needed, offset, whole = begin(flow, buffer, pinfo), nil, 0, false
  if (state == "messages" or state == "lost") and not pinfo.visited and protocol.begins_again(buffer) then
    flow, other = flow_of(pinfo, true)
    state = begin(flow, buffer, pinfo)
  end
  if state == "start" then
    if bytes.is_tls(buffer, 0) then return 0 end
    state, needed = protocol.first(buffer, other)
  end
  if state then offset, state, needed, whole = messages(protocol, flow, state, buffer, pinfo, tree) end
  if needed and pinfo.can_desegment > 0 then
    pinfo.desegment_offset = offset
    -- Who asks twice within one packet is not shown its message in Wireshark's second pass. So where
    -- the size is not known yet, one more segment is asked for, whatever its length.
    pinfo.desegment_len = whole and needed - (buffer:len() - offset) or DESEGMENT_ONE_MORE_SEGMENT
  elseif needed then
    show.skipped(protocol, flow, buffer, offset, buffer:len() - offset, pinfo, tree)
    state = "lost"
  end
  if not pinfo.visited then flow.state = state or "start" end
  return buffer:len()
end

function zkelection.dissector(buffer, pinfo, tree) return dissect(election, buffer, pinfo, tree) end
function zkquorum.dissector(buffer, pinfo, tree) return dissect(learner, buffer, pinfo, tree) end

-- Heuristics: claim a stream by the bytes of a packet. They are not asked again for a claimed
-- stream, so when they are, the addresses and ports are used for another one.
local function claim(protocol, flow, buffer, pinfo, tree)
  flow.stream.claimed = true
  pinfo.conversation = protocol.proto
  dissect(protocol, buffer, pinfo, tree)
  return true
end

local function unclaimed_flow(pinfo)
  local flow = flow_of(pinfo)
  if flow.stream.claimed and not pinfo.visited then flow = flow_of(pinfo, true) end
  return flow, flow.stream.first == pinfo.number or flow.waits
end

-- A stream begins with too few bytes to tell: one more segment is asked for, and then we are asked
-- again. Until then the stream belongs to nobody.
local function wait(flow, pinfo)
  if pinfo.visited or pinfo.can_desegment == 0 then return false end
  flow.waits = true
  pinfo.desegment_offset = 0
  pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
  return true
end

zkelection:register_heuristic("tcp", function(buffer, pinfo, tree)
  local flow, first = unclaimed_flow(pinfo)
  if first and bytes.is_greeting(buffer, 0, show.is_election_port(flow.dst)) then
    return claim(election, flow, buffer, pinfo, tree)
  end
  -- A bare id too large to be believed at once is believed when a frame follows it. With two
  -- passes, as in Wireshark and tshark -2, the greeting is then shown too.
  if first then flow.maybe_greeted = bytes.is_greeting(buffer, 0, true) end
  local follows = flow.maybe_greeted and bytes.may_be_frame(buffer, 0)
  if not follows and not bytes.is_frame(buffer, 0) then
    return first and bytes.may_become_greeting(buffer) and wait(flow, pinfo)
  end
  return claim(election, flow, buffer, pinfo, tree)
end)

zkquorum:register_heuristic("tcp", function(buffer, pinfo, tree)
  local flow, first = unclaimed_flow(pinfo)
  if not (first and bytes.is_sasl(buffer, 0)) and not bytes.is_packet(buffer, 0) then
    return first and bytes.may_become_learner_info(buffer) and wait(flow, pinfo)
  end
  return claim(learner, flow, buffer, pinfo, tree)
end)

-- Preferences: ports whose streams are ours whatever their bytes are.
local function port_preference(proto, what, default)
  proto.prefs.ports = Pref.range("TCP ports", default, "Ports that are known to be " .. what ..
    " ports. Streams on other ports are recognised by their bytes.", 65535)
  local registered = ""
  local function register()
    local table = DissectorTable.get("tcp.port")
    if registered ~= "" then table:remove(registered, proto) end
    registered = tostring(proto.prefs.ports)
    if registered ~= "" then table:add(registered, proto) end
  end
  proto.prefs_changed = register
  register()
end
port_preference(zkelection, "election", "3888")
port_preference(zkquorum, "learner", "2888")
