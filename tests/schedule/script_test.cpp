// Carries the script out in numbers alone, for thousands of plans, cadences, loops and sets of stored frames.
#include "dreamreel/schedule/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "dreamreel/core/log.h"

namespace dreamreel::schedule {
namespace {

using Action = FrameStep::Action;
using testing::HasSubstr;

struct World {
  job::Job job;
  Plan plan;
  Cadence cadence{1, {}};
  std::uint64_t pictures = 0;  // seed for the pictures of the source

  // Whether the source shows the same picture at this frame as at the frame dreamed before it.
  bool shows_the_same(std::int64_t frame) const {
    return std::mt19937_64(pictures + static_cast<std::uint64_t>(frame + 64))() % 2 == 0;
  }
};

// The contents of a work folder: for each stored frame the frame whose dream it shows, and the first frames
// of whole parts.
struct Folder {
  std::map<std::int64_t, std::int64_t> frames;
  std::set<std::int64_t> parts;

  Stored stored() const {
    return {[this](const Segment& segment) { return parts.contains(segment.begin); },
            [this](std::int64_t frame) -> std::optional<std::int64_t> {
              const auto found = frames.find(frame);
              if (found == frames.end()) return {};
              return found->second;
            }};
  }
};

struct Pass {
  Run run;
  std::vector<FrameStep> steps;
};

std::vector<Pass> script_of(const World& world, const Folder& folder) {
  const auto left = find_outstanding(world.plan, world.cadence, world.plan.pieces, folder.stored());
  std::vector<Pass> passes;
  for (const auto& run : runs_of(world.job, world.plan, left.tasks)) {
    passes.push_back({run, {}});
    Script script(world.job, world.plan, world.cadence, run);
    while (auto step = script.next()) passes.back().steps.push_back(std::move(*step));
  }
  return passes;
}

// Carries a script out, as reader, dreamer and writer do, and complains if a step is impossible.
class Player {
 public:
  Player(const World& world, Folder folder) : world_(world), folder_(std::move(folder)) {}

  // Ends after `most` steps, as if the process was killed.
  void play(const std::vector<Pass>& passes, std::size_t most = SIZE_MAX) {
    for (const auto& pass : passes) {
      std::int64_t expected = -world_.plan.loop.run_in;
      between_.clear();
      remembered_.clear();
      last_decoded_.reset();
      for (const auto& task : pass.run.tasks)
        if (task.piece != pass.run.tasks.front().piece && has_fade(pass.run))
          complain("a piece that fades out shares its run");
      for (const auto& step : pass.steps) {
        if (most-- == 0) return;
        expect(step.frame == expected++, step, "the steps do not follow the source");
        play(step);
        if (!complaint.empty()) return;
      }
      expect(between_.empty(), pass.steps.back(), "a gap is never closed");
    }
  }

  // Called after a whole script. Expects each frame in exactly one part.
  void expect_everything() {
    for (const auto& piece : world_.plan.pieces)
      for (const auto& segment : segments_of(world_.plan, piece))
        if (!folder_.parts.contains(segment.begin))
          complain(std::to_string(segment.begin) + ".. is in no part");
  }

  const Folder& folder() const { return folder_; }
  std::string complaint;
  // Every frame that was ever stored, including those thrown away.
  std::map<std::int64_t, std::int64_t> all_stored;

 private:
  bool has_fade(const Run& run) const {
    return std::ranges::any_of(
        run.tasks, [&](const Task& task) { return fade_out_of(world_.plan, task.piece) != nullptr; });
  }
  void complain(const std::string& text) {
    if (complaint.empty()) complaint = text;
  }
  void expect(bool is_right, const FrameStep& step, const char* text) {
    if (!is_right) complain("frame " + std::to_string(step.frame) + ": " + text);
  }

