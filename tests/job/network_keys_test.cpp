// Tests the keys that describe a network (cards/network_keys.h). The tests are in this folder, because the
// keys are read, merged and written back as parts of a whole job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/cards/labels.h"
#include "dreamreel/job/curves.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;

const std::string kNoNetwork = "input: {path: i}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\n";

std::string network(const std::string& yaml) {
  return kNoNetwork + "network: " + yaml + "\n";
}

TEST(Ablate, IsReadAndWrittenBack) {
  const JobFolder folder;
  const Job job =
      folder.load_text(network("{card: net, ablate: [{layer: a, channels: [3, 20..30]}, {layer: b, random: "
                               "0.3, amount: {0s: 0, 4s: 1}}]}"));
  EXPECT_EQ(job.network.name, "net");
  ASSERT_EQ(job.network.ablate.size(), 2U);
  EXPECT_EQ(job.network.ablate[0].layer, "a");
  EXPECT_EQ(job.network.ablate[0].channels, (std::vector<cards::ChannelRange>{{3, 3}, {20, 30}}));
  EXPECT_EQ(job.network.ablate[0].amount, Curve(1));
  EXPECT_EQ(job.network.ablate[1].random, 0.3);
  EXPECT_EQ(job.network.ablate[1].amount.at({2, 24}), 0.5);
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").network, job.network);
}

TEST(Ablate, GoesWithAPathToo) {
  const JobFolder folder;
  const Job job = folder.load_text(network("{path: my.onnx, scale: 255, ablate: [{layer: a, random: 1}]}"));
  EXPECT_EQ(job.network.path, folder.path("my.onnx"));
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").network, job.network);
}

TEST(Ablate, AllProblemsAreTold) {
  const JobFolder folder;
  folder.write(
      "job.yaml",
      network("{card: net, ablate: [{layer: a}, {layer: a, channels: [3], random: 2}, {channels: [4..2, x]}, "
              "{layer: b, channels: 3, amount: 1.5}]}"));
  EXPECT_EQ(folder.errors(),
            "job.yaml:4: network.ablate.1.random: expected a number from 0 to 1, got 2\n"
            "job.yaml:4: network.ablate.2.layer: missing; expected the name of a layer\n"
            "job.yaml:4: network.ablate.2.channels.0: expected a channel such as 3 or a range such as "
            "20..30, got 4..2\n"
            "job.yaml:4: network.ablate.2.channels.1: expected a channel such as 3 or a range such as "
            "20..30, got 'x'\n"
            "job.yaml:4: network.ablate.3.channels: expected a list of channels and ranges such as [3, "
            "20..30], got 3\n"
            "job.yaml:4: network.ablate.3.amount: expected a number from 0 to 1, keyframes or an expression, "
            "got 1.5\n"
            "job.yaml:4: network.ablate.0: expected either channels or random, got neither\n"
            "job.yaml:4: network.ablate.1: expected either channels or random, got both");
}

TEST(NetworkSize, GoesWithACardAndAPath) {
  const JobFolder folder;
  for (const std::string yaml : {"{card: net, size: 224}", "{path: my.onnx, size: 224}", "{size: 224}"}) {
    if (yaml == "{size: 224}")
      folder.write("cards/inception_v3.yaml", "name: inception_v3\nfile: inception_v3.onnx\n");
    const Job job = folder.load_text(network(yaml));
    EXPECT_EQ(job.network.size, 224) << yaml;
    folder.write("again.yaml", to_yaml(job));
    EXPECT_EQ(folder.load("again.yaml").network, job.network) << yaml;
  }
  EXPECT_FALSE(folder.load_text(network("net")).network.size);
  EXPECT_EQ(folder.errors_of(network("{card: net, size: 5000}")),
            "job.yaml:4: network.size: expected a whole number from 1 to 4096, got 5000");
}

