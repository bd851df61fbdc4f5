// output.preset, and what the file says and how it sounds.
#include <gtest/gtest.h>

#include <algorithm>

#include "dreamreel/job/schema.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kNoOutput;
using Options = std::map<std::string, std::string>;

TEST(Preset, SetsTheEncoder) {
  const JobFolder folder;
  const Job job = folder.load_text(kNoOutput + "output: {path: o.mov, preset: prores_hq}\n");
  EXPECT_EQ(job.output.codec, "prores_ks");
  EXPECT_EQ(job.output.pixel_format, "yuv422p10le");
  EXPECT_EQ(job.output.codec_options, (Options{{"profile", "hq"}}));
  EXPECT_EQ(parse_job(to_yaml(job), job.file, folder.options).output, job.output);
}

TEST(Preset, KeysBesideItAndYoungerOnesCount) {
  JobFolder folder;
  const std::string beside =
      kNoOutput + "output: {path: o.mp4, preset: web, video: {options: {crf: 30, tune: grain}}}\n";
  EXPECT_EQ(folder.load_text(beside).output.codec_options, (Options{{"crf", "30"}, {"tune", "grain"}}));
  folder.options.overrides = {"output.video.pixel_format=yuv444p"};
  EXPECT_EQ(folder.load_text(beside).output.pixel_format, "yuv444p");
}

TEST(Preset, ReplacesWhatAParentSaid) {
  JobFolder folder;
  folder.write("parent.yaml",
               kNoOutput + "output: {path: o.mp4, video: {codec: libx265, options: {crf: 16}}}\n");
  const Job job = folder.load_text("extends: parent.yaml\noutput: {preset: web}\n");
  EXPECT_EQ(job.output.codec, "libx264");
  EXPECT_EQ(job.output.codec_options.at("crf"), "18");
  EXPECT_EQ(job.output.path, folder.path("o.mp4"));
  folder.options.overrides = {"output.preset=prores_4444"};
  EXPECT_EQ(folder.load("parent.yaml").output.path, folder.path("o.mov"));
  folder.options.overrides = {"output.preset=png16"};
  EXPECT_EQ(folder.load("parent.yaml").output.path, folder.path("o_%06d.png"));
  folder.options.overrides = {"output.preset=png16", "output.path=still.png"};
  EXPECT_EQ(folder.load("parent.yaml").output.path.filename(), "still.png") << "a younger path is as it is";
  folder.options.overrides = {"output.preset=~"};
  EXPECT_EQ(folder.load("parent.yaml").output.codec, "libx265");
}

TEST(Preset, FilmsAndNumberedPicturesBecomeEachOther) {
  JobFolder folder;
  const auto path = [&](const std::string& before, const std::string& preset) {
    folder.write("parent.yaml", kNoOutput + "output: {path: \"" + before + "\"}\n");
    folder.options.overrides = {"output.preset=" + preset};
    const std::string after = folder.load("parent.yaml").output.path.string();
    return folder.without_folder(after);
  };
  EXPECT_EQ(path("out/%06d.png", "web"), "out/out.mp4");
  EXPECT_EQ(path("out/shot_%04d.png", "gif"), "out/shot.gif");
  EXPECT_EQ(path("out/100%.png", "web"), "out/100%.mp4");
  for (const char* const film : {"o.gif", "o.avi", "o.mov", "o.MP4"})
    EXPECT_EQ(path(film, "png16"), "o_%06d.png") << film;
  EXPECT_EQ(path("100%.mp4", "png16"), "100%_%06d.png");
  EXPECT_EQ(path("o.jpg", "png16"), "o.png") << "a picture stays one";
  EXPECT_EQ(path("o_%03d.tif", "png16"), "o_%03d.png");
  EXPECT_EQ(path("o.mp4", "exr"), "o_%06d.exr");
  EXPECT_EQ(path("o_####.png", "exr"), "o_%04d.exr");
  EXPECT_EQ(path("out/o_####.png", "web"), "out/o.mp4");
}