  void play(const FrameStep& step) {
    expect(!step.needs_motion || last_decoded_ == step.frame - 1, step,
           "has no frame to find its motion from");
    if (step.action == Action::pass_over) {
      expect(!step.is_shown, step, "is shown and passed over");
      return;
    }
    last_decoded_ = step.frame;
    if (piece_ != step.piece) remembered_.clear();
    piece_ = step.piece;
    expect(step.is_dreamed == world_.cadence.is_dreamed(step.piece, step.frame), step,
           "is of another cadence");
    if (!step.is_dreamed) {
      between_.push_back(step);
      return;
    }
    if (step.action == Action::dream) dream(step);
    for (const auto& one : between_) {
      if (one.action == Action::fill) fill(one);
      finish(one);
    }
    between_.clear();
    if (step.action == Action::restore) restore(step);
    if (step.is_recalled) recall(step);
    if (step.is_drawing && step.action != Action::dream) drawing_ = step.frame;
    finish(step);
  }

  void dream(const FrameStep& step) {
    const bool begins =
        step.frame == std::max<std::int64_t>(step.piece.start, 0) || step.frame == step.piece.start;
    const std::int64_t past = world_.cadence.dreamed_before(step.piece, step.frame);
    const bool reaches_back = past >= step.piece.start;
    std::vector<std::int64_t> wanted;
    if (reaches_back) wanted.push_back(past);
    for (const auto older : world_.cadence.older_pasts(step.piece, step.frame)) {
      wanted.push_back(older);
      expect(remembered_.contains(older), step, "leans on an older dream that is not there");
    }
    std::erase_if(remembered_, [&](std::int64_t frame) { return std::ranges::count(wanted, frame) == 0; });
    remembered_.insert(step.frame);
    expect(reaches_back || begins, step, "begins in the middle of a piece");
    if (reaches_back) expect(state_ == past, step, "leans on a dream that is not there");
    const auto& loop = world_.plan.loop;
    expect_pull(step);
    if (step.pull && step.pull->continues_shot && !world_.plan.run_in.empty()) {
      wanted.push_back(step.frame - loop.length - 1);
      expect(folder_.frames.contains(wanted.back()), step, "has no twin");
    }
    expect(step.leans_on == wanted, step, "leans on others");
    expect(!step.may_be_held || (world_.job.temporal.hold && !is_of_twins(loop, step.frame)), step,
           "may not be held");
    before_ = state_;
    state_ = step.frame;
    const bool is_held = step.may_be_held && world_.shows_the_same(step.frame);
    if (is_held) expect(drawing_ && drawing_ == shown_by_state_, step, "is compared with another picture");
    if (!is_held) drawing_ = shown_by_state_ = step.frame;
  }

  void fill(const FrameStep& step) {
    expect(step.is_shown, step, "is filled in for nobody");
    expect(step.leans_on == std::vector<std::int64_t>{before_.value_or(-1), state_.value_or(-1)}, step,
           "is not filled in from its neighbours");
    expect(before_ < step.frame && step.frame < state_, step, "does not lie between its neighbours");
  }

  void expect_pull(const FrameStep& step) {
    expect(step.pull.has_value() == (world_.plan.loop.weight_at(step.frame) > 0), step, "is pulled, or not");
  }

  void restore(const FrameStep& step) {
    expect_pull(step);
    expect(folder_.frames.contains(step.frame), step, "is not stored");
    state_ = step.frame;
    shown_by_state_ = folder_.frames[step.frame];
    remembered_.insert(step.frame);
  }

  void recall(const FrameStep& step) {
    expect(step.leans_on == std::vector{step.frame}, step, "leans on others than itself");
    expect(folder_.frames.contains(step.frame), step, "is not stored");
    remembered_.insert(step.frame);
  }

