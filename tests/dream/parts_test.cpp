// Tests the parts of an ascent separately: penalties, shaping of gradients, views, spectra, optimisers.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>

#include "canvas.h"
#include "dreamreel/dream/adam.h"
#include "dreamreel/dream/fourier_code.h"
#include "dreamreel/dream/targets.h"
#include "dreamreel/dream/view.h"
#include "pyramid_steps.h"
#include "regularise.h"
#include "scene.h"
#include "shaping.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

void expect_slopes(const at::Tensor& picture, const std::function<Penalty(const at::Tensor&)>& penalty) {
  constexpr double kStep = 1e-6, kRelative = 1e-6;
  const at::Tensor flat = penalty(picture).gradient.flatten();
  const double largest = flat.abs().max().item<double>();
  for (std::int64_t i = 0; i < picture.numel(); ++i) {
    at::Tensor above = picture.clone(), below = picture.clone();
    above.view(-1)[i] += kStep;
    below.view(-1)[i] -= kStep;
    const double slope = (penalty(above).value - penalty(below).value) / (2 * kStep);
    EXPECT_NEAR(flat[i].item<double>(), slope, kRelative * largest) << "at value " << i;
  }
}

TEST(Regularise, PenaltiesAgreeWithFiniteDifferences) {
  const at::Tensor picture = noise_picture(7, 9).to(at::kDouble);
  expect_slopes(picture, [](const at::Tensor& x) { return total_variation(x, 1); });
  expect_slopes(picture, [](const at::Tensor& x) { return total_variation(x, 2); });
  expect_slopes(picture, distance_from_grey);
}

TEST(Regularise, TotalVariationOfAStepIsItsLength) {
  at::Tensor picture = at::zeros({1, 6, 8}, at::kDouble);
  picture.narrow(2, 4, 4).fill_(1);
  EXPECT_NEAR(total_variation(picture, 1).value, 6, 0.03);  // softened by 1/255 at every pixel of the edge
  EXPECT_DOUBLE_EQ(total_variation(picture, 2).value, 6);
}

TEST(Regularise, BlurFollowsItsScheduleAndKeepsTheStart) {
  const at::Tensor base = noise_picture(32, 32);
  at::Tensor added = at::zeros({3, 32, 32}, at::kFloat);
  added.narrow(1, 16, 1).narrow(2, 16, 1).fill_(0.2);
  Regularisers hold;
  hold.blur = 2;
  hold.blur_every = 2;
  const auto left = [&](int iteration) {
    at::Tensor picture = (base + added).clamp(0, 1);
    EXPECT_EQ(tidy(picture, base, hold, iteration, 10), iteration % 2 == 1 && iteration != 9);
    return (picture - base)[0][16][16].item<double>();
  };
  EXPECT_NEAR(left(0), 0.2, 1e-3);  // not yet the second step
  EXPECT_LT(left(1), 0.03);         // a point, spread by a Gaussian of nearly 2 px
  EXPECT_LT(left(1), left(7));      // the blur goes to 0
  EXPECT_NEAR(left(9), 0.2, 1e-3);
}

TEST(Regularise, ClipSendsTheSmallestBackToWhereTheyCameFrom) {
  const at::Tensor base = noise_picture(20, 20);
  const at::Tensor picture = (base + 0.2 * (noise_picture(20, 20).flip(1) - 0.5)).clamp(0, 1);
  Regularisers hold;
  hold.clip = 0.75;
  at::Tensor clipped = picture.clone();
  ASSERT_TRUE(tidy(clipped, base, hold, 0, 1));
  const auto kept = ((clipped - base).abs().amax(0) > 1e-6).sum().item<std::int64_t>();
  EXPECT_EQ(kept, 100);
  const at::Tensor moved = (picture - base).square().sum(0).flatten();
  EXPECT_GT((moved * ((clipped - base).abs().amax(0).flatten() > 1e-6)).sum().item<double>(),
            0.4 * moved.sum().item<double>());
  hold.keep_start = false;
  clipped = picture.clone();
  tidy(clipped, base, hold, 0, 1);
  EXPECT_EQ((clipped == 0.5).all(0).sum().item<std::int64_t>(), 300);
}

