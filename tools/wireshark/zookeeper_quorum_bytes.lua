-- The byte layouts of ZooKeeper's quorum protocols: how long a message is, whether bytes look like
-- one, and the records inside a QuorumPacket. Knows no tree, no packet and no stream; loaded by
-- zookeeper_quorum.lua. The reference is src/wire/README.md.
--
-- A buffer is a Wireshark Tvb. All integers are big-endian. An offset counts from 0.
-- Runs on Lua 5.2 and 5.4, so no bit operators and no integer division.

local bytes = {}

-- Limits, as the servers have them; kMaxBuffer is ours (jute.maxbuffer may be raised by a user).
bytes.kMaxGreetingText = 2048
bytes.kMaxFrame = 1048576
bytes.kMaxBuffer = 64 * 1024 * 1024
bytes.kMaxIds = 1024
bytes.kMaxEntries = 16 * 1024 * 1024

local kVersion1, kVersion2 = 0xffff0000, 0xffff0001 -- lower halves of -65536 and -65535
local kObserverHigh = 0x7fffffff -- upper half of QuorumPeer.OBSERVER_ID
local kMagicHigh, kMagicLow = 0x5f243501, 0x3501edcc

bytes.kStates = { [0] = "LOOKING", [1] = "FOLLOWING", [2] = "LEADING", [3] = "OBSERVING" }

bytes.kPackets = {
  [1] = "REQUEST", [2] = "PROPOSAL", [3] = "ACK", [4] = "COMMIT", [5] = "PING", [6] = "REVALIDATE",
  [7] = "SYNC", [8] = "INFORM", [9] = "COMMITANDACTIVATE", [10] = "NEWLEADER",
  [11] = "FOLLOWERINFO", [12] = "UPTODATE", [13] = "DIFF", [14] = "TRUNC", [15] = "SNAP",
  [16] = "OBSERVERINFO", [17] = "LEADERINFO", [18] = "ACKEPOCH", [19] = "INFORMANDACTIVATE",
}

bytes.kOperations = {
  [-11] = "closeSession", [-10] = "createSession", [-1] = "error", [1] = "create", [2] = "delete",
  [3] = "exists", [4] = "getData", [5] = "setData", [6] = "getACL", [7] = "setACL",
  [8] = "getChildren", [9] = "sync", [11] = "ping", [12] = "getChildren2", [13] = "check",
  [14] = "multi", [15] = "create2", [16] = "reconfig", [19] = "createContainer",
  [20] = "deleteContainer", [21] = "createTTL",
}

-- Records as letters: p path, s string, b buffer, a ACL list, z boolean, i int, l long, P list of
-- paths, T operations of a multi transaction, R operations of a multi request. What stands behind
-- a dot may be absent: old releases do not write it.
bytes.kTransactions = {
  [-11] = ".P", [-10] = "i", [-1] = "i", [1] = "pbaz.i", [2] = "p", [5] = "pbi", [7] = "pai",
  [13] = "pi", [14] = "T", [15] = "pbaz.i", [16] = "pbi", [19] = "pbai", [20] = "p", [21] = "pbail",
}
bytes.kRequests = {
  [-10] = "i", [1] = "pbai", [2] = "pi", [5] = "pbi", [7] = "pai", [9] = "p", [13] = "pi",
  [14] = "R", [15] = "pbai", [16] = "sssl", [19] = "pbai", [21] = "pbail",
}

local function uint(buffer, offset) return buffer(offset, 4):uint() end
local function int(buffer, offset) return buffer(offset, 4):int() end

-- Measuring. Each function returns the size of what begins at `offset`; or nil and how many bytes
-- it must see to say more; or false, what was expected, and at which offset.

local function want(size) return nil, size end
local function bad(expected, offset) return false, expected, offset end