  // Stores and encodes the frame, and closes its part.
  void finish(const FrameStep& step) {
    const bool is_new = step.action == Action::dream || step.action == Action::fill;
    if (step.is_stored) expect(folder_.frames.contains(step.frame), step, "is not stored");
    if (is_new && !step.is_ahead && (step.is_shown || step.frame < 0))
      all_stored[step.frame] = folder_.frames[step.frame] = step.is_dreamed ? *shown_by_state_ : step.frame;
    const bool is_faded = std::ranges::any_of(
        world_.plan.fades, [&](const Fade& fade) { return step.is_shown && fade.holds(step.frame); });
    expect((step.incoming_weight > 0) == is_faded, step, "shows the incoming dream, or not");
    if (!step.is_shown) {
      expect(!step.ends_segment && step.forgotten.empty(), step, "ends a segment that it is not in");
      return;
    }
    expect(is_new || step.is_stored, step, "is shown without a picture");
    expect(step.segment == segment_at(world_.plan, step.piece, step.frame), step, "is of another segment");
    if (step.frame == step.segment.begin) folder_.parts.erase(step.frame), written_ = step.frame;
    expect(written_ == step.frame, step, "is shown twice, or one before it is not");
    ++*written_;
    expect(step.ends_segment == (step.frame + 1 == step.segment.end), step,
           "ends a segment too early, or not");
    if (step.ends_segment) close(step);
  }

  void close(const FrameStep& step) {
    folder_.parts.insert(step.segment.begin);
    for (const auto& [begin, end] : step.forgotten)
      for (std::int64_t frame = begin; frame < end; ++frame) folder_.frames.erase(frame);
    const std::int64_t next = step.segment.end;
    std::vector<std::int64_t> kept;
    if (next < step.piece.end) {
      kept = world_.cadence.older_pasts(step.piece, next);
      kept.push_back(world_.cadence.dreamed_before(step.piece, next));
    }
    for (std::int64_t frame = step.segment.begin; frame < next; ++frame)
      if (folder_.frames.contains(frame) && std::ranges::count(kept, frame) == 0)
        expect(false, step, "keeps what nobody needs");
    for (const auto frame : kept)
      if (frame >= step.segment.begin)
        expect(folder_.frames.contains(frame), step, "throws away what is needed");
  }

  const World& world_;
  Folder folder_;
  std::vector<FrameStep> between_;
  std::set<std::int64_t> remembered_;  // dreams that later frames may lean on
  std::optional<Piece> piece_;
  std::optional<std::int64_t> state_, before_, shown_by_state_, drawing_, written_, last_decoded_;
};

std::vector<Shot> shots_of(const std::vector<std::int64_t>& lengths, std::int64_t begin) {
  std::vector<Shot> shots;
  for (const auto length : lengths) shots.push_back({begin, begin + length}), begin += length;
  return shots;
}

// The pieces of shots: whole shots, or shots cut into pieces of at most `most` frames with `warmup` frames
// before them.
std::vector<Piece> pieces_of(const std::vector<Shot>& shots, std::int64_t most, std::int64_t warmup) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < shots.size(); ++i)
    for (std::int64_t from = shots[i].begin; from < shots[i].end; from = pieces.back().end) {
      const std::int64_t to = most > 0 ? std::min(shots[i].end, from + most) : shots[i].end;
      const std::int64_t start = from == shots[i].begin ? from : std::max(shots[i].begin, from - warmup);
      pieces.push_back({start, from, to, static_cast<std::int64_t>(i)});
    }
  return pieces;
}

// Cross-fades at some of the cuts, and one in which an excerpt begins.
void add_fades(Plan& plan, bool is_excerpt, std::mt19937_64& random) {
  const auto fade_at = [&](std::size_t shot, std::int64_t begin, std::int64_t out_start) {
    const auto frames = 1 + static_cast<std::int64_t>(random() % 6);
    const std::int64_t end = std::min(begin + frames, plan.shots[shot].end);
    if (end > plan.shots[shot].begin) plan.fades.push_back({begin, end, frames, out_start, 0});
  };
  if (is_excerpt && random() % 2 == 0) fade_at(0, plan.begin() - 2, plan.begin() - 4);
  for (std::size_t i = 1; i < plan.shots.size(); ++i)
    if (random() % 3 > 0) fade_at(i, plan.shots[i].begin, plan.shots[i - 1].begin);
  plan.pieces = with_fades(plan.pieces, plan, plan.begin() - 3);
}

