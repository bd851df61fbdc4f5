#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kMinimal;

TEST(Extends, MapsMergeListsAndCurvesAreReplaced) {
  const JobFolder folder;
  folder.write("base.yaml", kMinimal + R"(seed: 7
temporal: {blend: 0.5, flow: none}
camera: {zoom: {0s: 1, 4s: 2}, pan: [1, 1], rotate: {0s: 5}}
)");
  const Job job = folder.load_text(R"(extends: base.yaml
dream: {step: 3, objectives: [{layer: b}, {layer: c}]}
temporal: {blend: 0.25}
camera: {zoom: {1s: 3}, pan: [0, 2]}
)");
  EXPECT_EQ(job.seed, 7U);
  EXPECT_EQ(job.dream.step, Curve(3));
  EXPECT_EQ(job.dream.objectives, (std::vector<LayerObjective>{{"b", 1}, {"c", 1}}));
  EXPECT_EQ(job.temporal.blend, Curve(0.25));
  EXPECT_EQ(job.temporal.flow, Temporal::Flow::none);
  EXPECT_EQ(job.camera.zoom, Curve({{{1, TimePoint::Unit::seconds}, 3}}));
  EXPECT_EQ(job.camera.rotate, Curve({{{0, TimePoint::Unit::seconds}, 5}}));
  EXPECT_EQ(job.camera.pan_x, Curve(0));
  EXPECT_EQ(job.camera.pan_y, Curve(2));
}

TEST(Extends, EncoderOptionsAndNoiseMerge) {
  const JobFolder folder;
  folder.write("base.yaml",
               "network: net\ninput: {noise: {size: 64x48, fps: 12}}\noutput: {path: o, video: {options: "
               "{crf: 16, preset: slow}}}\ndream: {objectives: [{layer: a}]}\n");
  const Job job = folder.load_text(
      "extends: base.yaml\ninput: {noise: {fps: 30}}\noutput: {video: {options: {crf: 20}}}\n");
  EXPECT_EQ(job.input.noise->width, 64);
  EXPECT_EQ(job.input.noise->fps, (Rational{30, 1}));
  EXPECT_EQ(job.output.codec_options,
            (std::map<std::string, std::string>{{"crf", "20"}, {"preset", "slow"}}));
}

TEST(Extends, NullTakesBackAValueButNotASection) {
  const JobFolder folder;
  folder.write(
      "base.yaml",
      "network: net\ninput: {noise: {}}\noutput: {path: o}\ndream: {objectives: [{layer: a}], step: 3}\n");
  const Job job = folder.load_text("extends: base.yaml\ninput: {path: i, noise: ~}\ndream:\n");
  EXPECT_EQ(job.input.noise, std::nullopt);
  EXPECT_EQ(job.input.path, folder.path("i"));
  EXPECT_EQ(job.dream.step, Curve(3));
  EXPECT_EQ(folder.load_text("extends: base.yaml\ndream: {step: ~}\n").dream.step, Dream{}.step);
}

TEST(Extends, TildeTakesBackAnEntryAndASection) {
  const JobFolder folder;
  folder.write("base.yaml", kMinimal + "temporal: {blend: 0.5}\n");
  folder.write("options.yaml",
               "extends: base.yaml\noutput: {video: {codec: libx264, options: {crf: 16, preset: slow}}}\n");
  const Job entry = folder.load_text("extends: options.yaml\noutput: {video: {options: {crf: ~, g: 1}}}\n");
  EXPECT_EQ(entry.output.codec_options, (std::map<std::string, std::string>{{"g", "1"}, {"preset", "slow"}}));
  const Job section = folder.load_text("extends: options.yaml\noutput: {video: ~}\ntemporal:\n");
  EXPECT_EQ(section.output.codec, "");
  EXPECT_TRUE(section.output.codec_options.empty());
  EXPECT_EQ(section.temporal.blend, Curve(0.5)) << "nothing behind a key takes nothing back";
}

