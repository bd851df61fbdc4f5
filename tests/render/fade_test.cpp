// Cross-fades of two dreams: that both go on, and that every way to make them gives the same bits.
#include <gmock/gmock.h>

#include "dreamreel/carry/dissolve.h"
#include "dreamreel/core/log.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/image/frame.h"
#include "support/small_renders.h"

namespace dreamreel::render {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kFrames = 20, kCut = 7, kFade = 5;

class Fades : public test::SmallRenders {
 protected:
  Fades() {
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=48x32:r=10", "-frames:v", std::to_string(kFrames), "-c:v",
                  "ffv1", "-pix_fmt", "bgr0", scratch_ / "clip.mkv"});
  }

  std::string input() const { return "input: {path: " + (scratch_ / "clip.mkv").string() + "}\n"; }

  // The second scene dreams another layer with longer steps.
  static std::string scenes(const std::string& cut, const std::string& temporal = "") {
    return "dream: {octaves: 2, iterations: 2, jitter: 4, step: {0f: {value: 2, ease: hold}, 7f: 4}, "
           "objectives: [{layer: relu1, weight: {0f: {value: 1, ease: hold}, 7f: 0}}, {layer: conv3, weight: "
           "{0f: {value: 0, ease: hold}, 7f: 1}}]}\ntemporal: {iterations: 2, cuts: " +
           cut + temporal + "}\n";
  }
  static std::string one_scene(const std::string& layer, double step) {
    return "dream: {octaves: 2, iterations: 2, jitter: 4, step: " + std::to_string(step) +
           ", objectives: [{layer: relu1, weight: " + (layer == "relu1" ? "1" : "0") +
           "}, {layer: conv3, weight: " + (layer == "conv3" ? "1" : "0") +
           "}]}\ntemporal: {iterations: 2, cuts: none}\n";
  }

  const std::string faded_ = "{at: 7f, crossfade: 5f}";
};

TEST_F(Fades, MixBothDreamsWhichGoOn) {
  const auto shown = rendered(input() + scenes(faded_), kFrames);
  const auto outgoing = rendered(input() + one_scene("relu1", 2), kFrames);
  const auto incoming = rendered(input() + scenes("[7f]"), kFrames);
  media::ReaderOptions reading;
  reading.path = scratch_ / "clip.mkv";
  media::Reader source(reading);
  for (std::int64_t i = 0; i < kFrames; ++i) {
    SCOPED_TRACE(i);
    const auto at = static_cast<std::size_t>(i);
    const at::Tensor picture = source.next().value().rgb;
    if (i < kCut) {
      EXPECT_TRUE(at::equal(shown[at], outgoing[at]));
    } else if (i >= kCut + kFade) {
      EXPECT_TRUE(at::equal(shown[at], incoming[at])) << "the new dream has begun at the cut";
    } else {
      const double weight = static_cast<double>(i - kCut + 1) / (kFade + 1);
      const at::Tensor mixed = carry::dissolved(outgoing[at], incoming[at], picture, picture, weight);
      EXPECT_LT((shown[at] - mixed).abs().max().item<double>(), 2.0 / 65535);
      EXPECT_FALSE(at::allclose(outgoing[at], incoming[at], 0, 0.02)) << "two dreams";
    }
  }
}

// The lesions of the outgoing dream stay as they are before the cut.
TEST_F(Fades, KeepTheLesionsOfTheirOwnScene) {
  const curve::Keyframe none{{0, TimePoint::Unit::frames}, 0.0, curve::Ease::hold};
  const curve::Keyframe full{{kCut, TimePoint::Unit::frames}, 1.0};
  const auto shown_with = [&](const std::string& keys, const job::Curve& amount) {
    auto hurt = job(input() + keys);
    hurt.network.ablate = {{.layer = "relu1", .channels = {{0, 5}}, .random = {}, .amount = amount}};
    render(hurt, options());
    return pictures_of(hurt, kFrames);
  };
  const auto keys = [](const std::string& cuts) {
    return "dream: {octaves: 2, iterations: 2, jitter: 4, objectives: [{layer: conv3}]}\ntemporal: "
           "{iterations: "
           "2, cuts: " +
           cuts + "}\n";
  };
  const auto shown = shown_with(keys(faded_), job::Curve({none, full}));
  const auto outgoing = shown_with(keys("none"), 0);
  const auto incoming = shown_with(keys("[7f]"), job::Curve({none, full}));
  media::ReaderOptions reading;
  reading.path = scratch_ / "clip.mkv";
  media::Reader source(reading);
  for (std::int64_t i = 0; i < kCut + kFade; ++i) {
    SCOPED_TRACE(i);
    const auto at = static_cast<std::size_t>(i);
    const at::Tensor picture = source.next().value().rgb;
    if (i < kCut) continue;
    const double weight = static_cast<double>(i - kCut + 1) / (kFade + 1);
    const at::Tensor mixed = carry::dissolved(outgoing[at], incoming[at], picture, picture, weight);
    EXPECT_LT((shown[at] - mixed).abs().max().item<double>(), 2.0 / 65535);
    EXPECT_FALSE(at::allclose(outgoing[at], incoming[at], 0, 0.02)) << "two dreams";
  }
}

