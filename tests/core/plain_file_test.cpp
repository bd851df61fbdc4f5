#include "dreamreel/core/plain_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel {
namespace {

std::filesystem::path written(const test::ScratchDir& folder, const std::string& text) {
  const auto path = folder / "file";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(PlainFile, ReadsNoMoreThanAsked) {
  const test::ScratchDir folder;
  const auto path = written(folder, "0123456789");
  EXPECT_EQ(read_beginning(path, 4).text, "0123");
  EXPECT_EQ(read_beginning(path, 100).text, "0123456789");
  EXPECT_EQ(read_whole(path, 10), "0123456789");
  EXPECT_THROW(read_whole(path, 9), InputError);
}

TEST(PlainFile, RefusesWhatIsNoFileWithoutWaitingForIt) {
  const test::ScratchDir folder;
  const auto pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::filesystem::path& path : {pipe, std::filesystem::path("/dev/zero"), folder.path()}) {
    EXPECT_NE(why_not_a_file(path), "");
    EXPECT_EQ(read_beginning(path, 10).text, std::nullopt);
    EXPECT_NE(read_beginning(path, 10).why, "");
    EXPECT_THROW(read_whole(path, 10), InputError);
    EXPECT_THROW(sha256_of_file(path), InputError) << path;
    EXPECT_THROW(fingerprint_of_file(path), InputError) << path;
  }
  EXPECT_EQ(why_not_a_file(folder / "none"), "No such file or directory");
  EXPECT_EQ(why_not_a_file(written(folder, "")), "");
}

TEST(SmallJson, CountsValuesAndLevelsOutsideTexts) {
  EXPECT_NO_THROW(expect_small_json(R"({"a": [1, 2, {"b\"": "[[[[,,,,"}]})"));
  EXPECT_NO_THROW(expect_small_json("\"" + std::string(2 * kMostJsonValues, '[') + "\""));
  EXPECT_THROW(expect_small_json("[" + std::string(kMostJsonValues, ',')), DataError);
  EXPECT_THROW(expect_small_json(std::string(kMostJsonLevels + 1, '[')), DataError);
  EXPECT_NO_THROW(expect_small_json(std::string(kMostJsonLevels, '[')));
}

}  // namespace
}  // namespace dreamreel
