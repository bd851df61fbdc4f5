// Parameterization::spectrum: phases move, strengths stay.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "canvas.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/dream/fourier_code.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "fixed_spectrum.h"
#include "photo_spectrum.h"
#include "shaping.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

// Even and odd heights and widths, which differ in the waves that are their own conjugates.
const std::pair<std::int64_t, std::int64_t> kSizes[] = {{24, 32}, {24, 33}, {25, 32}, {25, 33}};

at::Tensor soft_picture(std::int64_t height, std::int64_t width) {
  return image::gaussian_blur(noise_picture(height, width), 1);
}

AscentOptions spectrum_options(Optimizer optimizer, bool keeps_start) {
  AscentOptions options;
  options.objectives = {{0, 1.0}};
  options.octaves = 2;
  options.iterations = 6;
  options.jitter = 5;
  options.optimizer = optimizer;
  options.parameterization = Parameterization::spectrum;
  options.regularise.keep_start = keeps_start;
  return options;
}

// |z| of a finished picture from its definition: all H x W waves, in double precision.
at::Tensor waves_of(const at::Tensor& picture) {
  const auto height = picture.size(1), width = picture.size(2);
  const at::Tensor x = picture.to(at::kDouble);
  const at::Tensor colours = at::inverse(colour_directions().to(at::kDouble));
  const at::Tensor plain = at::matmul(colours, at::logit(x).reshape({3, -1})).view_as(x) * 4;
  const at::Tensor waves = at::fft_fft2(plain).abs();
  const auto numbers = at::TensorOptions(at::kDouble);
  const at::Tensor frequency = (at::fft_fftfreq(height, 1.0, numbers).unsqueeze(1).square() +
                                at::fft_fftfreq(width, 1.0, numbers).unsqueeze(0).square())
                                   .sqrt();
  const double lowest = 1.0 / static_cast<double>(std::max(height, width));
  const at::Tensor strengths =
      waves * frequency.clamp_min(lowest) / std::sqrt(static_cast<double>(height * width));
  return strengths.narrow(2, 0, width / 2 + 1);
}

double mean_colour_of(const at::Tensor& picture) {
  return at::logit(picture.to(at::kDouble)).mean().item<double>();
}

void set_constant(const at::Tensor& waves, const at::Tensor& from) {
  waves.select(2, 0).select(1, 0).copy_(from.select(2, 0).select(1, 0));
}

constexpr double kOfStrength = 2e-3;  // of the strongest wave: float32 through a sigmoid and back

void expect_waves(const at::Tensor& picture, const at::Tensor& expected) {
  const at::Tensor wrong = (waves_of(picture) - expected).abs();
  EXPECT_LT(wrong.max().item<double>(), kOfStrength * expected.max().item<double>())
      << picture.size(1) << "x" << picture.size(2);
}

at::Tensor photographs_with_mean_of(const at::Tensor& base) {
  at::Tensor expected = strengths_of_photographs(base.size(1), base.size(2)).to(at::kDouble);
  set_constant(expected, waves_of(base));
  return expected;
}

TEST(Spectrum, EveryStepKeepsTheStrengthsOfAllWaves) {
  for (const auto& [height, width] : kSizes) {
    const at::Tensor base = soft_picture(height, width), wanted = soft_picture(height, width).flip({2});
    for (const bool keeps_start : {true, false}) {
      const at::Tensor held = keeps_start ? waves_of(base) : photographs_with_mean_of(base);
      for (const auto optimizer : {Optimizer::ascent, Optimizer::adam}) {
        const auto canvas = make_canvas(base, base, spectrum_options(optimizer, keeps_start));
        const at::Tensor first = canvas->picture().clone();
        expect_waves(first, held);
        for (int step = 0; step < 5; ++step) {
          canvas->step(wanted - wanted.mean(), 0.1);
          expect_waves(canvas->picture(), held);
        }
        EXPECT_GT(((canvas->picture() - first) * (wanted - wanted.mean())).sum().item<double>(), 0)
            << "climbs";
        canvas->replace(wanted);
        expect_waves(canvas->picture(), held);
      }
    }
  }
}

TEST(Spectrum, OfAFrameStartsFromTheFrame) {
  for (const auto& [height, width] : kSizes) {
    const at::Tensor base = soft_picture(height, width);
    const FixedSpectrum canvas(base, base, spectrum_options(Optimizer::ascent, true));
    EXPECT_TRUE(at::allclose(canvas.picture(), base, 0, 1e-4)) << height << "x" << width;
  }
}

// All phases of a small picture, one by one. Those that cannot move have no slope.
TEST(Spectrum, TheSlopeOfThePhasesAgreesWithFiniteDifferences) {
  constexpr double kStep = 3e-3, kTolerance = 2e-2;
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{6, 8}, {6, 7}, {7, 8}, {7, 5}}) {
    const at::Tensor base = soft_picture(height, width);
    const at::Tensor weights = noise_picture(height, width).flip({2}) - 0.5;
    const FixedSpectrum canvas(base, base, spectrum_options(Optimizer::ascent, true));
    const at::Tensor slope = canvas.slope(weights).flatten();
    const auto value = [&](std::int64_t i, double change) {
      FixedSpectrum moved = canvas;
      at::Tensor angles = at::zeros_like(canvas.slope(weights));
      angles.view(-1)[i] = change;
      moved.turn(angles);
      return (moved.picture().to(at::kDouble) * weights).sum().item<double>();
    };
    const double largest = slope.abs().max().item<double>();
    ASSERT_GT(largest, 0);
    for (std::int64_t i = 0; i < slope.numel(); ++i)
      EXPECT_NEAR(slope[i].item<double>(), (value(i, kStep) - value(i, -kStep)) / (2 * kStep),
                  kTolerance * largest)
          << height << "x" << width << " at " << i;
  }
}

