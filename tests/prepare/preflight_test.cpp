// Tests the jobs that check, render and farm plan refuse before anything is made. One process checks many
// jobs.
#include "dreamreel/prepare/preflight.h"

#include <gmock/gmock.h>

#include "dreamreel/core/log.h"
#include "dreamreel/footage/time_range.h"
#include "dreamreel/prepare/settle_output.h"
#include "dreamreel/report/faults.h"
#include "dreamreel/report/located.h"
#include "dreamreel/settings/key_places.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::prepare {
namespace {

using test::ScratchDir;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

class PreflightOf : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchDir;
    test::write_tiny_network(folder_->path());
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=0.5", "-c:v", "ffv1",
                  (*folder_ / "clip.mkv").string()});
    test::ffmpeg({"-f", "lavfi", "-i", "sine=duration=0.1", (*folder_ / "tone.wav").string()});
    test::write_file(*folder_ / "plain", "a file, no folder");
    test::write_file(*folder_ / "job.yaml",
                     "input: {path: clip.mkv}\n"
                     "output: {path: out/x.mp4}\n"
                     "network: {path: tiny.onnx}\n"
                     "dream: {objectives: [{layer: mixed1}], octaves: 1, iterations: 1}\n");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static job::Job job_with(const std::vector<std::string>& overrides, const std::string& file = "job.yaml") {
    auto options = job::default_load_options();
    options.overrides = overrides;
    places_ = {};
    return settle_output(job::load_job(*folder_ / file, options, {}, places_), places_);
  }

  static std::vector<report::Fault> faults_of(const std::vector<std::string>& overrides,
                                              const PreflightOptions& options = {}) {
    try {
      preflight(job_with(overrides), options);
    } catch (const report::FaultsError& error) {
      return error.faults();
    }
    return {};
  }

  static inline ScratchDir* folder_ = nullptr;
  static inline settings::KeyPlaces places_;
};

struct Broken {
  std::string override, key;
  ExitCode code = ExitCode::bad_job;
  std::string words;
};

// The curves and cuts of scenes are keys that nobody wrote.
TEST_F(PreflightOf, FaultsOfScenesNameTheScene) {
  test::write_file(*folder_ / "scenes.yaml",
                   "extends: job.yaml\n"
                   "scenes:\n"
                   "  - {from: 0s, look: one.yaml}\n"
                   "  - {from: 4bar, look: two.yaml}\n");
  test::write_file(*folder_ / "one.yaml", "dream: {octaves: 1, step: 1}\n");
  test::write_file(*folder_ / "two.yaml", "dream: {octaves: 2, step: 2}\n");
  const auto job = job_with({}, "scenes.yaml");
  try {
    report::with_places(places_, [&] { return preflight(job, {}); });
    ADD_FAILURE() << "expected an error";
  } catch (const report::LocatedError& error) {
    ASSERT_EQ(error.problems().size(), 1U) << error.what();
    EXPECT_EQ(error.problems()[0].key, "scenes.1.from");
    EXPECT_EQ(error.problems()[0].line, 4);
    EXPECT_THAT(error.what(), HasSubstr("scenes.yaml:4: scenes.1.from: counts the beats of the sound, but"));
  }
}

// What never happens is no fault, but nobody asks for it on purpose. The clip has half a second.
TEST_F(PreflightOf, WhatNeverComesIsTold) {
  std::vector<std::string> said;
  set_log_sink([&](LogLevel, std::string_view text) { said.emplace_back(text); });
  preflight(job_with({"temporal.cuts=[auto, 0.25s, 100s]", "audio.first_beat=3s"}), {});
  set_log_sink({});
  EXPECT_THAT(said,
              testing::IsSupersetOf(
                  {"temporal.cuts: the cut or scene at 100s never comes: it is at 100 s, and the job is "
                   "0.5 s long",
                   "audio.first_beat: the first beat at 3s never comes: the job is 0.5s long"}));
  EXPECT_THAT(said, testing::Not(testing::Contains(HasSubstr("0.25s"))));
}

