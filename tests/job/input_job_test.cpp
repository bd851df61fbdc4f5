// A picture, a clip or a folder of pictures in place of a job file.
#include "dreamreel/job/input_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/log.h"
#include "dreamreel/settings/key_places.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using test::JobFolder;
using testing::HasSubstr;

const std::string kPng = "\x89PNG\r\n\x1a\n"s,
                  kMp4 =
                      "\0\0\0\x20"
                      "ftypisom"s,
                  kGif = "GIF89a\0\1"s;

struct Folder : JobFolder {
  Folder() {
    options.job_folders = {path("configs")};
    write("cards/oid.yaml", "name: oid\nfile: net.onnx\nrecommended: {layers: [block]}\n");
    write("configs/base.yaml", "network: net\ndream: {step: 2, objectives: [{layer: base}]}\n");
    options.look_folders = {path("looks")};
    write("looks/agate.yaml", "network: net\ndream: {objectives: [{layer: agate}]}\n");
  }
};

TEST(InputJob, AJobIsAText) {
  const Folder folder;
  const auto says = [&](const std::string& name, const std::string& bytes) {
    folder.write(name, bytes);
    return is_input(folder.path(name));
  };
  EXPECT_TRUE(says("clip", kMp4));
  EXPECT_TRUE(says("photo.jpg", "\xFF\xD8\xFF\xE0"s));
  EXPECT_TRUE(says("ascii.ppm", "P3\n1 1 255 0 0 0\n")) << "a picture may be a text too";
  EXPECT_FALSE(says("job", "seed: 1\n"));
  EXPECT_FALSE(says("job.txt", "input: {path: \"\xE4\"}\n")) << "Latin-1";
  EXPECT_FALSE(says("utf16",
                    "\xFF\xFE"
                    "a\0"s));
  EXPECT_FALSE(says("broken.yaml", kMp4)) << "the name says what it is meant to be";
  EXPECT_FALSE(says("empty", ""));
  EXPECT_TRUE(is_input(folder.path("configs")));
  EXPECT_TRUE(is_input(folder.path("missing.MP4")));
  EXPECT_TRUE(is_input(folder.path("frames/%04d.png")));
  EXPECT_FALSE(is_input(folder.path("missing")));
}

TEST(InputJob, NoiseFliesAndPulsesWithASong) {
  Folder folder;
  folder.write("configs/infinite_zoom.yaml",
               "extends: base\ninput: {noise: {size: 64x64, fps: 12, duration: 2s}}\n"
               "output: {path: zoom.mp4}\ntemporal: {flow: none}\ncamera: {zoom: {0s: 1, 2s: 3}}\n");
  const NoiseInput noise{320, 180, {30000, 1001}, {7.5, TimePoint::Unit::seconds}};
  folder.write("job.yaml", noise_job(noise, "", "a: b.mp4"));
  const Job silent = folder.load("job.yaml");
  EXPECT_EQ(silent.input.noise, noise);
  EXPECT_FALSE(silent.input.audio);
  EXPECT_EQ(silent.output.path.filename(), "a: b.mp4");
  EXPECT_TRUE(silent.camera.zoom.is_constant());
  EXPECT_EQ(silent.dream.objectives.at(0).layer, "base");
  folder.write("it's a song.wav", "");
  folder.write("job.yaml", noise_job(noise, "it's a song.wav", "b.mp4", "agate"));
  const Job pulsing = folder.load("job.yaml");
  EXPECT_EQ(pulsing.input.audio, folder.path("it's a song.wav"));
  EXPECT_EQ(pulsing.dream.objectives.at(0).layer, "agate");
  EXPECT_FALSE(pulsing.camera.zoom.is_constant());
  EXPECT_FALSE(pulsing.temporal.step.is_constant());
}

TEST(InputJob, APictureIsTheInputOfTheBaseJob) {
  Folder folder;
  folder.write("fruits.png", kPng);
  const Job job = folder.load("fruits.png");
  EXPECT_EQ(job.input.path, folder.path("fruits.png"));
  EXPECT_EQ(job.output.path, fs::current_path() / "fruits_dream.png");
  EXPECT_EQ(job.dream.step, Curve(2));
  EXPECT_EQ(job.dream.objectives.at(0).layer, "base");
  folder.options.overrides = {"look=agate", "dream.step=9"};
  const Job look = folder.load("fruits.png");
  EXPECT_EQ(look.output.path, fs::current_path() / "fruits_agate.png");
  EXPECT_EQ(look.dream.objectives.at(0).layer, "agate");
  EXPECT_EQ(look.dream.step, Curve(9));
  folder.options.overrides = {"network=oid"};
  EXPECT_EQ(folder.load("fruits.png").dream.objectives.at(0).layer, "block")
      << "the layers of another network are those that its card recommends";
  folder.options.overrides = {"dream.stpe=1"};
  EXPECT_EQ(folder.errors("fruits.png"), "--set dream.stpe=1: dream.stpe: unknown key; did you mean 'step'?");
}

