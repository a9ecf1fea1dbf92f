#include "peer/storage_error.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

TEST(StorageError, NamesFileAndOffsetWhereThereIsOne) {
  using Kind = StorageError::Kind;
  EXPECT_EQ(to_string({Kind::kCorrupt, "/d/log.1", 0, "magic: expected a, found b", 0}),
            "/d/log.1 at byte 0: magic: expected a, found b");
  EXPECT_EQ(to_string({Kind::kFull, "/d/log.1", 2755, "write: No space left on device", 28}),
            "/d/log.1 at byte 2755: write: No space left on device");
  EXPECT_EQ(to_string({Kind::kBusy, "/d\n", 0, "busy", 0}), "/d\\x0a: busy");
}

}  // namespace
}  // namespace zkprobe::peer
