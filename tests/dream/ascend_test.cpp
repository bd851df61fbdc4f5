#include "dreamreel/dream/ascend.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <stdexcept>

#include "dreamreel/core/error.h"
#include "dreamreel/dream/fourier_code.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

AscentOptions small_options() {
  AscentOptions options;
  options.objectives = {{0, 1.0}};
  options.octaves = 2;
  options.iterations = 4;
  options.jitter = 5;
  return options;
}

constexpr RandomKey kKey{.seed = 3, .frame = 11};

TEST(Ascend, TheObjectiveRisesInEveryOctave) {
  const auto network = tiny_network({"relu3"});
  auto options = small_options();
  options.iterations = 12;
  std::vector<double> first(2), last(2);
  ascend(network, noise_picture(96, 64), options, kKey, [&](const StepReport& report) {
    const auto octave = static_cast<std::size_t>(report.octave);
    if (report.iteration == 0) first[octave] = report.objective;
    last[octave] = report.objective;
  });
  EXPECT_GT(last[1], 1.5 * first[1]);  // the coarse octave starts from plain noise
  EXPECT_GT(last[0], first[0]);
}

TEST(Ascend, AnOctaveEndsWhenTheObjectiveNoLongerRises) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor start = noise_picture(96, 64);
  auto options = small_options();
  options.iterations = 40;
  const auto values = [&](double stop_below) {
    std::vector<std::vector<double>> found(2);
    options.stop_below = stop_below;
    ascend(network, start, options, kKey, [&](const StepReport& report) {
      found[static_cast<std::size_t>(report.octave)].push_back(report.objective);
    });
    return found;
  };
  const auto all = values(0), some = values(0.05);
  for (std::size_t octave = 0; octave < 2; ++octave) EXPECT_EQ(all[octave].size(), 40U) << octave;
  const auto& climbed = some[1];  // the coarse octave, where both runs start from the same picture
  ASSERT_LT(climbed.size(), 40U);
  ASSERT_GE(climbed.size(), 3U);
  for (std::size_t i = 0; i < climbed.size(); ++i) EXPECT_EQ(climbed[i], all[1][i]);
  const auto gain = [&](std::size_t i) { return (climbed[i] - climbed[i - 2]) / 2 / climbed[i]; };
  for (std::size_t i = 2; i + 1 < climbed.size(); ++i) EXPECT_GE(gain(i), 0.05) << i;
  EXPECT_LT(gain(climbed.size() - 1), 0.05);
}

TEST(Ascend, ANegativeWeightCalmsTheLayer) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor start = noise_picture(64, 64);
  auto options = small_options();
  options.objectives = {{0, -1.0}};
  const at::Tensor calmed = ascend(network, start, options, kKey).picture;
  const std::vector<Objective> energy{{0, 1.0}};
  EXPECT_LT(evaluate(network, calmed.unsqueeze(0), energy).value,
            evaluate(network, start.unsqueeze(0), energy).value);
}

TEST(Ascend, IsAPureFunctionOfItsArguments) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 72);
  const auto frame = [&](std::int64_t number) {
    return ascend(network, start, small_options(), {.seed = 3, .frame = number}).picture;
  };
  const at::Tensor five = frame(5), three = frame(3);
  EXPECT_TRUE(at::equal(three, frame(3)));  // in another order, with the same bits
  EXPECT_TRUE(at::equal(five, frame(5)));
  EXPECT_FALSE(at::equal(three, five));
  EXPECT_FALSE(at::equal(three, ascend(network, start, small_options(), {.seed = 4, .frame = 3}).picture));
}

TEST(Ascend, WithoutAStepThePictureIsUntouchedThroughAllOctaves) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(63, 71);
  auto options = small_options();
  options.octaves = 3;
  options.step = 0;
  EXPECT_TRUE(at::equal(ascend(network, start, options, kKey).picture, start));
  options.step = 1.5;
  options.iterations = 0;
  EXPECT_TRUE(at::equal(ascend(network, start, options, kKey).picture, start));
}

TEST(Ascend, AStepMovesTheAveragePixelByItsSize) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 64);
  auto options = small_options();
  options.octaves = 1;
  options.iterations = 1;
  const at::Tensor moved = ascend(network, start, options, kKey).picture;
  EXPECT_NEAR((moved - start).abs().mean().item<double>(), 1.5 / 255,
              1e-6);  // mean |g/mean|g|| is 1, and nothing is clamped here
}

