#include "seat_view.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "learner_view.hpp"

namespace zkprobe::tool {

SeatView::SeatView(net::asio::io_context& io, bool json, bool quiet, std::function<void()> gone)
    : json_(json),
      quiet_(quiet),
      sink_(io, STDOUT_FILENO,
            {[](const std::string& text) { spdlog::error(text); }, std::move(gone)}) {
  sink_.watch_reader();
}

void SeatView::write(const std::string& event, Json record,
                     const std::optional<std::string>& line) {
  const std::string time = rfc3339(std::chrono::system_clock::now());
  if (json_) {
    Json timed = {{"t", time}};
    timed.update(record);
    sink_.write(to_line(timed));
  } else if (line) {
    sink_.write(time + "  " + event_column(event) + *line + "\n");
  }
}

void SeatView::note(const std::string& text) {
  write("note", Json{{"event", "note"}, {"text", text}}, printable(text));
}

void SeatView::differs(const replica::DigestDifference& difference) {
  write("digest", difference_record(difference), replica::describe(difference));
}

void SeatView::show(const net::PeerEvent& event) {
  Json record = event_record(event);
  if (json_) return write("", std::move(record), std::nullopt);
  const std::string name = record["event"].get<std::string>();
  for (const std::string& line : teller_.tell(event, std::chrono::steady_clock::now())) {
    write(name, {}, line);
  }
}

void SeatView::show(const learner::Effect& effect) {
  const bool frequent = std::holds_alternative<learner::TxnSeen>(effect) ||
                        std::holds_alternative<learner::PacketSeen>(effect) ||
                        std::holds_alternative<learner::Send>(effect);
  if (quiet_ && frequent) return;
  if (json_) {
    if (auto record = effect_record(effect)) write("", *std::move(record), std::nullopt);
  } else if (const auto line = effect_line(effect)) {
    sink_.write(rfc3339(std::chrono::system_clock::now()) + "  " + *line + "\n");
  }
}

void SeatView::finish() {
  if (const auto left_out = teller_.left_out()) write("note", {}, left_out);
  sink_.finish();
}

}  // namespace zkprobe::tool