// A dream that does not show at all leaves the two stills, each moved by its own camera. Their mix gets no
// stronger than they are, in frames that are filled in as well.
TEST_F(Fades, OfAStillMixBothStillsInEveryFrame) {
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=48x32", "-frames:v", "1", scratch_ / "photo.png"});
  const std::string photo =
      "input: {path: " + (scratch_ / "photo.png").string() + ", fps: 10, duration: 20f}\ncamera: {zoom: 2}\n";
  const auto shown_with = [&](const std::string& keys) {
    auto hidden = job(photo + keys);
    hidden.dream.opacity = 0;
    render(hidden, options());
    return pictures_of(hidden, kFrames);
  };
  const auto shown = shown_with(scenes(faded_, ", every: 2"));
  const auto outgoing = shown_with(one_scene("relu1", 2));
  const auto incoming = shown_with(scenes("[7f]"));
  for (std::int64_t i = kCut; i < kCut + kFade; ++i) {
    SCOPED_TRACE(i);
    const auto at = static_cast<std::size_t>(i);
    const at::Tensor mixed =
        image::lerp(outgoing[at], incoming[at], static_cast<double>(i - kCut + 1) / (kFade + 1));
    EXPECT_LT((shown[at] - mixed).abs().max().item<double>(), 1e-3);
  }
}

TEST_F(Fades, AreTheSameAfterAKillAndInChunks) {
  const std::string keys = input() + scenes(faded_);
  const auto whole = rendered(keys, kFrames);
  for (const std::int64_t frames : {8, 10, 12, 14})
    expect_same(rendered_in_two(keys, kFrames, frames), whole, "killed after " + std::to_string(frames));
  expect_same(rendered_in_chunks(keys, kFrames), whole, "in chunks");
  for (const auto& [begin, end] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{3, 9}, {9, 20}, {8, 10}}) {
    const auto excerpt = job(keys);
    render(excerpt, options({begin, end}));
    const auto from = whole.begin() + begin;
    expect_same(pictures_of(excerpt, end - begin, begin), {from, from + (end - begin)},
                "frames from " + std::to_string(begin));
  }
}

TEST_F(Fades, GoTogetherWithFramesThatAreFilledInAndMemory) {
  for (const std::string temporal : {", every: 3", ", memory: 6", ", hold: true"}) {
    const std::string keys = input() + scenes(faded_, temporal);
    const auto whole = rendered(keys, kFrames);
    expect_same(rendered_in_two(keys, kFrames, 10), whole, "killed" + temporal);
    expect_same(rendered_in_chunks(keys, kFrames), whole, "in chunks" + temporal);
  }
}

// An edit leaves frames of both pieces to be made, which must not share a run.
TEST_F(Fades, AreRightAfterAnEditOfWhatWasKept) {
  const std::string keys = input() + scenes(faded_);
  auto edited = job(keys);
  auto keeping = options();
  keeping.keep_dreams = true;
  render(edited, keeping);
  edited.dream.opacity = 0.5;
  render(edited, keeping);
  auto fresh = job(keys);
  fresh.dream.opacity = 0.5;
  render(fresh, options());
  expect_same(pictures_of(edited, kFrames), pictures_of(fresh, kFrames), "edited");
}

