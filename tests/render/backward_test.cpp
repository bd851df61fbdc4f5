// temporal.passes: 2: no frame is paler than another one, and every way to render gives the same bits.
#include <gmock/gmock.h>

#include "dreamreel/carry/backward_frames.h"
#include "dreamreel/carry/motion.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/work/work_folder.h"
#include "support/small_renders.h"

namespace dreamreel::render {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kFrames = 52, kCut = 36, kBrief = 14;

// A picture that turns about its middle, then one that is cut to and moves sideways.
class Backward : public test::SmallRenders {
 protected:
  Backward() {
    const std::string behind = std::to_string(kFrames - kCut);
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=10", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10",
                  "-filter_complex",
                  "[0]rotate=0.05*n,trim=end_frame=" + std::to_string(kCut) +
                      "[a];[1]scroll=h=0.02,hue=h=90,trim=end_frame=" + behind + "[b];[a][b]concat",
                  "-c:v", "ffv1", "-pix_fmt", "bgr0", clip()});
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=10,hue=s=0", "-frames:v", std::to_string(kFrames),
                  "-c:v", "ffv1", scratch_ / "mask.mkv"});
  }

  std::string clip() const { return (scratch_ / "clip.mkv").string(); }
  std::string keys(const std::string& temporal = "passes: 2", const std::string& dream = "",
                   const std::string& cuts = "[36f]", const std::string& trim = "") const {
    return "input: {path: " + clip() + trim + "}\ndream: {octaves: 2, iterations: 1, jitter: 4, step: 2" +
           dream + ", objectives: [{layer: relu1}]}\ntemporal: {iterations: 1, step: 1, cuts: " + cuts +
           ", " + temporal + "}\n";
  }
  // The first frames alone.
  std::string brief(const std::string& temporal = "passes: 2", const std::string& dream = "") const {
    return keys(temporal, dream, "none", ", trim: [0s, 1.4s]");
  }

  std::vector<at::Tensor> sources() const {
    media::ReaderOptions reading;
    reading.path = clip();
    media::Reader reader(reading);
    std::vector<at::Tensor> pictures;
    while (const auto frame = reader.next()) pictures.push_back(frame->rgb);
    return pictures;
  }

  // The mean change of each frame by the dream.
  std::vector<double> strengths(const std::string& job_keys) {
    const auto shown = rendered(job_keys, kFrames), source = sources();
    std::vector<double> all;
    for (std::size_t i = 0; i < shown.size(); ++i)
      all.push_back((shown[i] - source[i]).abs().mean().item<double>());
    return all;
  }
};

// The forward pass finds a dream wherever the motion is not to be trusted, so it grows stronger than a single
// pass, which begins anew there. In this small picture that turns, such places are many.
TEST_F(Backward, TheFirstFramesOfAShotAreAsStrongAsAGrownDream) {
  const auto one = strengths(keys("passes: 1")), two = strengths(keys());
  for (const auto& [begin, end] : {std::pair{std::int64_t{0}, kCut}, std::pair{kCut, kFrames}}) {
    const double grown = one[static_cast<std::size_t>(end - 3)];
    EXPECT_LT(one[static_cast<std::size_t>(begin)], 0.5 * grown) << "else this shows nothing";
    for (std::int64_t i = begin; i < end; ++i) {
      EXPECT_GT(two[static_cast<std::size_t>(i)], 0.85 * grown) << i;
      EXPECT_LT(two[static_cast<std::size_t>(i)], 2 * grown) << i;
    }
  }
}

TEST_F(Backward, IsTheSameAfterAKillAndInChunks) {
  const std::string all = keys("passes: 2, memory: 6, deepen: 2, warmup: 2", ", opacity: 0.8");
  const auto whole = rendered(all, kFrames);
  for (const std::int64_t frames : {1, 8, 43})
    expect_same(rendered_in_two(all, kFrames, frames), whole, "killed after " + std::to_string(frames));
  expect_same(rendered_in_chunks(all, kFrames), whole, "in chunks");
}

// A backward pass continues from its last stored frame, and uses no frame that another job stored.
TEST_F(Backward, StoredBackwardDreamsAreUsedAgainAndRemovedAtTheEnd) {
  const auto made = job(keys());
  const work::WorkFolder work(work::work_folder_beside(made.output.path));
  test::StopAfter counter(1);
  auto first = options();
  first.progress = &counter;
  EXPECT_THROW(render(made, first), Interrupted);
  // The pass of the first segment went from frame 27 to frame 0.
  const schedule::Piece piece{0, 0, kCut, 0};
  const auto file = [&](std::int64_t frame) { return work.backward_frame(piece, frame); };
  for (std::int64_t frame = 0; frame < 4 + schedule::kBackwardLead; ++frame)
    EXPECT_TRUE(std::filesystem::exists(file(frame))) << frame;
  EXPECT_FALSE(std::filesystem::exists(file(4 + schedule::kBackwardLead)));
  const auto whole = rendered(keys(), kFrames);
  std::filesystem::remove(file(2));
  test::write_file(file(3), "damaged");
  const auto kept = std::filesystem::last_write_time(file(20)),
             lost = std::filesystem::last_write_time(file(1));
  test::StopAfter second_counter(1);
  auto second = options();
  second.progress = &second_counter;
  EXPECT_THROW(render(made, second), Interrupted);
  EXPECT_EQ(std::filesystem::last_write_time(file(20)), kept);
  EXPECT_NE(std::filesystem::last_write_time(file(1)), lost) << "it is dreamed again from frame 4 on";
  render(made, options());
  expect_same(pictures_of(made, kFrames), whole, "with a lost frame");
  EXPECT_FALSE(std::filesystem::exists(work.root())) << "nothing is left";
}

