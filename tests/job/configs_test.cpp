// Tests the files that come with dreamreel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dreamreel/cards/labels.h"
#include "dreamreel/job/job.h"
#include "support/files.h"

namespace dreamreel::job {
namespace {

const std::filesystem::path kConfigs = std::filesystem::path(DREAMREEL_SOURCE_DIR) / "configs";

std::vector<std::string> yaml_files(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml")
      names.push_back(entry.path().lexically_relative(kConfigs).string());
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> shipped_jobs() {
  auto names = yaml_files(kConfigs);
  std::erase(names, "base.yaml");  // has no input and output of its own
  const auto looks = yaml_files(kConfigs / "looks");
  names.insert(names.end(), looks.begin(), looks.end());
  return names;
}

class ShippedJobs : public testing::TestWithParam<std::string> {};

TEST_P(ShippedJobs, Load) {
  const Job job = load_job(kConfigs / GetParam(), default_load_options());
  EXPECT_EQ(job.output.path.parent_path(), kConfigs.parent_path() / "out");
  EXPECT_EQ(job.output.path.stem(), std::filesystem::path(GetParam()).stem());
  if (job.input.noise) return;
  EXPECT_EQ(job.input.path.parent_path(), kConfigs.parent_path() / "samples/media");
}

INSTANTIATE_TEST_SUITE_P(Configs, ShippedJobs, testing::ValuesIn(shipped_jobs()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

TEST(Configs, TheThreeJobsOfTheDemoAreThere) {
  EXPECT_THAT(shipped_jobs(),
              testing::IsSupersetOf({"music_video.yaml", "infinite_zoom.yaml", "photo.yaml"}));
}

TEST(Configs, BaseNeedsOnlyInputAndOutput) {
  LoadOptions options = default_load_options();
  options.overrides = {"input.path=a.mp4", "output.path=b.mp4"};
  EXPECT_EQ(load_job(kConfigs / "base.yaml", options).dream.objectives.size(), 2U);
}

TEST(Configs, EveryCardIsValid) {
  const LoadOptions options = default_load_options();
  const auto names = yaml_files(kConfigs / "networks");
  ASSERT_FALSE(names.empty());
  for (const auto& name : names) {
    const NetworkRef ref = cards::find_network(std::filesystem::path(name).stem(), options);
    EXPECT_EQ(ref.sha256.size(), 64U) << name;
    EXPECT_FALSE(ref.description.empty() || ref.licence.empty()) << name;
    for (const auto& look : ref.recommended_looks)
      EXPECT_TRUE(std::filesystem::exists(kConfigs / "looks" / (look + ".yaml"))) << name << ": " << look;
    EXPECT_NE(ref.url.empty(), ref.made_from.package.empty()) << name << " is downloaded or made";
    if (ref.url.empty()) {
      EXPECT_FALSE(ref.recommended_layers.empty() || ref.origin.empty()) << name;
      EXPECT_TRUE(
          std::filesystem::exists(DREAMREEL_SOURCE_DIR "/scripts/convert_" + ref.made_from.converter + ".py"))
          << name;
    }
    const bool own_labels = !ref.labels.empty() && ref.labels.filename() != "imagenet_labels.txt";
    if (own_labels) {
      EXPECT_FALSE(cards::read_labels(ref.labels).empty()) << name;
    }
    EXPECT_EQ(own_labels, !ref.class_layers.empty()) << name << " says which layers its labels are for";
  }
}

}  // namespace
}  // namespace dreamreel::job
