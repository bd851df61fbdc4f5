// Tests how series and stems line up with the frames of a job.
#include "dreamreel/footage/own_variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/report/faults.h"
#include "series_cache.h"
#include "support/series_jobs.h"

namespace dreamreel::footage {
namespace {

using test::kStems;
using testing::ElementsAre;
using testing::HasSubstr;

class OwnVariablesTest : public test::SeriesJobs {
 protected:
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
};

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