World world_of(std::mt19937_64& random) {
  const auto one_of = [&](const auto& list) { return list[random() % list.size()]; };
  World world;
  const bool is_excerpt = random() % 4 == 0;
  const auto lengths =
      one_of(std::vector<std::vector<std::int64_t>>{{1}, {2}, {11}, {2, 3}, {7, 1, 6}, {4, 8}, {17}, {40}});
  auto& plan = world.plan;
  plan.shots = shots_of(lengths, is_excerpt ? 5 : 0);
  plan.segment_frames = one_of(std::vector<std::int64_t>{1, 2, 3, 4, 5, 120});
  plan.pieces = pieces_of(plan.shots, one_of(std::vector<std::int64_t>{0, 0, 3, 4}),
                          one_of(std::vector<std::int64_t>{0, 1, 2, 3}));
  const bool feedback = random() % 3 == 0;
  if (feedback) world.job.input.noise.emplace();
  world.job.temporal.hold = !feedback && random() % 2 == 0;
  const int every = one_of(std::vector<int>{1, 1, 2, 3, 5});
  const std::int64_t end = plan.shots.back().end;
  if (end >= 6 && random() % 3 == 0) {
    auto& loop = plan.loop;
    loop.crossfade = 2 + static_cast<std::int64_t>(random() % 2);
    loop.run_in = feedback ? 2 * loop.crossfade : loop.crossfade;
    loop.length = end;
    if (random() % 4 > 0) {  // otherwise nothing is carried
      plan.run_in = {{-loop.run_in, 0}};
      if (!feedback && random() % 2 == 0) plan.run_in = {{-loop.run_in, -1}, {-1, 0}};
      if (random() % 3 > 0) plan.pieces.front().start = plan.run_in.back().begin;
    }
  } else if (is_excerpt && random() % 2 == 0) {
    plan.pieces.front().start -= plan.pieces.front().start / every * every;
  }
  if (!plan.loop && random() % 3 == 0) add_fades(plan, is_excerpt, random);
  world.cadence = Cadence(every, plan.loop, one_of(std::vector<std::int64_t>{0, 0, 1, 2, 5, 30}));
  world.pictures = random();
  return world;
}

// A random set of frames and parts, as a person might leave it.
Folder folder_at_random(const World& world, std::mt19937_64& random) {
  Folder folder;
  const auto share = random() % 4;
  Player whole(world, {});
  whole.play(script_of(world, {}));
  for (std::int64_t frame = -world.plan.loop.run_in; frame < world.plan.end(); ++frame)
    if (whole.all_stored.contains(frame) && random() % 4 < share)
      folder.frames[frame] = whole.all_stored[frame];
  for (const auto& piece : world.plan.pieces)
    for (const auto& segment : segments_of(world.plan, piece))
      if (random() % 4 < share) folder.parts.insert(segment.begin);
  return folder;
}

std::size_t length_of(const std::vector<Pass>& passes) {
  std::size_t steps = 0;
  for (const auto& pass : passes) steps += pass.steps.size();
  return steps;
}

// Kills a render again and again until it is done. Returns how many scripts it took.
std::size_t expect_to_end(const World& world, Folder folder, std::mt19937_64& random) {
  std::size_t scripts = 0;
  for (;; ++scripts) {
    const auto passes = script_of(world, folder);
    const auto steps = length_of(passes);
    const bool is_last = scripts > 3 || random() % 4 == 0;
    Player player(world, folder);
    player.play(passes, is_last ? SIZE_MAX : random() % (steps + 1));
    if (is_last) player.expect_everything();
    EXPECT_EQ(player.complaint, "");
    if (is_last || !player.complaint.empty()) return scripts + 1;
    // Finished work must not be done again.
    const auto next = script_of(world, player.folder());
    for (const auto& pass : next)
      for (const auto& step : pass.steps)
        if (step.is_shown && step.frame == step.segment.begin && !folder.parts.contains(step.frame)) {
          EXPECT_FALSE(player.folder().parts.contains(step.frame)) << "frame " << step.frame;
        }
    folder = player.folder();
  }
}

