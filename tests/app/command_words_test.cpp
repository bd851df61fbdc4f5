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

struct CommandWords : testing::Test {
  CommandWords() {
    app.add_flag("-q,--quiet");
    CLI::App* const render = app.add_subcommand("render");
    render->add_option("JOB", job);
    render->add_option("--set", sets)->allow_extra_args(false)->type_name("KEY=VALUE");
    render->add_option("--seed", seed);
    render->add_option("--song", song)->type_name("FILE");
    render->add_option("--strength", strength)->check(CLI::Range(0.0, 1.0));
    render->add_option("--threads", seed)->check(CLI::Range(1, 64));
    render->add_option("--show", song)->check(CLI::IsMember({"maps", "plain"}));
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
  std::string job, song;
  double strength = 0;
  std::vector<std::string> sets;
  int seed = 0;
};

TEST_F(CommandWords, HelpAndVersionAreWordsToo) {
  EXPECT_THAT(arranged(app, {"help"}), ElementsAre("--help"));
  EXPECT_THAT(arranged(app, {"help", "farm", "plan"}), ElementsAre("farm", "plan", "--help"));
  EXPECT_THAT(arranged(app, {"version"}), ElementsAre("--version"));
  EXPECT_THAT(arranged(app, {"--help"}), ElementsAre("--help"));
  EXPECT_THAT(arranged(app, {"farm", "--help"}), ElementsAre("farm", "--help"));
}

TEST_F(CommandWords, KnownCommandsStayAsTheyAre) {
  EXPECT_THAT(arranged(app, {"-q", "render", "clip.mp4", "-o", "farm"}),
              ElementsAre("-q", "render", "clip.mp4", "-o", "farm"));
  EXPECT_THAT(arranged(app, {"farm", "-q", "plan", "x"}), ElementsAre("farm", "-q", "plan", "x"));
}

TEST_F(CommandWords, NothingIsAnsweredWithTheCommands) {
  EXPECT_THAT(refused({}), HasSubstr("`dreamreel --help` lists them"));
  EXPECT_EQ(refused({"farm"}), "expected a subcommand of dreamreel farm: plan, chunk");
  EXPECT_EQ(refused({"-q"}), "expected a subcommand of dreamreel: render, farm");
}

TEST_F(CommandWords, AMistypedCommandIsSuggested) {
  EXPECT_EQ(refused({"rendr", "clip.mp4"}), "unknown subcommand 'rendr'; did you mean 'render'?");
  EXPECT_EQ(refused({"farm", "plam"}), "unknown subcommand 'plam'; did you mean 'plan'?");
  EXPECT_EQ(refused({"help", "rendr"}), "unknown subcommand 'rendr'; did you mean 'render'?");
  EXPECT_EQ(refused({"qqqqqqq"}), "unknown subcommand 'qqqqqqq'; dreamreel has render, farm");
}

TEST_F(CommandWords, AFileWithoutACommandIsToBeRendered) {
  for (const char* const file : {"clip.mp4", "PHOTO.JPG", "job.yaml", "frames/%04d.png", "/"})
    EXPECT_THAT(refused({file}), HasSubstr("did you mean 'dreamreel render " + std::string(file) + "'?"));
}

TEST_F(CommandWords, AMistypedOptionIsSuggested) {
  EXPECT_EQ(mistake({"render", "x", "--sed", "2"}),
            "unknown option --sed; did you mean '--set', '--seed' or '--help'?");
  EXPECT_EQ(mistake({"farm", "chunk", "--idnex", "2"}), "unknown option --idnex; did you mean '--index'?");
  EXPECT_EQ(mistake({"render", "--seed", "x"}).find("unknown option"), std::string::npos);
}

TEST_F(CommandWords, AKeyAsAnOptionIsSet) {
  EXPECT_EQ(mistake({"render", "x", "--octaves", "2"}),
            "unknown option --octaves; did you mean --set dream.octaves=...?");
  EXPECT_EQ(mistake({"render", "x", "--step=2"}),
            "unknown option --step=2; did you mean --set dream.step=... or --set temporal.step=...?");
  EXPECT_THAT(mistake({"farm", "chunk", "--octaves", "2"}), Not(HasSubstr("--set")));
}

TEST_F(CommandWords, AWordOfOtherProgramsIsUnderstood) {
  EXPECT_EQ(mistake({"render", "x", "--music", "song.wav"}),
            "unknown option --music; did you mean --song FILE?");
  EXPECT_EQ(mistake({"render", "x", "--size=320x180"}),
            "unknown option --size=320x180; did you mean --set input.filter=scale=640:-2?");
  EXPECT_THAT(mistake({"render", "x", "--style", "agate"}), Not(HasSubstr("--look")))
      << "this command has no such option";
}

TEST_F(CommandWords, AFlagIsSuggestedWhereNoCommandFollows) {
  EXPECT_EQ(refused({"-quiet"}), "unknown option -quiet; did you mean '--quiet'?");
  EXPECT_THAT(refused({"--halp"}), HasSubstr("did you mean '--help'"));
}

TEST_F(CommandWords, ARefusedValueIsToldWithWhatWasExpected) {
  EXPECT_EQ(mistake({"render", "x", "--strength", "30%"}),
            "--strength: expected a number from 0 to 1, got '30%'");
  EXPECT_EQ(mistake({"render", "x", "--threads", "2.5"}),
            "--threads: expected a whole number from 1 to 64, got '2.5'");
  EXPECT_EQ(mistake({"render", "x", "--seed", "abc"}), "--seed: expected a number, got 'abc'");
  EXPECT_EQ(mistake({"render", "x", "--show", "mapz"}), "--show: expected one of maps,plain, got 'mapz'");
  EXPECT_EQ(mistake({"render", "x", "--song"}), "--song: expected a FILE, got nothing");
  EXPECT_THAT(mistake({"render", "x", "--seed", std::string(1'000'000, 'a')}), HasSubstr("--seed"));
}

TEST_F(CommandWords, AWordTooManyMayBeASong) {
  for (const char* const word : {"song.mp3", "no such/Song.WAV"})
    EXPECT_EQ(mistake({"render", "clip.mp4", word}),
              "unexpected '" + std::string(word) + "'; did you mean --song " + word + "?");
  EXPECT_THAT(mistake({"farm", "chunk", "song.mp3"}), Not(HasSubstr("--song")));
}

TEST_F(CommandWords, AWordTooManyMayBeTheValueOfAKey) {
  EXPECT_EQ(mistake({"render", "x", "--set", "dream.strength", "0.3"}),
            "unexpected '0.3'; did you mean --set dream.strength=0.3?");
  EXPECT_THAT(mistake({"render", "x", "--set", "seed=1", "0.3"}), Not(HasSubstr("--set")));
}

TEST_F(CommandWords, AWordTooManyMayBeOneMoreFile) {
  EXPECT_EQ(mistake({"render", "a.jpg", "/"}),
            "unexpected '/'; render takes no further file; give a command for each");
}

TEST_F(CommandWords, AWordTooManyMayBeAPath) {
  EXPECT_EQ(mistake({"render", "my", "clip.mp4"}),
            "unexpected 'clip.mp4'; a path with spaces in it needs quotes");
}

}  // namespace
}  // namespace dreamreel::app
