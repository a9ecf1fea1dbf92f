#include "store/byte_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <cctype>

namespace zkprobe::store {
namespace {

constexpr std::size_t kChunk = 262'144;

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(std::unique_ptr<File> file) : file_(std::move(file)), buffer_(kChunk) {}

  Stored<BytesView> next() override {
    const auto n = file_->read_at(offset_, buffer_);
    if (!n) return StorageFailure(n.error());
    offset_ += *n;
    return BytesView(buffer_).first(*n);
  }

 private:
  std::unique_ptr<File> file_;
  std::uint64_t offset_ = 0;
  Bytes buffer_;
};

// Members one behind the other, as GZIPInputStream reads them.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<File> file)
      : path_(file->path()), input_(std::move(file)), buffer_(kChunk) {
    // 15: the largest window; 16: a gzip header.
    inflateInit2(&stream_, 15 + 16);
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  Stored<BytesView> next() override {
    while (!ended_) {
      if (left_.empty()) {
        const auto more = input_.next();
        if (!more) return StorageFailure(more.error());
        left_ = *more;
        if (left_.empty()) {
          ended_ = true;
          cut_short_ = !between_members_;
          break;
        }
      }
      const auto produced = inflate_some();
      if (!produced) return StorageFailure(produced.error());
      if (*produced > 0) return BytesView(buffer_).first(*produced);
    }
    return BytesView();
  }
  bool cut_short() const override { return cut_short_; }

 private:
  Stored<std::size_t> inflate_some() {
    between_members_ = false;
    // zlib takes its input through a pointer to non-const and does not write there.
    stream_.next_in = const_cast<Bytef*>(left_.data());
    stream_.avail_in = static_cast<uInt>(left_.size());
    stream_.next_out = buffer_.data();
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    consumed_ += left_.size() - stream_.avail_in;
    left_ = left_.last(stream_.avail_in);
    if (result == Z_STREAM_END) {
      between_members_ = true;
      inflateReset(&stream_);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return corrupt(path_, consumed_,
                     std::string("gzip: ") + (stream_.msg != nullptr ? stream_.msg : "damaged"));
    }
    return buffer_.size() - stream_.avail_out;
  }

  const std::string path_;
  PlainSource input_;
  BytesView left_;  // of the input's last chunk
  std::uint64_t consumed_ = 0;
  Bytes buffer_;
  z_stream stream_{};
  bool between_members_ = false;
  bool ended_ = false;
  bool cut_short_ = false;
};

}  // namespace

Compression compression_of(const std::string& name) {
  std::string extension = name.substr(name.find_last_of('.') + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == "gz") return Compression::kGzip;
  if (extension == "snappy") return Compression::kSnappy;
  return Compression::kNone;
}

Stored<std::unique_ptr<ByteSource>> open_source(FileSystem& files, const std::string& path) {
  const Compression compression = compression_of(path);
  if (compression == Compression::kSnappy) {
    return refused(path,
                   "compressed with snappy, which cannot be read here; let the Java server write a "
                   "snapshot without snapshot.compression.method, or with gz");
  }
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return StorageFailure(file.error());
  if (compression == Compression::kGzip) return std::make_unique<GzipSource>(std::move(*file));
  return std::make_unique<PlainSource>(std::move(*file));
}

}  // namespace zkprobe::store
