// `outputs`: a list in place of `output`.
#include "dreamreel/job/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/job/files.h"
#include "dreamreel/settings/key_places.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kNoOutput;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kThree = kNoOutput +
                           "outputs:\n"
                           "  - {path: a.mp4, preset: web, video: {options: {crf: 30}}}\n"
                           "  - {path: b.mov, preset: prores_hq, audio: none, metadata: none}\n"
                           "  - {path: c/####.png, preset: png16, first_number: 1001}\n";

std::vector<std::string> names_of(const Job& job) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < output_count(job); ++i)
    names.push_back(output_at(job, i).path.filename().string());
  return names;
}

TEST(Outputs, AreReadInOrderEachWithItsOwnKeys) {
  const JobFolder folder;
  Job job = folder.load_text(kThree);
  EXPECT_TRUE(has_several_outputs(job));
  EXPECT_THAT(names_of(job), testing::ElementsAre("a.mp4", "b.mov", "%04d.png"));
  EXPECT_EQ(job.output.codec_options.at("crf"), "30");
  EXPECT_EQ(output_at(job, 1).codec, "prores_ks");
  EXPECT_EQ(output_at(job, 1).audio, Output::Audio::none);
  EXPECT_EQ(output_at(job, 2).path, folder.path("c/%04d.png"));
  EXPECT_EQ(output_at(job, 2).first_number, 1001);
  EXPECT_EQ(key_of_output(job, 2), "outputs.2");
  EXPECT_THROW(output_at(job, 3), std::out_of_range);
  EXPECT_EQ(list_files(job).size(), 1U) << "outputs are no files to read";
}

TEST(Outputs, ComeBackFromTheResolvedJob) {
  const JobFolder folder;
  for (const std::string loop : {"", "output: {loop: true}\n", "output: {loop: {crossfade: 2s}}\n"}) {
    const Job job = folder.load_text(kThree + loop);
    EXPECT_EQ(job.output.loop.has_value(), !loop.empty());
    EXPECT_EQ(parse_job(to_yaml(job), job.file, folder.options), job) << to_yaml(job);
  }
}

TEST(Outputs, EachHasAJobOfItsOwn) {
  const JobFolder folder;
  const Job job = folder.load_text(kThree + "output: {loop: true}\n");
  const auto jobs = jobs_of_outputs(job);
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(key_of_output(jobs[1], 0), "output");
  const Job alone = folder.load_text(
      kNoOutput + "output: {path: b.mov, preset: prores_hq, audio: none, metadata: none, loop: true}\n");
  EXPECT_EQ(jobs[1], alone);
  EXPECT_EQ(to_yaml(jobs[1]), to_yaml(alone));
}

TEST(Outputs, AListOfOneIsThatOutput) {
  const JobFolder folder;
  EXPECT_EQ(folder.load_text(kNoOutput + "outputs: [{path: o.mp4, preset: web}]\noutput: {loop: true}\n"),
            folder.load_text(kNoOutput + "output: {path: o.mp4, preset: web, loop: true}\n"));
  settings::KeyPlaces places;
  folder.load_text(kNoOutput + "outputs:\n  - {path: o.mp4, video: {codec: x}}\n");
  load_job(folder.path("job.yaml"), folder.options, {}, places);
  EXPECT_EQ(places.nearest("output.video.codec").line, 5);
}

TEST(Outputs, ReplaceAnOlderOutputAndTheOtherWayRound) {
  JobFolder folder;
  folder.write("one.yaml", kNoOutput + "output: {path: one.mp4, video: {options: {crf: 1}}, loop: true}\n");
  folder.write("three.yaml", kThree);
  const Job list = folder.load_text("extends: one.yaml\noutputs: [{path: x.mp4}, {path: y.mp4}]\n");
  EXPECT_THAT(names_of(list), testing::ElementsAre("x.mp4", "y.mp4"));
  EXPECT_THAT(list.output.codec_options, IsEmpty());
  EXPECT_TRUE(list.output.loop) << "a loop belongs to every output";
  EXPECT_THAT(names_of(folder.load_text("extends: three.yaml\noutput: {path: z.mp4}\n")),
              testing::ElementsAre("z.mp4"));
  const Job looped = folder.load_text("extends: three.yaml\noutput: {loop: true}\n");
  EXPECT_EQ(output_count(looped), 3U);
  EXPECT_TRUE(looped.output.loop);
  const auto overridden = [&](const std::string& text) {
    folder.options.overrides = {text};
    return folder.load("three.yaml");
  };
  EXPECT_EQ(output_count(overridden("output.loop=true")), 3U);
  EXPECT_THAT(names_of(overridden("output.path=z.mp4")), testing::ElementsAre("z.mp4"));
  EXPECT_EQ(output_at(overridden("outputs.1.audio=copy"), 1).audio, Output::Audio::copy);
  EXPECT_EQ(overridden("outputs.0.video.options.crf=20").output.codec_options.at("crf"), "20");
  EXPECT_THAT(names_of(overridden("outputs=[{path: u.mp4}, {path: v.mp4}]")),
              testing::ElementsAre("u.mp4", "v.mp4"));
}

