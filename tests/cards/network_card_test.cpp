#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/error.h"
#include "support/card_folder.h"

namespace dreamreel::cards {
namespace {

using dreamreel::test::CardFolder;

const std::string kSha(64, 'a');

const std::string kCard =
    "name: classic\ndescription: d\nlicence: l\nfile: classic-12.onnx\nsha256: " + kSha +
    "\nbytes: 28021836\nurl: u\nfetch: f\n"
    "input: {order: bgr, scale: 255, mean: [104, 117, 123], std: [1, 2, 3]}\n"
    "recommended: [a/b, c]\n";

TEST(FindNetwork, ReadsACard) {
  const CardFolder folder;
  folder.write("cards/classic.yaml", kCard);
  const NetworkRef ref = find_network("classic", folder.folders);
  EXPECT_EQ(ref.name, "classic");
  EXPECT_EQ(ref.path, folder.path("networks/classic-12.onnx")) << "where it would stand";
  EXPECT_EQ(ref.input, (NetworkInput{"bgr", 255, {104, 117, 123}, {1, 2, 3}}));
  EXPECT_EQ(ref.sha256, kSha);
  EXPECT_EQ(ref.bytes, 28021836U);
  EXPECT_EQ(ref.description + ref.licence + ref.url + ref.fetch, "dluf");
  EXPECT_THAT(ref.recommended_layers, testing::ElementsAre("a/b", "c"));
}

TEST(FindNetwork, ACardSaysWhereItComesFromAndWhichLayersAreClasses) {
  const CardFolder folder;
  const std::string card =
      "name: made\nfile: made.onnx\norigin: somebody\n"
      "made_from: {package: \"@a/b@1\", integrity: sha512-x, model: m.json, converter: tfjs_graph}\n"
      "labels: made_labels.txt\nclasses: [deep, shallow]\n";
  folder.write("cards/made.yaml", card);
  folder.write("cards/made_labels.txt", "dog\n");
  const NetworkRef ref = find_network("made", folder.folders);
  EXPECT_EQ(ref.origin, "somebody");
  EXPECT_EQ(ref.made_from, (NetworkSource{"@a/b@1", "sha512-x", "m.json", "tfjs_graph"}));
  EXPECT_THAT(ref.class_layers, testing::ElementsAre("deep", "shallow"));
  EXPECT_EQ(ref.labels, folder.path("cards/made_labels.txt")) << "labels may lie beside the card";
  folder.write("cards/made.yaml", "name: made\nfile: made.onnx\nmade_from: {package: p}\n");
  EXPECT_THROW(find_network("made", folder.folders), JobError);
}

TEST(FindNetwork, FirstFolderWinsAndTheFileMayStandBesideTheCard) {
  CardFolder folder;
  folder.write("cards/classic.yaml", kCard);
  folder.write("mine/classic.yaml", "name: classic\nfile: own.onnx\n");
  folder.folders.card_folders.insert(folder.folders.card_folders.begin(), folder.path("mine"));
  folder.write("mine/own.onnx", "x");
  EXPECT_EQ(find_network("classic", folder.folders).path, folder.path("mine/own.onnx"));
  folder.write("networks/own.onnx", "x");
  EXPECT_EQ(find_network("classic", folder.folders).path, folder.path("networks/own.onnx"));
  EXPECT_THAT(card_names(folder.folders), testing::ElementsAre("classic", "net"));
}

TEST(FindNetwork, ABarePathIsFedRgbUnlessACardStandsBesideIt) {
  const CardFolder folder;
  folder.write("classic-12.onnx", "x");
  const std::string path = folder.path("classic-12.onnx").string();
  EXPECT_EQ(find_network(path, folder.folders).input, NetworkInput{});
  EXPECT_EQ(find_network(path, folder.folders).name, path);
  folder.write("classic-12.yaml", "input: {path: a}\n");
  EXPECT_EQ(find_network(path, folder.folders).input, NetworkInput{}) << "a job of that name is no card";
  folder.write("classic-12.yaml", "name: classic-12\nfile: classic-12.onnx\ninput: {scale: 255}\n");
  EXPECT_EQ(find_network(path, folder.folders).input.scale, 255);
}

TEST(FindNetwork, AnUnknownNameGetsTheClosestCards) {
  const CardFolder folder;
  try {
    find_network("nett", folder.folders);
    FAIL() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_STREQ(
        error.what(),
        "network: expected a card name, a path ending in .onnx, or a map with a path or a card, got 'nett'; "
        "did you mean 'net'?");
  }
  EXPECT_THROW(find_network("net", {}), JobError);
  EXPECT_THROW(find_network("../cards/net", folder.folders), JobError);
}

TEST(FindNetwork, AMisspeltKeyOfACardIsNotLookedForAmongTheKeysOfJobs) {
  const CardFolder folder;
  folder.write("cards/bad.yaml", "name: bad\nfile: a.onnx\nzoom: 1\n");
  try {
    find_network("bad", folder.folders);
    FAIL() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_THAT(
        folder.without_folder(error.what()),
        testing::StartsWith("cards/bad.yaml:3: zoom: unknown key; the keys here are name, description, "));
  }
}

TEST(RequireFile, SaysHowToFetchACardsFile) {
  const CardFolder folder;
  const auto message = [&](const NetworkRef& ref) -> std::string {
    try {
      require_file(ref);
    } catch (const UnavailableError& error) {
      return folder.without_folder(error.what());
    }
    return "";
  };
  EXPECT_EQ(message(find_network("net", folder.folders)),
            "network file networks/net.onnx not found; fetch it with dreamreel fetch net");
  EXPECT_EQ(message(find_network(folder.path("a.onnx").string(), folder.folders)),
            "network file a.onnx not found");
  folder.write("networks/net.onnx", "x");
  EXPECT_EQ(message(find_network("net", folder.folders)), "");
}

}  // namespace
}  // namespace dreamreel::cards
