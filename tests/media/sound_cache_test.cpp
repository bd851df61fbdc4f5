// An analysis kept on disk gives the same numbers again, and never the numbers of another sound.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "dreamreel/core/error.h"
#include "dreamreel/media/sound_analysis.h"
#include "dreamreel/media/sound_cache.h"
#include "sound_tracks.h"

namespace dreamreel::media {
namespace {

namespace fs = std::filesystem;
using test::ScratchDir;

class SoundCache : public testing::Test {
 protected:
  SoundCache() { write_song(0.5); }

  void write_song(double period) const {
    test::write_wav(range.path, 8, 8000, 1, [&](double t, int) {
      return 0.5 * test::clicks(period, t) + 0.2 * test::bass_line(period, t);
    });
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
    return found;
  }
  static std::string name_of(int number) { return "00000000000000" + std::to_string(10 + number) + ".sound"; }
  // Overwrites the only file in the cache. Its new content must not be taken for an analysis.
  void expect_ignored(const std::string& bytes) const {
    test::write_file(files().front(), bytes);
    EXPECT_EQ(cached_sound(range, folder), fresh);
  }

  ScratchDir scratch;
  fs::path folder = scratch / "cache/sound";
  SoundRange range{scratch / "song.wav", 0, {24, 1}, 150};
  SoundAnalysis fresh;
};

TEST_F(SoundCache, GivesBackTheSameNumbers) {
  fresh = analyse_sound(range);
  EXPECT_EQ(cached_sound(range, folder), fresh);
  ASSERT_EQ(files().size(), 1U);
  EXPECT_EQ(files().front().extension(), ".sound");
  // The sound file no longer exists, so the second answer can only come from the cache.
  const auto time = fs::last_write_time(range.path);
  test::write_file(range.path, std::string(fs::file_size(range.path), 'x'));
  fs::last_write_time(range.path, time);
  EXPECT_EQ(cached_sound(range, folder), fresh);
}

TEST_F(SoundCache, TellsRangesAndFilesApart) {
  fresh = cached_sound(range, folder);
  SoundRange other = range;
  other.start_seconds = 0.25;
  EXPECT_NE(cached_sound(other, folder), fresh);
  other = range;
  other.frame_rate = {25, 1};
  EXPECT_NE(cached_sound(other, folder).levels, fresh.levels);
  other = range;
  other.frame_count = 100;
  EXPECT_EQ(cached_sound(other, folder).levels.size(), 100U);
  EXPECT_EQ(files().size(), 4U);
  write_song(0.4);
  fs::last_write_time(range.path, fs::last_write_time(range.path) + std::chrono::seconds(2));
  EXPECT_NE(cached_sound(range, folder), fresh) << "the file has changed";
}

TEST_F(SoundCache, IgnoresDamagedFiles) {
  fresh = cached_sound(range, folder);
  const std::string good = test::read_file(files().front());
  expect_ignored("");
  expect_ignored("junk");
  expect_ignored(good.substr(0, good.size() / 2));
  expect_ignored(good + "x");
  for (std::size_t place = 0; place < good.size(); place += 97) {
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ 0x40);
    expect_ignored(bad);
  }
  EXPECT_EQ(test::read_file(files().front()), good) << "and replaces them";
}

TEST_F(SoundCache, AFolderThatCannotBeWrittenIsNoError) {
  fresh = analyse_sound(range);
  test::write_file(scratch / "file", "");
  EXPECT_EQ(cached_sound(range, scratch / "file/sound"), fresh) << "a file stands in the way";
  if (geteuid() != 0) {  // root writes everywhere
    fs::create_directories(folder);
    ASSERT_EQ(chmod(folder.c_str(), 0500), 0);
    EXPECT_EQ(cached_sound(range, folder), fresh);
    EXPECT_TRUE(files().empty());
    ASSERT_EQ(chmod(folder.c_str(), 0700), 0);
  }
  EXPECT_EQ(cached_sound(range, "/proc/dreamreel"), fresh);
}

TEST_F(SoundCache, KeepsTheLatest) {
  fs::create_directories(folder);
  for (int i = 0; i < kCachedSounds; ++i) {
    const auto old = folder / name_of(i);
    test::write_file(old, "old");
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(kCachedSounds - i));
  }
  test::write_file(folder / "my.sound", "a person's");
  fs::last_write_time(folder / "my.sound", fs::file_time_type::clock::now() - std::chrono::hours(1000));
  fresh = cached_sound(range, folder);
  EXPECT_TRUE(fs::remove(folder / "my.sound"));
  EXPECT_EQ(files().size(), static_cast<std::size_t>(kCachedSounds));
  EXPECT_FALSE(fs::exists(folder / name_of(0)));
  EXPECT_TRUE(fs::exists(folder / name_of(1)));
  EXPECT_EQ(cached_sound(range, folder), fresh);
}

TEST_F(SoundCache, AMissingFileIsTheAnalysisError) {
  range.path = scratch / "absent.wav";
  EXPECT_THROW(cached_sound(range, folder), InputError);
}

}  // namespace
}  // namespace dreamreel::media
