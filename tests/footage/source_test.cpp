// Tests stills that become videos, and videos in jobs that expect a still.
#include "dreamreel/footage/source.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel::footage {
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

TEST(Duration, KeepsAlphaAsLongAsTheCameraRests) {
  const ScratchDir scratch;
  test::ffmpeg({"-f", "lavfi", "-i",
                "testsrc2=s=32x24,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='8*X'", "-frames:v", "1",
                (scratch / "a.png").string()});
  auto job = one_second_of(scratch / "a.png");
  const auto resting = open_source(job, 0);
  EXPECT_TRUE(resting->info().keeps_alpha());
  const auto first = resting->next(), second = resting->next();
  ASSERT_TRUE(second && second->alpha.defined());
  EXPECT_TRUE(at::equal(first->alpha, second->alpha));
  EXPECT_FLOAT_EQ(second->alpha[0][3][5].item<float>(), 40.0F / 255);
  job.camera.zoom = 1.1;
  const auto moving = open_source(job, 0);
  EXPECT_FALSE(moving->info().keeps_alpha());
  EXPECT_FALSE(moving->next()->alpha.defined());
}

}  // namespace
}  // namespace dreamreel::footage
