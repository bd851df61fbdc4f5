// Tests the keys series and audio.stems.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/job/curves.h"
#include "dreamreel/job/draft.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/job.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Unit = curve::SeriesRules::Unit;

const std::string kSeries =
    test::kMinimal +
    "series:\n"
    "  knob: tables/knob.csv\n"
    "  zoom: {file: p.json, column: zoom_delta, time: frames, rate: 20, list: frames}\n"
    "  heat: {file: s.csv, column: 3, time_column: 2, interpolation: hold}\n"
    "audio: {stems: {bass: bass.wav, drums: d/drums.flac}}\n";

TEST(Series, HasFilesAndRules) {
  const test::JobFolder folder;
  const auto job = folder.load_text(kSeries);
  ASSERT_EQ(job.series.size(), 3U);
  EXPECT_EQ(job.series.at("knob").file, folder.path("tables/knob.csv"));
  EXPECT_EQ(job.series.at("knob").rules, curve::SeriesRules{});
  const auto& zoom = job.series.at("zoom").rules;
  EXPECT_EQ(zoom.column, "zoom_delta");
  EXPECT_EQ(zoom.unit, Unit::frames);
  EXPECT_EQ(zoom.rate, 20);
  EXPECT_EQ(zoom.list, "frames");
  EXPECT_EQ(job.series.at("heat").rules.time_column, "2");
  EXPECT_TRUE(job.series.at("heat").rules.holds);
  EXPECT_EQ(job.audio.stems.at("drums"), folder.path("d/drums.flac"));
  EXPECT_EQ(parse_job(to_yaml(job), folder.path("job.yaml"), folder.options), job);
  std::vector<std::string> files;
  Job named = job;
  for (const auto& file : list_files(named)) files.push_back(file.key);
  EXPECT_THAT(files, ElementsAre("input.path", "audio.stems.bass", "audio.stems.drums", "series.heat.file",
                                 "series.knob.file", "series.zoom.file"));
}

TEST(Series, ExpressionsReadTheirNames) {
  const test::JobFolder folder;
  const auto job =
      folder.load_text(kSeries +
                       "camera: {zoom: \"1+drums.onset\", rotate: {0s: knob, 1s: \"bass+bass.beat\"}}\n"
                       "temporal: {cuts: [2s, \"floor(heat)\"]}\n");
  EXPECT_THAT(own_variables_read(job), ElementsAre("bass.beat", "drums.onset", "heat", "knob"));
  EXPECT_THAT(own_variables_read(draft_of(job)), ElementsAre("bass.beat", "drums.onset", "heat", "knob"));
  EXPECT_TRUE(job.temporal.cuts.reads_own_variables());
  EXPECT_EQ(parse_job(to_yaml(job), folder.path("job.yaml"), folder.options), job);
  const auto scaled = draft_of(folder.load_text(kSeries + "temporal: {iterations: \"1+3*knob\"}\n"));
  EXPECT_THAT(own_variables_read(scaled), ElementsAre("knob"));
  EXPECT_THAT(
      folder.errors_of(kSeries + "camera: {zoom: \"1+knop\"}\n"),
      HasSubstr(
          "job.yaml:10: camera.zoom: expected a number from 0.01 to 100, keyframes or an expression, got "
          "'1+knop': at character 3, unknown variable knop; did you mean 'knob'?"));
  EXPECT_THAT(folder.errors_of(test::kMinimal + "camera: {zoom: \"1+drums.onset\"}\n"),
              HasSubstr("unknown variable drums.onset"));
}

TEST(Series, TimesInBeatsNeedTheSound) {
  const test::JobFolder folder;
  const auto read = [&](const std::string& unit) {
    return folder.load_text(test::kMinimal + "series: {knob: {file: k.csv, time: " + unit +
                            "}}\ncamera: {zoom: \"1+knob\"}\n");
  };
  EXPECT_TRUE(read("beats").camera.zoom.counts_beats());
  EXPECT_TRUE(read("bars").camera.zoom.uses_sound());
  EXPECT_FALSE(read("frames").camera.zoom.uses_sound());
}

TEST(Series, AJobAddsToItsParents) {
  const test::JobFolder folder;
  folder.write("parent.yaml", test::kMinimal +
                                  "series: {a: a.csv, b: {file: b.csv, rate: 5}, c: c.csv}\n"
                                  "audio: {stems: {drums: d.wav, voice: v.wav}}\n");
  const auto job = folder.load_text(
      "extends: parent.yaml\nseries: {b: other.csv, c: ~, d: d.csv}\naudio: {stems: {voice: ~}}\n");
  std::vector<std::string> names;
  for (const auto& [name, series] : job.series) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("a", "b", "d"));
  EXPECT_FALSE(job.series.at("b").rules.rate);
  EXPECT_EQ(job.audio.stems.size(), 1U);
  EXPECT_THAT(folder.errors_of("extends: parent.yaml\nseries: {c: ~}\ncamera: {zoom: \"1+c\"}\n"),
              HasSubstr("unknown variable c"));
}

TEST(Series, MistakesAreToldWithTheirLines) {
  const test::JobFolder folder;
  const auto errors = [&](const std::string& yaml) { return folder.errors_of(test::kMinimal + yaml); };
  EXPECT_THAT(errors("series: {sin: a.csv}\n"), HasSubstr("job.yaml:5: series.sin: expected another name"));
  EXPECT_THAT(errors("series: {info: a.csv}\n"), HasSubstr("no number begins with"));
  EXPECT_THAT(errors("series: {a-b: a.csv}\n"), HasSubstr("expected a name of letters, digits and _"));
  EXPECT_THAT(errors("series: {k: {column: 2}}\n"), HasSubstr("job.yaml:5: series.k.file: missing"));
  EXPECT_THAT(errors("series: {k: {file: a.csv, time: frame}}\n"),
              HasSubstr("series.k.time: expected seconds, milliseconds, frames, beats or bars"));
  EXPECT_THAT(errors("series: {k: {file: a.csv, colum: 2}}\n"), HasSubstr("series.k.colum: unknown key"));
  EXPECT_THAT(errors("series: {k: {file: a.csv, rate: 0}}\n"),
              HasSubstr("series.k.rate: expected a number above 0"));
  EXPECT_THAT(errors("series: {k: [a.csv]}\n"),
              HasSubstr("series.k: expected a path, or a map with the key file"));
  EXPECT_THAT(errors("series: a.csv\n"), HasSubstr("series: expected a map of names to files"));
  EXPECT_THAT(errors("audio: {stems: {drums: [a.wav]}}\n"), HasSubstr("audio.stems.drums: expected a path"));
  EXPECT_THAT(errors("audio: {stems: {inf: a.wav}}\n"), HasSubstr("audio.stems.inf: expected a name"));
  std::string many = "series:\n";
  for (int i = 0; i < 65; ++i) many += "  s" + std::to_string(i) + ": a.csv\n";
  EXPECT_THAT(errors(many), HasSubstr("expected at most 64 names, got 65"));
}

}  // namespace
}  // namespace dreamreel::job
