#include "dreamreel/job/job_text.h"

#include <gmock/gmock.h>

#include "dreamreel/settings/settings_error.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::with_dream;
using testing::HasSubstr;

TEST(JobText, IsReadAsIfItStoodInItsFile) {
  const JobFolder folder;
  folder.write("base.yaml", with_dream("step: 3"));
  settings::KeyPlaces places;
  TextOptions options;
  options.load = folder.options;
  const Job job = load_job_text("extends: base.yaml\nseed: 7\n", folder.path("new.yaml"), options, places);
  EXPECT_EQ(job.dream.step, Curve(3));
  EXPECT_EQ(job.seed, 7U);
  EXPECT_EQ(job.file, folder.path("new.yaml"));
  EXPECT_EQ(places.nearest("seed").line, 2);
  options.load.overrides = {"seed=8"};
  EXPECT_EQ(load_job_text("extends: base.yaml\n", folder.path("new.yaml"), options, places).seed, 8U);
}

TEST(JobText, ExtendsOnlyWhatItMay) {
  const JobFolder folder;
  folder.write("secret.yaml", "password: hunter2\n");
  settings::KeyPlaces places;
  TextOptions options;
  options.load = folder.options;
  options.why_not_extend = [](const auto&) { return "it is not yours"; };
  try {
    load_job_text("seed: 1\nextends: secret.yaml\n", folder.path("new.yaml"), options, places);
    FAIL() << "it was read";
  } catch (const settings::SettingsError& problems) {
    EXPECT_EQ(problems.problems().at(0).line, 2);
    EXPECT_THAT(problems.what(), HasSubstr("it is not yours"));
    EXPECT_THAT(problems.what(), testing::Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace dreamreel::job
