// What is said to somebody who does not know the words of the command line yet.
#include "command_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"

namespace dreamreel::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

struct CommandLine : testing::Test {
  CommandLine() {
    app.add_flag("-q,--quiet");
    CLI::App* const render = app.add_subcommand("render");
    render->add_option("JOB", job);
    render->add_option("--set", sets)->allow_extra_args(false);
    render->add_option("--seed", seed);
    CLI::App* const farm = app.add_subcommand("farm");
    farm->require_subcommand(1);
    farm->add_subcommand("plan");
    farm->add_subcommand("chunk")->add_option("--index", seed);
  }

  std::string refused(const Words& words) const {
    try {
      arranged(app, words);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  // What a mistake in the options is called.
  std::string mistake(Words words) {
    std::ranges::reverse(words);
    try {
      app.parse(words);
    } catch (const CLI::ParseError& error) {
      return explained(app, error);
    }
    return "";
  }

  CLI::App app;
  std::string job;
  std::vector<std::string> sets;
  int seed = 0;
};

TEST_F(CommandLine, HelpAndVersionAreWordsToo) {
  EXPECT_THAT(arranged(app, {"help"}), ElementsAre("--help"));
  EXPECT_THAT(arranged(app, {"help", "farm", "plan"}), ElementsAre("farm", "plan", "--help"));
  EXPECT_THAT(arranged(app, {"version"}), ElementsAre("--version"));
  EXPECT_THAT(arranged(app, {"--help"}), ElementsAre("--help"));
  EXPECT_THAT(arranged(app, {"farm", "--help"}), ElementsAre("farm", "--help"));
}

TEST_F(CommandLine, KnownCommandsStayAsTheyAre) {
  EXPECT_THAT(arranged(app, {"-q", "render", "clip.mp4", "-o", "farm"}),
              ElementsAre("-q", "render", "clip.mp4", "-o", "farm"));
  EXPECT_THAT(arranged(app, {"farm", "-q", "plan", "x"}), ElementsAre("farm", "-q", "plan", "x"));
}

TEST_F(CommandLine, NothingIsAnsweredWithTheCommands) {
  EXPECT_THAT(refused({}), HasSubstr("`dreamreel --help` lists them"));
  EXPECT_EQ(refused({"farm"}), "expected a subcommand of dreamreel farm: plan, chunk");
  EXPECT_EQ(refused({"-q"}), "expected a subcommand of dreamreel: render, farm");
}

TEST_F(CommandLine, AMistypedCommandIsSuggested) {
  EXPECT_EQ(refused({"rendr", "clip.mp4"}), "unknown subcommand 'rendr'; did you mean 'render'?");
  EXPECT_EQ(refused({"farm", "plam"}), "unknown subcommand 'plam'; did you mean 'plan'?");
  EXPECT_EQ(refused({"help", "rendr"}), "unknown subcommand 'rendr'; did you mean 'render'?");
  EXPECT_EQ(refused({"qqqqqqq"}), "unknown subcommand 'qqqqqqq'; dreamreel has render, farm");
}

TEST_F(CommandLine, AFileWithoutACommandIsToBeRendered) {
  for (const char* const file : {"clip.mp4", "PHOTO.JPG", "job.yaml", "frames/%04d.png", "/"})
    EXPECT_THAT(refused({file}), HasSubstr("did you mean 'dreamreel render " + std::string(file) + "'?"));
}

TEST_F(CommandLine, AMistypedOptionIsSuggested) {
  EXPECT_EQ(mistake({"render", "x", "--sed", "2"}),
            "unknown option --sed; did you mean '--set', '--seed' or '--help'?");
  EXPECT_EQ(mistake({"farm", "chunk", "--idnex", "2"}), "unknown option --idnex; did you mean '--index'?");
  EXPECT_EQ(mistake({"render", "--seed", "x"}).find("unknown option"), std::string::npos);
}

TEST_F(CommandLine, AKeyAsAnOptionIsSet) {
  EXPECT_EQ(mistake({"render", "x", "--octaves", "2"}),
            "unknown option --octaves; did you mean --set dream.octaves=...?");
  EXPECT_EQ(mistake({"render", "x", "--step=2"}),
            "unknown option --step=2; did you mean --set dream.step=... or --set temporal.step=...?");
  EXPECT_THAT(mistake({"farm", "chunk", "--octaves", "2"}), Not(HasSubstr("--set")));
}

TEST_F(CommandLine, AWordTooManyMayBeAPath) {
  EXPECT_EQ(mistake({"render", "my", "clip.mp4"}),
            "unexpected 'clip.mp4'; a path with spaces in it needs quotes");
}

}  // namespace
}  // namespace dreamreel::app
