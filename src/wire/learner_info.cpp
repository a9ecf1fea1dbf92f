#include "wire/learner_info.hpp"

#include "wire/jute.hpp"

namespace zkprobe::wire {
namespace {

DecodeFailure wrong_size(std::string_view field, std::string expected, BytesView data) {
  const auto fault = data.empty() ? DecodeFault::kTruncated : DecodeFault::kMalformed;
  return DecodeFailure(DecodeError{fault, std::string(field), 0, std::move(expected),
                                   std::to_string(data.size()) + " bytes"});
}

}  // namespace

Bytes encode(const LearnerInfo& info) {
  Writer writer;
  writer.i64(info.sid.value);
  if (info.protocol_version) {
    writer.i32(*info.protocol_version);
    if (info.config_version) writer.i64(info.config_version->value);
  }
  return writer.take();
}

Decoded<LearnerInfo> decode_learner_info(BytesView data) {
  if (data.size() != 8 && data.size() != 12 && data.size() != 20) {
    return wrong_size("LearnerInfo", "8, 12 or 20 bytes", data);
  }
  Reader reader(data);
  LearnerInfo info;
  info.sid = Sid(reader.i64("serverid"));
  if (reader.remaining() > 0) info.protocol_version = reader.i32("protocolVersion");
  if (reader.remaining() > 0) info.config_version = ConfigVersion(reader.i64("configVersion"));
  return reader.finish(info);
}

Bytes encode_int(std::int32_t value) {
  Writer writer;
  writer.i32(value);
  return writer.take();
}

Decoded<std::int32_t> decode_int(BytesView data, std::string_view field) {
  if (data.size() != 4) return wrong_size(field, "4 bytes", data);
  Reader reader(data);
  const std::int32_t value = reader.i32(field);
  return reader.finish(value);
}

Bytes encode_long(std::int64_t value) {
  Writer writer;
  writer.i64(value);
  return writer.take();
}

Decoded<std::int64_t> decode_long(BytesView data, std::string_view field) {
  if (data.size() != 8) return wrong_size(field, "8 bytes", data);
  Reader reader(data);
  const std::int64_t value = reader.i64(field);
  return reader.finish(value);
}

Bytes encode(const std::vector<SessionTouch>& sessions) {
  Writer writer;
  for (const SessionTouch& touch : sessions) {
    writer.i64(touch.session);
    writer.i32(touch.timeout_ms);
  }
  return writer.take();
}

Decoded<std::vector<SessionTouch>> decode_session_touches(BytesView data) {
  if (data.size() % 12 != 0) return wrong_size("sessions", "a multiple of 12 bytes", data);
  Reader reader(data);
  std::vector<SessionTouch> sessions;
  sessions.reserve(data.size() / 12);
  while (reader.ok() && reader.remaining() > 0) {
    SessionTouch touch;
    touch.session = reader.i64("sessionId");
    touch.timeout_ms = reader.i32("timeout");
    sessions.push_back(touch);
  }
  return reader.finish(std::move(sessions));
}

Decoded<SessionTouch> decode_revalidate_request(BytesView data) {
  if (data.size() != 12) return wrong_size("revalidate", "12 bytes", data);
  Reader reader(data);
  SessionTouch touch;
  touch.session = reader.i64("sessionId");
  touch.timeout_ms = reader.i32("timeout");
  return reader.finish(touch);
}

Bytes encode_revalidate_request(const SessionTouch& session) {
  Writer writer;
  writer.i64(session.session);
  writer.i32(session.timeout_ms);
  return writer.take();
}

Decoded<RevalidateAnswer> decode_revalidate_answer(BytesView data) {
  if (data.size() != 9) return wrong_size("revalidate", "9 bytes", data);
  Reader reader(data);
  RevalidateAnswer answer;
  answer.session = reader.i64("sessionId");
  answer.valid = read_bool(reader, "valid");
  return reader.finish(answer);
}

Bytes encode(const RevalidateAnswer& answer) {
  Writer writer;
  writer.i64(answer.session);
  write_bool(writer, answer.valid);
  return writer.take();
}

Bytes encode(const LearnerRequest& request) {
  Writer writer;
  writer.i64(request.session);
  writer.i32(request.cxid);
  writer.i32(request.type);
  writer.raw(request.body);
  return writer.take();
}

Decoded<LearnerRequest> decode_learner_request(BytesView data) {
  Reader reader(data);
  LearnerRequest request;
  request.session = reader.i64("sessionId");
  request.cxid = reader.i32("cxid");
  request.type = reader.i32("type");
  const BytesView body = reader.rest();
  if (reader.ok()) request.body.assign(body.begin(), body.end());
  return reader.finish(std::move(request));
}

}  // namespace zkprobe::wire