TEST_F(PreflightOf, ABrokenJobNamesTheKey) {
  const std::string out = (*folder_ / "").string();
  const std::vector<Broken> broken{
      {"output.path=" + out + "x_%04d.xbm", "output.path", ExitCode::bad_job, "xbm"},
      {"output.path=" + out + "x.png", "output.path", ExitCode::bad_job, "x_%06d.png"},
      {"output.path=" + out + "x.foo", "output.path", ExitCode::bad_job, ".png, .jpg or .tif for a picture"},
      {"output.path=" + out + "x.mp3", "output.path", ExitCode::bad_job, "a name for sound alone"},
      {"output.path=/proc/nope/x.mp4", "output.path", ExitCode::io, "/proc/nope"},
      {"output.path=" + out + "plain/x.mp4", "output.path", ExitCode::io, "no folder"},
      {"output.path=" + out, "output.path", ExitCode::io, "is a folder"},
      {"output.video.codec=nope", "output.video.codec", ExitCode::bad_job, "unknown video encoder"},
      {"output.video.codec=prores_ks", "output.video.codec", ExitCode::bad_job, "cannot hold"},
      {"output.video.options={nope: 3}", "output.video.options.nope", ExitCode::bad_job, "no option"},
      {"output.video.options={crf: abc}", "output.video.options.crf", ExitCode::bad_job, "abc"},
      {"output.video.options={preset: hyperfast}", "output.video.options.preset", ExitCode::bad_job,
       "libx264"},
      {"output.video.options={q: much}", "output.video.options.q", ExitCode::bad_job, "much"},
      {"output.video.pixel_format=nope", "output.video.pixel_format", ExitCode::bad_job, "unknown"},
      {"output.video.pixel_format=rgb24", "output.video.pixel_format", ExitCode::bad_job, "yuv420p"},
      {"input.audio=" + out + "nope.wav", "input.audio", ExitCode::no_input, "nope.wav"},
      {"input.audio=" + out + "plain", "input.audio", ExitCode::no_input, "plain"},
      {"input.audio=" + out + "clip.mkv", "input.audio", ExitCode::no_input, "clip.mkv has no sound"},
      {"input.audio=" + out + "plian", "input.audio", ExitCode::no_input, "did you mean 'plain'?"},
      {"input.path=" + out + "tone.wav", "input.path", ExitCode::no_input, "belongs into input.audio"},
      {"input.path=" + out + "clap.mkv", "input.path", ExitCode::no_input, "did you mean 'clip.mkv'?"},
      {"input.path=" + out + "nope.mkv", "input.path", ExitCode::no_input, "nope.mkv"},
      {"dream.mask={path: " + out + "nope.png}", "dream.mask.path", ExitCode::no_input, "nope.png"},
      {"dream.objectives=[{layer: mixd1}]", "dream.objectives.0.layer", ExitCode::bad_job, "mixed1"},
      {"dream.step=100*loudness", "dream.step", ExitCode::bad_job, "sound"},
      {"network={path: " + out + "none.onnx}", "network", ExitCode::unavailable, "none.onnx"},
  };
  for (const auto& [override, key, code, words] : broken) {
    const auto faults = faults_of({override});
    ASSERT_THAT(faults, testing::Not(IsEmpty())) << override;
    EXPECT_EQ(faults.front().key, key) << override << ": " << faults.front().message;
    EXPECT_EQ(faults.front().code, code) << override;
    EXPECT_THAT(faults.front().message, HasSubstr(words)) << override;
    if (key == "dream.mask.path") {
      EXPECT_EQ(faults.size(), 1U) << "told once";
    }
  }
  EXPECT_FALSE(std::filesystem::exists(*folder_ / "out")) << "a check makes no folder";
}

TEST_F(PreflightOf, AWholeJobHasNoFaultsAndMakesNothing) {
  EXPECT_THAT(faults_of({}), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(*folder_ / "out"));
}

TEST_F(PreflightOf, EverythingWrongIsToldAtOnce) {
  PreflightOptions without_networks;
  without_networks.with_networks = false;
  const auto faults = faults_of({"dream.objectives=[{layer: mixd1}, {layer: mixed1}, {layer: mixd2}]",
                                 "output.video.options={nope: 1, crf: abc}", "input.audio=none.wav"},
                                without_networks);
  std::vector<std::string> keys;
  for (const auto& fault : faults) keys.push_back(fault.key);
  EXPECT_THAT(keys, ElementsAre("input.audio", "output.video.options.crf", "output.video.options.nope",
                                "dream.objectives.0.layer", "dream.objectives.2.layer"));
}