TEST(Outputs, AreNotReplacedBySettingsWithoutAPath) {
  JobFolder folder;
  folder.write("three.yaml", kThree);
  EXPECT_THAT(folder.errors_of("extends: three.yaml\noutput: {preset: gif}\n"),
              HasSubstr("job.yaml:2: output.preset: expected none beside outputs"));
  folder.options.overrides = {"output.audio=none"};
  EXPECT_THAT(folder.errors("three.yaml"),
              HasSubstr("--set output.audio=none: output.audio: expected none beside outputs"));
  folder.options.overrides = {"output.audio=none", "output.path=z.mp4"};
  EXPECT_EQ(folder.load("three.yaml").output.audio, Output::Audio::none);
}

TEST(Outputs, GiveWayToTheCommandLinesOutput) {
  const JobFolder folder;
  folder.write("job.yaml", kThree + "output: {loop: true}\n");
  settings::KeyPlaces places;
  const Job job = load_job(folder.path("job.yaml"), folder.options, {folder.path("other.webm")}, places);
  EXPECT_THAT(names_of(job), testing::ElementsAre("other.webm"));
  EXPECT_EQ(job.output.codec, "") << "the settings of the list go with it";
  EXPECT_TRUE(job.output.loop);
}

TEST(Outputs, AreNoMatterOfALook) {
  JobFolder folder;
  folder.options.look_folders = {folder.path("looks")};
  folder.write("looks/mine.yaml", "dream: {octaves: 2}\noutputs: [{path: a.mp4}, {path: b.mp4}]\n");
  const Job job = folder.load_text("look: mine\n" + kNoOutput + "output: {path: o.mp4}\n");
  EXPECT_THAT(names_of(job), testing::ElementsAre("o.mp4"));
}

TEST(Outputs, MistakesNameTheItemAndWhatToDo) {
  const JobFolder folder;
  const auto errors = [&](const std::string& text) { return folder.errors_of(kNoOutput + text); };
  EXPECT_EQ(errors("outputs: [{path: a.mp4}, {path: b.mp4}]\noutput: {path: c.mp4, loop: true}\n"),
            "job.yaml:5: output.path: expected none beside outputs, where each file has settings of its own: "
            "write it there, or leave outputs out; output.loop alone holds for all of them");
  EXPECT_EQ(errors("outputs:\n  - {path: a.mp4}\n  - {path: b.mp4, loop: true}\n"),
            "job.yaml:6: outputs.1.loop: all outputs show the same frames, so a loop is a loop in each of "
            "them: write output: {loop: true} beside outputs");
  EXPECT_THAT(errors("outputs: [{path: a.mp4}, {preset: web}]\n"),
              HasSubstr("outputs.1.path: missing; expected a path"));
  EXPECT_THAT(errors("outputs: [{path: a.mp4}, {path: b.mp4, preset: wbe}]\n"),
              HasSubstr("outputs.1.preset: expected web, prores_hq, prores_4444, gif, png16, exr or archive, "
                        "got 'wbe'; did you mean 'web'?"));
  EXPECT_THAT(errors("outputs: [{path: a.mp4}, {path: ./b/../a.mp4}]\n"),
              HasSubstr("outputs.1.path: expected a file of its own, got that of outputs.0"));
  EXPECT_THAT(errors("outputs: [{path: a.mp4}, {path: in.mp4}]\n"),
              HasSubstr("outputs.1.path: expected another file than input.path"));
  EXPECT_THAT(errors("outputs: []\n"), HasSubstr("outputs: expected a list of at least one map"));
  EXPECT_THAT(errors("outputs: {path: a.mp4}\n"), HasSubstr("outputs: expected a list of at least one map"));
  EXPECT_THAT(errors("outputs: [a.mp4, b.mp4]\n"), HasSubstr("outputs.0: expected a map with the keys path"));
  EXPECT_THAT(errors("outputs: ~\n"), HasSubstr("output.path: missing"));
  std::string many = "outputs:\n";
  for (int i = 0; i < 17; ++i) many += "  - {path: a" + std::to_string(i) + ".mp4}\n";
  EXPECT_THAT(errors(many), HasSubstr("outputs: expected at most 16 outputs, got 17"));
}

}  // namespace
}  // namespace dreamreel::job
