// Tests that the remaining work follows from the contents of a work folder.
#include "dreamreel/work/outstanding.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/schedule/first_pass.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/work/stored_parts.h"
#include "support/files.h"

namespace dreamreel::work {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kSide = 16;

// Two shots of ten and four frames, in segments of four: 0..4, 4..8, 8..10 and 10..12, 12..14.
class Left : public testing::Test {
 protected:
  Left() {
    plan_.segment_frames = 4;
    plan_.shots = {{0, 10}, {10, 14}};
    plan_.pieces = {{0, 0, 10, 0}, {10, 10, 14, 1}};
  }

  void store(std::initializer_list<std::int64_t> frames) const {
    const auto picture = image::quantise16(at::full({3, kSide, kSide}, 0.25));
    for (const auto frame : frames) work_.store(key_of(frame), frame, picture, picture);
  }

  static schedule::FrameKey key_of(std::int64_t frame) {
    const std::string key = "key of " + std::to_string(frame);
    return {key, key, true, true};
  }

  void close_part(std::int64_t begin, std::int64_t end, std::optional<std::int64_t> frames = {}) const {
    media::VideoInfo info;
    info.width = info.height = kSide;
    info.frame_rate = {24, 1};
    info.time_base = {1, 24};
    media::WriterOptions options;
    options.path = output_;
    options.codec = "ffv1";
    const schedule::Segment segment{begin, end};
    media::PartWriter writer(work_.part(segment), WorkFolder::label(plan_, segment), options, info);
    for (std::int64_t i = 0; i < frames.value_or(end - begin); ++i) {
      media::VideoFrame frame;
      frame.rgb = at::full({3, kSide, kSide}, 0.5);
      frame.pts = frame.index = begin + i;
      frame.duration = 1;
      writer.write(frame);
    }
    writer.finish();
  }

  schedule::Outstanding left(int every = 1, const std::atomic<bool>* stop = nullptr) const {
    return find_outstanding(plan_, schedule::Cadence(every, plan_.loop), plan_.pieces, work_, key_of, output_,
                            stop);
  }

  // begin, resume, end, from
  static std::vector<std::vector<std::int64_t>> tasks_of(const schedule::Outstanding& all) {
    std::vector<std::vector<std::int64_t>> tasks;
    for (const auto& task : all.tasks) tasks.push_back({task.begin, task.resume, task.end, task.from});
    return tasks;
  }

