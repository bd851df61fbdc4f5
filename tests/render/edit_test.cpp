// Renders a job, edits it and renders it again. Tests which frames are kept, and that the file equals a fresh
// render bit for bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/prepare/forecast.h"
#include "kept_renders.h"

namespace dreamreel::render {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kFrames = 192;  // 8 s; the second shot begins at frame 96

struct Outcome {
  std::int64_t made = 0;
  std::vector<std::string> said;  // lines about changes
};

class Edits : public KeptRenders {
 protected:
  Edits() {
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=32x32:r=24", "-f", "lavfi", "-i",
                  "mandelbrot=s=32x32:r=24", "-filter_complex",
                  "[0]trim=end=4,format=gbrp[a];[1]trim=end=6,format=gbrp[b];[a][b]concat", "-c:v", "ffv1",
                  (inputs_ / "clip.mkv").string()});
    for (const std::string length : {"0.5", "0.7"})
      test::ffmpeg({"-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*60*t)*lt(mod(t," + length + "),0.1)':d=10",
                    (inputs_ / ("song" + length + ".flac")).string()});
    test::ffmpeg({"-f", "lavfi", "-i", "gradients=s=32x32:c0=black:c1=white:duration=1", "-frames:v", "1",
                  (inputs_ / "mask.png").string()});
    keys_ = {{"trim", "[0s, 8s]"},
             {"song", "song0.5.flac"},
             {"crf", "20"},
             {"opacity", "0.9"},
             {"step", "{0s: {value: 1, ease: hold}, 4s: 1.5}"},
             {"growth", "0.5"},
             {"more", ""},
             {"zoom", "{0s: 1, 4.5s: 1, 5s: 1.1, 8s: 1.2}"}};
  }

  job::Job job() const {
    const auto said = [&](const std::string& key) { return keys_.at(key); };
    return load("input: {path: " + input("clip.mkv") + ", trim: " + said("trim") +
                    ", audio: " + input(said("song")) + "}\noutput: {path: " + output_.string() +
                    ", video: {options: {crf: " + said("crf") +
                    "}}}\ntemporal: {iterations: 1, flow: none, step: " + said("growth") +
                    "}\ncamera: {zoom: " + said("zoom") + "}\n" + said("more"),
                "opacity: " + said("opacity") + ", step: " + said("step") +
                    ", mask: {path: " + input("mask.png") + ", confine: false}");
  }

  Outcome render_now(std::int64_t stop_after = -1) {
    RenderWatch watch(stop_after);
    auto how = options(watch);
    how.keep_work = keeps_ == Keeps::parts;
    how.keep_dreams = keeps_ == Keeps::dreams;
    Outcome outcome;
    set_log_sink([&](LogLevel, std::string_view text) { outcome.said.emplace_back(text); });
    try {
      render(job(), how);
      EXPECT_EQ(stop_after, -1);
    } catch (const Interrupted&) {
      EXPECT_GE(stop_after, 0);
    }
    set_log_sink({});
    outcome.made = watch.made;
    return outcome;
  }

  std::string fresh() {
    fs::remove_all(work_);
    fs::remove(output_);
    const auto kept = std::exchange(keeps_, Keeps::nothing);
    render_now();
    keeps_ = kept;
    return test::read_file(output_);
  }

  // Makes the first render in its work folder. Each edit begins with a copy of it.
  void begin() {
    render_now();
    fs::copy(work_, scratch_ / "kept", fs::copy_options::recursive);
  }

  // Renders the edited job, and compares the result with a fresh render.
  Outcome edited(const char* what) {
    const auto outcome = render_now();
    const std::string file = test::read_file(output_);
    std::printf("%-28s %3lld frames dreamed\n", what, static_cast<long long>(outcome.made));
    for (const auto& line : outcome.said) std::printf("    %s\n", line.c_str());
    EXPECT_TRUE(file == fresh()) << what << ": not the file of a fresh render";
    fs::remove_all(work_);
    fs::copy(scratch_ / "kept", work_, fs::copy_options::recursive);
    return outcome;
  }

  Outcome edited(const char* what, const std::string& key, const std::string& value) {
    const auto before = keys_.at(key);
    keys_[key] = value;
    const auto outcome = edited(what);
    keys_[key] = before;
    return outcome;
  }

  enum class Keeps { nothing, parts, dreams } keeps_ = Keeps::dreams;
  const fs::path output_ = scratch_ / "out.mp4", work_ = scratch_ / "out.mp4.work";
  std::map<std::string, std::string> keys_;
};

