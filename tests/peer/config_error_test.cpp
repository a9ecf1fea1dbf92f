#include "peer/config_error.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

TEST(ConfigError, NamesTheFileTheLineAndWhatWasExpected) {
  EXPECT_EQ(to_string(ConfigError{"zoo.cfg", 7, "tickTime=2s", "a whole number of 32 bits"}),
            "zoo.cfg:7: found tickTime=2s, expected a whole number of 32 bits");
}

TEST(ConfigError, NamesTheFileAloneWhereNoLineIsWrong) {
  EXPECT_EQ(to_string(ConfigError{"zoo.cfg", 0, "no dataDir", "dataDir=FOLDER"}),
            "zoo.cfg: found no dataDir, expected dataDir=FOLDER");
}

TEST(ConfigError, WarningsNameTheirPlaceToo) {
  EXPECT_EQ(to_string(ConfigWarning{"zoo.cfg", 3, "nobody reads it"}),
            "zoo.cfg:3: nobody reads it");
}

}  // namespace
}  // namespace zkprobe::peer
