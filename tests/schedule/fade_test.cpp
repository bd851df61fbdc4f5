#include "dreamreel/schedule/fade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/schedule/first_pass.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/schedule/plan_json.h"

namespace dreamreel::schedule {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const TimePoint kAt{10, TimePoint::Unit::frames};

// Shots from frame to frame, with the fades that are asked for at their first frames.
struct Cut {
  std::int64_t frame = 0;
  std::optional<AskedFade> fade;
};

FirstPass pass_of(std::int64_t frames, const std::vector<Cut>& cuts, const FrameRange& range = {}) {
  FirstPass pass;
  ShotList list(range, pass);
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    const auto cut = std::ranges::find(cuts, frame, &Cut::frame);
    list.add(cut != cuts.end(), cut == cuts.end() ? std::nullopt : cut->fade);
  }
  return pass;
}

Plan plan_for(const FirstPass& pass, const FrameRange& range = {}) {
  Facts facts;
  facts.range = range;
  job::Job job;
  job.network.name = "net";
  return plan_of(job, facts, pass, 8);
}

TEST(Fade, RisesByTheSameAmountFromFrameToFrame) {
  const Fade fade{10, 14, 4, 0, {0}};
  EXPECT_DOUBLE_EQ(fade.weight_at(9), 0);
  EXPECT_DOUBLE_EQ(fade.weight_at(10), 0.2);
  EXPECT_DOUBLE_EQ(fade.weight_at(13), 0.8);
  EXPECT_DOUBLE_EQ(fade.weight_at(14), 1);
}

TEST(Fade, BelongsToThePieceBeforeIt) {
  const auto pass = pass_of(30, {{10, AskedFade{4, {0}}}, {20, {}}});
  EXPECT_THAT(pass.fades, ElementsAre(Fade{10, 14, 4, 0, {0}}));
  const auto plan = plan_for(pass);
  EXPECT_THAT(plan.pieces, ElementsAre(Piece{0, 0, 14, 0}, Piece{10, 14, 20, 1}, Piece{20, 20, 30, 2}));
  EXPECT_EQ(fade_out_of(plan, plan.pieces[0]), &plan.fades[0]);
  EXPECT_EQ(fade_out_of(plan, plan.pieces[1]), nullptr);
  EXPECT_EQ(incoming_of(plan, plan.fades[0]), (Piece{10, 10, 14, 1}));
}

TEST(Fade, EndsAtTheNextCut) {
  const auto pass = pass_of(30, {{10, AskedFade{6, {0}}}, {13, {}}});
  EXPECT_THAT(pass.fades, ElementsAre(Fade{10, 13, 6, 0, {0}}));
  EXPECT_THAT(plan_for(pass).pieces, ElementsAre(Piece{0, 0, 13, 0}, Piece{13, 13, 30, 2}))
      << "the shot behind the cut has no frame of its own";
}

TEST(Fade, MayFollowAnotherOne) {
  const auto plan = plan_for(pass_of(30, {{10, AskedFade{10, {0}}}, {20, AskedFade{4, {1}}}}));
  EXPECT_THAT(plan.pieces, ElementsAre(Piece{0, 0, 20, 0}, Piece{10, 20, 24, 1}, Piece{20, 24, 30, 2}));
}

TEST(Fade, OfAnExcerptIsThatOfTheWhole) {
  const std::vector<Cut> cuts{{10, AskedFade{6, {0}}}};
  const FrameRange within{12, 20}, until{0, 13}, behind{16, 20};
  const auto begins = plan_for(pass_of(30, cuts, within), within);
  EXPECT_THAT(begins.fades, ElementsAre(Fade{10, 16, 6, 0, {0}}));
  EXPECT_THAT(begins.pieces, ElementsAre(Piece{0, 12, 16, 0}, Piece{10, 16, 20, 0}));
  EXPECT_EQ(fade_out_of(begins, begins.pieces[0]), &begins.fades[0]);
  const auto ends = plan_for(pass_of(30, cuts, until), until);
  EXPECT_THAT(ends.pieces, ElementsAre(Piece{0, 0, 13, 0}));
  EXPECT_EQ(incoming_of(ends, ends.fades[0]).end, 13);
  EXPECT_THAT(pass_of(30, cuts, behind).fades, IsEmpty());
}

TEST(Fade, StaysInTheFilesOfPlanAndFirstPass) {
  const FrameRange within{12, 20};
  for (const auto& range : {FrameRange{}, within}) {
    const auto pass = pass_of(30, {{10, AskedFade{6, {0, 3}}}}, range);
    EXPECT_EQ(first_pass_from_json(to_json("key", pass), "key").value().fades, pass.fades);
    const auto plan = plan_for(pass, range);
    const auto read = plan_from_json(to_json(plan), "plan.json");
    EXPECT_EQ(read.fades, plan.fades);
    EXPECT_EQ(read.pieces, plan.pieces);
    EXPECT_EQ(read.id(), plan.id());
  }
}

TEST(Fade, OfAStrangersPlanLiesWithinIt) {
  const auto plan = plan_for(pass_of(30, {{10, AskedFade{6, {0}}}}));
  for (const Fade& fade : {Fade{10, 2'000'000'010, 2'000'000'000, 0, {0}}, Fade{11, 14, 6, 0, {0}}}) {
    auto damaged = plan;
    damaged.fades = {fade};
    EXPECT_THROW(plan_from_json(to_json(damaged), "plan.json"), DataError);
  }
}

TEST(OutgoingJob, KeepsTheValuesFromBeforeTheCut) {
  using curve::Ease;
  job::Job job;
  job.temporal.cuts.times = {kAt, TimePoint{20, TimePoint::Unit::frames}};
  job.temporal.cuts.fades = {TimePoint{4, TimePoint::Unit::frames}, std::nullopt};
  const TimePoint start{0, TimePoint::Unit::frames};
  job.dream.step =
      job::Curve({{start, 1, Ease::hold}, {kAt, 2, Ease::hold}, {job.temporal.cuts.times[1], 3}});
  job.dream.jitter = job::Curve({{start, 1}, {kAt, 2}});  // travels: not of a scene
  const auto outgoing = outgoing_job(job, {10, 14, 4, 0, {0}});
  EXPECT_EQ(outgoing.dream.step.at({12 / 24.0, 24, 12}), 1);
  EXPECT_EQ(outgoing.dream.jitter, job.dream.jitter);
  const auto second = outgoing_job(job, {20, 24, 4, 10, {1}});
  EXPECT_EQ(second.dream.step.at({22 / 24.0, 24, 22}), 2);
  EXPECT_THROW(outgoing_job(job, {20, 24, 4, 10, {2}}), DataError);
}

TEST(OutgoingJob, KnowsAllTimesOfTheFadesFrame) {
  using curve::Ease;
  job::Job job;
  const TimePoint start{0, TimePoint::Unit::frames}, seconds{10 / 24.0, TimePoint::Unit::seconds};
  job.temporal.cuts.times = {seconds, kAt};
  job.temporal.cuts.fades = {TimePoint{4, TimePoint::Unit::frames}, std::nullopt};
  job.dream.step = job::Curve({{start, 1, Ease::hold}, {kAt, 2}});
  EXPECT_EQ(outgoing_job(job, {10, 14, 4, 0, {0, 1}}).dream.step.at({12 / 24.0, 24, 12}), 1);
  EXPECT_EQ(outgoing_job(job, {10, 14, 4, 0, {0}}).dream.step.at({12 / 24.0, 24, 12}), 2);
}

}  // namespace
}  // namespace dreamreel::schedule