TEST_F(Fades, OfNoiseBeginAnew) {
  const std::string noise = "input: {noise: {size: 48x32, fps: 10, duration: 20f}}\n";
  const auto shown = rendered(noise + scenes(faded_), kFrames);
  const auto cut = rendered(noise + scenes("[7f]"), kFrames);
  EXPECT_TRUE(at::equal(shown[6], cut[6]));
  EXPECT_TRUE(at::equal(shown[12], cut[12]));
  EXPECT_FALSE(at::equal(shown[9], cut[9]));
  expect_same(rendered_in_two(noise + scenes(faded_), kFrames, 9), shown, "killed");
}

// Frame 7 begins at 0.7 s. The curves are written in frames, the cross-fade in seconds.
TEST_F(Fades, KnowScenesOfTheirFrameInOtherUnits) {
  const auto same = rendered(input() + scenes("[{at: 0.7s, crossfade: 5f}, 7f]"), kFrames);
  expect_same(same, rendered(input() + scenes(faded_), kFrames), "in seconds");
}

// The picture changes at frame 10, three frames after the cross-fade begins.
TEST_F(Fades, TellThatACutOfTheSourceEndsThem) {
  const auto clip = scratch_ / "cut.mkv";
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=1,format=gbrp", "-f", "lavfi", "-i",
                "mandelbrot=s=48x32:r=10,trim=end=1,negate,format=gbrp", "-filter_complex", "[0][1]concat",
                "-c:v", "ffv1", clip});
  const std::string from = "input: {path: " + clip.string() + "}\n";
  const auto said = [&](const std::string& cuts) {
    std::vector<std::string> lines;
    set_log_sink([&](LogLevel, std::string_view text) { lines.emplace_back(text); });
    render(job(from + scenes(cuts)), options());
    set_log_sink({});
    return lines;
  };
  EXPECT_THAT(said("[auto, {at: 7f, crossfade: 5f}]"),
              Contains("temporal.cuts: the cross-fade at 7f ends after 3 frames of 5, because another cut "
                       "comes at frame 10; let it begin at that frame, make it shorter, or take 'auto' out "
                       "of temporal.cuts"));
  for (const char* const whole : {"[auto, {at: 7f, crossfade: 3f}]", "{at: 7f, crossfade: 5f}"})
    EXPECT_THAT(said(whole), Not(Contains(HasSubstr("ends after")))) << whole;
}

// The first scene takes its octaves by the motif, the second one counts them. The noise that comes in from
// outside is that of its own scene, whether the scenes are cut or cross-faded.
TEST_F(Fades, LeaveTheNoiseOutsideToTheirScenes) {
  const auto keys = [](const std::string& cuts, int every) {
    return "input: {noise: {size: 48x32, fps: 10, duration: 20f}}\ndream: {octaves: 2, motif: {0f: {value: "
           "0.5, ease: hold}, 7f: 0}, iterations: 1, objectives: [{layer: relu1}]}\ntemporal: {flow: none, "
           "iterations: 1, cuts: " +
           cuts + ", every: " + std::to_string(every) + "}\ncamera: {zoom: 0.2, border: noise}\n";
  };
  for (const int every : {1, 3}) {
    const auto faded = rendered(keys(faded_, every), kFrames);
    const auto cut = rendered(keys("[7f]", every), kFrames);
    for (std::size_t i = 0; i < kCut - 1; ++i) EXPECT_TRUE(at::equal(faded[i], cut[i])) << every << ", " << i;
    auto keeping = options();
    keeping.keep_dreams = true;
    const auto first = job(keys("[7f]", every));
    render(first, keeping);
    auto edited = job(keys(faded_, every));
    edited.output = first.output;
    render(edited, keeping);
    expect_same(pictures_of(edited, kFrames), faded, "edited");
  }
}

TEST_F(Fades, AreRefusedWhereTheyDoNotFit) {
  const auto error_of = [&](const std::string& cuts, const std::string& more = "") {
    try {
      render(job(input() + scenes(cuts) + more), options());
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(
      error_of("{at: 7f, crossfade: 8f}"),
      HasSubstr("temporal.cuts.crossfade: expected at most the length of the scene before it, which is "
                "0.7 s, got 8f (0.8 s)"));
  EXPECT_THAT(error_of("[{at: 7f, crossfade: 6f}, 12f]"),
              HasSubstr("temporal.cuts.0.crossfade: expected at most the length of the scene behind it"));
  EXPECT_THAT(error_of("[12f, {at: 15f, crossfade: 6f}]"), HasSubstr("temporal.cuts.1.crossfade: "));
}

}  // namespace
}  // namespace dreamreel::render