// Through octaves, jitter and everything that touches the picture between steps.
TEST(Spectrum, AnAscentGivesThePictureItsStrengths) {
  const auto network = tiny_network({"relu3"});
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{48, 64}, {49, 65}}) {
    const RandomKey key{4, 0, 0, 0};
    const at::Tensor start = fourier_noise(height, width, key, Purpose::start_noise);
    auto options = spectrum_options(Optimizer::adam, false);
    options.regularise.blur = 0.5;
    options.regularise.total_variation = 0.1;
    options.transforms = {0.1, 10};
    const at::Tensor picture = ascend(network, start, options, key).picture;
    const auto far_from_flat = at::logical_and(picture > 1e-6, picture < 1 - 1e-6);
    ASSERT_TRUE(far_from_flat.all().item<bool>());
    expect_waves(picture, photographs_with_mean_of(start));
    EXPECT_NEAR(mean_colour_of(picture), mean_colour_of(start), 1e-3);
  }
}

TEST(Spectrum, AnAscentClimbsAndIsTheSameForTheSameSeed) {
  const auto network = tiny_network({"relu3"});
  const std::vector<Objective> energy{{0, 1.0}};
  for (const auto optimizer : {Optimizer::ascent, Optimizer::adam}) {
    const auto options = spectrum_options(optimizer, true);
    const auto dream = [&](std::uint64_t seed) {
      return ascend(network, soft_picture(63, 64), options, {seed, 0, 0, 0}).picture;
    };
    const at::Tensor picture = dream(3);
    EXPECT_GT(evaluate(network, picture.unsqueeze(0), energy).value,
              evaluate(network, soft_picture(63, 64).unsqueeze(0), energy).value)
        << (optimizer == Optimizer::adam ? "adam" : "ascent");
    EXPECT_TRUE(at::equal(picture, dream(3)));
    EXPECT_FALSE(at::equal(picture, dream(4)));
  }
}

// Scaling up leaves faint traces of fine waves, mostly at the border. They must not be shown at full
// strength.
TEST(Spectrum, ALargerOctaveHasNoSeam) {
  const auto options = spectrum_options(Optimizer::adam, false);
  const auto noise = [](std::int64_t side) {
    return fourier_noise(side, side, {7, 0, 0, 0}, Purpose::start_noise);
  };
  // A dream whose left and right, top and bottom differ, as those of every dream do.
  const at::Tensor slope = at::linspace(0.2, 0.8, 60, at::TensorOptions(at::kFloat));
  const at::Tensor unlike =
      (slope.view({1, 1, 60}) + slope.view({1, 60, 1})) / 2 + soft_picture(60, 60) - 0.5;
  const at::Tensor coarse = make_canvas(unlike.clamp(0, 1), noise(60), options)->picture(), base = noise(96);
  const at::Tensor grown = (base + image::resize(coarse - noise(60), {96, 96})).clamp(0, 1);
  const at::Tensor picture = make_canvas(grown, base, options)->picture();
  const at::Tensor grain = (picture - image::gaussian_blur(picture, 2)).abs();
  const double inside = grain.narrow(1, 8, 80).narrow(2, 8, 80).mean().item<double>();
  for (const auto dimension : {1, 2}) {
    EXPECT_LT(grain.narrow(dimension, 0, 1).mean().item<double>(), 1.6 * inside);
    EXPECT_LT(grain.narrow(dimension, 95, 1).mean().item<double>(), 1.6 * inside);
  }
  const auto likeness = [](const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor x = a - a.mean(), y = b - b.mean();
    return ((x * y).mean() / (x.square().mean() * y.square().mean()).sqrt()).item<double>();
  };
  EXPECT_GT(likeness(image::gaussian_blur(picture, 2), image::gaussian_blur(grown, 2)), 0.9) << "its shapes";
}

// A grey picture has no waves, and so no phases.
TEST(Spectrum, AFlatFrameStaysAsItIs) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor grey = at::full({3, 40, 41}, 0.25);
  const at::Tensor picture =
      ascend(network, grey, spectrum_options(Optimizer::adam, true), {1, 0, 0, 0}).picture;
  EXPECT_TRUE(at::allclose(picture, grey, 0, 1e-3));
}

TEST(PhotoSpectrum, OctavesAgreeAboutTheWavesThatTheyShare) {
  const at::Tensor large = strengths_of_photographs(64, 96), small = strengths_of_photographs(32, 48);
  const at::Tensor shared = large.narrow(1, 0, 16).narrow(2, 0, 24);
  EXPECT_TRUE(at::allclose(shared, small.narrow(1, 0, 16).narrow(2, 0, 24), 1e-3, 1e-3));
}

// As much contrast as photographs have, at any size, and mostly in large shapes.
TEST(PhotoSpectrum, GivesTheContrastOfPhotographs) {
  for (const std::int64_t side : {64, 201}) {
    const at::Tensor start = fourier_noise(side, side, {5, 0, 0, 0}, Purpose::start_noise);
    const at::Tensor picture = make_canvas(start, start, spectrum_options(Optimizer::adam, false))->picture();
    const double contrast = picture.std().item<double>();
    EXPECT_GT(contrast, 0.12) << side;
    EXPECT_LT(contrast, 0.35) << side;
    EXPECT_GT(image::gaussian_blur(picture, 4).std().item<double>(), 0.4 * contrast) << side;
  }
}

}  // namespace
}  // namespace dreamreel::dream