  test::ScratchDir scratch_;
  fs::path output_ = scratch_ / "out.mkv";
  WorkFolder work_{scratch_ / "out.mkv.work"};
  schedule::Plan plan_;
};

using List = std::vector<std::int64_t>;

TEST_F(Left, IsEverythingAtFirst) {
  const auto all = left();
  EXPECT_THAT(tasks_of(all), ElementsAre(List{0, 0, 10, 0}, List{10, 10, 14, 10}));
  EXPECT_EQ(all.frames_done, 0);
}

TEST_F(Left, IsWhatComesAfterTheStoredFrames) {
  store({0, 1, 2, 10});
  const auto all = left();
  EXPECT_THAT(tasks_of(all), ElementsAre(List{0, 3, 10, 2}, List{10, 11, 14, 10}));
  EXPECT_EQ(all.frames_done, 4);
}

TEST_F(Left, BeginsAtTheFirstFrameThatLacks) {
  store({0, 1, 3});
  EXPECT_THAT(tasks_of(left()), ElementsAre(List{0, 2, 10, 1}, List{10, 10, 14, 10}));
}

TEST_F(Left, GoesOnFromTheLastFrameOfAWholePart) {
  close_part(0, 4);
  store({3});
  close_part(10, 12);
  close_part(12, 14);
  const auto all = left();
  EXPECT_THAT(tasks_of(all), ElementsAre(List{4, 4, 10, 3}));
  EXPECT_EQ(all.frames_done, 8);
}

TEST_F(Left, IsThePartBeforeToo_WhereItsLastFrameIsLost) {
  close_part(0, 4);
  const auto all = left();
  EXPECT_THAT(tasks_of(all), ElementsAre(List{0, 0, 10, 0}, List{10, 10, 14, 10}));
  EXPECT_EQ(all.frames_done, 0);
}

TEST_F(Left, IsARunBetweenTwoWholeParts) {
  close_part(0, 4);
  close_part(8, 10);
  store({3, 4, 5});
  const auto all = left();
  EXPECT_THAT(tasks_of(all), ElementsAre(List{4, 6, 8, 5}, List{10, 10, 14, 10}));
  EXPECT_EQ(all.frames_done, 8);
}

TEST_F(Left, IsNothingWhereAllPartsAreWhole) {
  for (const auto& piece : plan_.pieces)
    for (const auto& segment : schedule::segments_of(plan_, piece)) close_part(segment.begin, segment.end);
  const auto all = left();
  EXPECT_THAT(all.tasks, IsEmpty());
  EXPECT_EQ(all.frames_done, 14);
}

TEST_F(Left, IsAPartThatIsDamagedTooShortOrHasAnotherKey) {
  const schedule::Segment segment{10, 12};
  close_part(10, 12);
  const std::string whole = test::read_file(work_.part(segment));
  EXPECT_EQ(part_state(plan_, segment, work_, output_), PartState::whole);
  std::string flipped = whole;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  for (const auto& content : {flipped, whole.substr(0, whole.size() - 1), std::string()}) {
    test::write_file(work_.part(segment), content);
    EXPECT_EQ(part_state(plan_, segment, work_, output_), PartState::damaged);
  }
  close_part(10, 12, 1);
  EXPECT_EQ(part_state(plan_, segment, work_, output_), PartState::damaged);
  close_part(10, 12);
  plan_.part_keys[10] = "another";
  EXPECT_EQ(part_state(plan_, segment, work_, output_), PartState::of_another);
  EXPECT_EQ(part_state(plan_, {12, 14}, work_, output_), PartState::missing);
}

TEST_F(Left, GoesOnBehindWhatIsStoredOfSeveralSegments) {
  store({0, 1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13});
  const auto all = left();
  EXPECT_THAT(tasks_of(all), ElementsAre(List{0, 7, 10, 6}, List{10, 14, 14, 13}));
  EXPECT_EQ(all.frames_done, 11);
  close_part(4, 8);
  EXPECT_THAT(tasks_of(left()), ElementsAre(List{0, 4, 4, 3}, List{8, 9, 10, 8}, List{10, 14, 14, 13}));
}

TEST_F(Left, IsAFrameWithAnotherKey) {
  store({0, 1, 2});
  const auto picture = image::quantise16(at::full({3, kSide, kSide}, 0.25));
  work_.store({"another", "another", true, true}, 1, picture, picture);
  EXPECT_THAT(tasks_of(left()), ElementsAre(List{0, 1, 10, 0}, List{10, 10, 14, 10}));
}

// The opacity has changed, but the dream is still the same.
TEST_F(Left, AStoredDreamStaysWhereItsPictureHasAnotherKey) {
  const auto dream = image::quantise16(at::full({3, kSide, kSide}, 0.25));
  const auto picture = image::quantise16(at::full({3, kSide, kSide}, 0.5));
  work_.store({"dream", "shown", false, true}, 0, dream, picture, "note");
  EXPECT_TRUE(work_.load({"dream", "shown", false, true}, 0)->output.equal(picture));
  const auto other = work_.load({"dream", "other", false, true}, 0);
  ASSERT_TRUE(other.has_value());
  EXPECT_TRUE(other->dreamed.equal(dream));
  EXPECT_FALSE(other->output.defined());
  EXPECT_EQ(other->note, "note");
  const auto plain = work_.load({"dream", "dream", true, true}, 0);
  EXPECT_TRUE(plain->output.is_same(plain->dreamed));
  EXPECT_FALSE(work_.load({"dream", "other", false, false}, 0).has_value());
  EXPECT_TRUE(work_.is_labelled({"dream", "other", false, true}, 0));
  EXPECT_FALSE(work_.is_labelled({"dream", "other", false, false}, 0));
  EXPECT_FALSE(work_.is_labelled({"other", "other", true, true}, 0));
}

TEST_F(Left, LeansOnTheLastDreamedFrameWhereOthersAreFilledIn) {
  store({0, 1, 2, 3});  // frames 0, 3, 6 and 9 are dreamed
  const auto all = left(3);
  EXPECT_THAT(tasks_of(all), ElementsAre(List{0, 4, 10, 3}, List{10, 10, 14, 10}));
}

TEST_F(Left, IsTheRunInFirstWhereALoopNeedsIt) {
  plan_.loop = {4, 2, 14, 0, 0};
  plan_.run_in = {{-4, 0}};
  store({-4, -3});
  EXPECT_THAT(tasks_of(left()), ElementsAre(List{-2, -2, 0, -3}, List{0, 0, 10, 0}, List{10, 10, 14, 10}));
  close_part(10, 12);
  close_part(12, 14);
  // The piece is pulled towards no frame of the run-in.
  EXPECT_THAT(tasks_of(left()), ElementsAre(List{0, 0, 10, 0}));
}

TEST_F(Left, IsNotLookedForOnceAStopIsAskedFor) {
  const std::atomic<bool> stop{true};
  EXPECT_THROW(left(1, &stop), Interrupted);
}

class Folder : public Left {
 protected:
  static constexpr const char* kDone =
      "{\n \"chunk\": 3,\n \"frames\": 5,\n \"host\": \"h\",\n \"parts\": [],\n \"plan\": \"i\",\n "
      "\"plan_file\": \"s\"\n}\n";