TEST_F(PreflightOf, OneMistakeIsToldOnce) {
  EXPECT_THAT(faults_of({"output.path=" + folder_->path().string()}),
              ElementsAre(Field(&report::Fault::message, HasSubstr("is a folder"))));
  const std::string silent = (*folder_ / "clip.mkv").string();
  EXPECT_THAT(faults_of({"input.audio=" + silent, "dream.step=100*loudness"}),
              ElementsAre(Field(&report::Fault::key, "input.audio")));
}

TEST_F(PreflightOf, AnotherMachinesDeviceIsNotAskedFor) {
  PreflightOptions elsewhere;
  elsewhere.elsewhere = true;
  EXPECT_THAT(faults_of({"device=cuda:63"}, elsewhere), IsEmpty());
  EXPECT_THAT(faults_of({"device=cuda:63"}), ElementsAre(Field(&report::Fault::code, ExitCode::unavailable)));
}

TEST_F(PreflightOf, OnePictureTakesOneFrame) {
  PreflightOptions one;
  one.frames = {3, 4};
  EXPECT_THAT(faults_of({"output.path=" + (*folder_ / "x.png").string()}, one), IsEmpty());
}

// An older text set options for one encoder, and a younger text chose another encoder.
TEST_F(PreflightOf, SettingsOfAnotherEncoderFallAway) {
  const std::string parent =
      "extends: job.yaml\noutput: {path: out/y.mp4, video: {codec: libx264, pixel_format: "
      "yuv420p, options: {crf: 16, g: 12}}}\n";
  test::write_file(*folder_ / "parent.yaml", parent);
  test::write_file(*folder_ / "png.yaml", "extends: parent.yaml\noutput: {path: 'out/%06d.png'}\n");
  const auto png = job_with({}, "png.yaml");
  EXPECT_EQ(png.output.codec, "") << "a png holds no H.264";
  EXPECT_EQ(png.output.pixel_format, "");
  EXPECT_FALSE(png.output.codec_options.contains("crf"));
  const auto prores = job_with({"output.path=y.mov", "output.video.codec=prores_ks",
                                "output.video.options.profile=hq", "output.video.pixel_format=yuv422p10le"},
                               "parent.yaml");
  EXPECT_THAT(prores.output.codec_options,
              ElementsAre(testing::Pair("g", "12"), testing::Pair("profile", "hq")));
  EXPECT_EQ(prores.output.pixel_format, "yuv422p10le");
  EXPECT_THAT(faults_of({"output.video={codec: mpeg4, options: {crf: 16}}"}),
              ElementsAre(Field(&report::Fault::key, "output.video.options.crf")))
      << "both said at once is a mistake";
  test::write_file(*folder_ / "typo.yaml", "extends: job.yaml\noutput: {video: {options: {crff: 16}}}\n");
  EXPECT_EQ(job_with({"output.path=y.mov"}, "typo.yaml").output.codec_options.count("crff"), 1U)
      << "no encoder has it";
}

TEST_F(PreflightOf, ASongThatIsLongerOrShorterThanTheVideoIsNoticed) {
  const std::string song = (*folder_ / "song.m4a").string();
  test::ffmpeg({"-f", "lavfi", "-i", "sine=duration=4", song});
  const auto said = [&](std::vector<std::string> overrides, const PreflightOptions& options = {}) {
    overrides.push_back("input.audio=" + song);
    std::vector<std::string> lines;
    set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
    EXPECT_THAT(faults_of(overrides, options), IsEmpty());
    set_log_sink({});
    return lines;
  };
  EXPECT_THAT(said({}), ElementsAre(song + " is 3.5 s longer than the video, and ends with it after 0.5 s"));
  EXPECT_THAT(said({"input.audio_start=2.6s"}), IsEmpty()) << "less than a second longer";
  EXPECT_THAT(said({"input.audio_start=9s"}),
              ElementsAre("input.audio_start: 9s is behind the end of " + song +
                          ", which ends after 4.0 s, so nothing of it is heard"));
  const std::string noise = "input.noise={size: 64x48, fps: 24, duration: 6s}";
  EXPECT_THAT(said({noise}), ElementsAre(song + " ends after 4.0 s; the last 2.0 s of the video are silent"));
  EXPECT_THAT(said({noise, "input.audio_start=1s"}),
              ElementsAre(song + " ends after 3.0 s; the last 3.0 s of the video are silent"));
  PreflightOptions excerpt;
  excerpt.frames = {0, 6};
  EXPECT_THAT(said({}, excerpt), IsEmpty());
}