TEST(Shaping, NothingIsDoneByDefault) {
  const at::Tensor gradient = noise_picture(16, 16);
  EXPECT_TRUE(shaped(gradient, {}).is_same(gradient));
}

double correlation(const at::Tensor& a, const at::Tensor& b) {
  return ((a * b).sum() / (a.norm() * b.norm())).item<double>();
}

TEST(Shaping, ALaplacianPyramidMakesWeakWavesAsStrongAsFineGrain) {
  const at::Tensor x = at::arange(64, at::kFloat);
  const at::Tensor waves = (x * 0.2).sin().view({1, 1, 64}).expand({3, 61, 64}).contiguous();
  const at::Tensor grain = noise_picture(61, 64) - 0.5;
  const at::Tensor gradient = grain + waves * 0.01;
  EXPECT_LT(correlation(gradient, waves), 0.15);
  EXPECT_GT(correlation(laplacian_normalised(gradient, 4), waves), 0.25);
  // One band is the gradient itself, divided by its RMS.
  EXPECT_TRUE(at::allclose(laplacian_normalised(gradient, 1), gradient / gradient.square().mean().sqrt()));
  // This asks for more bands than the picture has pixels for.
  EXPECT_TRUE(laplacian_normalised(gradient, 12).isfinite().all().item<bool>());
}

// Dreams grow out of last bits: other bits here would give a job other pixels.
TEST(Shaping, StepsOfThePyramidAreATensToTheLastBit) {
  const at::Tensor line = at::tensor({1.0, 4.0, 6.0, 4.0, 1.0}, at::kDouble) / 16;
  const at::Tensor kernel =
      at::outer(line, line).view({1, 1, 5, 5}).expand({3, 1, 5, 5}).contiguous().to(at::kFloat);
  for (const auto& [height, width] : {std::pair{2, 2}, {3, 5}, {7, 300}, {64, 33}, {90, 161}}) {
    const at::Tensor picture = ((noise_picture(height, width) - 0.5) * 1e-3).unsqueeze(0);
    const at::Tensor half = halved_on_cpu(picture);
    const at::Tensor back = doubled_on_cpu(half, height, width);
    const at::Tensor half_of_aten = at::conv2d(picture, kernel, {}, {2, 2}, {2, 2}, {1, 1}, 3);
    const at::Tensor back_of_aten =
        at::conv_transpose2d(half, kernel * 4, {}, {2, 2}, {2, 2}, {(height + 1) % 2, (width + 1) % 2}, 3);
    EXPECT_TRUE(at::allclose(half, half_of_aten, 1e-5, 1e-9)) << width << "x" << height;
    EXPECT_TRUE(at::equal(back, back_of_aten)) << width << "x" << height;
#if defined(__x86_64__)
    // Without AVX-512, oneDNN may sum in another order.
    const bool is_known = __builtin_cpu_supports("avx512f") != 0;
    EXPECT_TRUE(!is_known || at::equal(half, half_of_aten)) << width << "x" << height;
#endif
  }
}

TEST(Shaping, SmoothingKeepsTheMeanAndTakesTheGrain) {
  const at::Tensor flat = at::full({3, 24, 24}, 0.7, at::kFloat);
  EXPECT_TRUE(at::allclose(smoothed(flat, 2), flat));
  const at::Tensor grain = noise_picture(24, 24) - 0.5;
  EXPECT_LT(smoothed(grain, 2).norm().item<double>(), 0.4 * grain.norm().item<double>());
}

TEST(Shaping, DecorrelatedColoursGoTogether) {
  at::Tensor red = at::zeros({3, 8, 8}, at::kFloat);
  red[0].fill_(1);
  const at::Tensor mixed = shaped(red, {0, 0, 1});
  EXPECT_GT(mixed[1].mean().item<double>(), 0.5 * mixed[0].mean().item<double>());
  EXPECT_GT(mixed[0].mean().item<double>(), mixed[2].mean().item<double>());
}

// Pictures in float32 have a loop of their own. In double, LibTorch multiplies the matrices.
TEST(Shaping, TheLoopForColoursAgreesWithTheMatrixProduct) {
  const at::Tensor gradient = noise_picture(150, 170).transpose(1, 2) - 0.5;  // not contiguous; two threads
  for (const double share : {0.3, 1.0}) {
    const at::Tensor expected = shaped(gradient.to(at::kDouble), {0, 0, share});
    EXPECT_TRUE(at::allclose(shaped(gradient, {0, 0, share}).to(at::kDouble), expected, 1e-5, 1e-6)) << share;
  }
}