TEST(Script, CanBeCarriedOutFromAnywhere) {
  std::mt19937_64 random(17);
  std::size_t scripts = 0;
  set_log_sink([](LogLevel, std::string_view) {});  // drops warnings about frames that are rendered again
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    SCOPED_TRACE("world " + std::to_string(i));
    const World world = world_of(random);
    scripts += expect_to_end(world, random() % 2 == 0 ? Folder{} : folder_at_random(world, random), random);
  }
  set_log_sink({});
  EXPECT_GT(scripts, 40'000U);
}

// A clip of two shots in segments of four frames. Every third frame is dreamed.
class Planted : public testing::Test {
 protected:
  Planted() {
    world_.plan.segment_frames = 4;
    world_.plan.shots = {{0, 10}, {10, 14}};
    world_.plan.pieces = {{0, 0, 10, 0}, {10, 10, 14, 1}};
    world_.job.temporal.hold = true;
    world_.cadence = Cadence(3, {});
  }

  // The player's complaint about the script with one planted error; "" if it has none.
  template <typename Change>
  std::string complaint(Change change) {
    auto passes = script_of(world_, folder_);
    change(passes.front().steps);
    Player player(world_, folder_);
    player.play(passes);
    player.expect_everything();
    return player.complaint;
  }
  template <typename Change>
  std::string complaint_at(std::int64_t frame, Change change) {
    return complaint(
        [&](std::vector<FrameStep>& steps) { change(steps.at(static_cast<std::size_t>(frame))); });
  }

  // Starts again after a stop behind frame 4, with the first segment finished.
  void go_on_from_frame_5() {
    folder_.parts = {0};
    folder_.frames = {{3, 0}, {4, 4}};
  }

  // Makes a loop in which frames 11..14 are pulled towards frames -3..0.
  void loop() {
    world_.plan.loop.run_in = world_.plan.loop.crossfade = 3;
    world_.plan.loop.length = 14;
    world_.plan.run_in = {{-3, 0}};
    world_.cadence = Cadence(3, world_.plan.loop);
  }

  World world_;
  Folder folder_;
};

TEST_F(Planted, NothingIsSaidOfTheScriptItself) {
  const auto nothing = [](std::vector<FrameStep>&) {};
  EXPECT_EQ(complaint(nothing), "");
  go_on_from_frame_5();
  EXPECT_EQ(complaint(nothing), "");
  loop();
  EXPECT_EQ(complaint(nothing), "");
}

TEST_F(Planted, EachFrameIsShownOnce) {
  EXPECT_THAT(complaint_at(5, [](FrameStep& step) { step.is_shown = false; }),
              HasSubstr("5: is filled in for nobody"));
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.is_shown = false; }),
              HasSubstr("one before it is not"));
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.action = Action::pass_over; }),
              HasSubstr("passed over"));
  EXPECT_THAT(complaint_at(7, [](FrameStep& step) { step.action = Action::look; }),
              HasSubstr("without a picture"));
  EXPECT_THAT(complaint([](auto& steps) { steps.erase(steps.begin() + 8); }), HasSubstr("follow the source"));
  EXPECT_THAT(complaint([](auto& steps) { steps.resize(12); }), HasSubstr("is never closed"));
  EXPECT_THAT(complaint([](auto& steps) { steps.resize(10); }), HasSubstr("is in no part"));
  EXPECT_THAT(complaint_at(5, [](FrameStep& step) { step.is_dreamed = true; }), HasSubstr("another cadence"));
}

TEST_F(Planted, WhatAFrameLeansOnIsThere) {
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.leans_on = {4}; }), HasSubstr("leans on others"));
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.action = Action::look; }), HasSubstr("neighbours"));
  EXPECT_THAT(complaint_at(4, [](FrameStep& step) { step.leans_on = {3}; }),
              HasSubstr("4: is not filled in from"));
  EXPECT_THAT(complaint_at(4, [](FrameStep& step) { step.action = Action::replay, step.is_stored = true; }),
              HasSubstr("4: is not stored"));
  EXPECT_THAT(complaint_at(0, [](FrameStep& step) { step.piece.start = -5; }), HasSubstr("is not there"));
  EXPECT_THAT(complaint_at(0, [](FrameStep& step) { step.frame = 1; }), HasSubstr("follow the source"));
  go_on_from_frame_5();
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.action = Action::look, step.is_stored = false; }),
              HasSubstr("leans on a dream that is not there"));
  EXPECT_THAT(
      complaint_at(5, [](FrameStep& step) { step.action = Action::pass_over, step.is_shown = false; }),
      HasSubstr("motion from"));
}

