// Tests that each kind of objective raises its own measure, on the default network and on small real
// photographs. A logit is tested on a classifier. The argument is this classifier: torchvision's resnet18
// with random weights, exported to ONNX.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "dreamreel/core/error.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/dream/targets.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/network/layer_list.h"
#include "support/files.h"

namespace dreamreel::model {
namespace {

std::filesystem::path g_classifier;
const std::string kMedia = DREAMREEL_FOOTAGE;

at::Tensor photograph(const std::string& name, std::int64_t height, std::int64_t width) {
  media::ReaderOptions options;
  options.path = kMedia + "/" + name;
  return image::resize(media::Reader(options).next()->rgb, {height, width}).clamp(0, 1);
}

// The objectives of a job, loaded as a render loads them.
class Loaded {
 public:
  explicit Loaded(const std::string& objectives, const std::string& network = "inception_v3") {
    test::write_file(folder_ / "job.yaml",
                     "input: {noise: {}}\noutput: {path: o.mp4}\nprecision: fp32\nnetwork: " + network +
                         "\ndream: {objectives: [" + objectives + "]}\n");
    job_ = job::load_job(folder_ / "job.yaml", job::default_load_options());
    set_ = std::make_unique<ObjectiveSet>(job_);
  }
  dream::Networks networks() const { return set_->networks(); }
  std::vector<dream::Objective> objectives() const { return set_->at({0, 24}, {}); }
  double measure(const at::Tensor& picture) const {
    return dream::evaluate(networks(), picture.unsqueeze(0), objectives()).value;
  }