AscentOptions with_views() {
  AscentOptions options;
  options.jitter = 6;
  options.transforms = {0.2, 15};
  return options;
}

TEST(View, PullBackIsTheTransposeOfApply) {
  const at::Tensor x = noise_picture(30, 44), y = noise_picture(30, 44).flip(2);
  for (int iteration = 0; iteration < 5; ++iteration) {
    const View view = View::random(with_views(), {4, 2, 0, iteration}, 1);
    EXPECT_FALSE(view.only_shifts());
    const double there = (view.apply(x) * y).sum().item<double>();
    const double back = (x * view.pull_back(y)).sum().item<double>();
    EXPECT_NEAR(there, back, 1e-4 * std::abs(there));
  }
}

TEST(View, OfATorusRollsBatchesBeforeItTurnsThem) {
  const Transforms transforms{0.1, 10};
  const RandomKey key{4, 2, 0, 3};
  const View view = View::of_torus(transforms, key, 24);
  const at::Tensor pictures = at::stack({noise_picture(24, 24), noise_picture(24, 24).flip(1)});
  const at::Tensor seen = view.apply(pictures);
  EXPECT_TRUE(at::equal(seen[1], view.apply(pictures[1]))) << "each picture as if alone";
  // Without a turn, the view only rolls; so a turned view of a picture that was rolled is the whole view.
  const at::Tensor rolled = View::of_torus({}, key, 24).apply(pictures);
  EXPECT_TRUE(at::equal(rolled, at::roll(pictures, {view.offset_y(), view.offset_x()}, {2, 3})));
  AscentOptions only_turn;
  only_turn.jitter = 0;
  only_turn.transforms = transforms;
  EXPECT_TRUE(at::allclose(seen, View::random(only_turn, key, 1).apply(rolled), 0, 1e-6));
  const at::Tensor other = noise_picture(24, 24).expand({2, 3, 24, 24}).contiguous();
  EXPECT_NEAR((seen * other).sum().item<double>(), (pictures * view.pull_back(other)).sum().item<double>(),
              1e-2);
}

TEST(View, AMirroredShiftShowsThePictureRunningBackFromItsBorder) {
  const at::Tensor x = noise_picture(30, 44), y = noise_picture(30, 44).flip(2);
  AscentOptions options;
  options.jitter = 50;  // also beyond both sides
  for (int iteration = 0; iteration < 12; ++iteration) {
    const View view = View::random(options, {4, 2, 0, iteration}, 1, ViewBorder::mirrored);
    const auto tiled = at::cat({x.flip(2), x, x.flip(2)}, 2);
    const auto plane = at::cat({tiled.flip(1), tiled, tiled.flip(1)}, 1);
    const auto top = 30 - view.offset_y(), left = 44 - view.offset_x();
    if (top >= 0 && top <= 60 && left >= 0 && left <= 88) {
      EXPECT_TRUE(at::equal(view.apply(x), plane.narrow(1, top, 30).narrow(2, left, 44)));
    }
    const double there = (view.apply(x) * y).sum().item<double>();
    EXPECT_NEAR(there, (x * view.pull_back(y)).sum().item<double>(), 1e-4 * std::abs(there));
  }
}

TEST(View, APointIsSeenWhereItSays) {
  at::Tensor dot = at::zeros({1, 60, 80}, at::kFloat);
  dot[0].narrow(0, 19, 3).narrow(1, 49, 3).fill_(1);  // about (50.5, 20.5) / (80, 60) in fractions
  for (int iteration = 0; iteration < 8; ++iteration) {
    const View view = View::random(with_views(), {1, 7, 0, iteration}, 1);
    const auto [x, y] = view.where(50.5 / 80, 20.5 / 60, 60, 80);
    const auto brightest = view.apply(dot)[0].flatten().argmax().item<std::int64_t>();
    const std::int64_t row = brightest / 80, column = brightest % 80;
    EXPECT_NEAR(static_cast<double>(column), x * 80 - 0.5, 1.6);
    EXPECT_NEAR(static_cast<double>(row), y * 60 - 0.5, 1.6);
  }
}

