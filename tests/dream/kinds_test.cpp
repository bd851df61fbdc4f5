// Each kind of objective: compares its gradient with finite differences, and its value with its formula.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <stdexcept>

#include "dreamreel/dream/class_slope.h"
#include "dreamreel/dream/objective.h"
#include "dreamreel/dream/targets.h"
#include "support/bf16.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

constexpr std::size_t kMixed1 = 0;

// One objective of each kind for a small picture. All targets come from another picture.
Objective objective_of(Kind kind, const network::Network& network) {
  const std::vector<at::Tensor> guide{image::noise_frame(24, 28, {9, 9, 0, 0}, Purpose::start_noise, 0.3)};
  Objective objective;
  objective.kind = kind;
  objective.layer = kMixed1;
  objective.weight = 1.3;
  objective.channels = {2, 5, 11};
  objective.at_x = 0.7;
  objective.at_y = 0.3;
  if (kind == Kind::guide) objective.target = guide_target(network, kMixed1, guide, Match::best);
  if (kind == Kind::style) objective.target = style_target(network, kMixed1, guide);
  if (kind == Kind::direction)
    objective.target = direction_target(network, kMixed1, {1, 0, 2, 0, 3, 0, 1, 0, 0, 0, 5, 0, 0, 0, 1, 2});
  if (kind == Kind::content)
    objective.target = content_target(network, kMixed1, noise_picture(32, 40).flip(2));
  return objective;
}

at::Tensor half_mask() {
  at::Tensor mask = at::zeros({1, 32, 40}, at::kFloat);
  mask.narrow(2, 10, 20).fill_(0.75);
  return mask;
}

const std::vector<std::pair<const char*, Kind>> kKinds{
    {"energy", Kind::energy},       {"mean", Kind::mean},       {"channels", Kind::channels},
    {"neuron", Kind::neuron},       {"logit", Kind::logit},     {"guide", Kind::guide},
    {"style", Kind::style},         {"content", Kind::content}, {"direction", Kind::direction},
    {"diversity", Kind::diversity},
};

struct Case {
  const char* name;
  Kind kind;
  bool masked = false;
  double selectivity = 0, rivals = 0;
};

void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& [name, kind] : kKinds) {
    cases.push_back({name, kind});
    cases.push_back({name, kind, true});
  }
  cases.push_back({"guide", Kind::guide, false, 2});
  cases.push_back({"direction", Kind::direction, true, 1.5});
  cases.push_back({"logit", Kind::logit, false, 0, 1});
  cases.push_back({"logit", Kind::logit, true, 3, 0});
  cases.push_back({"logit", Kind::logit, false, 0.5, 0.7});
  return cases;
}

class EveryKind : public testing::TestWithParam<Case> {};

TEST_P(EveryKind, GradientAgreesWithFiniteDifferences) {
  const auto network = tiny_network({"mixed1", "relu3"}, network::Precision::fp64);
  Objective objective = objective_of(GetParam().kind, network);
  objective.selectivity = GetParam().selectivity;
  objective.rivals = GetParam().rivals;
  if (GetParam().masked) objective.mask = half_mask();
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0).to(at::kDouble);
  const Gradient gradient = evaluate(network, picture, {objective});
  const at::Tensor flat = gradient.gradient.flatten() / gradient.scale;
  const double largest = flat.abs().max().item<double>();
  ASSERT_GT(largest, 0);
  // The error of central differences is O(h^2) from the cubic term plus 1e-16/h from rounding, both far below
  // the tolerance.
  constexpr double kStep = 1e-6, kRelative = 1e-5;
  for (std::int64_t i = 7; i < picture.numel(); i += 151) {
    at::Tensor above = picture.clone(), below = picture.clone();
    above.view(-1)[i] += kStep;
    below.view(-1)[i] -= kStep;
    const double slope =
        (evaluate(network, above, {objective}).value - evaluate(network, below, {objective}).value) /
        (2 * kStep);
    EXPECT_NEAR(flat[i].item<double>(), slope, kRelative * largest) << "at value " << i;
  }
}