TEST(NetworkMap, ACardAndAPathExcludeEachOther) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(network("{card: net, path: a.onnx}")),
            "job.yaml:4: network: expected either card or path, got both");
  EXPECT_EQ(folder.errors_of(network("{card: net, mean: [1, 2, 3]}")),
            "job.yaml:4: network.mean: expected only beside network.path: a card says it for its network");
  EXPECT_EQ(folder.errors_of(network("{card: nett}")),
            "job.yaml:4: network.card: expected a card name, a path ending in .onnx, or a map with a path or "
            "a card, got 'nett'; did you mean 'net'?");
}

TEST(NetworkMap, OneWordIsAMapWhereKeysAreAdded) {
  JobFolder folder;
  folder.write("base.yaml", network("net"));
  const std::string lesion = "extends: base.yaml\nnetwork: {ablate: [{layer: a, random: 0.5}]}\n";
  const Job extended = folder.load_text(lesion);
  EXPECT_EQ(extended.network.name, "net");
  EXPECT_EQ(extended.network.ablate.size(), 1U);

  folder.options.overrides = {"network.ablate=[{layer: b, random: 1}]"};
  const Job overridden = folder.load("base.yaml");
  EXPECT_EQ(overridden.network.name, "net");
  EXPECT_EQ(overridden.network.ablate.at(0).layer, "b");

  folder.options.overrides = {"network.path=my.onnx"};
  EXPECT_TRUE(folder.load("base.yaml").network.name.ends_with("my.onnx"));
  folder.options.overrides = {"network=net"};
  EXPECT_EQ(folder.load("job.yaml").network.ablate.size(), 0U) << "one word replaces all of it";
}

TEST(NetworkMap, AnotherNetworkDropsWhatWasSaidOfTheFirst) {
  const JobFolder folder;
  folder.write("base.yaml", network("{path: a.onnx, scale: 255, ablate: [{layer: a, random: 1}]}"));
  const Job job = folder.load_text("extends: base.yaml\nnetwork: {card: net}\n");
  EXPECT_EQ(job.network.name, "net");
  EXPECT_TRUE(job.network.ablate.empty());
  EXPECT_EQ(folder.load_text("extends: base.yaml\nnetwork: {scale: 2}\n").network.ablate.size(), 1U);
}

TEST(NetworkTable, NamesMoreNetworks) {
  const JobFolder folder;
  const Job job = folder.load_text(
      network("net") +
      "networks:\n  places: {path: places.onnx, scale: 255}\n"
      "  again: net\n  hurt: {card: net, ablate: [{layer: a, random: 0.5, amount: 0.25}]}\n");
  ASSERT_EQ(job.networks.size(), 3U);
  EXPECT_EQ(job.networks.at("places").path, folder.path("places.onnx"));
  EXPECT_EQ(job.networks.at("places").input.scale, 255);
  EXPECT_EQ(job.networks.at("places").alias, "places");
  EXPECT_EQ(job.networks.at("again").name, "net");
  EXPECT_EQ(job.networks.at("hurt").ablate.at(0).amount, Curve(0.25));
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").networks, job.networks);
  const auto curves = list_curves(job);
  EXPECT_TRUE(std::ranges::any_of(
      curves, [](const settings::NamedCurve& c) { return c.path == "networks.hurt.ablate.0.amount"; }));
}

TEST(NetworkTable, ProblemsNameTheEntry) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(network("net") + "networks: {a: nett, b: {path: x.onnx, scael: 2}, c: [1]}\n"),
            "job.yaml:5: networks.a: expected a card name, a path ending in .onnx, or a map with a path or a "
            "card, got 'nett'; did you mean 'net'?\n"
            "job.yaml:5: networks.b.scael: unknown key; did you mean 'scale'?\n"
            "job.yaml:5: networks.c: expected a card name, a path ending in .onnx, or a map with a path or a "
            "card, got a list of 1");
  EXPECT_EQ(folder.errors_of(network("net") + "networks: places\n"),
            "job.yaml:5: networks: expected a map of names to networks, each as for `network`, got 'places'");
}

