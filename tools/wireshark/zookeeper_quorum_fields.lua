-- The fields of both protocols: what can be filtered for. Loaded by zookeeper_quorum.lua; returns a
-- function of both protocols that gives E, the fields of the election port, Q, those of the learner
-- port, and the expert items for malformed bytes.

return function(bytes, zkelection, zkquorum)

local function common_fields(name)
  return {
    kind = ProtoField.string(name .. ".kind", "Kind"),
    src_sid = ProtoField.int64(name .. ".src_sid", "From server"),
    dst_sid = ProtoField.int64(name .. ".dst_sid", "To server"),
    config = ProtoField.string(name .. ".config", "Configuration"),
    config_server = ProtoField.string(name .. ".config.server", "Server"),
    config_group = ProtoField.string(name .. ".config.group", "Group or weight"),
    config_version = ProtoField.uint64(name .. ".config.version", "Configuration version", base.HEX),
    sasl_status = ProtoField.int32(name .. ".sasl.status", "SASL status", base.DEC,
      { [0] = "in progress", [1] = "success", [-1] = "error" }),
    sasl_token = ProtoField.bytes(name .. ".sasl.token", "SASL token"),
    skipped = ProtoField.bytes(name .. ".skipped", "Bytes of a message that is not whole"),
    expected = ProtoField.string(name .. ".expected", "Expected"),
  }
end

local E = common_fields("zkelection")
E.protocol_version = ProtoField.int64("zkelection.protocol_version", "Protocol version")
E.sid = ProtoField.int64("zkelection.sid", "Server id")
E.address_length = ProtoField.int32("zkelection.address_length", "Length of the address")
E.address = ProtoField.string("zkelection.address", "Election address")
E.length = ProtoField.int32("zkelection.length", "Frame length")
E.state = ProtoField.uint32("zkelection.state", "State", base.DEC, bytes.kStates)
E.leader = ProtoField.int64("zkelection.leader", "Leader voted for")
E.zxid = ProtoField.uint64("zkelection.zxid", "zxid", base.HEX)
E.election_epoch = ProtoField.int64("zkelection.election_epoch", "Election epoch (round)")
E.peer_epoch = ProtoField.int64("zkelection.peer_epoch", "Peer epoch")
E.version = ProtoField.int32("zkelection.version", "Version")
E.config_length = ProtoField.int32("zkelection.config.length", "Length of the configuration")

local Q = common_fields("zkquorum")
Q.type = ProtoField.int32("zkquorum.type", "Type", base.DEC, bytes.kPackets)
Q.zxid = ProtoField.uint64("zkquorum.zxid", "zxid", base.HEX)
Q.data_length = ProtoField.int32("zkquorum.data_length", "Length of the data")
Q.data = ProtoField.bytes("zkquorum.data", "Data")
Q.sid = ProtoField.int64("zkquorum.sid", "Server id")
Q.protocol_version = ProtoField.uint32("zkquorum.protocol_version", "Protocol version", base.HEX)
Q.known_config = ProtoField.uint64("zkquorum.config_version", "Known configuration", base.HEX)
Q.epoch = ProtoField.int32("zkquorum.epoch", "Current epoch")
Q.leader = ProtoField.int64("zkquorum.leader", "Designated leader")
Q.session = ProtoField.uint64("zkquorum.session", "Session", base.HEX)
Q.timeout = ProtoField.int32("zkquorum.timeout", "Session timeout (ms)")
Q.valid = ProtoField.bool("zkquorum.session_valid", "Session is valid")
Q.cxid = ProtoField.int32("zkquorum.cxid", "cxid")
Q.txn_zxid = ProtoField.uint64("zkquorum.txn.zxid", "Transaction zxid", base.HEX)
Q.txn_time = ProtoField.int64("zkquorum.txn.time", "Transaction time (ms since 1970)")
Q.operation = ProtoField.int32("zkquorum.operation", "Operation", base.DEC, bytes.kOperations)
Q.sub_operation = ProtoField.int32("zkquorum.multi.operation", "Operation of the multi", base.DEC,
  bytes.kOperations)
Q.error = ProtoField.int32("zkquorum.error", "Error code")
Q.path = ProtoField.string("zkquorum.path", "Path")
Q.digest_version = ProtoField.int32("zkquorum.digest.version", "Digest version")
Q.digest = ProtoField.uint64("zkquorum.digest", "Tree digest", base.HEX)
Q.auth_scheme = ProtoField.string("zkquorum.auth.scheme", "Scheme")
Q.auth_id = ProtoField.string("zkquorum.auth.id", "Id")
Q.snapshot_path = ProtoField.string("zkquorum.snapshot.path", "Node")
Q.snapshot_session = ProtoField.uint64("zkquorum.snapshot.session", "Session", base.HEX)
Q.snapshot_signature = ProtoField.string("zkquorum.snapshot.signature", "Signature")
Q.snapshot_zxid = ProtoField.uint64("zkquorum.snapshot.zxid", "zxid of the snapshot", base.HEX)
Q.snapshot_sessions = ProtoField.uint64("zkquorum.snapshot.sessions", "Sessions")
Q.snapshot_acls = ProtoField.uint64("zkquorum.snapshot.acls", "ACLs")
Q.snapshot_nodes = ProtoField.uint64("zkquorum.snapshot.nodes", "Nodes")
Q.snapshot_data_bytes = ProtoField.uint64("zkquorum.snapshot.data_bytes", "Bytes of data in the nodes")
Q.snapshot_bytes = ProtoField.uint64("zkquorum.snapshot.bytes", "Bytes")

local function fields_of(group)
  local list = {}
  for _, field in pairs(group) do list[#list + 1] = field end
  return list
end
zkelection.fields, zkquorum.fields = fields_of(E), fields_of(Q)

local malformed = {
  [zkelection] = ProtoExpert.new("zkelection.malformed", "Malformed", expert.group.MALFORMED,
    expert.severity.ERROR),
  [zkquorum] = ProtoExpert.new("zkquorum.malformed", "Malformed", expert.group.MALFORMED,
    expert.severity.ERROR),
}
zkelection.experts, zkquorum.experts = { malformed[zkelection] }, { malformed[zkquorum] }

return E, Q, malformed
end