TEST_F(Backward, AnExcerptIsTheSameAsInTheWhole) {
  const auto whole = rendered(keys(), kFrames);
  for (const auto& [begin, end] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 3}, {20, 31}, {30, 44}, {40, 52}}) {
    const auto excerpt = job(keys());
    render(excerpt, options({begin, end}));
    // An excerpt that begins late in a shot is only warmed up.
    const std::int64_t from = begin == 30 ? kCut : begin;
    expect_same(pictures_of(excerpt, end - from, from), {whole.begin() + from, whole.begin() + end},
                "frames from " + std::to_string(begin));
  }
}

TEST_F(Backward, WorksWithAllElse) {
  const std::string mask = ", mask: {path: " + (scratch_ / "mask.mkv").string() + ", confine: true}";
  const std::vector<std::pair<std::string, std::string>> others{
      {"passes: 2, every: 3", ""},   {"passes: 2, hold: true", ""},
      {"passes: 2, flow: none", ""}, {"passes: 2, carry: image, occlusion: false", ""},
      {"passes: 2", mask},
  };
  for (const auto& [temporal, dream] : others) {
    const auto whole = rendered(brief(temporal, dream), kBrief);
    expect_same(rendered_in_two(brief(temporal, dream), kBrief, 6), whole, temporal + dream);
    const auto one = rendered(brief("passes: 1" + temporal.substr(9), dream), kBrief);
    EXPECT_FALSE(at::equal(one[0], whole[0])) << temporal << dream;
  }
  const std::string camera = brief() + "camera: {zoom: 1.5, pan: [0.1, 0]}\n";
  expect_same(rendered_in_chunks(camera, kBrief), rendered(camera, kBrief), "with a camera");
}

// The last frame leads into the first one, whatever the passes.
TEST_F(Backward, ALoopClosesAndIsTheSameAfterAKill) {
  const auto looped = [&](const std::string& temporal) {
    auto made = job(keys(temporal));
    made.output.loop.emplace().crossfade = TimePoint{4, TimePoint::Unit::frames};
    return made;
  };
  const auto made = looped("passes: 2");
  render(made, options());
  const auto whole = pictures_of(made, 30);
  const auto again = looped("passes: 2");
  test::StopAfter counter(9);
  auto first = options();
  first.progress = &counter;
  EXPECT_THROW(render(again, first), Interrupted);
  render(again, options());
  expect_same(pictures_of(again, 30), whole, "a loop");
}

TEST_F(Backward, ACrossFadeIsRefused) {
  const auto made = job(keys("passes: 2", "", "[{at: 36f, crossfade: 5f}]"));
  try {
    render(made, options());
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("temporal.cuts.crossfade"));
    EXPECT_THAT(error.what(), HasSubstr("temporal.passes"));
  }
}

// Blocks of decoded frames show neither in the pictures nor in the motion.
TEST_F(Backward, FramesComeFromTheLastToTheFirst) {
  const auto made = job(keys());
  const auto open = [&] { return footage::open_source(made, 0); };
  const footage::Timeline timeline(made, open()->info());
  const schedule::Piece piece{0, 0, kCut, 0};
  const schedule::BackwardPass pass{0, kCut};
  carry::BackwardFrames frames(
      open, {piece, schedule::dreamed_backward(pass, schedule::Cadence(1, {}), piece, 0), false},
      made.temporal, timeline, nullptr);
  ASSERT_LT(carry::frames_of_block(64, 48), kCut);
  const auto source = sources();
  carry::MotionFinder motion(made.temporal, timeline);
  for (std::int64_t i = kCut - 1; i >= 0; --i) {
    const auto analysed = frames.next();
    ASSERT_TRUE(analysed) << i;
    const auto at = static_cast<std::size_t>(i);
    EXPECT_EQ(analysed->frame.index, i);
    EXPECT_TRUE(at::equal(analysed->frame.rgb, source[at])) << i;
    EXPECT_EQ(analysed->step.continues_shot, i < kCut - 1);
    if (i == kCut - 1) continue;
    carry::Motion expected;
    motion.add(source[at + 1], analysed->frame, expected);
    ASSERT_TRUE(analysed->motion.prev_from_cur && expected.prev_from_cur) << i;
    EXPECT_TRUE(at::equal(*analysed->motion.prev_from_cur, *expected.prev_from_cur)) << i;
    EXPECT_NEAR(analysed->motion.seconds_since_previous, 0.1, 1e-9);
  }
  EXPECT_FALSE(frames.next());
}

}  // namespace
}  // namespace dreamreel::render
