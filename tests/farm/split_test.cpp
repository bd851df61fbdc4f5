#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/schedule/plan_json.h"
#include "support/files.h"

namespace dreamreel::test {
namespace {

using farm::SplitOptions;
using schedule::Piece;
using testing::ElementsAre;

schedule::Plan plan_with(const std::vector<std::int64_t>& lengths) {
  schedule::Plan plan;
  std::int64_t begin = 0;
  for (const auto length : lengths) {
    plan.shots.push_back({begin, begin + length});
    begin += length;
  }
  return plan;
}

schedule::Plan split(const std::vector<std::int64_t>& lengths, const SplitOptions& options) {
  schedule::Plan plan = plan_with(lengths);
  farm::split(plan, options);
  return plan;
}

TEST(Split, AChunkAShotTheLongestFirst) {
  const auto plan = split({8, 5, 9}, {});
  EXPECT_THAT(plan.pieces, ElementsAre(Piece{0, 0, 8, 0}, Piece{8, 8, 13, 1}, Piece{13, 13, 22, 2}));
  EXPECT_THAT(plan.chunks, ElementsAre(ElementsAre(2), ElementsAre(0), ElementsAre(1)));
}

TEST(Split, WholeShotsInAFewChunksOfAboutEqualLength) {
  const auto plan = split({10, 20, 30, 5, 25}, {2, 0, 0});
  EXPECT_THAT(plan.chunks, ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4)));
  EXPECT_EQ(split({10, 20}, {9, 0, 0}).chunks.size(), 2U);  // never more chunks than shots
}

TEST(Split, LongShotsAreCutAtSegmentBorders) {
  const auto plan = split({20, 300}, {0, 150, 12});
  EXPECT_THAT(plan.pieces, ElementsAre(Piece{0, 0, 20, 0}, Piece{20, 20, 120, 1}, Piece{108, 120, 240, 1},
                                       Piece{228, 240, 320, 1}));
}

TEST(Split, RefusesMorePiecesThanAPlanHolds) {
  EXPECT_THROW(split({10'000'000}, {0, 1, 0}), UsageError);
  EXPECT_EQ(split({10'000'000}, {0, 1000, 0}).pieces.size(), 10'417U);
}

TEST(Split, PiecesShorterThanASegmentAndWarmUpWithinTheShot) {
  const auto plan = split({25}, {0, 10, 100});
  EXPECT_THAT(plan.pieces, ElementsAre(Piece{0, 0, 10, 0}, Piece{0, 10, 20, 0}, Piece{0, 20, 25, 0}));
}

TEST(Split, RefusesWhatHasNoMeaning) {
  EXPECT_THROW(split({10}, {0, 0, 5}), UsageError);
  EXPECT_THROW(split({10}, {-1, 0, 0}), UsageError);
}

TEST(Split, APlanSurvivesJsonAndRefusesAnythingElse) {
  auto plan = split({20, 200}, {0, 100, 12});
  plan.facts.job = "seed: 1\n";
  plan.facts.range = {3, 9};
  plan.job_yaml = "seed: 1\n";
  const auto text = schedule::to_json(plan);
  const auto back = schedule::plan_from_json(text, "plan.json");
  EXPECT_EQ(back.pieces, plan.pieces);
  EXPECT_EQ(back.chunks, plan.chunks);
  EXPECT_EQ(back.id(), plan.id());
  EXPECT_EQ(back.facts.range.end, 9);
  for (std::size_t length = 0; length + 2 < text.size(); length += 7)
    EXPECT_THROW(schedule::plan_from_json(text.substr(0, length), "plan.json"), DataError) << length;
}

TEST(Ranges, ReadLikeThose) {
  EXPECT_EQ(farm::ranges({}), "");
  EXPECT_EQ(farm::ranges({1}), "1");
  EXPECT_EQ(farm::ranges({1, 4, 5}), "1,4-5");
  EXPECT_EQ(farm::ranges({0, 1, 2, 7}), "0-2,7");
}

TEST(PathMap, TheLongestRuleWinsAndOnlyWholeNamesCount) {
  const ScratchDir folder;
  const auto rules = folder / "rules.json";
  write_file(rules, R"({"version": "pathmapping-1.0", "path_mapping_rules": [
    {"source_path_format": "POSIX", "source_path": "/show", "destination_path": "/mnt"},
    {"source_path_format": "POSIX", "source_path": "/show/a", "destination_path": "/fast"},
    {"source_path_format": "WINDOWS", "source_path": "Z:\\Reel", "destination_path": "/reel"}]})");
  EXPECT_EQ(farm::mapped_path("/show/x.mp4", rules), "/mnt/x.mp4");
  EXPECT_EQ(farm::mapped_path("/show/a/x.mp4", rules), "/fast/x.mp4");
  EXPECT_EQ(farm::mapped_path("/show/ab/x.mp4", rules), "/mnt/ab/x.mp4");
  EXPECT_EQ(farm::mapped_path("/shows/x.mp4", rules), "/shows/x.mp4");
  EXPECT_EQ(farm::mapped_path("z:/reel\\in\\x.mp4", rules), "/reel/in/x.mp4");
  EXPECT_EQ(farm::mapped_path("/show/a", rules), "/fast");
  write_file(rules, "{}");
  EXPECT_EQ(farm::mapped_path("/show/x.mp4", rules), "/show/x.mp4");
  write_file(rules, R"({"version": "pathmapping-2.0"})");
  EXPECT_THROW(farm::mapped_path("/x", rules), DataError);
  EXPECT_THROW(farm::mapped_path("/x", folder / "none"), InputError);
}

}  // namespace
}  // namespace dreamreel::test
