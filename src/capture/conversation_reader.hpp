// One stream: finds out what it is, reads both its sides, and learns who speaks.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/conversation.hpp"
#include "capture/directory.hpp"
#include "capture/side_reader.hpp"

namespace zkprobe::capture {

// Streams to these ports are what the user says, whatever their bytes look like.
struct PortHints {
  std::vector<std::uint16_t> election;
  std::vector<std::uint16_t> learner;
};

// What all conversations of a capture share.
struct Shared {
  MessageSink& sink;
  const PortHints& ports;
  Budget& budget;
  Directory& directory;
  ConversationCounts& counts;
};

class ConversationReader : public StreamHandler {
 public:
  // A stream that was not recognised by then is none of ours.
  static constexpr std::size_t kDecideFromStart = 64;
  static constexpr std::size_t kDecideByAnswer =
      4'096;  // of the acceptor, while the dialler is silent
  static constexpr std::uint64_t kDecideInTheMiddle = 65'536;

  ConversationReader(const StreamInfo& info, const Shared& shared);

  void on_bytes(Side from, const Place& place, BytesView bytes) override;
  void on_gap(Side from, const Place& place, std::uint64_t bytes, GapReason reason) override;
  void on_end(Side from, const Place& place) override;
  void on_close(const Place& place, CloseReason reason) override;

 private:
  class Out : public SideOutput {
   public:
    Out(ConversationReader& reader, Side side) : reader_(reader), side_(side) {}
    void on_body(const Place& place, std::uint64_t offset, BytesView bytes,
                 const MessageBody& body) override;
    void on_sasl() override;
    void on_skipped(std::uint64_t bytes) override;
    void on_unfinished() override;

   private:
    ConversationReader& reader_;
    Side side_;
  };

  SideReader& side(Side which) { return which == Side::kDialler ? dialler_ : acceptor_; }
  void recognise(const Place& place, bool ended);
  void recognise_from_start(const Place& place, bool ended);
  bool hinted_by_answer(const Place& place);
  void recognise_in_the_middle(const Place& place);
  // Whether the dialler's first bytes are a bare sid: the eight bytes say little by themselves.
  Match match_bare_sid(bool ended);
  void become(Protocol protocol, const Place& place, bool from_start);
  void message(Side from, const Place& place, std::uint64_t offset, BytesView bytes,
               const MessageBody& body);
  void learn(Side from, const MessageBody& body);
  void tell(Side which, Sid sid);
  void look_up();
  bool hinted(const std::vector<std::uint16_t>& ports) const;

  Shared shared_;
  Conversation conversation_;
  Out dialler_out_;
  Out acceptor_out_;
  SideReader dialler_;
  SideReader acceptor_;
  std::uint64_t searched_ = 0;  // bytes in which nothing was found
  std::uint64_t directory_seen_ = 0;
  bool told_[2] = {false, false};  // the side said its id itself
};

}  // namespace zkprobe::capture
