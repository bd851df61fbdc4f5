// Tests expressions from the job file to the pixels.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// The values are exact in binary, so both runs read the same numbers to the last bit.
TEST(Expression, GivesTheSameFramesAsTheKeyframesItSpells) {
  const Workbench bench;
  bench.clip();
  const auto by_keys = bench.job(
      "camera: {zoom: 2, rotate: 30}\ntemporal: {blend: {0f: {value: 0.25, ease: hold}, 4f: 0.5}}\n");
  const auto by_text =
      bench.job("camera: {zoom: \"1+2*T\", rotate: \"T*60\"}\ntemporal: {blend: \"if(lt(n,4),0.25,T)\"}\n",
                "text.yaml");
  for (const auto& [job, out] :
       {std::pair{by_keys, bench / "keys.mkv"}, std::pair{by_text, bench / "text.mkv"}}) {
    const auto result = bench.dreamreel({"render", job, "-o", out});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  EXPECT_EQ(Workbench::frame_md5s(bench / "keys.mkv"), Workbench::frame_md5s(bench / "text.mkv"));
}

TEST(Expression, OutOfRangeIsFoundBeforeAnythingIsRendered) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job("temporal: {blend: \"n/10\"}\n");
  for (const char* const command : {"render", "check"}) {
    const auto result = bench.dreamreel({command, job});
    EXPECT_EQ(result.exit_code, 78);
    EXPECT_THAT(result.err,
                HasSubstr("temporal.blend: expected a number from 0 to 1, but 'n/10' gives 1.1 at frame 11"));
    EXPECT_THAT(bench.files("out"), IsEmpty());
  }
}

TEST(Expression, SoundOfAClipThatHasNoneIsAnErrorOfCheck) {
  const Workbench bench;
  bench.clip("clip.mkv", false);
  const auto result = bench.dreamreel({"check", bench.job("temporal: {blend: \"bass\"}\n")});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.err, HasSubstr("temporal.blend: reads the sound, but the job has none"));
}

}  // namespace
}  // namespace dreamreel::test