TEST(Ascend, StaysInRange) {
  const auto network = tiny_network({"mixed1"});
  auto options = small_options();
  options.step = 100;
  const at::Tensor picture = ascend(network, noise_picture(48, 48), options, kKey).picture;
  EXPECT_GE(picture.min().item<double>(), 0);
  EXPECT_LE(picture.max().item<double>(), 1);
}

TEST(Ascend, LeavesOutOctavesThatTheNetworkCannotSee) {
  const auto network = tiny_network({"relu3"});
  const auto side = network.min_input_side();
  auto options = small_options();
  options.octaves = 3;
  options.octave_scale = 2;
  options.iterations = 1;
  const auto result = ascend(network, noise_picture(2 * side + 1, 4 * side), options, kKey);
  EXPECT_EQ(result.octaves_dropped, 1);
  EXPECT_EQ(usable_octaves(network, 2 * side + 1, 4 * side, options), 2);
}

TEST(Ascend, SaysWhenThePictureIsTooSmall) {
  const auto network = tiny_network({"relu3"});
  if (network.min_input_side() > 1) {
    EXPECT_THROW(ascend(network, noise_picture(network.min_input_side() - 1, 64), small_options(), kKey),
                 RenderError);
  }
  EXPECT_THROW(ascend(network, at::zeros({1, 8, 8}), small_options(), kKey), std::invalid_argument);
}

// The notebook's loop, written out. The default options must give the same bits.
TEST(Ascend, ByDefaultIsTheNotebooksLoop) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(48, 56);
  auto options = small_options();
  options.octaves = 1;
  RandomKey key = kKey;
  at::Tensor picture = start.clone();
  for (key.iteration = 0; key.iteration < options.iterations; ++key.iteration) {
    const auto y = random_int(key, Purpose::jitter_y, -5, 5), x = random_int(key, Purpose::jitter_x, -5, 5);
    const at::Tensor rolled = at::roll(picture, {y, x}, {-2, -1}).unsqueeze(0).requires_grad_(true);
    const at::Tensor activation = network.forward(rolled)[0];
    const at::Tensor gradient = torch::autograd::grad(
        {activation}, {rolled},
        {activation.detach() * (1.0 / static_cast<double>(activation.numel()) *
                                (1 / (1.0 / static_cast<double>(activation.numel()))))})[0][0];
    const at::Tensor back = at::roll(gradient, {-y, -x}, {-2, -1});
    picture.add_(back, options.step / 255 / back.abs().mean().item<double>()).clamp_(0, 1);
  }
  EXPECT_TRUE(at::equal(ascend(network, start, options, kKey).picture, picture));
}

// Every option beside the plain loop still climbs, stays in range and changes the result.
TEST(Ascend, EveryWayOfClimbingClimbs) {
  const auto network = tiny_network({"relu3"});
  const std::vector<Objective> energy{{0, 1.0}};
  const at::Tensor start = noise_picture(64, 64);
  const double before = evaluate(network, start.unsqueeze(0), energy).value;
  const at::Tensor plain = ascend(network, start, small_options(), kKey).picture;
  const auto climbs = [&](const char* name, const std::function<void(AscentOptions&)>& change) {
    auto options = small_options();
    change(options);
    const at::Tensor picture = ascend(network, start, options, kKey).picture;
    EXPECT_GT(evaluate(network, picture.unsqueeze(0), energy).value, before) << name;
    EXPECT_GE(picture.min().item<double>(), 0) << name;
    EXPECT_LE(picture.max().item<double>(), 1) << name;
    EXPECT_FALSE(at::equal(picture, plain)) << name;
  };
  climbs("adam", [](AscentOptions& options) { options.optimizer = Optimizer::adam; });
  climbs("fourier", [](AscentOptions& options) { options.parameterization = Parameterization::fourier; });
  climbs("fourier and adam", [](AscentOptions& options) {
    options.parameterization = Parameterization::fourier;
    options.optimizer = Optimizer::adam;
  });
  climbs("laplacian", [](AscentOptions& options) { options.gradient.laplacian = 4; });
  climbs("smooth", [](AscentOptions& options) { options.gradient.smooth = 1; });
  climbs("decorrelate", [](AscentOptions& options) { options.gradient.decorrelate = 0.5; });
  climbs("transforms", [](AscentOptions& options) { options.transforms = {0.1, 10}; });
  climbs("total variation", [](AscentOptions& options) { options.regularise.total_variation = 0.2; });
  climbs("clip", [](AscentOptions& options) { options.regularise.clip = 0.3; });
}