// The value at `activation`, (1,C,h,w) float32, by the header's formulas.
double by_formula(const Objective& objective, const at::Tensor& activation) {
  const at::Tensor rows = activation[0].flatten(1).t();  // (P,C)
  const auto channels = static_cast<double>(rows.size(1));
  const auto mean = [](const at::Tensor& values) { return values.mean().item<double>(); };
  switch (objective.kind) {
    case Kind::energy:
      return mean(rows.square()) / 2;
    case Kind::mean:
      return mean(rows);
    case Kind::channels:
      return mean(rows.index_select(1, at::tensor({2, 5, 11}, at::kLong)));
    case Kind::neuron:  // 32x40 at a scale of 4 is 8x10; 0.3 * 8 = 2.4 and 0.7 * 10 = 7
      return activation[0][2][2][7].item<double>();
    case Kind::logit: {
      const at::Tensor others = at::cat({rows.narrow(1, 0, 2), rows.narrow(1, 3, rows.size(1) - 3)}, 1);
      const at::Tensor odds = rows.select(1, 2) - objective.rivals * at::log(at::exp(others).sum(1));
      const double s = objective.selectivity;
      return mean(s > 0 ? at::log(at::exp(odds * s) + 1) / s : odds);
    }
    case Kind::guide:
      return mean(std::get<0>(at::matmul(rows, objective.target).max(1))) / channels;
    case Kind::direction:
      return mean(at::matmul(rows, objective.target)) / channels;
    case Kind::style: {
      const at::Tensor gram = at::matmul(rows.t(), rows) / static_cast<double>(rows.size(0));
      return -(gram - objective.target).square().sum().item<double>() / 2 / channels /
             objective.target.norm().item<double>();
    }
    case Kind::content:
      return -mean((activation - objective.target).square()) / 2;
    case Kind::diversity: {
      const at::Tensor unit = rows / rows.norm(2, {0}, true).clamp_min(1e-12);
      const at::Tensor cosines = at::matmul(unit.t(), unit);
      return -(cosines.sum() - cosines.diagonal().sum()).item<double>() / (channels * (channels - 1));
    }
  }
  return 0;
}

TEST_P(EveryKind, ValueIsThatOfItsFormula) {
  const bool has_formula = GetParam().selectivity == 0 || GetParam().kind == Kind::logit;
  if (GetParam().masked || !has_formula) return;
  const auto network = tiny_network({"mixed1", "relu3"});
  Objective objective = objective_of(GetParam().kind, network);
  objective.selectivity = GetParam().selectivity;
  objective.rivals = GetParam().rivals;
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0);
  const double expected = 1.3 * by_formula(objective, network.forward(picture)[kMixed1]);
  EXPECT_NEAR(evaluate(network, picture, {objective}).value, expected, 1e-5 * std::abs(expected));
}

TEST_P(EveryKind, AMaskOfOnesChangesNothingAndOneOfZerosLeavesNothing) {
  if (GetParam().masked) return;
  const auto network = tiny_network({"mixed1", "relu3"});
  Objective objective = objective_of(GetParam().kind, network);
  objective.selectivity = GetParam().selectivity;
  objective.rivals = GetParam().rivals;
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0);
  const Gradient plain = evaluate(network, picture, {objective});
  objective.mask = at::ones({1, 16, 20}, at::kFloat);
  const Gradient ones = evaluate(network, picture, {objective});
  EXPECT_NEAR(ones.value, plain.value, 1e-5 * std::abs(plain.value));
  EXPECT_TRUE(at::allclose(ones.gradient, plain.gradient, 1e-4, 1e-6));
  objective.mask = at::zeros({1, 16, 20}, at::kFloat);
  const Gradient none = evaluate(network, picture, {objective});
  EXPECT_EQ(none.value, 0);
  EXPECT_EQ(none.gradient.abs().max().item<double>(), 0);
}

TEST_P(EveryKind, HalfPrecisionPointsTheSameWay) {
  if (GetParam().masked) return;
  DREAMREEL_NEEDS_BF16("gradients in bf16");
  const at::Tensor picture = noise_picture(48, 48).unsqueeze(0);
  const auto direction = [&](network::Precision precision) {
    const auto network = tiny_network({"mixed1", "relu3"}, precision);
    Objective objective = objective_of(GetParam().kind, network);
    objective.rivals = GetParam().rivals;
    if (GetParam().kind == Kind::content)
      objective.target = content_target(network, kMixed1, picture[0].flip(2));
    return evaluate(network, picture, {objective}).gradient.flatten();
  };
  const auto exact = direction(network::Precision::fp32), half = direction(network::Precision::bf16);
  // bf16 has 8 bits. A guide may choose another feature, and a ReLU another side.
  EXPECT_GT((exact.dot(half) / (exact.norm() * half.norm())).item<double>(), 0.95);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKind, testing::ValuesIn(all_cases()), [](const auto& test) {
  return std::string(test.param.name) + (test.param.masked ? "Masked" : "") +
         (test.param.selectivity > 0 ? "Selective" : "") + (test.param.rivals > 0 ? "AgainstRivals" : "");
});

// However steep the selectivity is, the place that resembles the class most shows the way.
TEST(Evaluate, AClassThatIsSeenNowhereHasAWayUp) {
  const auto network = tiny_network({"mixed1", "relu3"});
  Objective objective = objective_of(Kind::logit, network);
  objective.rivals = 1;
  objective.selectivity = 100;
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0);
  const Gradient gradient = evaluate(network, picture, {objective});
  EXPECT_LT(gradient.value, 1e-20) << "the odds are far below 1 everywhere";
  EXPECT_TRUE(gradient.gradient.isfinite().all().item<bool>());
  EXPECT_GT(gradient.gradient.abs().max().item<double>(), 0);
}

