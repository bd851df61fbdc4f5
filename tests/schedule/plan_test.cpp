#include "dreamreel/schedule/plan_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/first_pass.h"

namespace dreamreel::schedule {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST(PlanFile, HasABoundOfSegmentsAndTimes) {
  Plan plan;
  plan.shots = {{0, 1'000'000}};
  plan.pieces = {{.start = 0, .begin = 0, .end = 1'000'000, .shot = 0}};
  plan.segment_frames = 1;
  EXPECT_THROW(plan_from_json(to_json(plan), "plan.json"), DataError);
  plan.segment_frames = 120;
  EXPECT_NO_THROW(plan_from_json(to_json(plan), "plan.json"));
  plan.first_pts = std::numeric_limits<std::int64_t>::min();
  EXPECT_THROW(plan_from_json(to_json(plan), "plan.json"), DataError);
}

TEST(PlanFile, TakesWholeNumbersAlone) {
  Plan plan;
  plan.shots = {{0, 8}};
  plan.pieces = {{.start = 0, .begin = 0, .end = 8, .shot = 0}};
  plan.segment_frames = 8;
  const std::string text = to_json(plan);
  EXPECT_EQ(plan_from_json(text, "plan.json").shots, plan.shots);
  for (const std::string number : {"1e300", "0.5", "\"0\"", "18446744073709551615"}) {
    std::string changed = text;
    const std::string key = "\"first_pts\": ";
    changed.replace(changed.find(key), key.size() + 1, key + number);
    try {
      plan_from_json(changed, "plan.json");
      ADD_FAILURE() << number;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), AllOf(StartsWith("plan.json"), HasSubstr("not whole")));
    }
  }
}

// Damages each byte of `text` in several ways, and expects `read` to refuse or to return the same.
void expect_found_whichever_byte_is_damaged(
    const std::string& text, const std::function<std::optional<std::string>(const std::string&)>& read) {
  ASSERT_EQ(read(text), text);
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const int bits : {1, 2, 0x20, 0x80, 0xFF}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ bits);
      const auto found = read(damaged);
      EXPECT_EQ(found.value_or(text), text) << at << " " << bits;
    }
}

TEST(PlanFile, IsNeverTakenForAnotherWhicheverByteIsDamaged) {
  Plan plan;
  plan.shots = {{0, 8}, {8, 14}};
  plan.pieces = {{.start = 0, .begin = 0, .end = 8, .shot = 0},
                 {.start = 8, .begin = 8, .end = 14, .shot = 1}};
  plan.chunks = {{0}, {1}};
  plan.segment_frames = 8;
  plan.job_yaml = "dream: {iterations: 10}\n";
  plan.facts.files = {{"colour.lut", "0123"}};
  plan.first_seconds = 1.0 / 3;
  plan.memory = 1 << 30;
  expect_found_whichever_byte_is_damaged(to_json(plan),
                                         [](const std::string& text) -> std::optional<std::string> {
                                           try {
                                             return to_json(plan_from_json(text, "plan.json"));
                                           } catch (const DataError& error) {
                                             EXPECT_THAT(error.what(), StartsWith("plan.json is damaged"));
                                             return {};
                                           }
                                         });
}

TEST(FirstPassFile, IsNeverTakenForAnotherWhicheverByteIsDamaged) {
  FirstPass pass;
  pass.shots = {{0, 8}, {8, 14}};
  pass.first_seconds = 1.0 / 3;
  expect_found_whichever_byte_is_damaged(
      to_json("key", pass), [](const std::string& text) -> std::optional<std::string> {
        const auto found = first_pass_from_json(text, "key");
        return found ? std::optional(to_json("key", *found)) : std::nullopt;
      });
}

// An excerpt dreams the same frames as the whole. They lie at multiples of `every` from the frame at which
// the shot counts 0. For a shot that begins in a loop's run-in, this is frame 0.
TEST(PlanOfAnExcerpt, DreamsTheFramesOfTheWhole) {
  for (const int every : {1, 2, 3, 5})
    for (const std::int64_t shot_start : {-7, -2, 0, 11}) {
      job::Job job;
      job.temporal.every = every;
      FirstPass pass;
      pass.shot_start = shot_start;
      pass.loop.run_in = 7;
      pass.shots = {{100, 140}};
      const Plan plan = plan_of(job, {}, pass, 120);
      const Cadence cadence(every, pass.loop);
      const Piece whole{shot_start, shot_start, 140, 0}, excerpt = plan.pieces.front();
      EXPECT_LE(excerpt.start, 76);
      for (std::int64_t frame = 100; frame < 139; ++frame)
        EXPECT_EQ(cadence.is_dreamed(excerpt, frame), cadence.is_dreamed(whole, frame))
            << every << " " << shot_start << " " << frame;
    }
}

}  // namespace
}  // namespace dreamreel::schedule
