#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "job_files.h"
#include "support/scoped_environment.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::ScopedEnvironment;

const std::string kSha(64, 'a');

const std::string kCard =
    "name: classic\ndescription: d\nlicence: l\nfile: classic-12.onnx\nsha256: " + kSha +
    "\nbytes: 28021836\nurl: u\nfetch: f\n"
    "input: {order: bgr, scale: 255, mean: [104, 117, 123], std: [1, 2, 3]}\n"
    "recommended: [a/b, c]\n";

Job with_network(const JobFolder& folder, const std::string& network) {
  return folder.load_text("network: " + network +
                          "\ninput: {path: i}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\n");
}

TEST(FindNetwork, ReadsACard) {
  const JobFolder folder;
  folder.write("cards/classic.yaml", kCard);
  const NetworkRef ref = find_network("classic", folder.options);
  EXPECT_EQ(ref.name, "classic");
  EXPECT_EQ(ref.path, folder.path("networks/classic-12.onnx")) << "where it would stand";
  EXPECT_EQ(ref.input, (NetworkInput{"bgr", 255, {104, 117, 123}, {1, 2, 3}}));
  EXPECT_EQ(ref.sha256, kSha);
  EXPECT_EQ(ref.bytes, 28021836U);
  EXPECT_EQ(ref.description + ref.licence + ref.url + ref.fetch, "dluf");
  EXPECT_THAT(ref.recommended_layers, testing::ElementsAre("a/b", "c"));
}

TEST(FindNetwork, ACardSaysWhereItComesFromAndWhichLayersAreClasses) {
  const JobFolder folder;
  const std::string card =
      "name: made\nfile: made.onnx\norigin: somebody\n"
      "made_from: {package: \"@a/b@1\", integrity: sha512-x, model: m.json, converter: tfjs_graph}\n"
      "labels: made_labels.txt\nclasses: [deep, shallow]\n";
  folder.write("cards/made.yaml", card);
  folder.write("cards/made_labels.txt", "dog\n");
  const NetworkRef ref = find_network("made", folder.options);
  EXPECT_EQ(ref.origin, "somebody");
  EXPECT_EQ(ref.made_from, (NetworkSource{"@a/b@1", "sha512-x", "m.json", "tfjs_graph"}));
  EXPECT_THAT(ref.class_layers, testing::ElementsAre("deep", "shallow"));
  EXPECT_EQ(ref.labels, folder.path("cards/made_labels.txt")) << "labels may lie beside the card";
  folder.write("cards/made.yaml", "name: made\nfile: made.onnx\nmade_from: {package: p}\n");
  EXPECT_THROW(find_network("made", folder.options), JobError);
}

TEST(FindNetwork, FirstFolderWinsAndTheFileMayStandBesideTheCard) {
  JobFolder folder;
  folder.write("cards/classic.yaml", kCard);
  folder.write("mine/classic.yaml", "name: classic\nfile: own.onnx\n");
  folder.options.card_folders.insert(folder.options.card_folders.begin(), folder.path("mine"));
  folder.write("mine/own.onnx", "x");
  EXPECT_EQ(find_network("classic", folder.options).path, folder.path("mine/own.onnx"));
  folder.write("networks/own.onnx", "x");
  EXPECT_EQ(find_network("classic", folder.options).path, folder.path("networks/own.onnx"));
  EXPECT_THAT(card_names(folder.options), testing::ElementsAre("classic", "net"));
}

TEST(FindNetwork, ABarePathIsFedRgbUnlessACardStandsBesideIt) {
  const JobFolder folder;
  folder.write("classic-12.onnx", "x");
  const std::string path = folder.path("classic-12.onnx").string();
  EXPECT_EQ(find_network(path, folder.options).input, NetworkInput{});
  EXPECT_EQ(find_network(path, folder.options).name, path);
  folder.write("classic-12.yaml", "input: {path: a}\n");
  EXPECT_EQ(find_network(path, folder.options).input, NetworkInput{}) << "a job of that name is no card";
  folder.write("classic-12.yaml", "name: classic-12\nfile: classic-12.onnx\ninput: {scale: 255}\n");
  EXPECT_EQ(find_network(path, folder.options).input.scale, 255);
}

TEST(FindNetwork, AJobMayGiveTheScaling) {
  const JobFolder folder;
  folder.write("my.yaml", "name: my\nfile: my.onnx\ninput: {scale: 255, order: bgr}\n");
  const Job job = with_network(folder, "{path: my.onnx, order: rgb, mean: [1, 2, 3]}");
  EXPECT_EQ(job.network.path, folder.path("my.onnx"));
  EXPECT_EQ(job.network.input, (NetworkInput{"rgb", 255, {1, 2, 3}, {1, 1, 1}}));
}

TEST(FindNetwork, AnUnknownNameGetsTheClosestCards) {
  const JobFolder folder;
  try {
    find_network("nett", folder.options);
    FAIL() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_STREQ(
        error.what(),
        "network: expected a card name, a path ending in .onnx, or a map with a path or a card, got 'nett'; "
        "did you mean 'net'?");
  }
  EXPECT_THROW(find_network("net", {}), JobError);
  EXPECT_THROW(find_network("../cards/net", folder.options), JobError);
}

TEST(FindNetwork, JobErrorsOfTheNetworkKey) {
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

TEST(FindNetwork, CardErrorsNameTheCard) {
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

TEST(RequireFile, SaysHowToFetchACardsFile) {
  const JobFolder folder;
  const auto message = [&](const NetworkRef& ref) -> std::string {
    try {
      require_file(ref);
    } catch (const UnavailableError& error) {
      return folder.without_folder(error.what());
    }
    return "";
  };
  EXPECT_EQ(message(find_network("net", folder.options)),
            "network file networks/net.onnx not found; fetch it with dreamreel fetch net");
  EXPECT_EQ(message(find_network(folder.path("a.onnx").string(), folder.options)),
            "network file a.onnx not found");
  folder.write("networks/net.onnx", "x");
  EXPECT_EQ(message(find_network("net", folder.options)), "");
}

TEST(DefaultLoadOptions, TakesFoldersFromTheEnvironmentFirst) {
  const ScopedEnvironment cards("DREAMREEL_CARDS", "/a::/b"), networks("DREAMREEL_NETWORKS", "/c");
  const ScopedEnvironment home("HOME", "/home/me"), no_cache("XDG_CACHE_HOME", nullptr);
  const LoadOptions options = default_load_options();
  ASSERT_EQ(options.card_folders.size(), 4U)
      << "two of the environment, the installed ones, the source tree's";
  EXPECT_EQ(options.card_folders[0], "/a");
  EXPECT_EQ(options.card_folders[1], "/b");
  EXPECT_TRUE(options.card_folders[2].string().ends_with("share/dreamreel/networks"));
  EXPECT_EQ(options.card_folders[3], std::filesystem::path(DREAMREEL_SOURCE_DIR) / "configs/networks");
  EXPECT_THAT(options.network_folders, testing::ElementsAre("/c", "/home/me/.cache/dreamreel/networks"));
  const ScopedEnvironment cache("XDG_CACHE_HOME", "/cache");
  EXPECT_THAT(default_load_options().network_folders,
              testing::ElementsAre("/c", "/cache/dreamreel/networks"));
}

}  // namespace
}  // namespace dreamreel::job