  fs::path done(int chunk) const { return work_.root() / ("chunk-" + std::to_string(chunk) + ".done.json"); }
  // The contents of the files that a render makes, by their paths.
  std::map<fs::path, std::string> texts() const {
    return {{work_.plan(), to_json(plan_)},
            {work_.shots(), to_json("key", schedule::FirstPass{})},
            {done(3), kDone}};
  }

  void put(const fs::path& path, const std::string& text) const {
    fs::create_directories(path.parent_path());
    test::write_file(path, text);
  }

  bool is_refused() const {
    try {
      work_.expect_no_foreign_files();
      return false;
    } catch (const DataError&) {
      return true;
    }
  }

  void fill() const {
    store({0, 1});
    close_part(10, 12);
    test::write_file(work_.plan(), to_json(plan_));
    test::write_file(work_.shots(), to_json("key", schedule::FirstPass{}));
    test::write_file(done(3), kDone);
    test::write_file(work_.root() / ".plan.host-12-0123abcd.part.json", "");
    test::write_file(work_.root() / "frames/.000007.host-12-0123abcd.part.png", "half");
    test::write_file(work_.root() / "frames/000005.png", "");  // torn by a power cut
  }
};

TEST_F(Folder, GoesWithAllThatARenderMade) {
  fill();
  {
    WorkLock lock(work_.lock(), "out.mkv");
    work_.remove(lock);
  }
  EXPECT_FALSE(fs::exists(work_.root()));
}

TEST_F(Folder, KeepsWhatAPersonPutThere) {
  const std::vector<std::string> theirs{"notes.txt",
                                        "frames/holiday.png",
                                        "frames/000009.png",
                                        "frames/more/000001.png",
                                        "parts/000012.seg",
                                        "parts/000000.seg.bak",
                                        "plan.json.bak",
                                        ".hidden",
                                        "frames/.000007.part.png",
                                        "mine/plan.json"};
  fill();
  for (const auto& name : theirs) {
    fs::create_directories((work_.root() / name).parent_path());
    test::write_file(work_.root() / name, "theirs, and no picture");
  }
  fs::create_symlink(work_.root() / "notes.txt", work_.root() / "frames/000008.png");
  {
    WorkLock lock(work_.lock(), "out.mkv");
    work_.clear(lock);
    work_.remove(lock);
  }
  std::vector<std::string> left;
  for (const auto& entry : fs::recursive_directory_iterator(work_.root()))
    if (entry.is_regular_file() && !entry.is_symlink())
      left.push_back(entry.path().lexically_relative(work_.root()).string());
  EXPECT_THAT(left, testing::UnorderedElementsAreArray(theirs));
  EXPECT_TRUE(fs::is_symlink(work_.root() / "frames/000008.png"));
}

TEST_F(Folder, IsRefusedWhereARenderWouldOverwriteWhatAPersonPutThere) {
  work_.expect_no_foreign_files();
  fill();
  work_.expect_no_foreign_files();
  test::write_file(work_.root() / "frames/000009.png", "theirs, and no picture");
  try {
    work_.expect_no_foreign_files();
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("frames/000009.png"));
  }
}

