// A transaction log, read as store reads it from a disk: what comes out is written back to the very
// bytes that it was read from, and the end that the reader names is where they end.
#include <algorithm>

#include "fuzz/check.hpp"
#include "store/log_file_reader.hpp"
#include "wire/txn.hpp"

namespace {

using namespace zkprobe;
using store::Stored;

// One file that can only be read.
class OneFile : public store::FileSystem {
 public:
  explicit OneFile(BytesView bytes) : bytes_(bytes) {}

  class Reading : public store::File {
   public:
    explicit Reading(BytesView bytes) : bytes_(bytes) {}
    Stored<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
      if (offset >= bytes_.size()) return 0;
      const BytesView from = bytes_.subspan(static_cast<std::size_t>(offset));
      const std::size_t n = std::min(from.size(), into.size());
      std::copy_n(from.begin(), n, into.begin());
      return n;
    }
    Stored<void> write_at(std::uint64_t, BytesView) override { return store::refused(path_, "no"); }
    Stored<void> resize(std::uint64_t) override { return store::refused(path_, "no"); }
    Stored<std::uint64_t> size() override { return bytes_.size(); }
    Stored<void> sync() override { return {}; }
    const std::string& path() const override { return path_; }

   private:
    BytesView bytes_;
    std::string path_ = "log.1";
  };
  Stored<std::unique_ptr<store::File>> open(const std::string&, store::OpenMode) override {
    return std::make_unique<Reading>(bytes_);
  }
  Stored<std::vector<std::string>> list(const std::string&) override {
    return std::vector<std::string>{"log.1"};
  }
  Stored<bool> exists(const std::string&) override { return true; }
  Stored<void> rename(const std::string& from, const std::string&) override {
    return store::refused(from, "no");
  }
  Stored<void> remove(const std::string& path) override { return store::refused(path, "no"); }
  Stored<void> sync_directory(const std::string&) override { return {}; }
  Stored<void> make_directory(const std::string&) override { return {}; }
  Stored<std::unique_ptr<store::DirectoryLock>> lock(const std::string& directory) override {
    return store::refused(directory, "no");
  }

 private:
  BytesView bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  OneFile files(bytes);
  auto reader = store::LogFileReader::open(files, "log.1");
  if (!reader) return 0;
  Writer again;
  if (size >= wire::kLogHeaderSize) again.raw(bytes.first(wire::kLogHeaderSize));
  while (true) {
    const auto entry = reader->next();
    if (!entry || !*entry) break;
    fuzz::check((*entry)->offset == again.size());
    wire::write_log_entry(again, (*entry)->payload);
    fuzz::check((*entry)->end == again.size());
    (void)wire::decode_txn((*entry)->payload, static_cast<std::size_t>((*entry)->offset));
  }
  fuzz::check(again.size() <= size && std::equal(again.bytes().begin(), again.bytes().end(), data));
  fuzz::check(again.size() < wire::kLogHeaderSize || reader->end_offset() == again.size());
  return 0;
}
