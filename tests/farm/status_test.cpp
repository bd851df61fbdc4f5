#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/farm/status_watch.h"
#include "support/files.h"

namespace dreamreel::test {
namespace {

// Two chunks of four frames; nothing is rendered yet.
class StatusWatchTest : public testing::Test {
 protected:
  StatusWatchTest() {
    farm_.plan.shots = {{0, 4}, {4, 8}};
    farm::split(farm_.plan, {});
    farm_.job.output.path = scratch_ / "out.mkv";
    std::filesystem::create_directories(farm_.work.root() / "parts");
    set_log_sink([this](LogLevel, std::string_view) { ++warnings_; });  // of a damaged part that was read
  }
  ~StatusWatchTest() override { set_log_sink({}); }

  std::filesystem::path part() const {
    return farm_.work.part(schedule::segments_of(farm_.plan, farm_.plan.pieces.front()).front());
  }
  farm::ChunkState first_state() { return watch_.look(farm_, stop_).front().state; }

  ScratchDir scratch_;
  farm::Farm farm_{"plan.json", {}, {}, work::WorkFolder(scratch_ / "out.mkv.work")};
  farm::StatusWatch watch_;
  std::atomic<bool> stop_{false};
  int warnings_ = 0;
};

TEST_F(StatusWatchTest, ReadsAPartOnlyAfterItHasChanged) {
  EXPECT_EQ(first_state(), farm::ChunkState::missing);
  write_file(part(), "no part");
  EXPECT_EQ(first_state(), farm::ChunkState::damaged);
  EXPECT_EQ(warnings_, 1);
  EXPECT_EQ(first_state(), farm::ChunkState::damaged);
  EXPECT_EQ(warnings_, 1) << "it is known already";
  std::filesystem::last_write_time(part(),
                                   std::filesystem::last_write_time(part()) + std::chrono::seconds(1));
  EXPECT_EQ(first_state(), farm::ChunkState::damaged);
  EXPECT_EQ(warnings_, 2);
  std::filesystem::remove(part());
  EXPECT_EQ(first_state(), farm::ChunkState::missing);
}

TEST_F(StatusWatchTest, StopsWhenItIsAsked) {
  stop_ = true;
  EXPECT_THROW(first_state(), Interrupted);
}

}  // namespace
}  // namespace dreamreel::test