// A folder called clip.mp4.work may belong to a person, and its files may have names that many programs use.
TEST_F(Folder, TellsTextsOfOthersByWhatIsInThem) {
  for (const auto& [path, ours] : texts())
    for (const char* const theirs :
         {"{}", "{\n}\n", "[]", "my plan", "{\"frames\": [1, 2], \"shots\": [[0, 5]], \"plan\": \"a film\"}",
          "{\n \"damage\": \"\",\n \"shots\": []\n}\n", "{\n \"chunks\": []\n}\n", "{\n \"chunk\": 3\n}\n"}) {
      put(path, theirs);
      EXPECT_TRUE(is_refused()) << path << " " << theirs;
      {
        WorkLock lock(work_.lock(), "out.mkv");
        work_.clear(lock);
        work_.remove(lock);
      }
      EXPECT_EQ(test::read_file(path), theirs) << path;
      fs::remove(path);
    }
}

TEST_F(Folder, TakesLocksOfOthersForTheirs) {
  for (const char* const name : {"chunk-7.lock", "lock"}) {
    put(work_.root() / name, "the key is under the mat");
    EXPECT_TRUE(is_refused()) << name;
    fs::remove(work_.root() / name);
  }
  put(work_.root() / "chunk-7.lock", "");
  EXPECT_FALSE(is_refused());
}

TEST_F(Folder, TakesWhatAPowerCutLeftOfItsTextsForOurs) {
  constexpr std::size_t kStep = 37;
  for (const auto& [path, whole] : texts())
    for (std::size_t kept = 0; kept < whole.size(); kept += kStep)
      for (const bool zeros : {false, true}) {
        const std::string torn = whole.substr(0, kept) + std::string(zeros ? whole.size() - kept : 0, '\0');
        put(path, torn);
        ASSERT_FALSE(is_refused()) << path << " " << kept;
        WorkLock lock(work_.lock(), "out.mkv");
        work_.remove(lock);
        ASSERT_FALSE(fs::exists(path)) << path << " " << kept;
      }
}

// Without this, a damaged file would block the render for ever, because a person may not know how to judge
// the folder's files.
TEST_F(Folder, TakesItsFilesForOursWhicheverByteIsDamaged) {
  constexpr std::size_t kMostBytes = 2000;  // the header of a frame, its label and the first of its pixels
  store({0});
  close_part(10, 12);
  auto files = texts();
  for (const auto& path : {work_.frame(0), work_.part({10, 12})}) files[path] = test::read_file(path);
  for (const auto& [path, whole] : files) {
    for (std::size_t at = 0; at < std::min(whole.size(), kMostBytes); ++at)
      for (const int bits : {1, 0x20, 0xFF}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ bits);
        put(path, damaged);
        ASSERT_FALSE(is_refused()) << path << " " << at << " " << bits;
      }
    put(path, whole);
  }
}

TEST_F(Folder, OfAChunkLosesNoForeignFileAndIsNotHeldUpByIt) {
  const std::vector<schedule::Piece> pieces{plan_.pieces[1]};
  put(work_.root() / "frames/000009.png", "theirs, of another piece");
  put(done(4), "theirs, of another chunk");
  const std::string frame = test::read_file(work_.root() / "frames/000009.png");
  for (const auto& path : {done(3), work_.frame(11), work_.part({10, 12})}) {
    for (const std::string theirs : {"theirs, and no picture", "another one"}) {
      put(path, theirs);
      work_.set_aside_foreign_files(plan_, pieces, 3);
      EXPECT_FALSE(fs::exists(path));
    }
    EXPECT_EQ(test::read_file(path.string() + ".foreign"), "theirs, and no picture");
    EXPECT_EQ(test::read_file(path.string() + ".foreign2"), "another one");
  }
  EXPECT_EQ(test::read_file(work_.root() / "frames/000009.png"), frame);
  EXPECT_TRUE(fs::exists(done(4)));
}

TEST(WorkFolderBeside, HasANameThatFits) {
  EXPECT_EQ(work_folder_beside("/a/clip.mp4"), "/a/clip.mp4.work");
  const std::string longest = std::string(251, 'x') + ".mp4";
  const auto folder = work_folder_beside("/tmp/" + longest);
  EXPECT_LE(folder.filename().string().size(), 255U);
  EXPECT_THAT(folder.string(), testing::EndsWith(".mp4.work"));
  EXPECT_NE(folder, work_folder_beside("/tmp/y" + longest.substr(1)));
  EXPECT_NE(folder, work_folder_beside("/tmp/" + std::string(250, 'x') + "y.mp4"));
}

}  // namespace
}  // namespace dreamreel::work
