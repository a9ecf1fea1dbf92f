// A main for fuzz targets built without libFuzzer: runs every file of the corpus once, whole and
// cut at every length, so that each build checks what the fuzzer once found.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
    return 2;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file),
                                          std::istreambuf_iterator<char>()};
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
      const std::vector<std::uint8_t> exact(bytes.begin(),
                                            bytes.begin() + static_cast<std::ptrdiff_t>(length));
      LLVMFuzzerTestOneInput(exact.data(), exact.size());
    }
    ++files;
  }
  std::printf("%zu corpus files\n", files);
  return files == 0 ? 1 : 0;
}
