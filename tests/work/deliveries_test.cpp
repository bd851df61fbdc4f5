// A note says whether an output is finished, and is void once the file changes.
#include "dreamreel/work/deliveries.h"

#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel::work {
namespace {

namespace fs = std::filesystem;

class Deliveries : public testing::Test {
 protected:
  test::ScratchDir scratch_;
  const WorkFolder work_{scratch_ / "out.mp4.work"};
  const fs::path output_ = scratch_ / "out.mov";
};

TEST_F(Deliveries, CountForTheSameKeyAndTheSameFile) {
  EXPECT_FALSE(is_delivered(work_, output_, output_, "k"));
  test::write_file(output_, "a film");
  EXPECT_FALSE(is_delivered(work_, output_, output_, "k"));
  note_delivery(work_, output_, output_, "k");
  EXPECT_TRUE(is_delivered(work_, output_, output_, "k"));
  EXPECT_FALSE(is_delivered(work_, output_, output_, "other"));
  EXPECT_FALSE(is_delivered(work_, scratch_ / "other.mov", output_, "k"));
  const auto time = fs::last_write_time(output_);
  test::write_file(output_, "a longer film");
  fs::last_write_time(output_, time);
  EXPECT_FALSE(is_delivered(work_, output_, output_, "k")) << "another size";
  test::write_file(output_, "a film");
  fs::last_write_time(output_, time + std::chrono::seconds(1));
  EXPECT_FALSE(is_delivered(work_, output_, output_, "k")) << "another time";
  fs::last_write_time(output_, time);
  EXPECT_TRUE(is_delivered(work_, output_, output_, "k"));
  fs::remove(output_);
  EXPECT_FALSE(is_delivered(work_, output_, output_, "k"));
}

TEST_F(Deliveries, AreFilesOfTheRenderAndOthersStay) {
  test::write_file(output_, "a film");
  WorkLock lock(work_.lock(), "test", nullptr);
  note_delivery(work_, output_, output_, "k");
  const fs::path encoded = work_.encoded_part({120, 240}, output_);
  fs::create_directories(encoded.parent_path());
  test::write_file(encoded, "");  // as a power cut may leave it
  test::write_file(encoded.parent_path() / "notes.txt", "a person's");
  EXPECT_NO_THROW(work_.expect_no_foreign_files());
  work_.clear(lock);
  EXPECT_FALSE(fs::exists(work_.delivery(output_)));
  EXPECT_FALSE(fs::exists(encoded));
  EXPECT_TRUE(fs::exists(encoded.parent_path() / "notes.txt"));
  test::write_file(encoded, "a person's text under this name");
  EXPECT_THROW(work_.expect_no_foreign_files(), DataError);
}

}  // namespace
}  // namespace dreamreel::work
