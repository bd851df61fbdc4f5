// `key: ~` takes back whatever an older text says: each key of the schema, and each section around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "support/files.h"
#include "support/key_changes.h"

namespace dreamreel::job {
namespace {

using dreamreel::test::KeyChange;

// What these jobs cannot be without, so that taking it back is told as missing.
const std::set<std::string> kNeeded{
    // of every job
    "input",
    "input.path",
    "input.noise",
    "output",
    "output.path",
    "outputs",
    "outputs.N.path",
    // of its own network, which has no card that recommends layers
    "network.card",
    "network.path",
    "dream",
    "dream.objectives",
    "dream.objectives.N.layer",
    "dream.journey",
    "dream.journey.layers",
    "scenes",
    // read by an expression, or by an objective
    "audio",
    "audio.stems",
    "series",
    "series.NAME",
    "networks",
    // the only one of a list, or what another key there needs
    "dream.journey.crossfade",
    "dream.objectives.N.channels",
    "dream.objectives.N.class",
    "dream.objectives.N.image",
    "dream.objectives.N.images",
    "dream.objectives.N.vector",
    "network.ablate.N.layer",
    "scenes.N.from",
    "scenes.N.look",
    "series.NAME.file",
    // what a mask is made of
    "dream.mask.path",
    "dream.mask.from",
    "dream.mask.range",
    "dream.mask.colour",
    "dream.mask.class",
    "dream.mask.network",
    "dream.objectives.N.mask.path",
    "dream.objectives.N.mask.from",
    "dream.objectives.N.mask.range",
    "dream.objectives.N.mask.colour",
    "dream.objectives.N.mask.class",
    "dream.objectives.N.mask.network",
};

// "dream.objectives.N.kind" of the first objective, "scenes.N.from" of the second scene, and
// "series.NAME.file" of the series `knob`: those that the changes are about.
std::string path_of(std::string key) {
  const bool is_second = key.starts_with("scenes.") || key.starts_with("outputs.");
  const std::vector<std::pair<std::string, std::string>> names{{".NAME", ".knob"},
                                                               {".N", is_second ? ".1" : ".0"}};
  for (const auto& [part, name] : names)
    for (auto at = key.find(part); at != std::string::npos; at = key.find(part, at + 1))
      if (const auto end = at + part.size(); end == key.size() || key[end] == '.')
        key.replace(at, part.size(), name);
  return key;
}

// The key itself and the maps and lists around it, from the inside out.
std::vector<std::string> with_those_around(std::string key) {
  std::vector<std::string> keys{key};
  for (auto dot = key.rfind('.'); dot != std::string::npos; dot = key.rfind('.')) {
    key.erase(dot);
    if (!key.ends_with(".N") && !key.ends_with(".NAME")) keys.push_back(key);
  }
  return keys;
}

// "{a: {b: VALUE}}" of "a.b=VALUE".
std::string nested(const std::string& override) {
  const auto equals = override.find('=');
  std::string text = override.substr(equals + 1), key = override.substr(0, equals);
  for (auto dot = key.rfind('.'); dot != std::string::npos; dot = key.rfind('.')) {
    text = "{" + key.substr(dot + 1) + ": " + text + "}";
    key.erase(dot);
  }
  return key + ": " + text + "\n";
}

class TakingBack : public testing::Test {
 protected:
  // Paths on the command line are relative to the current folder, so it is the job's.
  void SetUp() override { std::filesystem::current_path(folder_.path()); }
  void TearDown() override { std::filesystem::current_path(before_); }

  // The job as YAML; nullopt where something is missing.
  std::optional<std::string> load(const std::vector<std::string>& overrides = {}) const {
    auto options = default_load_options();
    options.overrides = overrides;
    try {
      return to_yaml(load_job(folder_ / "job.yaml", options));
    } catch (const std::exception& error) {
      last_error_ = error.what();
      return {};
    }
  }

  // What is left by a file for each override, each of which extends the one before.
  std::optional<std::string> load_files(const std::string& text,
                                        const std::vector<std::string>& overrides) const {
    dreamreel::test::write_file(folder_ / "0.yaml", text);
    for (std::size_t i = 0; i < overrides.size(); ++i) {
      const bool is_last = i + 1 == overrides.size();
      dreamreel::test::write_file(folder_ / (is_last ? "job.yaml" : std::to_string(i + 1) + ".yaml"),
                                  "extends: " + std::to_string(i) + ".yaml\n" + nested(overrides[i]));
    }
    return load();
  }

  static std::vector<std::string> list_of(const std::initializer_list<std::string>& texts) {
    std::vector<std::string> list;
    std::ranges::copy_if(texts, std::back_inserter(list), [](const auto& text) { return !text.empty(); });
    return list;
  }

  const std::filesystem::path before_ = std::filesystem::current_path();
  dreamreel::test::ScratchDir folder_;
  mutable std::string last_error_;
};

TEST_F(TakingBack, WorksForEveryKeyOnTheCommandLine) {
  std::set<std::string> missing;
  for (const auto& [key, text, before, after] : dreamreel::test::all_key_changes()) {
    dreamreel::test::write_file(folder_ / "job.yaml", text);
    for (const auto& taken : with_those_around(key)) {
      SCOPED_TRACE(after + " and then " + taken + "=~");
      const std::string back = path_of(taken) + "=~";
      const auto without = load(list_of({before, back}));
      const auto with = load(list_of({before, after, back}));
      EXPECT_EQ(with, without) << last_error_;
      if (!without) missing.insert(taken);
    }
  }
  EXPECT_THAT(missing, testing::ContainerEq(kNeeded));
}

TEST_F(TakingBack, WorksForEveryKeyInAFile) {
  for (const auto& [key, text, before, after] : dreamreel::test::all_key_changes()) {
    for (const auto& taken : with_those_around(key)) {
      if (taken.find(".N") != std::string::npos && taken.find(".NAME") == std::string::npos)
        continue;  // a file replaces lists whole
      SCOPED_TRACE(after + " and then " + taken + ": ~");
      const std::string back = path_of(taken) + "=~";
      const auto without = load_files(text, list_of({before, back}));
      const auto with = load_files(text, list_of({before, after, back}));
      EXPECT_EQ(with, without) << last_error_;
    }
  }
}

}  // namespace
}  // namespace dreamreel::job