function bytes.greeting_size(buffer, offset)
  local have = buffer:len() - offset
  if have < 8 then return want(8) end
  if uint(buffer, offset) < 0x80000000 then return 8 end
  local low = uint(buffer, offset + 4)
  if uint(buffer, offset) ~= 0xffffffff or (low ~= kVersion1 and low ~= kVersion2) then
    return bad("a server id, or the version -65536 or -65535", offset)
  end
  if have < 20 then return want(20) end
  local length = int(buffer, offset + 16)
  if length < 1 or length > bytes.kMaxGreetingText then
    return bad("an address of 1 to 2048 bytes, found " .. length, offset + 16)
  end
  return 20 + length
end

function bytes.is_sasl(buffer, offset)
  return buffer:len() - offset >= 8 and uint(buffer, offset) == kMagicHigh
    and uint(buffer, offset + 4) == kMagicLow
end

-- No frame and no packet begins with these four bytes.
function bytes.may_be_sasl(buffer, offset)
  return buffer:len() - offset >= 4 and uint(buffer, offset) == kMagicHigh
end

-- A TLS handshake record.
function bytes.is_tls(buffer, offset)
  return buffer:len() - offset >= 2 and buffer(offset, 2):uint() == 0x1603
end

-- magic:long status:int token:buffer
function bytes.sasl_size(buffer, offset)
  if buffer:len() - offset < 16 then return want(16) end
  if not bytes.is_sasl(buffer, offset) then return bad("the SASL magic 5f2435013501edcc", offset) end
  local length = int(buffer, offset + 12)
  if length < -1 or length > bytes.kMaxFrame then
    return bad("a SASL token of up to 1048576 bytes, found " .. length, offset + 12)
  end
  return 16 + math.max(length, 0)
end

function bytes.frame_size(buffer, offset)
  if buffer:len() - offset < 4 then return want(4) end
  local length = int(buffer, offset)
  if length < 1 or length > bytes.kMaxFrame then
    return bad("a frame of 1 to 1048576 bytes, found " .. length, offset)
  end
  return 4 + length
end

-- One jute string or buffer.
local function buffer_size(buffer, offset, what)
  if buffer:len() - offset < 4 then return want(4) end
  local length = int(buffer, offset)
  if length < -1 or length > bytes.kMaxBuffer then
    return bad(what .. " of up to " .. bytes.kMaxBuffer .. " bytes, found " .. length, offset)
  end
  return 4 + math.max(length, 0)
end

-- A list: count:int, then elements that `element` measures.
local function list_size(buffer, offset, limit, what, element)
  if buffer:len() - offset < 4 then return want(4) end
  local count = int(buffer, offset)
  if count > limit then
    return bad(what .. " of up to " .. limit .. ", found " .. count, offset)
  end
  local size = 4
  for _ = 1, count do
    local more, expected, where = element(buffer, offset + size)
    if more == nil then return want(size + expected) end
    if more == false then return more, expected, where end
    size = size + more
    if buffer:len() - offset < size then return want(size) end
  end
  return size
end

-- Several parts, one behind the other.
local function parts_size(buffer, offset, ...)
  local size = 0
  for _, part in ipairs({ ... }) do
    local more, expected, where
    if type(part) == "number" then more = part
    else more, expected, where = part(buffer, offset + size) end
    if more == nil then return want(size + expected) end
    if more == false then return more, expected, where end
    size = size + more
    if buffer:len() - offset < size then return want(size) end
  end
  return size
end

local function string_part(buffer, offset) return buffer_size(buffer, offset, "a string") end
local function data_part(buffer, offset) return buffer_size(buffer, offset, "data") end
local function id_part(buffer, offset) return parts_size(buffer, offset, string_part, string_part) end
local function acl_part(buffer, offset) return parts_size(buffer, offset, 4, id_part) end
local function ids_part(buffer, offset)
  return list_size(buffer, offset, bytes.kMaxIds, "a list of ids", id_part)
end
local function acls_part(buffer, offset)
  return list_size(buffer, offset, bytes.kMaxIds, "an ACL list", acl_part)
end
local function paths_part(buffer, offset)
  return list_size(buffer, offset, bytes.kMaxEntries, "a list of paths", string_part)
end