TEST(InputJob, WhatMovesBecomesAFilm) {
  const Folder folder;
  folder.write("it's a: 100% clip.mov", kMp4);
  folder.write("anim.gif", kGif);
  EXPECT_EQ(folder.load("it's a: 100% clip.mov").input.path, folder.path("it's a: 100% clip.mov"));
  EXPECT_EQ(output_name_of(folder.path("it's a: 100% clip.mov"), "dream"), "it's a: 100% clip_dream.mp4");
  folder.write("take %d.mov", kMp4);
  EXPECT_EQ(output_name_of(folder.path("take %d.mov"), "dream"), "take %%d_dream.mp4") << "no pattern";
  EXPECT_EQ(output_name_of("walk/50%%_%02d.png", "dream"), "50%_dream.mp4");
  EXPECT_EQ(output_name_of(folder.path("anim.gif"), "dream"), "anim_dream.mp4");
  EXPECT_EQ(output_name_of("walk/frame_%04d.png", "dream"), "frame_dream.mp4");
  EXPECT_EQ(output_name_of("walk/%04d.png", "agate"), "walk_agate.mp4");
}

TEST(InputJob, WhatIsCalledBaseInTheFolderIsNotItsBase) {
  const Folder folder;
  const std::string other = "network: net\nseed: 77\ndream: {step: 9, objectives: [{layer: other}]}\n";
  folder.write("here/base", other);
  folder.write("here/base.yaml", other);
  folder.write("looks/base.yaml", other);
  folder.write("clip.mp4", kMp4);
  const fs::path before = fs::current_path();
  fs::current_path(folder.path("here"));
  const Job job = folder.load("clip.mp4");
  fs::current_path(before);
  EXPECT_EQ(job.dream.step, Curve(2));
  EXPECT_EQ(job.dream.objectives.at(0).layer, "base");
  EXPECT_EQ(job.output.path, folder.path("here/clip_dream.mp4"));
}

TEST(InputJob, TheOptionForTheOutputCounts) {
  const Folder folder;
  folder.write("clip.mp4", kMp4);
  settings::KeyPlaces places;
  const Job job = load_job(folder.path("clip.mp4"), folder.options, {folder.path("x.mp4")}, places);
  EXPECT_EQ(job.output.path, folder.path("x.mp4"));
  EXPECT_EQ(folder.without_folder(places.nearest("input.path").text), "clip.mp4");
  EXPECT_GT(places.nearest("output.path").rank, places.nearest("input.path").rank);
}

TEST(InputJob, AFolderIsItsOneNumbering) {
  const Folder folder;
  for (const char* const name : {"walk/f_0008.png", "walk/f_0009.png", "walk/f_0010.png", "walk/notes.txt"})
    folder.write(name, kPng);
  EXPECT_EQ(input_path_of(folder.path("walk")), folder.path("walk/f_%04d.png"));
  for (const char* const name : {"plain/9.jpg", "plain/10.jpg", "plain/cover.jpg"}) folder.write(name, kPng);
  EXPECT_EQ(input_path_of(folder.path("plain")), folder.path("plain/%d.jpg")) << "cover.jpg has no number";
  folder.write("percent/50%_01.png", kPng);
  EXPECT_EQ(input_path_of(folder.path("percent")), folder.path("percent/50%%_%02d.png"));
  EXPECT_EQ(folder.load("walk").input.path, folder.path("walk/f_%04d.png"));
  EXPECT_EQ(folder.load("walk/").output.path.filename(), "walk_dream.mp4");
}

TEST(InputJob, AFolderWithoutOneNumberingSaysWhatItHolds) {
  const Folder folder;
  const auto message = [&](const std::string& name) {
    try {
      input_path_of(folder.path(name));
    } catch (const InputError& error) {
      return folder.without_folder(error.what());
    }
    return std::string();
  };
  folder.write("two/a1.png", kPng);
  folder.write("two/b1.png", kPng);
  EXPECT_EQ(
      message("two"),
      "two: expected pictures of one numbering such as 0001.png, 0002.png, got a folder with pictures of "
      "several numberings (a%d.png, b%d.png); name one of them, e.g. two/a%d.png");
  folder.write("photos/dog.jpg", kPng);
  EXPECT_THAT(message("photos"), HasSubstr("got a folder with pictures that are not numbered"));
  folder.write("photos/dog2.jpg", kPng);  // one number makes no film
  EXPECT_THAT(message("photos"), HasSubstr("got a folder with pictures that are not numbered"));
  fs::create_directory(folder.path("none"));
  EXPECT_THAT(message("none"), HasSubstr("got a folder with no pictures"));
}

TEST(InputJob, AUrlIsNoFile) {
  const Folder folder;
  for (const char* const url : {"https://example.com/clip.mp4", "file:///tmp/clip.mp4"}) {
    try {
      load_job(url, folder.options);
      FAIL() << url;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string("got the URL '") + url + "'"));
    }
  }
}

TEST(InputJob, AJobInLatin1IsWarnedOf) {
  const Folder folder;
  folder.write("job.yaml",
               "network: net\ninput: {path: \"\xE4.mp4\"}\noutput: {path: o}\n"
               "dream: {objectives: [{layer: a}]}\n");
  std::string warning;
  set_log_sink([&](LogLevel, std::string_view text) { warning += text; });
  const Job job = folder.load();
  set_log_sink({});
  EXPECT_EQ(job.input.path, folder.path("\xE4.mp4")) << "the bytes are those of the file";
  EXPECT_THAT(warning, HasSubstr("job.yaml is not UTF-8"));
}

TEST(InputJob, IsNeverAResolvedJob) {
  const Folder folder;
  folder.write("clip.mp4", kMp4);
  const Job job = folder.load("clip.mp4");
  EXPECT_EQ(parse_job(to_yaml(job), job.file, folder.options), job);
}

}  // namespace
}  // namespace dreamreel::job