TEST_F(Edits, RenderOnlyWhatChanged) {
  begin();
  const auto first = test::read_file(output_);
  EXPECT_TRUE(first == fresh());
  fs::copy(scratch_ / "kept", work_, fs::copy_options::recursive);

  const auto zoom = edited("a keyframe moved at 5 s", "zoom", "{0s: 1, 4.5s: 1, 5.25s: 1.1, 8s: 1.2}");
  EXPECT_EQ(zoom.made, kFrames - 109);
  EXPECT_THAT(zoom.said, Contains("camera.zoom changes from frame 109 on"));
  EXPECT_THAT(zoom.said, Contains("frames 109 to 191 are rendered, 96 to 108 encoded again, 0 to 95 kept"));

  const auto look = edited("the last shot's look", "step", "{0s: {value: 1, ease: hold}, 4s: 3}");
  EXPECT_EQ(look.made, kFrames - 96);
  EXPECT_THAT(look.said, Contains("frames 96 to 191 are rendered, 0 to 95 kept"));

  const auto longer = edited("two seconds more", "trim", "[0s, 10s]");
  EXPECT_EQ(longer.made, 48);
  EXPECT_THAT(longer.said,
              Contains("frames 192 to 239 are rendered, 120 to 191 encoded again, 0 to 119 kept"));

  const auto crf = edited("crf", "crf", "30");
  EXPECT_EQ(crf.made, 0);
  EXPECT_THAT(crf.said, Contains("frames 0 to 191 are encoded again"));

  const auto opacity = edited("opacity", "opacity", "{0s: 0.9, 5s: 0.9, 8s: 0.3}");
  EXPECT_EQ(opacity.made, 0);
  EXPECT_THAT(opacity.said, Contains("dream.opacity changes from frame 121 on"));
  EXPECT_THAT(opacity.said, Contains("frames 120 to 191 are encoded again, 0 to 119 kept"));

  fs::last_write_time(inputs_ / "mask.png", fs::file_time_type::clock::now());
  const auto touched = edited("a mask file touched");
  EXPECT_EQ(touched.made, 0);
  EXPECT_THAT(touched.said, Each(HasSubstr("longer than the video")));  // which is said of the song each time
}

TEST_F(Edits, OfTheSoundRenderWhatReadsIt) {
  keys_["growth"] = "0.5+0.2*bass";
  begin();
  const auto sound = edited("the song, read by a curve", "song", "song0.7.flac");
  EXPECT_GT(sound.made, 0);
  EXPECT_THAT(sound.said, Contains("temporal.step reads the sound, which has changed"));
  fs::remove_all(work_);
  keys_["growth"] = "0.5";
  render_now();
  keys_["song"] = "song0.7.flac";
  EXPECT_EQ(edited("the song, read by none").made, 0);
}

// The series is a step at frame 100, and then one more. An edit moves the second step.
TEST_F(Edits, OfASeriesRenderTheFramesWhoseNumbersChange) {
  const auto write = [&](const std::string& rows) {
    test::write_file(inputs_ / "knob.csv", "frame,knob\n0,0.5\n100,0.6\n" + rows);
  };
  keys_["more"] = "series: {knob: {file: " + (inputs_ / "knob.csv").string() + ", interpolation: hold}}\n";
  keys_["growth"] = "knob";
  write("150,0.7\n");
  begin();
  write("150,0.6\n160,0.7\n");
  const auto value = edited("a value of a series");
  EXPECT_EQ(value.made, kFrames - 150);
  EXPECT_THAT(value.said, Contains("temporal.step reads series.knob, which has changed"));
  EXPECT_THAT(value.said,
              Contains("frames 150 to 191 are rendered, 120 to 149 encoded again, 0 to 119 kept"));
  write("# a note\n150,0.7\n500,3\n");
  EXPECT_EQ(edited("a value behind the end").made, 0);

  write_plan(job());
  write("150,0.8\n");
  try {
    farm::run_chunk(open_farm(scratch_ / "chunks"), 0, {});
    ADD_FAILURE() << "a chunk rendered with another series than the plan's";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the content of the file of series.knob.file"));
  }
}

