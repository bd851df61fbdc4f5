#include "dreamreel/study/look_sheet.h"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>

#include "dreamreel/core/error.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

TEST(LookSheetTest, AStopTellsHowManyLooksThereWere) {
  const test::ScratchDir scratch;
  test::write_tiny_network(scratch.path());
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64", "-frames:v", "1", (scratch / "in.png").string()});
  test::write_file(scratch / "tiny.yaml",
                   "network: tiny.onnx\ndevice: cpu\nprecision: fp32\n"
                   "dream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 2}\n");
  std::atomic<bool> stop = false;
  LookSheetOptions options;
  options.input = scratch / "in.png";
  options.side = 64;
  options.load = job::default_load_options();
  options.load.look_folders.insert(options.load.look_folders.begin(), scratch.path());
  options.looks = {"tiny", "tiny"};
  options.stop = &stop;
  options.progress = [&](std::size_t look, std::size_t, const std::string&) { stop = look == 1; };
  try {
    write_look_sheet(options, scratch / "sheet.png");
    FAIL() << "went on";
  } catch (const Interrupted& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("interrupted after 1 of 2 looks; nothing was written"));
  }
  EXPECT_FALSE(std::filesystem::exists(scratch / "sheet.png"));
}

TEST(LookSheetTest, AMomentBehindTheEndIsTold) {
  const test::ScratchDir scratch;
  test::ffmpeg(
      {"-f", "lavfi", "-i", "testsrc2=size=96x64:rate=12:duration=1", (scratch / "in.mkv").string()});
  LookSheetOptions options;
  options.input = scratch / "in.mkv";
  options.load = job::default_load_options();
  for (const auto at : {TimePoint{540}, TimePoint{12, TimePoint::Unit::frames}}) {
    options.at = at;
    try {
      write_look_sheet(options, scratch / "sheet.png");
      ADD_FAILURE() << "went on";
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith("--at: expected a time within " + options.input.string() +
                                                    ", which ends at 1s, got " + to_string(at)));
    }
  }
}

}  // namespace
}  // namespace dreamreel::study