TEST(View, OffsetsKeepToTheGrid) {
  AscentOptions options;
  bool moved = false;
  for (int iteration = 0; iteration < 20; ++iteration) {
    const View view = View::random(options, {3, 1, 0, iteration}, 16);
    EXPECT_EQ(view.offset_x() % 16, 0);
    EXPECT_EQ(view.offset_y() % 16, 0);
    moved = moved || view.offset_x() != 0;
  }
  EXPECT_TRUE(moved);
}

TEST(Scene, RolledContentFitsTheRolledPicture) {
  const auto network = tiny_network({"mixed1"});
  const Networks networks(network);
  const at::Tensor picture = image::noise_frame(96, 112, {1, 2, 0, 0}, Purpose::start_noise, 0.4);
  Objective content;
  content.kind = Kind::content;
  const Scene scene(networks, {content}, picture);
  EXPECT_EQ(scene.grid(), 4);
  AscentOptions options;
  options.jitter = 24;
  const auto loss = [&](const View& view, const at::Tensor& seen) {
    return -evaluate(network, view.apply(seen).unsqueeze(0), scene.seen_through(view)).value;
  };
  for (int iteration = 0; iteration < 6; ++iteration) {
    const View view = View::random(options, {8, 0, 0, iteration}, scene.grid());
    const double other = loss(view, picture.flip(1));
    // The rest comes from the second positions from the edges, which see their padding through two layers.
    EXPECT_LT(loss(view, picture), 0.1 * other);
    const View turned = View::random(with_views(), {8, 0, 0, iteration}, scene.grid());
    EXPECT_LT(loss(turned, picture), 1e-9);
  }
}

TEST(Scene, OnlyAStyleMindsASeam) {
  const auto network = tiny_network({"mixed1"});
  const Networks networks(network);
  const at::Tensor picture = noise_picture(32, 32);
  Objective energy, style;
  style.kind = Kind::style;
  EXPECT_EQ(Scene(networks, {energy}, picture).border(), ViewBorder::rolled);
  EXPECT_EQ(Scene(networks, {energy, style}, picture).border(), ViewBorder::mirrored);
  style.weight = 0;
  EXPECT_EQ(Scene(networks, {energy, style}, picture).border(), ViewBorder::rolled);
}

// Jitter on the network's grid would make the grid visible as a weave, because a style consists of fine
// strokes.
TEST(Scene, ContentBesideAStyleFitsAtAnyShift) {
  const auto network = tiny_network({"mixed1"});
  const Networks networks(network);
  const at::Tensor picture = noise_picture(96, 112);
  Objective content, style;
  content.kind = Kind::content;
  style.kind = Kind::style;
  const Scene scene(networks, {content, style}, picture);
  EXPECT_EQ(scene.grid(), 1);
  AscentOptions options;
  options.jitter = 24;
  for (int iteration = 0; iteration < 4; ++iteration) {
    const View view = View::random(options, {8, 0, 0, iteration}, scene.grid(), scene.border());
    const auto seen = scene.seen_through(view);
    EXPECT_GT(evaluate(network, view.apply(picture).unsqueeze(0), {seen.front()}).value, -1e-9);
  }
}

TEST(Scene, CoverageIsTheAreaOfAllMasks) {
  const auto network = tiny_network({"mixed1"});
  const Networks networks(network);
  const at::Tensor picture = noise_picture(32, 32);
  Objective left, neuron;
  left.mask = at::zeros({1, 64, 64}, at::kFloat);
  left.mask.narrow(2, 0, 16).fill_(1);
  EXPECT_DOUBLE_EQ(Scene(networks, {left}, picture).coverage(), 0.25);
  EXPECT_DOUBLE_EQ(Scene(networks, {left, Objective{}}, picture).coverage(), 1);
  neuron.kind = Kind::neuron;
  EXPECT_TRUE(Scene(networks, {neuron}, picture).only_neurons());
  EXPECT_FALSE(Scene(networks, {neuron, left}, picture).only_neurons());
}