// Only parts and the frames at their ends are kept, so an edit costs at most one segment before it.
TEST_F(Edits, CostAtMostOneSegmentWhereDreamsAreNotKept) {
  keeps_ = Keeps::parts;
  begin();
  std::size_t stored = 0;
  for ([[maybe_unused]] const auto& frame : fs::directory_iterator(work_ / "frames")) ++stored;
  EXPECT_LE(stored, 2U);
  const auto zoom = edited("a keyframe moved at 7 s", "zoom", "{0s: 1, 4.5s: 1, 5s: 1.1, 7s: 1.2}");
  EXPECT_EQ(zoom.made, kFrames - 120);
}

// After any edits and stops on the way, the file is the last job's.
TEST_F(Edits, MayComeAtAnyTime) {
  keeps_ = Keeps::nothing;
  const auto zoom = keys_.at("zoom");
  render_now(150);
  keys_["zoom"] = "{0s: 1, 2s: 1, 8s: 1.2}";
  render_now(40);
  keys_["opacity"] = "0.5";
  render_now(30);
  keys_["trim"] = "[0s, 6s]";
  render_now(30);
  keys_["trim"] = "[0s, 8s]";
  render_now(30);
  keys_["zoom"] = zoom;
  render_now();
  const auto file = test::read_file(output_);
  EXPECT_FALSE(fs::exists(work_));
  EXPECT_TRUE(file == fresh());
}

TEST_F(Edits, AreForetold) {
  begin();
  EXPECT_FALSE(prepare::forecast(job(), {})->lines.empty());
  EXPECT_EQ(prepare::forecast(job(), {})->dreamed, 0);
  EXPECT_THAT(prepare::forecast(job(), {})->rendered, IsEmpty());
  keys_["zoom"] = "{0s: 1, 4.5s: 1, 5.25s: 1.1, 8s: 1.2}";
  const auto ahead = prepare::forecast(job(), {});
  EXPECT_THAT(ahead->lines,
              ElementsAre("camera.zoom changes from frame 109 on",
                          "frames 109 to 191 are rendered, 96 to 108 encoded again, 0 to 95 kept"));
  EXPECT_EQ(ahead->dreamed, kFrames - 109);
  EXPECT_EQ(ahead->frames, (schedule::Segment{0, kFrames}));
  EXPECT_THAT(ahead->rendered, ElementsAre(schedule::Segment{109, kFrames}));
  fs::remove_all(work_);
  EXPECT_FALSE(prepare::forecast(job(), {}).has_value());
}

TEST_F(Edits, AreNoQuickExcerptInThePlaceOfAllFrames) {
  begin();
  RenderWatch watch;
  auto excerpt = options(watch);
  excerpt.frames = {0, 5};
  EXPECT_THROW(render(job(), excerpt), DataError);
  EXPECT_THROW(prepare::forecast(job(), excerpt.frames), DataError);
  EXPECT_EQ(render_now().made, 0);
}

TEST_F(Edits, OfAPlanRenderTheChunksThatChanged) {
  keeps_ = Keeps::nothing;
  const auto run = [&](std::size_t chunk) {
    write_plan(job());
    const auto farm = open_farm();
    RenderWatch watch;
    auto how = options(watch);
    farm::run_chunk(farm, chunk, how);
    how.keep_work = true;
    if (chunk == 1) farm::join(farm, how);
    return watch.made;
  };
  auto made = run(0);
  made += run(1);
  EXPECT_EQ(made, kFrames);
  keys_["step"] = "{0s: {value: 1, ease: hold}, 4s: 3}";
  made = run(0);
  made += run(1);
  EXPECT_EQ(made, 96);
  const auto file = test::read_file(output_);
  EXPECT_TRUE(file == fresh());
}

}  // namespace
}  // namespace dreamreel::render
