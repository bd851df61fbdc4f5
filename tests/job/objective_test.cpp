// Tests dream.objectives of every kind, and the sections that shape the ascent beside them.
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using Kind = LayerObjective::Kind;

std::string with_objectives(const std::string& items, const std::string& input = "path: in.mp4") {
  return "network: net\ninput: {" + input + "}\noutput: {path: out.mp4}\ndream:\n  objectives:\n" + items;
}

const std::string kEveryKind =
    "    - {layer: a, kind: energy, weight: 0.5}\n"
    "    - {layer: a, kind: mean, network: sub/other.onnx}\n"
    "    - {layer: a, kind: channels, channels: [3, 17, 20..30]}\n"
    "    - {layer: a, kind: neuron, channels: [7], at: [0.25, {0s: 0, 2s: 1}]}\n"
    "    - {layer: a, kind: logit, class: 543}\n"
    "    - {layer: a, kind: logit, class: 'golden retriever', network: net, rivals: 1, selectivity: 2}\n"
    "    - {layer: a, kind: guide, image: fruits.jpg, match: mean, selectivity: 1.5}\n"
    "    - {layer: a, kind: guide, images: [a.jpg, b.jpg], size: 256}\n"
    "    - {layer: a, kind: style, image: aloe.jpg, size: 512}\n"
    "    - {layer: a, kind: content}\n"
    "    - {layer: a, kind: direction, vector: [1, -0.5, 0], selectivity: {0s: 0, 1s: 2}}\n"
    "    - {layer: a, kind: diversity, weight: -1}\n"
    "  gradient: {laplacian: 4, smooth: {0s: 0, 1s: 2}, decorrelate: 1}\n"
    "  regularise: {total_variation: 0.3, beta: 2, grey: 0.1, blur: 1, blur_end: 0.5, blur_every: 4, clip: "
    "0.2}\n"
    "  transforms: {scale: 0.1, rotate: 10}\n"
    "  optimizer: adam\n"
    "  parameterization: fourier\n";

TEST(Objectives, ReadEveryKind) {
  const JobFolder folder;
  const auto objectives = folder.load_text(with_objectives(kEveryKind)).dream.objectives;
  ASSERT_EQ(objectives.size(), 12U);
  EXPECT_EQ(objectives[0].weight, Curve(0.5));
  EXPECT_EQ(objectives[1].network->path, folder.path("sub/other.onnx"));
  EXPECT_EQ(objectives[2].channels, (std::vector<cards::ChannelRange>{{3, 3}, {17, 17}, {20, 30}}));
  EXPECT_EQ(objectives[3].kind, Kind::neuron);
  EXPECT_EQ(objectives[3].at_x, Curve(0.25));
  EXPECT_EQ(objectives[3].at_y.max(), 1);
  EXPECT_EQ(objectives[4].class_index, 543);
  EXPECT_EQ(objectives[5].class_name, "golden retriever");
  EXPECT_EQ(objectives[5].network->name, "net");
  EXPECT_EQ(objectives[5].rivals, Curve(1));
  EXPECT_EQ(objectives[5].selectivity, Curve(2));
  EXPECT_EQ(objectives[6].images, (std::vector<std::filesystem::path>{folder.path("fruits.jpg")}));
  EXPECT_EQ(objectives[6].match, LayerObjective::Match::mean);
  EXPECT_EQ(objectives[7].images.size(), 2U);
  EXPECT_EQ(objectives[8].size, 512);
  EXPECT_TRUE(objectives[9].images.empty());
  EXPECT_EQ(objectives[10].vector, (std::vector<double>{1, -0.5, 0}));
  EXPECT_EQ(objectives[11].kind, Kind::diversity);
}

TEST(Objectives, ReadTheSectionsBesideThem) {
  const JobFolder folder;
  const Dream dream = folder.load_text(with_objectives(kEveryKind)).dream;
  EXPECT_EQ(dream.gradient.laplacian, Curve(4));
  EXPECT_EQ(dream.gradient.smooth.max(), 2);
  const Regularise expected{0.3, 2, 0.1, 1, 0.5, 4, 0.2};
  EXPECT_EQ(dream.regularise, expected);
  EXPECT_EQ(dream.transforms, (Transforms{0.1, 10}));
  EXPECT_EQ(dream.optimizer, Optimizer::adam);
  EXPECT_EQ(dream.parameterization, Parameterization::fourier);
}