 private:
  const test::ScratchDir folder_;
  job::Job job_;
  std::unique_ptr<ObjectiveSet> set_;
};

at::Tensor climbed(const Loaded& loaded, const at::Tensor& start, int iterations,
                   const std::function<void(dream::AscentOptions&)>& change = {}) {
  dream::AscentOptions options;
  options.objectives = loaded.objectives();
  options.octaves = 1;
  options.iterations = iterations;
  options.jitter = 8;
  if (change) change(options);
  return dream::ascend(loaded.networks(), start, options, {7, 0, 0, 0}).picture;
}

// The measure of `loaded` after the same effort for the layer's plain energy.
double unguided(const Loaded& loaded, const at::Tensor& start, int iterations) {
  const Loaded energy("{layer: mixed2}");
  return loaded.measure(climbed(energy, start, iterations));
}

TEST(Measure, AGuideRaisesTheBestMatch) {
  const at::Tensor start = photograph("butterfly.jpg", 128, 160);
  const Loaded guide("{layer: mixed2, kind: guide, image: " + kMedia + "/fruits.jpg, size: 256}");
  const double before = guide.measure(start);
  const double after = guide.measure(climbed(guide, start, 20));
  EXPECT_GT(after, 1.25 * before);
  EXPECT_GT(after, 1.05 * unguided(guide, start, 20));
}

TEST(Measure, AMeanGuideAndADirectionRaiseTheirDotProducts) {
  const at::Tensor start = photograph("butterfly.jpg", 128, 160);
  const Loaded mean("{layer: mixed2, kind: guide, match: mean, image: " + kMedia + "/aloeL.jpg, size: 256}");
  EXPECT_GT(mean.measure(climbed(mean, start, 10)), 1.07 * mean.measure(start));
  EXPECT_GT(mean.measure(climbed(mean, start, 10)), unguided(mean, start, 10));
  std::string vector = "1";
  for (int channel = 1; channel < 288; ++channel) vector += channel % 40 == 0 ? ", 1" : ", 0";
  const Loaded direction("{layer: mixed2, kind: direction, selectivity: 1, vector: [" + vector + "]}");
  EXPECT_GT(direction.measure(climbed(direction, start, 6)), 2 * direction.measure(start));
}

TEST(Measure, AStyleComesWithinAFifthOfItsGramDistance) {
  const at::Tensor start = photograph("butterfly.jpg", 128, 160);
  const std::string image = ", kind: style, image: " + kMedia + "/aloeL.jpg, size: 256}";
  const Loaded style("{layer: mixed0" + image + ", {layer: mixed1" + image);
  const at::Tensor styled = climbed(style, start, 60, [](auto& options) {
    options.optimizer = dream::Optimizer::adam;
    options.step = 3;
    options.jitter = 0;
  });
  EXPECT_GT(style.measure(styled), 0.2 * style.measure(start));  // both are below 0
}

TEST(Measure, ChannelsAndTheMeanRise) {
  const at::Tensor start = photograph("butterfly.jpg", 128, 160);
  for (const char* objective :
       {"{layer: mixed3, kind: channels, channels: [5, 20..22]}", "{layer: mixed3, kind: mean}"}) {
    const Loaded loaded(objective);
    EXPECT_GT(loaded.measure(climbed(loaded, start, 6)), loaded.measure(start) + 0.05) << objective;
  }
}

TEST(Measure, ANeuronThatFiresFiresMore) {
  const at::Tensor start = photograph("butterfly.jpg", 128, 160);
  const Loaded any("{layer: mixed3}");
  const at::Tensor activation = any.networks()[0].forward(start.unsqueeze(0))[0][0];
  const at::Tensor there = activation.select(1, activation.size(1) / 2).select(1, activation.size(2) / 2);
  const auto channel = there.argsort()[there.size(0) - 40].item<std::int64_t>();
  const Loaded neuron("{layer: mixed3, kind: neuron, channels: [" + std::to_string(channel) + "]}");
  EXPECT_GT(neuron.measure(start), 0);
  EXPECT_GT(neuron.measure(climbed(neuron, start, 10)), 1.3 * neuron.measure(start));
}

TEST(Measure, DiversitySpreadsTheChannelsOut) {
  const at::Tensor start = photograph("butterfly.jpg", 128, 160);
  const Loaded diversity("{layer: mixed2, kind: diversity}");
  EXPECT_GT(diversity.measure(climbed(diversity, start, 6)),
            0.9 * diversity.measure(start));  // both are below 0
}

TEST(Measure, ContentComesBackToThePictureItStaysNear) {
  const at::Tensor picture = photograph("butterfly.jpg", 128, 160);
  const Loaded content("{layer: mixed0, kind: content, image: " + kMedia + "/butterfly.jpg}");
  const auto distance = [&](const at::Tensor& other) {
    const auto& network = content.networks()[0];
    return (dream::content_target(network, 0, other) - dream::content_target(network, 0, picture))
        .norm()
        .item<double>();
  };
  const at::Tensor start = image::gaussian_blur(picture, 2);
  EXPECT_LT(distance(climbed(content, start, 10, [](auto& options) { options.jitter = 0; })),
            0.8 * distance(start));
}

// The classifier has random weights. The classes are picked independently of its first impression of the
// picture.
TEST(Measure, ARaisedLogitBecomesTheLargestOfAll) {
  const std::string head = network::list_layers(g_classifier).back().name;
  const at::Tensor start = photograph("butterfly.jpg", 160, 160);
  for (const std::int64_t wanted : {543, 7, 100}) {
    const Loaded logit("{layer: '" + head + "', kind: logit, class: " + std::to_string(wanted) + "}",
                       g_classifier);
    const auto first_in = [&](const at::Tensor& picture) {
      return logit.networks()[0].forward(picture.unsqueeze(0))[0].argmax().item<std::int64_t>();
    };
    ASSERT_NE(first_in(start), wanted);
    const at::Tensor raised = climbed(logit, start, 120, [](auto& options) { options.jitter = 0; });
    EXPECT_EQ(first_in(raised), wanted);
  }
}

TEST(ClassNames, StandForTheirChannels) {
  const test::ScratchDir folder;
  std::filesystem::copy_file(g_classifier, folder / "zoo.onnx");
  const std::string head = network::list_layers(g_classifier).back().name;
  test::write_file(folder / "zoo.yaml",
                   "name: zoo\nfile: zoo.onnx\nlabels: names.txt\nclasses: ['" + head + "']\n");
  test::write_file(folder / "names.txt", "dog\ncat\ntench, Tinca tinca\n");
  const auto channels_of = [&](const std::string& channels) {
    return Loaded("{layer: '" + head + "', kind: channels, channels: " + channels + "}", folder / "zoo.onnx")
        .objectives()
        .at(0)
        .channels;
  };
  EXPECT_EQ(channels_of("[tinca_tinca, 5..6, Dog]"), (std::vector<std::int64_t>{2, 5, 6, 0}));
  try {
    channels_of("[dog, tensh]");
    FAIL() << "an unknown class";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_job);
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("dream.objectives.0.channels.1: "),
                                             testing::HasSubstr("did you mean 'tench'?")));
  }
}

// A class by its name alone, with a classifier's card. It is raised over the whole frame, and in windows of
// the network's training size.
TEST(Measure, AClassOfAClassifierIsRaisedOnFramesOfAnySize) {
  const std::string card = g_classifier.string();
  for (const auto& network : {card, "{path: " + card + ", size: 64}"}) {
    const Loaded barbell("{class: barbell}", network);
    ASSERT_EQ(barbell.objectives().size(), 1U);
    EXPECT_EQ(barbell.objectives()[0].channels, std::vector<std::int64_t>{422}) << "ImageNet's";
    EXPECT_EQ(barbell.networks()[0].only_size().has_value(), network != card);
    const at::Tensor start = photograph("butterfly.jpg", 90, 160);
    constexpr double kRise = 0.1;  // the logits of a random network lie within 1 of 0
    const double before = barbell.measure(start), after = barbell.measure(climbed(barbell, start, 20));
    EXPECT_GT(after, before + kRise) << network;
  }
}

}  // namespace
}  // namespace dreamreel::model

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 64;
  dreamreel::model::g_classifier = argv[1];
  return RUN_ALL_TESTS();
}