TEST_F(Planted, SegmentsEndWhereTheyEnd) {
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.ends_segment = false; }), HasSubstr("or not"));
  EXPECT_THAT(complaint_at(1, [](FrameStep& step) { step.ends_segment = true; }), HasSubstr("too early"));
  EXPECT_THAT(complaint_at(1, [](FrameStep& step) { step.segment.end = 8; }), HasSubstr("another segment"));
}

TEST_F(Planted, NothingIsThrownAwayThatIsNeededAndNothingElseKept) {
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.forgotten = {{0, 4}}; }), HasSubstr("throws away"));
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.forgotten.clear(); }),
              HasSubstr("keeps what nobody needs"));
}

// All frames are dreamed, in segments of four frames, with a memory of three. Frame 8 leans on frames of both
// segments before its own.
TEST_F(Planted, OlderDreamsAreKeptAndRecalled) {
  world_.cadence = Cadence(1, {}, 3);
  EXPECT_EQ(complaint([](auto&) {}), "");
  EXPECT_THAT(complaint_at(8, [](FrameStep& step) { step.leans_on = {7}; }), HasSubstr("leans on others"));
  EXPECT_THAT(complaint_at(7, [](FrameStep& step) { step.forgotten = {{4, 7}}; }), HasSubstr("throws away"));
  folder_.parts = {0, 4};
  folder_.frames = {{2, 2}, {3, 3}, {4, 4}, {6, 6}, {7, 7}};
  EXPECT_EQ(complaint([](auto&) {}), "");
  const auto passes = script_of(world_, folder_);
  EXPECT_TRUE(passes.front().steps.at(4).is_recalled);
  EXPECT_EQ(passes.front().steps.at(4).action, Action::look);
  EXPECT_THAT(complaint_at(4, [](FrameStep& step) { step.is_recalled = false; }),
              HasSubstr("8: leans on an older dream that is not there"));
  folder_.frames.erase(4);
  // Frame 0's segment is rendered again.
  EXPECT_EQ(script_of(world_, folder_).front().steps.at(4).action, Action::dream);
  EXPECT_EQ(complaint([](auto&) {}), "");
}

TEST_F(Planted, AHeldFrameShowsTheDreamThatTheLastOneShowed) {
  go_on_from_frame_5();
  // Frame 3 shows the dream of frame 0, so frame 0 is the source frame to compare with.
  while (!world_.shows_the_same(6)) ++world_.pictures;
  EXPECT_THAT(complaint_at(0, [](FrameStep& step) { step.is_drawing = false; }),
              HasSubstr("with another picture"));
}

TEST_F(Planted, TwinsAreThereAndAreNeverHeld) {
  loop();
  const auto at_14 = [&](auto change) {
    auto passes = script_of(world_, folder_);
    change(passes.back().steps.back());
    Player player(world_, folder_);
    player.play(passes);
    return player.complaint;
  };
  EXPECT_THAT(at_14([](FrameStep& step) { step.pull.reset(); }), HasSubstr("is pulled, or not"));
  EXPECT_THAT(at_14([](FrameStep& step) { step.may_be_held = true; }), HasSubstr("may not be held"));
  EXPECT_THAT(at_14([](FrameStep& step) { step.leans_on.pop_back(); }), HasSubstr("leans on others"));
  auto passes = script_of(world_, folder_);
  for (auto& step : passes.front().steps) step.is_ahead = step.frame < 0;  // so that the run-in is not stored
  Player player(world_, folder_);
  player.play(passes);
  EXPECT_THAT(player.complaint, HasSubstr("has no twin"));
}

}  // namespace
}  // namespace dreamreel::schedule