double roughness(const at::Tensor& picture) {
  return (picture.narrow(2, 1, picture.size(2) - 1) - picture.narrow(2, 0, picture.size(2) - 1))
      .abs()
      .mean()
      .item<double>();
}

// A penalty pulls steadily. As a part of Adam's gradient, it would pull as strongly as the dream wherever the
// dream is weak or uneven, whatever its weight. Then noise would become nothing but a blob.
TEST(Ascend, APenaltyKeepsItsSizeBesideAdam) {
  const auto network = tiny_network({"relu1"});
  const at::Tensor start = noise_picture(48, 96);
  auto options = small_options();
  options.octaves = 1;
  options.iterations = 10;
  options.jitter = 0;
  options.optimizer = Optimizer::adam;
  options.objectives[0].mask = at::zeros({1, 48, 96}, at::kFloat);
  options.objectives[0].mask.narrow(2, 0, 32).fill_(1);
  options.regularise.total_variation = 0.01;
  const at::Tensor moved = ascend(network, start, options, kKey).picture - start;
  const double dreamed = moved.narrow(2, 0, 24).abs().mean().item<double>();
  const double penalised = moved.narrow(2, 48, 48).abs().mean().item<double>();
  EXPECT_GT(dreamed, 0.01);
  EXPECT_GT(penalised, 0);
  // |D x| has a slope of at most 4, and mostly of 1 to 2. The penalty takes a hundredth of it, ten times.
  EXPECT_LT(penalised, 10 * 0.01 * 4 * options.step / 255);
}

// With a spectrum, too, waves of a few pixels survive a total variation of 0.3, while single pixels calm
// down.
TEST(Ascend, TotalVariationLeavesADreamOutOfNoise) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor start = fourier_noise(64, 64, kKey, Purpose::start_noise);
  auto options = small_options();
  options.octaves = 1;
  options.iterations = 60;
  options.optimizer = Optimizer::adam;
  options.parameterization = Parameterization::fourier;
  options.regularise.keep_start = false;
  const auto middle_waves = [](const at::Tensor& picture) {  // of 4 to 16 px
    const at::Tensor small = image::gaussian_blur(picture, 1), large = image::gaussian_blur(picture, 4);
    return (small - large).std().item<double>();
  };
  const at::Tensor plain = ascend(network, start, options, kKey).picture;
  options.regularise.total_variation = 0.3;
  const at::Tensor held = ascend(network, start, options, kKey).picture;
  EXPECT_LT(roughness(held), 0.9 * roughness(plain));
  EXPECT_GT(middle_waves(held), 0.6 * middle_waves(plain));
}

TEST(Ascend, RegularisersDoWhatTheySay) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor start = noise_picture(64, 64);
  auto options = small_options();
  options.iterations = 12;
  const at::Tensor plain = ascend(network, start, options, kKey).picture;
  for (const int beta : {1, 2}) {
    auto held = options;
    held.regularise.total_variation = 1;
    held.regularise.beta = beta;
    EXPECT_LT(roughness(ascend(network, start, held, kKey).picture), 0.8 * roughness(plain)) << beta;
  }
  auto grey = options;
  grey.regularise.grey = 2;
  EXPECT_LT((ascend(network, start, grey, kKey).picture - 0.5).norm().item<double>(),
            0.9 * (plain - 0.5).norm().item<double>());
  auto blurred = options;
  blurred.regularise.blur = blurred.regularise.blur_end = 1;
  blurred.regularise.keep_start = false;
  EXPECT_LT(roughness(ascend(network, start, blurred, kKey).picture), 0.5 * roughness(plain));
}

TEST(Ascend, AMaskedObjectiveChangesTheMaskedPartAsMuchAsWithoutAMask) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 96);
  auto options = small_options();
  const auto change_on = [&](bool right) {
    const at::Tensor change = (ascend(network, start, options, kKey).picture - start).abs();
    return change.narrow(2, right ? 64 : 0, 32).mean().item<double>();
  };
  const double unmasked = change_on(false);
  options.objectives[0].mask = at::zeros({1, 64, 96}, at::kFloat);
  options.objectives[0].mask.narrow(2, 0, 48).fill_(1);
  EXPECT_NEAR(change_on(false), unmasked, 0.35 * unmasked);
  EXPECT_LT(change_on(true), 0.1 * unmasked);  // too far away for any position of the mask to see it
}

