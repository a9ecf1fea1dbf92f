// The bytes of a capture file for libpcap, which reads from a FILE: as they are or out of gzip,
// from a file, a pipe or standard input. What a pipe holds is handed on at once, however little it
// is.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace zkprobe::pcap {

class Input {
 public:
  // "-" is standard input. Nothing, with errno, where it cannot be opened.
  static std::unique_ptr<Input> open(const std::string& path);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // Whoever closes it does so before this object ends. A reader that a signal interrupts gets an
  // error with EINTR.
  std::FILE* file() const { return file_; }
  // A regular file is all there; what comes through anything else may come slowly.
  bool may_wait() const { return may_wait_; }
  // What is wrong with the gzip data, once reading has failed because of it; "" otherwise.
  const std::string& error() const { return error_; }

 private:
  struct Gzip;
  Input();
  static ssize_t read_cookie(void* cookie, char* buffer, std::size_t size);
  // As read(2): the bytes that went into the buffer, 0 at the end, -1 with errno.
  ssize_t read(char* buffer, std::size_t size);
  ssize_t inflate(char* buffer, std::size_t size);
  // Looks at the first two bytes. False with errno where they cannot be read.
  bool begin();
  ssize_t fail(const std::string& what);

  int fd_ = -1;
  std::FILE* file_ = nullptr;
  bool may_wait_ = false;
  bool begun_ = false;
  std::unique_ptr<Gzip> gzip_;
  std::array<char, 64 * 1024> buffer_;  // of file_; stdio's own is small
  std::string error_;
};

}  // namespace zkprobe::pcap