TEST_F(PreflightOf, ACurveThatJumpsWhereALoopBeginsAnewIsNoticed) {
  test::write_file(*folder_ / "loop.yaml",
                   "extends: job.yaml\ninput: {path: ~, noise: {size: 64x48, fps: 24, duration: 1s}}\n"
                   "output: {path: out/x.mkv, loop: true}\n");
  const auto said = [&](const std::string& opacity, const char* loop = "true") {
    std::vector<std::string> lines;
    set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
    preflight(job_with({"dream.opacity=" + opacity, std::string("output.loop=") + loop}, "loop.yaml"), {});
    set_log_sink({});
    return lines;
  };
  EXPECT_THAT(said("{0s: 0, 1s: 1}"),
              ElementsAre(HasSubstr("dream.opacity ends at 0.958 and begins at 0, so the loop jumps there")));
  EXPECT_THAT(said("{0s: 1, 0.5s: 0.2}"), ElementsAre(HasSubstr("ends at 0.2 and begins at 1")));
  EXPECT_THAT(said("{0s: 0.2, 0.5s: 1, 1s: 0.2}"), IsEmpty());
  EXPECT_THAT(said("0.5+0.4*sin(2*PI*p)"), IsEmpty());
  EXPECT_THAT(said("if(lt(p, 0.5), 0.1, 0.9)"), IsEmpty()) << "it jumps in the middle too";
  EXPECT_THAT(said("{0s: 0, 1s: 1}", "false"), IsEmpty());
}

TEST_F(PreflightOf, TimesFindTheirFrames) {
  const auto job = job_with({});
  const auto seconds = [](double value) { return TimePoint{value, TimePoint::Unit::seconds}; };
  const auto range = footage::frames_between(job, seconds(0.25), seconds(0.5));
  EXPECT_EQ(range.begin, 6);
  EXPECT_EQ(range.end, 12);
  EXPECT_EQ(footage::frames_between(job, seconds(0.26), {}).begin, 7)
      << "the first frame that begins there or later";
  EXPECT_THROW(footage::frames_between(job, seconds(0.26), seconds(0.27)), UsageError);
}