-- type:int zxid:long data:buffer authinfo:vector<Id>
function bytes.packet_size(buffer, offset)
  if buffer:len() - offset < 4 then return want(4) end
  local kind = int(buffer, offset)
  if not bytes.kPackets[kind] then return bad("a packet type from 1 to 19, found " .. kind, offset) end
  return parts_size(buffer, offset, 12, data_part, ids_part)
end

-- The snapshot stream behind SNAP: count and sessions, count and ACLs, nodes, "/", "BenWasHere".
local kStatSize = 60
-- A node's path begins with a slash, but for the root, which is the first and has none.
function bytes.snapshot_part_size(section, buffer, offset, is_first)
  if section == "sessions" then return 12 end
  if section == "acls" then return parts_size(buffer, offset, 8, acls_part) end
  if section == "signature" then return string_part(buffer, offset) end
  if section ~= "nodes" then return 4 end
  local size, expected, where = string_part(buffer, offset)
  if not size or buffer:len() - offset < size then return size, expected or size, where end
  if size == 4 and not is_first then return bad("the path of a node, found none", offset) end
  if size > 4 and buffer(offset + 4, 1):uint() ~= 0x2f then
    return bad("a path that begins with /", offset + 4)
  end
  if size == 5 then return 5 end
  return parts_size(buffer, offset, size, data_part, 8 + kStatSize)
end

-- Looking alike: strict enough to claim a stream by its bytes, or to find a message behind a gap.

local function at_least(buffer, offset, size) return buffer:len() - offset >= size end

function bytes.is_frame(buffer, offset)
  if not at_least(buffer, offset, 8) then return false end
  local length, state = int(buffer, offset), uint(buffer, offset + 4)
  if state > 3 then return false end
  if length == 28 or length == 36 or length == 40 then return true end
  if length < 44 or length > bytes.kMaxFrame or not at_least(buffer, offset, 48) then return false end
  return uint(buffer, offset + 40) >= 2 and uint(buffer, offset + 44) <= length - 44
end

-- As is_frame, for the beginning of a direction: as far as the bytes go.
function bytes.may_be_frame(buffer, offset)
  if not at_least(buffer, offset, 4) then return false end
  local length = int(buffer, offset)
  if length < 28 or length > bytes.kMaxFrame then return false end
  return not at_least(buffer, offset, 8) or uint(buffer, offset + 4) <= 3
end

-- A bare id, when it is all that a segment holds, is weak evidence: `trusted` says that the stream
-- is known for an election stream, otherwise the id must be a small one.
function bytes.is_greeting(buffer, offset, trusted)
  if not at_least(buffer, offset, 8) then return false end
  local high, low = uint(buffer, offset), uint(buffer, offset + 4)
  if high == 0xffffffff then
    if low ~= kVersion1 and low ~= kVersion2 then return false end
    if not at_least(buffer, offset, 20) then return true end
    local length = uint(buffer, offset + 16)
    return length >= 1 and length <= bytes.kMaxGreetingText
  end
  if high >= 0x80000000 or bytes.is_sasl(buffer, offset) then return false end
  if at_least(buffer, offset, 12) then
    return bytes.may_be_frame(buffer, offset + 8) or bytes.may_be_sasl(buffer, offset + 8)
  end
  return buffer:reported_len() - offset == 8 and (trusted or (high == 0 and low < 65536)
    or (high == kObserverHigh and low == 0xffffffff))
end

local function one_of(...)
  local set = {}
  for _, value in ipairs({ ... }) do set[value] = true end
  return function(length) return set[length] end
end
local function null(length) return length == -1 end
local function twelves(length) return length == -1 or length % 12 == 0 end
local function at_least_bytes(least) return function(length) return length >= least end end
local function small(length) return length >= -1 and length <= bytes.kMaxFrame end

-- Which lengths the data of each packet type has.
local kDataLengths = {
  [1] = at_least_bytes(16), [2] = at_least_bytes(32), [3] = null, [4] = null, [5] = twelves,
  [6] = one_of(9, 12), [7] = null, [8] = at_least_bytes(32), [9] = one_of(8), [10] = small,
  [11] = one_of(8, 12, 20), [12] = null, [13] = null, [14] = null, [15] = null,
  [16] = one_of(8, 12, 20), [17] = one_of(4), [18] = one_of(4), [19] = at_least_bytes(40),
}