TEST(Objectives, ToYamlLoadsBack) {
  const JobFolder folder;
  const Job job = folder.load_text(with_objectives(kEveryKind));
  folder.write("elsewhere/again.yaml", to_yaml(job));
  Job again = folder.load("elsewhere/again.yaml");
  again.file = job.file;
  EXPECT_EQ(again, job) << to_yaml(job);
}

TEST(Objectives, KeysBelongToTheirKinds) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(with_objectives("    - layer: a\n"
                                             "      kind: guide\n"
                                             "      image: a.jpg\n"
                                             "      channels: [1]\n"
                                             "    - {layer: a, vector: [1]}\n"
                                             "    - {layer: a, kind: style, image: a, match: best}\n")),
            "job.yaml:9: dream.objectives.0.channels: belongs to kind channels or neuron, not to kind guide\n"
            "job.yaml:10: dream.objectives.1.vector: belongs to kind direction, not to kind energy\n"
            "job.yaml:11: dream.objectives.2.match: belongs to kind guide, not to kind style");
}

TEST(Objectives, KindsNeedTheirKeys) {
  const JobFolder folder;
  EXPECT_EQ(
      folder.errors_of(with_objectives("    - {layer: a, kind: channels}\n"
                                       "    - {layer: a, kind: neuron, channels: [1, 2]}\n"
                                       "    - {layer: a, kind: logit}\n"
                                       "    - {layer: a, kind: guide}\n"
                                       "    - {layer: a, kind: style, image: a, images: [b]}\n"
                                       "    - {layer: a, kind: direction}\n"
                                       "    - {layer: a, kind: chanels, channels: [5..2]}\n")),
      "job.yaml:6: dream.objectives.0: kind channels needs the key channels, a list of channels and ranges "
      "such as [3, 20..30], or of classes such as [dog, cat]\n"
      "job.yaml:7: dream.objectives.1.channels: expected a single channel for kind neuron, got a list of 2\n"
      "job.yaml:8: dream.objectives.2: kind logit needs the key class, an index or a name\n"
      "job.yaml:9: dream.objectives.3: kind guide needs the key image or images, the pictures to be like\n"
      "job.yaml:10: dream.objectives.4: expected either image or images, got both\n"
      "job.yaml:11: dream.objectives.5: kind direction needs the key vector, one number for each channel of "
      "the layer\n"
      "job.yaml:12: dream.objectives.6.kind: expected energy, mean, channels, neuron, logit, guide, style, "
      "content, direction or diversity, got 'chanels'; did you mean 'channels'?\n"
      "job.yaml:12: dream.objectives.6.channels.0: expected a channel such as 3 or a range such as 20..30, "
      "got 5..2\n"
      "job.yaml:12: dream.objectives.6.channels: belongs to kind channels or neuron, not to kind energy");
}

TEST(Objectives, NoiseHasNoContent) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(with_objectives("    - {layer: a, kind: content, image: a.jpg}\n"
                                             "    - {layer: a, kind: content}\n",
                                             "noise: {}")),
            "job.yaml:7: dream.objectives.1: a job of noise has no source for kind content to stay near; "
            "give it an image");
}

TEST(Objectives, NumbersHaveTheirRanges) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(with_objectives("    - {layer: a}\n"
                                             "  regularise: {beta: 3, clip: 1}\n"
                                             "  transforms: {rotate: 181}\n")),
            "job.yaml:7: dream.regularise.beta: expected 1 or 2, got 3\n"
            "job.yaml:7: dream.regularise.clip: expected a number from 0 to 0.99, keyframes or an "
            "expression, got 1\n"
            "job.yaml:8: dream.transforms.rotate: expected a number from 0 to 180, keyframes or an "
            "expression, got 181");
  EXPECT_EQ(folder.errors_of(with_objectives("    - {layer: a, kind: logit, class: 1, rivals: 1.5}\n"
                                             "    - {layer: a, rivals: 1}\n")),
            "job.yaml:6: dream.objectives.0.rivals: expected a number from 0 to 1, keyframes or an "
            "expression, got 1.5\n"
            "job.yaml:7: dream.objectives.1.rivals: belongs to kind logit, not to kind energy");
}

}  // namespace
}  // namespace dreamreel::job