TEST(Extends, TheYoungerOfTwoThatStandInForEachOtherCounts) {
  JobFolder folder;
  folder.write("noise.yaml",
               "network: net\ninput: {noise: {fps: 30}}\noutput: {path: o}\ndream: {objectives: "
               "[{layer: a}]}\n");
  const Job picture = folder.load_text("extends: noise.yaml\ninput: {path: i.png, duration: 2s}\n");
  EXPECT_EQ(picture.input.noise, std::nullopt);
  folder.write("picture.yaml", "extends: noise.yaml\ninput: {path: i.png, duration: 2s}\n");
  const Job noise = folder.load_text("extends: picture.yaml\ninput: {noise: {}}\n");
  EXPECT_TRUE(noise.input.noise.has_value());
  EXPECT_EQ(noise.input.duration, std::nullopt);
  folder.write("keyed.yaml", kMinimal.substr(0, kMinimal.size() - 2) +
                                 ", mask: {from: luma, range: [0.5, 1], feather: 3}}\n");
  const Job masked = folder.load_text("extends: keyed.yaml\ndream: {mask: {path: m.png}}\n");
  EXPECT_EQ(masked.dream.mask->from, Mask::From::file);
  EXPECT_EQ(masked.dream.mask->feather, Curve(3));
  folder.options.overrides = {"input.path=j.png"};
  EXPECT_EQ(folder.load("noise.yaml").input.noise, std::nullopt);
}

TEST(Extends, PathsAreRelativeToTheFileThatSaysThem) {
  const JobFolder folder;
  folder.write("shared/base.yaml",
               "network: my.onnx\ninput: {path: ../media/in.mp4}\noutput: {path: base.mp4}\ndream: "
               "{objectives: [{layer: a}]}\n");
  folder.write("shared/middle.yaml", "extends: base.yaml\ninput: {audio: song.flac}\n");
  folder.write("jobs/job.yaml", "extends: ../shared/middle.yaml\noutput: {path: out.mp4}\n");
  const Job job = folder.load("jobs/job.yaml");
  EXPECT_EQ(job.input.path, folder.path("media/in.mp4"));
  EXPECT_EQ(job.input.audio, folder.path("shared/song.flac"));
  EXPECT_EQ(job.network.path, folder.path("shared/my.onnx"));
  EXPECT_EQ(job.output.path, folder.path("jobs/out.mp4"));
}

TEST(Extends, ErrorsKeepTheirFileAndComeChildFirst) {
  const JobFolder folder;
  folder.write("base.yaml", kMinimal + "seed: x\ncamera: {zoom: 0}\n");
  EXPECT_EQ(
      folder.errors_of("extends: base.yaml\n\ncamera: {zom: 1}\n"),
      "job.yaml:3: camera.zom: unknown key; did you mean 'zoom'?\n"
      "base.yaml:5: seed: expected a whole number from 0 to 18446744073709551615, got 'x'\n"
      "base.yaml:6: camera.zoom: expected a number from 0.01 to 100, keyframes or an expression, got 0");
}

TEST(Extends, CyclesAreNamed) {
  const JobFolder folder;
  folder.write("job.yaml", "extends: b.yaml\n");
  folder.write("b.yaml", "seed: 1\nextends: sub/../c.yaml\n");
  folder.write("c.yaml", "extends: job.yaml\n");
  EXPECT_EQ(folder.errors(),
            "c.yaml:1: extends: expected no cycle, got job.yaml -> b.yaml -> c.yaml -> job.yaml");
  folder.write("self.yaml", "extends: self.yaml\n");
  EXPECT_EQ(folder.errors("self.yaml"),
            "self.yaml:1: extends: expected no cycle, got self.yaml -> self.yaml");
}

TEST(Extends, AParentMustBeOneReadableFile) {
  const JobFolder folder;
  EXPECT_EQ(
      folder.errors_of("seed: 1\nextends: absent.yaml\n"),
      "job.yaml:2: extends: expected a readable job file, got 'absent.yaml': No such file or directory");
  EXPECT_EQ(folder.errors_of("extends: [a.yaml, b.yaml]\n"),
            "job.yaml:1: extends: expected a path to one job file, got a list of 2");
  folder.write("broken.yaml", "a: 1\nb: [\n");
  EXPECT_EQ(folder.errors_of("extends: broken.yaml\n"),
            "broken.yaml:3: not valid YAML: end of sequence flow not found"
            "; a bracket or a quote that is opened on this line or above is not closed, or a text with ': ' "
            "in it needs quotes");
}

}  // namespace
}  // namespace dreamreel::job