TEST(NetworkTable, MergesEntryByEntry) {
  JobFolder folder;
  folder.write("base.yaml", network("net") + "networks: {a: net, b: {path: b.onnx, scale: 2}}\n");
  folder.options.overrides = {"networks.a.ablate=[{layer: x, random: 1}]"};
  const Job job = folder.load_text("extends: base.yaml\nnetworks: {b: {scale: 3}, c: net}\n");
  EXPECT_EQ(job.networks.size(), 3U);
  EXPECT_EQ(job.networks.at("b").input.scale, 3);
  EXPECT_EQ(job.networks.at("a").name, "net");
  EXPECT_EQ(job.networks.at("a").ablate.size(), 1U);
}

TEST(NetworkLabels, AJobMayNameThem) {
  const JobFolder folder;
  folder.write("mine.txt", "one\ntwo\n");
  const Job job = folder.load_text(network("{path: my.onnx, labels: mine.txt}"));
  EXPECT_EQ(cards::find_class(job.network, "two"), 1);
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").network, job.network);
}

TEST(NetworkKey, GivesTheScalingOfAPath) {
  const JobFolder folder;
  folder.write("my.yaml", "name: my\nfile: my.onnx\ninput: {scale: 255, order: bgr}\n");
  const Job job = folder.load_text(network("{path: my.onnx, order: rgb, mean: [1, 2, 3]}"));
  EXPECT_EQ(job.network.path, folder.path("my.onnx"));
  EXPECT_EQ(job.network.input, (cards::NetworkInput{"rgb", 255, {1, 2, 3}, {1, 1, 1}}));
}

TEST(NetworkKey, ItsProblemsAreTold) {
  const JobFolder folder;
  const auto errors = [&](const std::string& network) {
    return folder.errors_of(
        "input: {path: i}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\nnetwork: " + network + "\n");
  };
  EXPECT_EQ(errors("{mean: [1, 2], order: gbr, scale: 0, sdt: 1}"),
            "job.yaml:4: network.path: missing; expected a path\n"
            "job.yaml:4: network.sdt: unknown key; did you mean 'std'?\n"
            "job.yaml:4: network.order: expected rgb or bgr, got 'gbr'; did you mean 'bgr'?\n"
            "job.yaml:4: network.scale: expected a number from 1e-06 to 1e+06, got 0\n"
            "job.yaml:4: network.mean: expected a list of three values, each a number from -1e+06 to 1e+06, "
            "got a list of 2");
  EXPECT_EQ(errors("[net]"),
            "job.yaml:4: network: expected a card name, a path ending in .onnx, or a map with a path or a "
            "card, got a list of 1");
}

TEST(NetworkKey, ProblemsOfACardNameTheCard) {
  const JobFolder folder;
  folder.write(
      "cards/bad.yaml",
      "name: good\nfiel: a.onnx\nsha256: 12\nbytes: lots\ninput: {order: rgb, scale: -1}\nrecommended: a\n");
  folder.write("cards/worse.yaml", "name: [");
  EXPECT_EQ(
      folder.errors_of(
          "network: bad\ninput: {path: i}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\nseed: x\n"),
      "job.yaml:5: seed: expected a whole number from 0 to 18446744073709551615, got 'x'\n"
      "cards/bad.yaml:1: file: missing; expected the name of the .onnx file, which lies beside the card or "
      "where networks are kept\n"
      "cards/bad.yaml:1: name: expected 'bad' like the file, got 'good'\n"
      "cards/bad.yaml:2: fiel: unknown key; did you mean 'file'?\n"
      "cards/bad.yaml:3: sha256: expected 64 hexadecimal digits in lower case, got 12\n"
      "cards/bad.yaml:4: bytes: expected a whole number of bytes, got 'lots'\n"
      "cards/bad.yaml:5: input.scale: expected a number from 1e-06 to 1e+06, got -1\n"
      "cards/bad.yaml:6: recommended: expected a map with the keys layers, looks, got 'a'");
  EXPECT_EQ(folder.errors_of(
                "network: worse\ninput: {path: i}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\n"),
            "cards/worse.yaml:1: not valid YAML: end of sequence flow not found"
            "; a bracket or a quote that is opened on this line or above is not closed, or a text with ': ' "
            "in it needs quotes");
}

}  // namespace
}  // namespace dreamreel::job