// Half precision has nothing below 1e-7. So slopes are given relative to the steepest one that counts.
TEST(ClassSlope, UnderAMaskIsAsLargeAsTheSteepestThatTheMaskLeaves) {
  at::Tensor ratings = at::full({1, 2, 2, 3}, -30.0);
  ratings[0][1][0][0] = 5;  // the class is seen in a corner that the mask excludes
  const at::Tensor mask = at::ones({1, 1, 2, 3}, at::kDouble);
  mask[0][0][0][0] = 0;
  mask[0][0][1][2] = 0.25;
  const auto climb = class_slope(ratings, 1, /*rivals=*/0, /*selectivity=*/1, mask);
  const at::Tensor own = climb.slope[0][1];
  EXPECT_TRUE(at::allclose(own, mask[0][0])) << "elsewhere one place is like the other";
  EXPECT_NEAR(climb.steepest, std::exp(-30.0), 1e-6 * std::exp(-30.0));
  EXPECT_EQ(own.to(at::kHalf).count_nonzero().item<std::int64_t>(), 5);
  EXPECT_EQ(climb.value[0][0][0][0].item<double>(), 0);
}

TEST(Evaluate, SeveralObjectivesAddUp) {
  const auto network = tiny_network({"mixed1", "relu3"}, network::Precision::fp64);
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0).to(at::kDouble);
  std::vector<Objective> all;
  at::Tensor sum = at::zeros_like(picture);
  double value = 0;
  for (const auto& entry : kKinds) {
    all.push_back(objective_of(entry.second, network));
    const Gradient one = evaluate(network, picture, {all.back()});
    sum += one.gradient / one.scale;
    value += one.value;
  }
  const Gradient together = evaluate(network, picture, all);
  EXPECT_NEAR(together.value, value, 1e-9);
  EXPECT_TRUE(at::allclose(together.gradient / together.scale, sum, 1e-8, 1e-12));
}

TEST(Evaluate, EachNetworkHasItsShare) {
  const auto shallow = tiny_network({"mixed1"}), deep = tiny_network({"relu3"});
  const Networks both(std::vector<const network::Network*>{&shallow, &deep});
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0);
  const auto objective = [](std::size_t network, double weight) {
    Objective result;
    result.network = network;
    result.weight = weight;
    return result;
  };
  const auto unit = [&](const network::Network& network) {
    const at::Tensor gradient = evaluate(network, picture, {objective(0, 1)}).gradient;
    return gradient / gradient.abs().mean();
  };
  const Gradient mixed = evaluate(both, picture, {objective(0, 3), objective(1, 0.5)});
  EXPECT_TRUE(at::allclose(mixed.gradient, unit(shallow) * 3 + unit(deep) * 0.5, 1e-4, 1e-5));
  const Gradient one = evaluate(both, picture, {objective(0, 0), objective(1, 2)});
  EXPECT_TRUE(at::equal(one.gradient, evaluate(deep, picture, {objective(0, 2)}).gradient));
}

TEST(Evaluate, RefusesWhatDoesNotFit) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor picture = noise_picture(32, 32).unsqueeze(0);
  Objective objective;
  const auto refused = [&] { EXPECT_THROW(evaluate(network, picture, {objective}), std::invalid_argument); };
  objective.kind = Kind::channels;
  refused();  // no channel
  objective.channels = {16};
  refused();  // of 16
  objective.kind = Kind::guide;
  refused();  // no target
  objective.kind = Kind::content;
  objective.target = at::zeros({1, 16, 3, 3}, at::kFloat);
  refused();
  objective = {};
  objective.network = 1;
  refused();
}

TEST(Targets, AGuideIsThinnedOutAndItsMeanIsOneColumn) {
  const auto network = tiny_network({"mixed1"});
  const std::vector<at::Tensor> large{noise_picture(160, 200), noise_picture(160, 200).flip(1)};
  EXPECT_EQ(guide_target(network, 0, large, Match::best).sizes(), (std::vector<std::int64_t>{16, 1024}));
  EXPECT_EQ(guide_target(network, 0, large, Match::mean).sizes(), (std::vector<std::int64_t>{16, 1}));
  EXPECT_THROW(direction_target(network, 0, {1, 2}), std::invalid_argument);
  EXPECT_THROW(direction_target(network, 0, std::vector<double>(16, 0)), std::invalid_argument);
  EXPECT_EQ(channels_of(network, 0), 16);
}

}  // namespace
}  // namespace dreamreel::dream
