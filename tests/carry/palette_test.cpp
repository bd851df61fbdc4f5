// The colours of the shipped default: they last, and do not burn out to dots of pure red, green and blue.
// Needs the default network and photographs.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/model/objective_set.h"

namespace dreamreel::carry {
namespace {

at::Tensor photograph(const std::string& path, std::int64_t height, std::int64_t width) {
  media::ReaderOptions options;
  options.path = path;
  return image::resize(media::Reader(options).next()->rgb, {height, width}).clamp(0, 1);
}

// The picture that a shipped job makes of `start`, as it would of the photograph `path`.
at::Tensor dreamed(const std::string& job_file, const std::string& path, const at::Tensor& start) {
  auto load = job::default_load_options();
  load.overrides = {"input.path=" + path, "output.path=o.png", "precision=fp32", "dream.octaves=2"};
  const job::Job job = job::load_job(DREAMREEL_SOURCE_DIR "/configs/" + job_file, load);
  const model::ObjectiveSet set(job);
  const curve::CurveTime first{0, 24};
  const auto options = ascent_options(job, set.at(first, {}), first, false, false);
  return dream::ascend(set.networks(), start, options, {7, 0, 0, 0}).picture;
}

// How far apart the largest and the smallest channel of each pixel are: 0 is grey, 1 is a pure colour at its
// brightest.
at::Tensor vividness(const at::Tensor& picture) {
  return picture.amax(0) - picture.amin(0);
}

// The share of pixels that became more vivid in the dream by more than a quarter of the scale.
double burnt(const at::Tensor& dream, const at::Tensor& source) {
  return (vividness(dream) - vividness(source)).gt(0.25).to(at::kFloat).mean().item<double>();
}

TEST(Palette, TheDefaultDoesNotBurnOut) {
  constexpr double kFew = 5e-4, kMany = 3e-3;  // found: none to 1e-4, and 6e-3 to 7e-3
  for (const std::string name : {"baboon.jpg", "fruits.jpg"}) {
    const std::string path = DREAMREEL_FOOTAGE "/" + name;
    const at::Tensor photo = photograph(path, 128, 160);
    const at::Tensor calm = dreamed("base.yaml", path, photo);
    EXPECT_LT(burnt(calm, photo), kFew) << name;
    EXPECT_GT((calm - photo).abs().mean().item<double>(), 0.02) << name << ": it is a dream all the same";
    EXPECT_GT(burnt(dreamed("looks/neon.yaml", path, photo), photo), kMany)
        << name << ": the palette that burns";
  }
}

}  // namespace
}  // namespace dreamreel::carry