TEST(Ascend, ANeuronGrowsWhereItSits) {
  const auto network = tiny_network({"conv2a"});
  const at::Tensor start = noise_picture(64, 96);
  auto options = small_options();
  options.transforms = {0.05, 5};
  Objective neuron;
  neuron.kind = Kind::neuron;
  neuron.channels = {3};
  neuron.at_x = 0.75;
  neuron.at_y = 0.25;
  options.objectives = {neuron};
  const at::Tensor change = (ascend(network, start, options, kKey).picture - start).abs();
  const double there = change.narrow(1, 0, 32).narrow(2, 56, 32).sum().item<double>();
  EXPECT_GT(there, 0.9 * change.sum().item<double>());
}

TEST(Ascend, ContentHoldsThePictureBack) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 64);
  auto options = small_options();
  Objective content;
  content.kind = Kind::content;
  content.weight = 20;
  options.objectives.push_back(content);
  const at::Tensor held = ascend(network, start, options, kKey).picture;
  const auto features = [&](const at::Tensor& picture) { return network.forward(picture.unsqueeze(0))[0]; };
  options.objectives.pop_back();
  const at::Tensor climbed = ascend(network, start, options, kKey).picture;
  EXPECT_LT((features(held) - features(start)).norm().item<double>(),
            0.8 * (features(climbed) - features(start)).norm().item<double>());
}

TEST(Ascend, AMaskKeepsWhatLiesOutside) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(48, 64);
  AscentOptions options;
  options.objectives.resize(1);
  options.octaves = 1;
  options.mask = at::zeros({1, 48, 64});
  options.mask.narrow(2, 0, 16).fill_(1);
  const at::Tensor picture = ascend(network, start, options, {1, 0, 0, 0}).picture;
  EXPECT_TRUE(at::equal(picture.narrow(2, 16, 48), start.narrow(2, 16, 48)));
  EXPECT_GT((picture - start).narrow(2, 0, 16).abs().mean().item<double>(), 0.01);
  options.mask.zero_();
  EXPECT_TRUE(at::equal(ascend(network, start, options, {1, 0, 0, 0}).picture, start));
  options.mask = at::ones({1, 48, 63});
  EXPECT_THROW(ascend(network, start, options, {1, 0, 0, 0}), std::invalid_argument);
}

// An artist who draws a smaller mask does not want a stronger dream.
TEST(Ascend, AMaskDoesNotChangeTheStrengthInside) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 64);
  AscentOptions options;
  options.objectives.resize(1);
  options.octaves = 1;
  options.iterations = 1;
  options.jitter = 0;
  const auto change = [&](std::int64_t columns) {
    options.mask = at::zeros({1, 64, 64});
    options.mask.narrow(2, 0, columns).fill_(1);
    const at::Tensor picture = ascend(network, start, options, {1, 0, 0, 0}).picture;
    return (picture - start).narrow(2, 0, columns).abs().mean().item<double>() * 255;
  };
  for (const std::int64_t columns : {8, 32, 64})
    EXPECT_NEAR(change(columns), options.step, 0.02 * options.step);
}

// Two sizes of one picture: their coarse octaves are the same, so their dreams have one composition.
TEST(Ascend, CoarseOctavesAreTheSameAtEverySize) {
  constexpr double kResampled = 0.2;  // share of the dream: the starts are resampled in one step or in two
  const auto network = tiny_network({"relu3"});
  const at::Tensor large = (image::resize(noise_picture(12, 16), {192, 256}) - 0.5) * 3 + 0.5;
  const at::Tensor small = image::resize(large, {96, 128});
  auto options = small_options();
  options.coarsest = 48;
  options.step = 5;
  const auto coarse = [&](const at::Tensor& start) {
    at::Tensor found;
    ascend(network, start.clamp(0, 1), options, kKey, [&](const StepReport& report) {
      if (report.picture->size(1) == 48 && report.iteration + 1 == options.iterations)
        found = report.picture->clone();
    });
    return found;
  };
  const at::Tensor of_large = coarse(large), of_small = coarse(small);
  ASSERT_EQ(of_large.sizes(), (at::IntArrayRef{3, 48, 64}));
  ASSERT_EQ(of_small.sizes(), of_large.sizes());
  const at::Tensor base = image::resize(small, {48, 64}).clamp(0, 1);
  const double dreamed = (of_small - base).abs().mean().item<double>();
  EXPECT_GT(dreamed, 0.02) << "something was dreamed";
  EXPECT_LT((of_large - of_small).abs().mean().item<double>(), kResampled * dreamed);
  // Octaves that are counted differ: the coarsest of the large one is larger, and sees other random numbers.
  options.coarsest = 0;
  EXPECT_FALSE(coarse(large).defined());
}

