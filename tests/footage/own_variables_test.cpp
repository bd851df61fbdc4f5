// Tests how series and stems line up with the frames of a job.
#include "dreamreel/footage/own_variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/report/faults.h"
#include "dreamreel/study/curve_sheet.h"
#include "dreamreel/work/facts.h"
#include "series_cache.h"
#include "support/files.h"

namespace dreamreel::footage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OwnVariablesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::ScratchDir;
    test::ffmpeg(
        {"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-c:v", "ffv1", (*folder_ / "clip.mkv").string()});
    for (const auto& [name, begin, length] : {std::tuple{"late.wav", "2", "4"}, {"early.wav", "1", "1.5"}})
      test::ffmpeg({"-f", "lavfi", "-i",
                    std::string("aevalsrc='between(t,") + begin + "," + begin +
                        "+0.03)*sin(2*PI*8000*t)':s=48000:d=" + length,
                    (*folder_ / name).string()});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  OwnVariablesTest() { setenv("XDG_CACHE_HOME", (*folder_ / "cache").c_str(), 1); }

  static void write(const std::string& name, const std::string& text) {
    test::write_file(*folder_ / name, text);
  }

  static job::Job job(const std::string& keys, const std::string& input = "path: clip.mkv") {
    write("job.yaml", "input: {" + input +
                          "}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
                          "dream: {objectives: [{layer: a}]}\n" +
                          keys);
    return job::load_job(*folder_ / "job.yaml", {});
  }

  static media::VideoInfo info(const job::Job& job) {
    media::ReaderOptions options;
    options.path = job.input.path;
    options.trim_start = job.input.trim_start;
    return media::Reader(options).info();
  }

  // The zoom of a job at some frames.
  static std::vector<double> zooms(const job::Job& job, const std::vector<int>& frames) {
    const Timeline timeline(job, info(job));
    std::vector<double> values;
    for (const int frame : frames) values.push_back(job.camera.zoom.at(timeline.at(frame, frame / 25.0)));
    return values;
  }

  // The frames at which the zoom is largest.
  static std::vector<int> peaks(const job::Job& job) {
    std::vector<int> all, found;
    for (int frame = 0; frame < 100; ++frame) all.push_back(frame);
    const auto values = zooms(job, all);
    for (int frame = 0; frame < 100; ++frame)
      if (values[static_cast<std::size_t>(frame)] == *std::ranges::max_element(values))
        found.push_back(frame);
    return found;
  }

  static std::vector<std::string> faults(const job::Job& job) {
    std::vector<std::string> lines;
    try {
      const Timeline timeline(job, info(job));
    } catch (const report::FaultsError& error) {
      for (const auto& fault : error.faults()) lines.push_back(fault.key + ": " + fault.message);
    }
    return lines;
  }

  static inline test::ScratchDir* folder_ = nullptr;
};

const std::string kStems =
    "audio: {stems: {early: early.wav, late: late.wav}, treble: {release: 0}, loudness: {release: 0}}\n";

TEST_F(OwnVariablesTest, EachStemHasItsOwnLevels) {
  EXPECT_THAT(peaks(job(kStems + "camera: {zoom: \"1+early.treble\"}\n")), ElementsAre(25));
  EXPECT_THAT(peaks(job(kStems + "camera: {zoom: \"1+late.treble\"}\n")), ElementsAre(50));
  EXPECT_THAT(zooms(job(kStems + "camera: {zoom: \"1+early.treble+late.treble\"}\n"), {25, 50, 90}),
              ElementsAre(2, 2, 1))
      << "0 behind the end of a stem";
}

TEST_F(OwnVariablesTest, StemsBeginWhereTheSoundBegins) {
  const std::string keys = kStems + "camera: {zoom: \"1+late.treble\"}\n";
  EXPECT_THAT(peaks(job(keys, "path: clip.mkv, trim: [0.8s, ~]")), ElementsAre(30)) << "with the clip";
  EXPECT_THAT(peaks(job(keys, "path: clip.mkv, trim: [0.8s, ~], audio: late.wav")), ElementsAre(50))
      << "with the song";
  EXPECT_THAT(peaks(job(keys, "path: clip.mkv, audio: late.wav, audio_start: 1s")), ElementsAre(25));
}

TEST_F(OwnVariablesTest, ASeriesHasItsValueAtEachFrame) {
  write("knob.csv", "time,a,b\n0,1,1\n2,3,1\n2,5,1\n3,5,1\n");
  const std::string series = "series: {knob: {file: knob.csv, column: a}, ";
  const std::string zoom = "camera: {zoom: knob}\n";
  EXPECT_THAT(zooms(job(series + "}\n" + zoom), {0, 25, 49, 50, 60, 99}), ElementsAre(1, 2, 2.96, 5, 5, 5));
  EXPECT_THAT(
      zooms(job(series + "held: {file: knob.csv, column: a, interpolation: hold}}\ncamera: {zoom: held}\n"),
            {0, 25, 49, 50}),
      ElementsAre(1, 1, 1, 5));
  EXPECT_THAT(zooms(job(series + "}\n" + zoom, "path: clip.mkv, trim: [1s, ~]"), {0, 25}), ElementsAre(1, 2))
      << "times are the job's own";
}

TEST_F(OwnVariablesTest, ASeriesInBeatsFollowsTheSound) {
  write("beats.csv", "0,1\n4,5\n");
  const std::string keys =
      "series: {knob: {file: beats.csv, time: beats}}\ncamera: {zoom: knob}\n"
      "audio: {bpm: 120, first_beat: 0.5s}\n";
  EXPECT_THAT(zooms(job(keys, "path: clip.mkv, audio: late.wav"), {0, 25, 50}), ElementsAre(1, 2, 4));
  EXPECT_THROW(zooms(job(keys), {0}), JobError) << "there is no sound to count";
}

