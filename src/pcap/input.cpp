#include "pcap/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace zkprobe::pcap {
namespace {

constexpr std::uint8_t kMagic[2] = {0x1f, 0x8b};
constexpr int kGzipWindow = MAX_WBITS + 16;  // gzip's header and check, not zlib's

// Where the first bytes can be looked at without taking them.
bool is_gzip(int fd) {
  std::uint8_t magic[2] = {};
  return ::pread(fd, magic, sizeof magic, 0) == 2 && std::equal(magic, magic + 2, kMagic);
}

}  // namespace

// The bytes that were read from the descriptor and not handed on, and how far inflating is.
struct Input::Gzip {
  std::array<std::uint8_t, 128 * 1024> bytes;
  std::size_t at = 0;
  std::size_t end = 0;
  bool over = false;      // the descriptor is at its end
  bool inflates = false;  // `stream` is set up: it is gzipped
  bool between = false;   // a member ended; another one may follow
  bool broken = false;
  z_stream stream{};

  ~Gzip() {
    if (inflates) inflateEnd(&stream);
  }
  std::size_t left() const { return end - at; }
  // One read behind what is there. False with errno.
  bool fill(int fd) {
    if (at == end) at = end = 0;
    const ssize_t got = ::read(fd, bytes.data() + end, bytes.size() - end);
    if (got < 0) return false;
    over = got == 0;
    end += static_cast<std::size_t>(got);
    return true;
  }
};

Input::Input() = default;

Input::~Input() {
  if (fd_ >= 0) ::close(fd_);
}

std::unique_ptr<Input> Input::open(const std::string& path) {
  std::unique_ptr<Input> input(new Input);
  input->fd_ = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                           : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (input->fd_ < 0) return nullptr;
  struct stat status {};
  const bool regular = ::fstat(input->fd_, &status) == 0 && S_ISREG(status.st_mode);
  input->may_wait_ = !regular;
  if (regular && path != "-" && !is_gzip(input->fd_)) {
    input->file_ = ::fdopen(input->fd_, "rb");  // without a detour
    if (input->file_ != nullptr) input->fd_ = -1;
  } else {
    input->gzip_ = std::make_unique<Gzip>();
    cookie_io_functions_t functions{};
    functions.read = read_cookie;
    input->file_ = ::fopencookie(input.get(), "rb", functions);
  }
  if (input->file_ == nullptr) return nullptr;
  std::setvbuf(input->file_, input->buffer_.data(), _IOFBF, input->buffer_.size());
  return input;
}

ssize_t Input::read_cookie(void* cookie, char* buffer, std::size_t size) {
  return static_cast<Input*>(cookie)->read(buffer, size);
}

ssize_t Input::fail(const std::string& what) {
  error_ = what;
  gzip_->broken = true;
  errno = EIO;
  return -1;
}

bool Input::begin() {
  while (gzip_->left() < 2 && !gzip_->over) {
    if (!gzip_->fill(fd_)) return false;
  }
  begun_ = true;
  if (gzip_->left() < 2 || !std::equal(kMagic, kMagic + 2, gzip_->bytes.begin())) return true;
  gzip_->inflates = inflateInit2(&gzip_->stream, kGzipWindow) == Z_OK;
  return gzip_->inflates || fail("no memory to inflate with") == 0;
}

ssize_t Input::read(char* buffer, std::size_t size) {
  if (!begun_ && !begin()) return -1;
  if (gzip_->inflates) return inflate(buffer, size);
  if (gzip_->left() == 0) return gzip_->over ? 0 : ::read(fd_, buffer, size);
  const std::size_t count = std::min(size, gzip_->left());
  std::memcpy(buffer, gzip_->bytes.data() + gzip_->at, count);
  gzip_->at += count;
  return static_cast<ssize_t>(count);
}

ssize_t Input::inflate(char* buffer, std::size_t size) {
  z_stream& stream = gzip_->stream;
  while (!gzip_->broken) {
    if (gzip_->left() == 0 && !gzip_->over && !gzip_->fill(fd_)) return -1;
    if (gzip_->between) {
      // What follows the last member and is none is left alone, as gzip does.
      if (gzip_->left() == 0 || gzip_->bytes[gzip_->at] != kMagic[0]) return 0;
      inflateReset(&stream);
      gzip_->between = false;
    }
    if (gzip_->left() == 0) return fail("the gzip data ends too early");
    stream.next_in = gzip_->bytes.data() + gzip_->at;
    stream.avail_in = static_cast<uInt>(gzip_->left());
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = static_cast<uInt>(size);
    const int result = ::inflate(&stream, Z_SYNC_FLUSH);
    gzip_->at = gzip_->end - stream.avail_in;
    gzip_->between = result == Z_STREAM_END;
    const std::size_t made = size - stream.avail_out;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      fail(std::string("damaged gzip data: ") + (stream.msg != nullptr ? stream.msg : "no header"));
    }
    if (made > 0) return static_cast<ssize_t>(made);
  }
  errno = EIO;
  return -1;
}

}  // namespace zkprobe::pcap
