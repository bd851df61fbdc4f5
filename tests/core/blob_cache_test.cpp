// The cache returns a value exactly as it was stored, or not at all.
#include "dreamreel/core/blob_cache.h"

#include <gtest/gtest.h>

#include <chrono>

#include "support/files.h"

namespace dreamreel {
namespace {

namespace fs = std::filesystem;
using test::ScratchDir;

TEST(BlobCache, GivesBackWhatWasStoredForTheKey) {
  const ScratchDir scratch;
  const BlobCache cache(scratch / "a/b", ".blob", 10);
  EXPECT_FALSE(cache.find("key").has_value());
  cache.store("key", "content");
  cache.store("other", std::string("\0\1", 2));
  cache.store("empty", "");
  EXPECT_EQ(cache.find("key"), "content");
  EXPECT_EQ(cache.find("other"), std::string("\0\1", 2));
  EXPECT_EQ(cache.find("empty"), "");
  EXPECT_FALSE(cache.find("none").has_value());
  cache.store("key", "newer");
  EXPECT_EQ(cache.find("key"), "newer");
}

TEST(BlobCache, TakesNoDamagedFile) {
  const ScratchDir scratch;
  const BlobCache cache(scratch / "c", ".blob", 10);
  cache.store("key", "content");
  const fs::path file = fs::directory_iterator(scratch / "c")->path();
  const std::string good = test::read_file(file);
  for (std::size_t place = 0; place < good.size(); ++place) {
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ 1);
    test::write_file(file, bad);
    EXPECT_FALSE(cache.find("key").has_value()) << place;
    test::write_file(file, good.substr(0, place));
    EXPECT_FALSE(cache.find("key").has_value()) << place;
  }
  test::write_file(file, good);
  EXPECT_EQ(cache.find("key"), "content");
}

TEST(BlobCache, KeepsTheLatestAndNobodyElsesFiles) {
  const ScratchDir scratch;
  const BlobCache cache(scratch.path(), ".blob", 2);
  test::write_file(scratch / "mine.blob", "");
  test::write_file(scratch / "0123456789abcdef.other", "");
  for (const std::string key : {"a", "b", "c"}) {
    cache.store(key, key);
    for (const auto& entry : fs::directory_iterator(scratch.path()))
      fs::last_write_time(entry.path(), entry.last_write_time() - std::chrono::hours(1));
  }
  EXPECT_FALSE(cache.find("a").has_value());
  EXPECT_EQ(cache.find("b"), "b");
  EXPECT_EQ(cache.find("c"), "c");
  EXPECT_TRUE(fs::exists(scratch / "mine.blob"));
  EXPECT_TRUE(fs::exists(scratch / "0123456789abcdef.other"));
}

TEST(BlobCache, AFolderThatCannotBeWrittenIsNoError) {
  const BlobCache cache("/proc/dreamreel", ".blob", 2);
  EXPECT_NO_THROW(cache.store("key", "content"));
  EXPECT_FALSE(cache.find("key").has_value());
}

TEST(Blob, NumbersAndLists) {
  BlobWriter out;
  out.put(7);
  out.put_all(std::vector<double>{0.5, 1.5});
  BlobReader in(out.bytes());
  int number = 0;
  std::vector<double> list;
  EXPECT_TRUE(in.take(number) && in.take_all(list) && in.at_end());
  EXPECT_EQ(number, 7);
  EXPECT_EQ(list, (std::vector<double>{0.5, 1.5}));
  // A stored length that is longer than the rest of the file must not take memory.
  BlobWriter lie;
  lie.put(std::uint64_t{1} << 60);
  BlobReader liar(lie.bytes());
  EXPECT_FALSE(liar.take_all(list));
}

TEST(FactsOfFile, ChangeWithTheFile) {
  const ScratchDir scratch;
  test::write_file(scratch / "f", "abc");
  const std::string before = facts_of_file(scratch / "f");
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(facts_of_file(scratch / "./f"), before);
  test::write_file(scratch / "f", "abcd");
  EXPECT_NE(facts_of_file(scratch / "f"), before);
  EXPECT_EQ(facts_of_file(scratch / "g"), "");
}

}  // namespace
}  // namespace dreamreel