TEST(Fourier, DecodeUndoesEncode) {
  for (const std::int64_t width : {40, 41}) {
    const at::Tensor picture = noise_picture(32, width);
    const FourierCode code(32, width, at::kCPU);
    EXPECT_TRUE(at::allclose(code.decode(code.encode(picture)), picture, 0, 2e-5));
  }
}

TEST(Fourier, PullBackAgreesWithFiniteDifferences) {
  const FourierCode code(12, 15, at::kCPU);
  const at::Tensor spectrum = code.encode(noise_picture(12, 15)).contiguous();
  const at::Tensor weights = noise_picture(12, 15).flip(2);
  const at::Tensor picture = code.decode(spectrum);
  const at::Tensor gradient = at::view_as_real(code.pull_back(weights, picture)).flatten();
  const auto value = [&](std::int64_t i, double change) {
    at::Tensor moved = at::view_as_real(spectrum).clone();
    moved.view(-1)[i] += change;
    return (code.decode(at::view_as_complex(moved)) * weights).to(at::kDouble).sum().item<double>();
  };
  // The step is large enough for float32's rounding, and small enough for the sigmoid's curvature.
  constexpr double kStep = 1e-2, kTolerance = 2e-2;
  const double largest = gradient.abs().max().item<double>();
  for (std::int64_t i = 0; i < gradient.numel(); i += 7)
    EXPECT_NEAR(gradient[i].item<double>(), (value(i, kStep) - value(i, -kStep)) / (2 * kStep),
                kTolerance * largest)
        << "at value " << i;
}

// As an atlas uses it: several pictures at once, in colours of its own.
TEST(Fourier, OptionsChangeScalesAndColours) {
  FourierOptions options;
  options.falloff = 1.2;
  options.flat_periods = 3;
  options.has_unit_power = true;
  options.damping = 1;
  options.edge = 0.1;
  options.colours = at::eye(3, at::kDouble);
  const FourierCode code(16, 16, at::kCPU, options);
  const at::Tensor scale = code.scale() / 16;  // beside the size of the transform
  EXPECT_NEAR(scale.square().mean().item<double>(), 1, 1e-5);
  EXPECT_EQ(scale[0][0].item<float>(), scale[0][3].item<float>()) << "flat up to three periods";
  EXPECT_NEAR((scale[0][3] / scale[0][6]).item<double>(), std::pow(2, 1.2), 1e-4);
  const at::Tensor pictures = at::stack({noise_picture(16, 16), noise_picture(16, 16).flip(2)});
  const at::Tensor spectrum = code.encode(pictures);
  EXPECT_TRUE(at::allclose(code.decode(spectrum), pictures.clamp(0.1, 0.9), 0, 2e-5));
  EXPECT_TRUE(at::allclose(spectrum[1], code.encode(pictures[1]), 1e-4, 1e-4)) << "each as if alone";
  const at::Tensor slope = code.pull_back(pictures, pictures);
  EXPECT_TRUE(at::allclose(slope[1], code.pull_back(pictures[1], pictures[1]), 1e-4, 1e-6));
}

TEST(Fourier, NoiseIsSoftAndNearlyGrey) {
  const at::Tensor noise = fourier_noise(48, 64, {5, 0, 0, 0}, Purpose::start_noise);
  EXPECT_NEAR(noise.mean().item<double>(), 0.5, 0.05);
  EXPECT_LT(noise.std().item<double>(), 0.1);
  const at::Tensor step = (noise.narrow(2, 1, 63) - noise.narrow(2, 0, 63)).std();
  EXPECT_LT(step.item<double>(), 0.8 * noise.std().item<double>());  // white noise: 1.41
  EXPECT_TRUE(at::equal(noise, fourier_noise(48, 64, {5, 0, 0, 0}, Purpose::start_noise)));
}

TEST(AdamDirection, StartsWithTheSignAndFollowsTheMean) {
  Adam adam;
  const at::Tensor gradient = at::tensor({3.0, -0.001, 0.0}, at::kFloat);
  EXPECT_TRUE(at::allclose(adam.direction(gradient), at::tensor({1.0, -1.0, 0.0}, at::kFloat), 1e-3, 1e-4));
  for (int step = 0; step < 30; ++step) adam.direction(-gradient);
  EXPECT_LT(adam.direction(-gradient)[0].item<double>(), -0.8);
}

}  // namespace
}  // namespace dreamreel::dream