TEST(NumberedPictures, MayBeWrittenWithSigns) {
  JobFolder folder;
  const auto output = [&](const std::string& path) {
    const Job job = folder.load_text(kNoOutput + "output: {path: '" + path + "'}\n");
    EXPECT_EQ(parse_job(to_yaml(job), job.file, folder.options).output, job.output);
    return folder.without_folder(job.output.path.string());
  };
  EXPECT_EQ(output("out/shot.####.exr"), "out/shot.%04d.exr");
  EXPECT_EQ(output("100%_##.png"), "100%%_%02d.png");
  folder.write("there.####.png", "");
  for (const char* const other :
       {"take#1.png", "a##b##.png", "shot.####.mov", "shot_##_%04d.png", "there.####.png", "####/o.mp4"})
    EXPECT_EQ(output(other), other);
  const std::string sequence = "input: {path: 'in.####.png', fps: 24}\noutput: {path: o.mp4}\n";
  const Job job = folder.load_text("network: net\ndream: {objectives: [{layer: a}]}\n" + sequence);
  EXPECT_EQ(job.input.path.filename(), "in.%04d.png");
  folder.options.overrides = {"output.path=o.#####.exr", "output.first_number=1001"};
  const Job numbered = folder.load_text(kNoOutput + "output: {path: o.mp4}\n");
  EXPECT_EQ(numbered.output.path.filename(), "o.%05d.exr");
  EXPECT_EQ(numbered.output.first_number, 1001);
}

TEST(Preset, IsOneOfTheWordsThatTheSchemaHas) {
  const auto key = std::ranges::find(schema(), "output.preset", &settings::KeyInfo::path);
  ASSERT_NE(key, schema().end());
  EXPECT_EQ(key->shape.kind, settings::KeyShape::Kind::choice);
  ASSERT_FALSE(key->shape.words.empty());
  const JobFolder folder;
  for (const auto& word : key->shape.words)
    EXPECT_NO_THROW(folder.load_text(kNoOutput + "output: {path: o.mp4, preset: " + word + "}\n")) << word;
}

TEST(InputAudio, StartsOnlyWhereThereIsOne) {
  JobFolder folder;
  const std::string rest = "network: net\noutput: {path: o.mp4}\ndream: {objectives: [{layer: a}]}\n";
  EXPECT_EQ(
      folder.errors_of(rest + "input: {path: in.mp4, audio_start: 2s}\n"),
      "job.yaml:4: input.audio_start: expected input.audio beside it, because it is a time of that song, "
      "got none");
  EXPECT_EQ(folder.errors_of(rest + "input: {path: in.mp4, audio: s.wav, audio_start: 2s}\n"), "");
}

TEST(Preset, AnUnknownOneIsSuggested) {
  const JobFolder folder;
  EXPECT_EQ(
      folder.errors_of(kNoOutput + "output: {path: o.mp4, preset: wep}\n"),
      "job.yaml:4: output.preset: expected web, prores_hq, prores_4444, gif, png16, exr or archive, got "
      "'wep'; did "
      "you mean 'web'?");
}

TEST(Bitrate, TakesThousands) {
  const JobFolder folder;
  const auto bits = [&](const std::string& text) {
    return folder.load_text(kNoOutput + "output: {path: o, audio_bitrate: " + text + "}\n")
        .output.audio_bitrate;
  };
  EXPECT_EQ(bits("320k"), 320'000);
  EXPECT_EQ(bits("96500"), 96'500);
  for (const char* const bad : {"320", "loud", "1e9", "[1]", "0.5k"})
    EXPECT_NE(folder.errors_of(kNoOutput + "output: {path: o, audio_bitrate: " + bad + "}\n"), "") << bad;
}

}  // namespace
}  // namespace dreamreel::job