function bytes.is_packet(buffer, offset)
  if not at_least(buffer, offset, 16) then return false end
  local kind, length = int(buffer, offset), int(buffer, offset + 12)
  local fits = kDataLengths[kind]
  if not fits or length > bytes.kMaxBuffer or not fits(length) then return false end
  local behind = offset + 16 + math.max(length, 0)
  if not at_least(buffer, behind, 4) then return true end
  local ids = int(buffer, behind)
  return ids >= -1 and ids <= bytes.kMaxIds
end

-- Whether too few bytes to tell may become what a stream begins with. Both come from the server that
-- dials: a greeting with a bare id below 2^32 or with one of the versions, and LearnerInfo.
local function begins_with(buffer, text)
  local have = math.min(buffer:len(), #text)
  return buffer:raw(0, have) == text:sub(1, have)
end

function bytes.may_become_greeting(buffer)
  local have = buffer:len()
  if have >= 12 then return false end
  if have < 4 then return begins_with(buffer, "\0\0\0") or begins_with(buffer, "\255\255\255") end
  local high = uint(buffer, 0)
  if high == 0 then
    -- Behind a bare id of eight bytes a frame follows, which begins with zeros.
    return have < 8 or have > 8 and buffer(8, 1):uint() == 0
  end
  return high == 0xffffffff and have < 8 and (have < 6 or buffer(4, 2):uint() == 0xffff)
end

function bytes.may_become_learner_info(buffer)
  if buffer:len() >= 16 then return false end
  return begins_with(buffer, "\0\0\0\11") or begins_with(buffer, "\0\0\0\16")
end

-- What a learner says first.
function bytes.is_learner_info(buffer, offset)
  if not bytes.is_packet(buffer, offset) then return false end
  local kind = int(buffer, offset)
  return kind == 11 or kind == 16
end

-- Walks a record of `letters` from `offset` to at most `stop` and calls visit(letter, offset, size)
-- for each field. Returns the offset behind it, or nil when it does not fit.
function bytes.walk(letters, buffer, offset, stop, visit)
  local sizes = { p = string_part, s = string_part, b = data_part, a = acls_part, P = paths_part,
                  z = 1, i = 4, l = 8 }
  for letter in letters:gmatch("%a") do
    local optional = letters:find("." .. letter, 1, true)
    if optional and offset == stop then return offset end
    if letter == "T" or letter == "R" then
      return bytes.walk_multi(letter, buffer, offset, stop, visit)
    end
    local size = parts_size(buffer, offset, sizes[letter])
    if not size or offset + size > stop then return nil end
    visit(letter, offset, size)
    offset = offset + size
  end
  return offset
end

-- A multi transaction is count:int and (type:int record:buffer)*; a multi request is
-- (type:int done:bool err:int record)* and ends with done.
function bytes.walk_multi(letter, buffer, offset, stop, visit)
  local left = math.huge
  if letter == "T" then
    if stop - offset < 4 then return nil end
    left, offset = int(buffer, offset), offset + 4
  end
  local table_of = letter == "T" and bytes.kTransactions or bytes.kRequests
  while left > 0 do
    if stop - offset < (letter == "T" and 8 or 9) then return nil end
    local kind, behind = int(buffer, offset), stop
    if letter == "T" then
      behind = offset + 8 + math.max(int(buffer, offset + 4), 0)
      if behind > stop then return nil end
    elseif buffer(offset + 4, 1):uint() ~= 0 then
      return offset + 9
    end
    visit("o", offset, 4)
    local start = offset + (letter == "T" and 8 or 9)
    local ended = bytes.walk(table_of[kind] or "", buffer, start, behind, visit)
    if not ended then return nil end
    offset = letter == "T" and behind or ended
    left = left - 1
  end
  return offset
end

return bytes