TEST_F(OwnVariablesTest, ASeriesMakesCuts) {
  write("scenes.csv", "frame,scene\n0,0\n40,1\n70,2\n");
  const auto cut = job("series: {scene: {file: scenes.csv, interpolation: hold}}\ntemporal: {cuts: scene}\n");
  const auto source = open_source(cut, 0);
  std::vector<std::int64_t> begins;
  for (const auto& shot : find_shots(*source, cut, {}, nullptr, nullptr).shots) begins.push_back(shot.begin);
  EXPECT_THAT(begins, ElementsAre(0, 40, 70));
}

// The same stem begins with the clip, or with the song.
TEST_F(OwnVariablesTest, CutsByStemsAreKeptForTheSameBeginningAlone) {
  write("net.onnx", "a network");
  prepare::PlanOptions options;
  options.shots_cache = *folder_ / "shots.json";
  const std::string keys = kStems + "temporal: {cuts: \"gt(late.treble,0.5)\"}\n";
  const auto begins = [&](const std::string& input) {
    const auto cut = job(keys, input);
    std::vector<std::int64_t> list;
    for (const auto& shot : prepare::make_plan(cut, work::facts_of(cut, {}), options).shots)
      list.push_back(shot.begin);
    return list;
  };
  EXPECT_THAT(begins("path: clip.mkv, trim: [0.8s, ~]"), ElementsAre(0, 30));
  EXPECT_THAT(begins("path: clip.mkv, trim: [0.8s, ~], audio: late.wav"), ElementsAre(0, 50));
}

TEST_F(OwnVariablesTest, AFileIsTakenApartOnceForAllItsColumns) {
  write("knobs.csv", "time,a,b,c\n0,1,2,x\n4,5,6,x\n");
  const auto both =
      job("series: {one: {file: knobs.csv, column: a}, two: {file: knobs.csv, column: b}, "
          "bad: {file: knobs.csv, column: c}}\ncamera: {zoom: \"one+two\"}\n");
  auto& cache = SeriesCache::shared();
  const auto before = cache.count_of_readings();
  EXPECT_THAT(zooms(both, {0, 50}), ElementsAre(3, 7));
  EXPECT_THAT(zooms(both, {99}), ElementsAre(1 + 2 + 2 * 3.96));
  EXPECT_EQ(load_series(both, "two")->least(), 2);
  EXPECT_EQ(cache.count_of_readings(), before + 1);
  EXPECT_THROW(load_series(both, "bad"), report::FaultsError);
  write("knobs.csv", "time,a,b\n0,1,3\n4,5,6\n");
  EXPECT_EQ(load_series(both, "two")->least(), 3) << "other content";
}

TEST_F(OwnVariablesTest, ASheetHasWhatIsRead) {
  write("knob.csv", "0,1\n4,5\n");
  const auto sheet = study::curve_sheet(
      job(kStems + "series: {knob: knob.csv, other: knob.csv}\ncamera: {zoom: \"knob+early.treble\"}\n"),
      {20, 30});
  ASSERT_EQ(sheet.own_variables.size(), 2U);
  EXPECT_EQ(sheet.own_variables[0].path, "early.treble");
  EXPECT_EQ(sheet.own_variables[0].values[5], 1);
  EXPECT_EQ(sheet.own_variables[1].path, "knob");
  EXPECT_EQ(sheet.own_variables[1].values[5], 2);
  EXPECT_FALSE(sheet.has_sound) << "stems are not heard";
}

TEST_F(OwnVariablesTest, FaultsNameFileAndLine) {
  write("bad.csv", "t,x\n0,1\n1,off\n2,on\n");
  const std::string bad = (*folder_ / "bad.csv").string();
  const std::string keys = "series: {knob: bad.csv, gone: gone.csv, unread: bad.csv}\n";
  EXPECT_THAT(faults(job(keys + "camera: {zoom: \"1+knob+gone\"}\n")),
              ElementsAre("series.gone.file: cannot open " + (*folder_ / "gone.csv").string() +
                              ": No such file or directory",
                          "series.knob: " + bad + ":3: column 2 (x): expected a number, got \"off\"",
                          "series.knob: " + bad + ":4: column 2 (x): expected a number, got \"on\""));
  EXPECT_THAT(faults(job("series: {knob: /dev/zero}\ncamera: {zoom: \"1+knob\"}\n")),
              ElementsAre(HasSubstr("it is a pipe or a device, not a file")));
  EXPECT_THAT(faults(job("audio: {stems: {a: gone.wav, b: bad.csv}}\ncamera: {zoom: \"1+a.beat+b.beat\"}\n")),
              ElementsAre(HasSubstr("audio.stems.a: cannot open"), HasSubstr("audio.stems.b: ")));
}

TEST_F(OwnVariablesTest, AreToldInWords) {
  write("knob.csv", "frame,x\n0,1\n48,0.25\n");
  EXPECT_THAT(
      own_variables_in_words(
          job(kStems + "series: {knob: knob.csv, other: knob.csv}\ncamera: {zoom: \"knob+late.beat\"}\n")),
      ElementsAre("series knob: 2 values from 0 frames to 48 frames, between 0.25 and 1",
                  "series other: 2 values from 0 frames to 48 frames, between 0.25 and 1; no expression "
                  "reads it",
                  "stem early: early.wav; no expression reads it", "stem late: late.wav"));
}

}  // namespace
}  // namespace dreamreel::footage
