// A still in place of the noise of an older file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/settings/key_places.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;

struct Zooms : JobFolder {
  Zooms() {
    options.job_folders = {path("configs")};
    options.look_folders = {path("configs/looks")};
    write("photo.png", "\x89PNG\r\n\x1a\n");
    write("clip.mkv", "\x1a\x45\xdf\xa3");
    write("configs/base.yaml",
          "network: net\ndream: {iterations: 10, objectives: [{layer: a}]}\ntemporal: {iterations: 3}\n");
    write(
        "configs/zoom.yaml",
        "extends: base.yaml\ninput: {noise: {size: 64x48, fps: 12, duration: 5s}}\noutput: {path: zoom.mp4}\n"
        "temporal: {warmup: 24, iterations: 2}\ncamera: {zoom: 1.2}\n");
    write("configs/looks/agate.yaml", "extends: ../base.yaml\ndream: {iterations: 20}\n");
  }

  Job look(const std::string& input, const std::string& name, const std::string& more = "") {
    options.overrides = {"look=" + name};
    if (!more.empty()) options.overrides.push_back(more);
    return load(input);
  }
};

void expect_film(const Job& job) {
  EXPECT_FALSE(job.input.noise.has_value());
  EXPECT_EQ(job.input.duration, TimePoint{5});
  EXPECT_EQ(job.input.fps->value(), 12);
  EXPECT_EQ(job.temporal.warmup, Curve(0)) << "noise has to ripen, a photo has not";
  EXPECT_EQ(job.dream.iterations, Curve(2)) << "the first frame is dreamed on like every other";
  EXPECT_EQ(job.camera.zoom, Curve(1.2));
}

TEST(StillForNoise, IsAFilmOfTheSameLength) {
  Zooms folder;
  expect_film(folder.load_text("extends: configs/zoom.yaml\ninput: {path: photo.png}\n"));
  expect_film(folder.load_text("extends: configs/zoom.yaml\ninput: {noise: ~, path: photo.png}\n"));
  const Job look = folder.look("photo.png", "zoom");
  expect_film(look);
  EXPECT_EQ(look.output.path.filename(), "photo_zoom.mp4");
  folder.options.overrides = {"input.path=" + folder.path("photo.png").string()};
  expect_film(folder.load("configs/zoom.yaml"));
}

TEST(StillForNoise, FillsASectionWithNothingBeneathIt) {
  Zooms folder;
  folder.write("configs/empty.yaml",
               "extends: zoom.yaml\ndream:\ninput: {noise: {size: 64x48, fps: 12, duration: 5s}}\n");
  expect_film(folder.load_text("extends: configs/empty.yaml\ninput: {path: photo.png}\n"));
}

TEST(StillForNoise, MaySayItsOwnKeys) {
  Zooms folder;
  const Job job = folder.load_text(
      "extends: configs/zoom.yaml\ninput: {path: photo.png, duration: 1s}\ndream: {iterations: 7}\n"
      "temporal: {warmup: 4}\n");
  EXPECT_EQ(job.input.duration, TimePoint{1});
  EXPECT_EQ(job.dream.iterations, Curve(7));
  EXPECT_EQ(job.temporal.warmup, Curve(4));
}

TEST(StillForNoise, StaysAPictureWhereThatIsWritten) {
  Zooms folder;
  const Job job =
      folder.load_text("extends: configs/zoom.yaml\ninput: {path: photo.png}\noutput: {path: one.png}\n");
  EXPECT_FALSE(job.input.duration.has_value());
}

TEST(StillForNoise, IsAPictureOrAFilmAsTheCommandLineAsks) {
  Zooms folder;
  const auto asked = [&](const AskedOutput& output, const std::string& more = "") {
    folder.options.overrides = {"look=zoom"};
    if (!more.empty()) folder.options.overrides.push_back(more);
    settings::KeyPlaces ignored;
    return load_job(folder.path("photo.png"), folder.options, output, ignored);
  };
  const Job one = asked({folder.path("one.png")});
  EXPECT_FALSE(one.input.duration.has_value());
  EXPECT_EQ(one.output.path.filename(), "one.png");
  EXPECT_EQ(one.dream.iterations, Curve(10)) << "all the work goes into this one frame";
  EXPECT_EQ(one.temporal.warmup, Curve(0));
  EXPECT_FALSE(asked({}, "output.path=one.tif").input.duration.has_value());
  expect_film(asked({folder.path("one.png"), true}));  // frame 48 of the film, for example
  expect_film(asked({folder.path("zoom.mp4")}, "output.path=one.tif"));
  for (const char* const film : {"zoom.mp4", "zoom.gif", "zoom_%04d.png", "zoom.####.exr"})
    expect_film(asked({folder.path(film)}));
}

TEST(StillForNoise, IsAPictureIfAllOutputsArePictures) {
  Zooms folder;
  const std::string begin = "extends: configs/zoom.yaml\ninput: {path: photo.png}\n";
  EXPECT_FALSE(folder.load_text(begin + "outputs: [{path: one.png}, {path: one.jpg}]\n").input.duration);
  expect_film(folder.load_text(begin + "outputs: [{path: zoom.mp4}, {path: zoom_%06d.png}]\n"));
}

TEST(StillForNoise, ChangesNothingElse) {
  Zooms folder;
  const Job agate = folder.look("photo.png", "agate");
  EXPECT_EQ(agate.output.path.filename(), "photo_agate.png");
  EXPECT_EQ(agate.dream.iterations, Curve(20));
  const Job clip = folder.look("clip.mkv", "zoom");
  EXPECT_FALSE(clip.input.duration.has_value());
  EXPECT_EQ(clip.temporal.warmup, Curve(24));
  folder.options.overrides.clear();
  const Job noise = folder.load("configs/zoom.yaml");
  EXPECT_TRUE(noise.input.noise.has_value());
  EXPECT_EQ(noise.dream.iterations, Curve(10));
}

}  // namespace
}  // namespace dreamreel::job
