// Tests stills that become videos, and videos in jobs that expect a still.
#include "dreamreel/render/source.h"

#include <gmock/gmock.h>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel::render {
namespace {

using test::ScratchDir;
using testing::AllOf;
using testing::HasSubstr;

job::Job one_second_of(const std::filesystem::path& path) {
  job::Job job;
  job.input.path = path;
  job.input.duration = TimePoint{1, TimePoint::Unit::seconds};
  return job;
}

void make(const std::filesystem::path& path, const std::string& frames) {
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=32x24:r=10", "-frames:v", frames, path.string()});
}

TEST(Duration, MakesAVideoOfOneFrameInAnyFormat) {
  const ScratchDir scratch;
  for (const std::string name : {"a.png", "a.gif", "a.apng", "a.mkv", "a.mp4"}) {
    make(scratch / name, "1");
    const auto source = open_source(one_second_of(scratch / name), 0);
    EXPECT_EQ(source->info().frame_count, 24) << name;
    EXPECT_FALSE(source->info().is_still) << name;
  }
}

TEST(Duration, OfAVideoIsRefusedWithItsKey) {
  const ScratchDir scratch;
  for (const std::string name : {"a.gif", "a.mkv", "a_%d.png"}) {
    make(scratch / name, "3");
    try {
      open_source(one_second_of(scratch / name), 0);
      FAIL() << name << " was taken";
    } catch (const JobError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("input.duration"), HasSubstr(name), HasSubstr("input.trim")));
    }
  }
}

}  // namespace
}  // namespace dreamreel::render