TEST_F(PreflightOf, RangesOutsideTheJobAreRefusedInTheirOwnUnit) {
  using Unit = TimePoint::Unit;
  const auto refusal = [](const std::vector<std::string>& overrides, const TimePoint& begin,
                          const std::optional<TimePoint>& end = {}) -> std::string {
    try {
      footage::frames_between(job_with(overrides), begin, end);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      refusal({}, {0.25, Unit::seconds}, TimePoint{0.6, Unit::seconds}),
      "--frames 0.25s..0.6s: expected a time within the job, which has 12 frames and ends at 0.5s, got 0.6s; "
      "leave the end out for all up to the end of the job");
  EXPECT_EQ(refusal({}, {3, Unit::seconds}),
            "--frames 3s..: expected a time within the job, which has 12 frames and ends at 0.5s, got 3s");
  test::ffmpeg({"-f", "lavfi", "-i", "sine=duration=4", (*folder_ / "song.wav").string()});
  const std::vector<std::string> noise{"input.path=~", "input.noise={size: 64x48, duration: 4s}",
                                       "input.audio=" + (*folder_ / "song.wav").string(),
                                       "audio={bpm: 120, first_beat: 0s}"};
  EXPECT_EQ(refusal(noise, {1000, Unit::bars}),
            "--frames 1000bar..: expected a time within the job, which has 96 frames and ends at 4s, which "
            "is 2bar, "
            "got 1000bar");
  EXPECT_EQ(refusal(noise, {1, Unit::bars}, TimePoint{2, Unit::bars}), "");
  EXPECT_EQ(refusal(noise, {1, Unit::bars}, TimePoint{3, Unit::beats}),
            "--frames 1bar..3beat: no frame lies in between");
}

// What strangers write into a series is told with the line of the job, and the line of the file.
TEST_F(PreflightOf, SeriesAndStemsAreChecked) {
  test::write_file(*folder_ / "bad.csv", "t,x\n0,1\n1,off\n");
  test::write_file(*folder_ / "late.csv", "t,x\n100,1\n200,2\n");
  test::ffmpeg({"-f", "lavfi", "-i", "sine=duration=0.1", (*folder_ / "stem.wav").string()});
  test::ffmpeg({"-f", "lavfi", "-i", "anullsrc=d=1", (*folder_ / "silence.wav").string()});
  const auto path = [](const char* name) { return (*folder_ / name).string(); };
  const auto faults =
      faults_of({"series={knob: " + path("bad.csv") + ", gone: /gone.csv}", "dream.step=1+knob+gone",
                 "audio.stems={drums: /gone.wav}", "output.video.codec=nonsense"});
  std::vector<std::string> lines;
  for (const auto& fault : faults) lines.push_back(fault.key + ": " + fault.message);
  EXPECT_THAT(lines,
              testing::UnorderedElementsAre(
                  HasSubstr("series.gone.file: cannot open /gone.csv: No such file"),
                  "series.knob: " + path("bad.csv") + ":3: column 2 (x): expected a number, got \"off\"",
                  HasSubstr("audio.stems.drums: cannot open /gone.wav"), HasSubstr("output.video.codec: ")))
      << "each once";
  const auto said = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> warnings;
    set_log_sink([&](LogLevel level, std::string_view line) {
      if (level == LogLevel::warning) warnings.emplace_back(line);
    });
    EXPECT_THAT(faults_of(overrides), IsEmpty());
    set_log_sink({});
    return warnings;
  };
  EXPECT_THAT(
      said({"series={knob: " + path("late.csv") + "}", "dream.step=1+knob"}),
      ElementsAre(HasSubstr("series.knob: it never changes, because its times go from 100 to 200 s")));
  EXPECT_THAT(
      said({"input.path=~", "input.noise={size: 64x48, duration: 4s}",
            "audio.stems={drums: " + path("stem.wav") + "}", "dream.step=1+drums.bass"}),
      ElementsAre("audio.stems.drums: it ends after 0.1 s, and the job is 4 s long; its levels are 0 from "
                  "there on"));
  const std::string silence = "input.audio=" + path("silence.wav");
  EXPECT_THAT(said({silence, "audio.bpm=120", "dream.step=1+beat"}),
              ElementsAre(HasSubstr("audio.bpm: it settles the beats of a sound in which nothing is heard")));
  EXPECT_THAT(said({silence, "audio.bpm=120", "temporal.cuts=[1beat]"}),
              testing::Contains(HasSubstr("audio.bpm")));
  EXPECT_THAT(said({silence, "dream.step=1+bass"}), IsEmpty());
}

TEST_F(PreflightOf, TimesFindTheirFramesWhereTheRateVaries) {
  // Frames at 0, 1/24, 2/24, 3/24 s, then one frame every 1/8 s.
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=1", "-vf",
                "select='lt(n,4)+not(mod(n,3))'", "-fps_mode", "vfr", "-c:v", "ffv1",
                (*folder_ / "vfr.mkv").string()});
  const auto job = job_with({"input.path=" + (*folder_ / "vfr.mkv").string()});
  const auto range = footage::frames_between(job, {0.25, TimePoint::Unit::seconds},
                                             TimePoint{0.5, TimePoint::Unit::seconds});
  EXPECT_EQ(range.begin, 4) << "0, 1, 2, 3, 6";
  EXPECT_EQ(range.end, 6) << "12 comes behind 9";
}

}  // namespace
}  // namespace dreamreel::prepare