TEST(Ascend, ALadderHasTheOctavesOfItsSizes) {
  AscentOptions options;
  options.octaves = 3;
  options.octave_scale = 2;
  EXPECT_EQ(octave_sizes(options, {200, 400}), (std::vector<image::Size>{{200, 400}, {100, 200}, {50, 100}}));
  options.coarsest = 100;
  EXPECT_EQ(octave_sizes(options, {200, 400}), (std::vector<image::Size>{{200, 400}, {100, 200}}));
  options.coarsest = -1;
  options.objectives = {{0, 1.0}};
  EXPECT_THROW(ascend(tiny_network({"relu3"}), noise_picture(64, 64), options, kKey), std::invalid_argument);
}

// A draft has the final render's octaves, to the pixel, without the finest.
TEST(Ascend, ADraftHasTheOctavesOfTheFinalRender) {
  AscentOptions options;
  options.octaves = 5;
  const auto final = octave_sizes(options, {720, 1280});
  options.draft = 2;
  const auto draft = octave_sizes(options, {360, 640});
  ASSERT_EQ(draft.size(), 3U);
  EXPECT_EQ(draft[0], (image::Size{360, 640}));
  EXPECT_EQ(draft[1], final[3]);
  EXPECT_EQ(draft[2], final[4]);
  options.octaves = 1;
  EXPECT_EQ(octave_sizes(options, {360, 640}), (std::vector<image::Size>{{360, 640}}));
  options.octaves = 20;
  options.octave_scale = 1.0000001;
  EXPECT_EQ(octave_sizes(options, {360, 640}).size(), 1U);
}

TEST(Ascend, ADraftHasTheRandomNumbersOfTheFinalRender) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor large = noise_picture(160, 192);
  auto options = small_options();
  options.octaves = 4;
  options.octave_scale = 1.5;
  const auto coarse = [&](const at::Tensor& start) {
    at::Tensor found;
    ascend(network, start, options, kKey, [&](const StepReport& report) {
      if (report.picture->size(1) == 47) found = report.picture->clone();
    });
    return found;
  };
  const at::Tensor final = coarse(large);
  ASSERT_TRUE(final.defined());
  options.draft = 160.0 / 47;  // the frame is the final render's coarsest octave
  const at::Tensor draft = coarse(image::resize(large, {47, 57}).clamp(0, 1));
  EXPECT_TRUE(at::equal(draft, final)) << "to the bit";
}

// A smaller frame has the same waves, but for those that are too fine for it.
TEST(Ascend, ScaledFourierNoiseIsTheSamePictureAtEverySize) {
  const at::Tensor small = scaled_fourier_noise(90, 160, kKey, Purpose::start_noise);
  const at::Tensor large = scaled_fourier_noise(360, 640, kKey, Purpose::start_noise);
  const at::Tensor shrunk = image::resize(large, {90, 160});
  const auto correlation = [](const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor x = a - a.mean(), y = b - b.mean();
    return ((x * y).mean() / (x.std(false) * y.std(false))).item<double>();
  };
  // Shrinking fades the finest waves, so they are left out.
  const auto coarse = [](const at::Tensor& picture) { return image::resize(picture, {30, 53}); };
  EXPECT_GT(correlation(coarse(shrunk), coarse(small)), 0.98);
  EXPECT_NEAR(shrunk.std(false).item<double>() / small.std(false).item<double>(), 1, 0.1);
  const at::Tensor other = image::resize(fourier_noise(360, 640, kKey, Purpose::start_noise), {90, 160});
  EXPECT_LT(correlation(other, fourier_noise(90, 160, kKey, Purpose::start_noise)), 0.8);
}

}  // namespace
}  // namespace dreamreel::dream
