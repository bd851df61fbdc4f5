// Tests that no finished file is replaced without consent, and that a preview of a part gets a file of its
// own.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;

TEST(Overwrite, AFinishedOutputIsReplacedOnRequestAlone) {
  const Workbench bench;
  bench.clip();
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"render", bench.job()});
    return bench.dreamreel_that_asks(std::move(more));
  };
  write_file(bench / "out.mkv", "a film of another's");
  const auto refused = ask({});
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.err, testing::AllOf(HasSubstr("out.mkv exists already"), HasSubstr("-y")));
  EXPECT_EQ(read_file(bench / "out.mkv"), "a film of another's");
  EXPECT_THAT(bench.files("out"), testing::ElementsAre("out.mkv")) << "not even a work folder";
  std::filesystem::create_directory(bench / "folder");
  const auto folder = ask({"-o", bench / "folder"});
  EXPECT_EQ(folder.exit_code, 74);
  EXPECT_THAT(folder.err, testing::AllOf(HasSubstr("folder is a folder; give a file in it"),
                                         testing::Not(HasSubstr("-y"))));
  ASSERT_EQ(ask({"--overwrite", "--keep-work"}).exit_code, 0);
  EXPECT_EQ(ask({"--keep-work"}).exit_code, 0) << "what it goes on with is what stands there";
  EXPECT_EQ(ask({"--restart"}).exit_code, 64);
  EXPECT_EQ(bench.dreamreel_that_asks({"farm", "plan", bench.job(), "-o", bench / "plan.json"}).exit_code,
            64);
  ASSERT_EQ(ask({"--frames", "0..2", "--draft", "-o", bench / "out.mkv"}).exit_code, 0);
  EXPECT_EQ(std::ranges::count(bench.probe(bench / "out_draft_0-2.mkv", "packet=pts"), '\n'), 2);
  EXPECT_EQ(std::ranges::count(bench.probe(bench / "out.mkv", "packet=pts"), '\n'), 12);
}

TEST(Overwrite, PicturesOfALongerSequenceAreNamed) {
  const Workbench bench;
  bench.clip("clip.mkv", false);
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"render", bench.job(), "-o", bench / "all/%04d.png"});
    return bench.dreamreel_that_asks(std::move(more));
  };
  ASSERT_EQ(ask({"--set", "input.trim=[~, 4f]"}).exit_code, 0);
  EXPECT_EQ(ask({"--set", "input.trim=[~, 1f]"}).exit_code, 64);
  const auto shorter = ask({"--set", "input.trim=[~, 1f]", "-y"});
  ASSERT_EQ(shorter.exit_code, 0) << shorter.err;
  EXPECT_THAT(shorter.err, HasSubstr("3 pictures of another render (0001.png to 0003.png)"));
}

TEST(Overwrite, AFinishedSequenceWhoseWorkWasKeptIsAskedAbout) {
  const Workbench bench;
  bench.clip("clip.mkv", false);
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"render", bench.job(), "--keep-work", "--set", "input.trim=[~, 2f]", "-o",
                               bench / "all/%04d.tiff"});
    return bench.dreamreel_that_asks(std::move(more));
  };
  ASSERT_EQ(ask({}).exit_code, 0);
  EXPECT_EQ(ask({"--set", "dream.step=2"}).exit_code, 64) << "TIFF holds no job that could be compared";
  std::filesystem::remove(bench / "all/0001.tiff");
  EXPECT_EQ(ask({}).exit_code, 0) << "a picture is missing, so that it goes on";
}

TEST(Overwrite, OfSeveralOutputsEachIsAskedAbout) {
  const Workbench bench;
  bench.clip();
  const auto list = bench.job("outputs: [{path: a.mkv}, {path: b.gif}, {path: c/%03d.png}]\n");
  write_file(list, [text = read_file(list)]() mutable {
    const std::string one = "output: {path: out.mkv}\n";
    return text.erase(text.find(one), one.size());
  }());
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"render", list});
    return bench.dreamreel_that_asks(std::move(more));
  };
  write_file(bench / "b.gif", "a film of another's");
  const auto refused = ask({});
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.err, HasSubstr("b.gif exists already"));
  EXPECT_THAT(bench.files("a"), testing::IsEmpty());
  const auto excerpt = ask({"--frames", "0..2"});
  ASSERT_EQ(excerpt.exit_code, 0) << excerpt.err;
  for (const char* const name : {"a_0-2.mkv", "b_0-2.gif", "c_0-2/001.png"})
    EXPECT_TRUE(std::filesystem::exists(bench / name)) << name;
  ASSERT_EQ(ask({"--frames", "0..2", "-o", bench / "one.mkv"}).exit_code, 0);
  EXPECT_THAT(bench.files("one"), testing::ElementsAre("one_0-2.mkv"));
  EXPECT_EQ(read_file(bench / "b.gif"), "a film of another's");
  const auto told = bench.dreamreel({"check", list});
  EXPECT_THAT(told.out, testing::AllOf(HasSubstr("b.gif exists already"), HasSubstr("a.mkv about"),
                                       HasSubstr("every frame, without loss")));
}

// The work folder that a render keeps speaks for the outputs of this render alone, and for the source that it
// had.
TEST(Overwrite, AKeptRenderDoesNotSpeakForOtherFiles) {
  const Workbench bench;
  bench.clip();
  const auto ask = [&](const std::string& outputs) {
    const std::string list = bench.job(outputs);
    write_file(list, [text = read_file(list)]() mutable {
      const std::string one = "output: {path: out.mkv}\n";
      return text.erase(text.find(one), one.size());
    }());
    return bench.dreamreel_that_asks({"render", list, "--keep-work"});
  };
  write_file(bench / "old.gif", "a film of another's");
  std::filesystem::create_directory(bench / "pictures");
  write_file(bench / "pictures/000.png", "a picture of another's");
  const std::string two = "{path: a.mkv, metadata: none}, {path: b.gif}";
  ASSERT_EQ(ask("outputs: [" + two + "]\n").exit_code, 0);
  ASSERT_EQ(ask("outputs: [" + two + "]\n").exit_code, 0) << "both are there, and stay";
  for (const char* const other : {"old.gif", "pictures/%03d.png"}) {
    const auto refused = ask("outputs: [" + two + ", {path: " + other + "}]\n");
    EXPECT_EQ(refused.exit_code, 64) << other << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("exists already"));
  }
  EXPECT_EQ(read_file(bench / "old.gif"), "a film of another's");
  bench.clip("clip.mkv", false);
  EXPECT_EQ(ask("outputs: [" + two + "]\n").exit_code, 64) << "the source is another one";
}

// Files beside the output are written anew each time, but never over a file of another kind.
TEST(Overwrite, FilesBesideTheOutputReplaceTheirOwnKindAlone) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job();
  const std::string mine = "value,at\n1,2\n";
  const auto expect_refused = [&](const std::vector<std::string>& command, const std::string& name) {
    SCOPED_TRACE(name);
    write_file(bench / name, mine);
    auto words = command;
    words.push_back(bench / name);
    const auto refused = bench.dreamreel_that_asks(words);
    EXPECT_EQ(refused.exit_code, 64) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("exists already"));
    EXPECT_EQ(read_file(bench / name), mine);
    std::filesystem::remove(bench / name);
    EXPECT_EQ(bench.dreamreel_that_asks(words).exit_code, 0) << "there is no file";
  };
  const auto expect_again = [&](const std::vector<std::string>& command, const std::string& name) {
    auto words = command;
    words.push_back(bench / name);
    EXPECT_EQ(bench.dreamreel_that_asks(words).exit_code, 0) << name;
  };
  for (const char* const name : {"mine.csv", "mine.html"}) {
    expect_refused({"check", job, "--curves"}, name);
    expect_again({"check", job, "--curves"}, name);
    expect_again({"measure", bench / "clip.mkv", "--plot"}, name);
  }
  expect_refused({"farm", "plan", job, "-o"}, "mine.json");
  expect_again({"farm", "plan", job, "-o"}, "mine.json");
  expect_refused({"render", job, "-y", "--profile"}, "trace.json");
  expect_again({"render", job, "-y", "--profile"}, "trace.json");
  expect_refused(
      {"atlas", bench / "tiny.onnx", "--layers", "relu1", "--size", "32", "--iterations", "1", "-o"},
      "atlas.png");
}

TEST(Overwrite, APreviewIsNoFileOfTheJob) {
  const Workbench bench;
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", bench / "mask.png"});
  bench.clip();
  const auto job = bench.job();
  const auto before = read_file(bench / "mask.png");
  const auto refused =
      bench.dreamreel({"render", job, "--set", "dream.mask.path=" + (bench / "mask.png").string(),
                       "--preview", bench / "mask.png"});
  EXPECT_EQ(refused.exit_code, 64) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("is the job's dream.mask.path"));
  EXPECT_EQ(read_file(bench / "mask.png"), before);
}

TEST(Check, TellsProgramsWhatIsWrongAndWhatItCosts) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job("camra: {zoom: 2}\n");
  const auto bad = bench.dreamreel({"check", job, "--json"});
  EXPECT_EQ(bad.exit_code, 78);
  EXPECT_THAT(bad.out, testing::AllOf(HasSubstr("\"line\": 6"), HasSubstr("\"key\": \"camra\""),
                                      HasSubstr("\"ok\": false")));
  const auto wrong =
      bench.dreamreel({"check", bench.job(), "--json", "--set", "dream.objectives.0.layer=x1"});
  EXPECT_THAT(wrong.out, testing::AllOf(HasSubstr("\"key\": \"dream.objectives.0.layer\""),
                                        HasSubstr("\"place\": \"--set dream.objectives.0.layer=x1\"")));
  const auto good = bench.dreamreel({"check", bench.job(), "--json", "--frames", "2.."});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, testing::AllOf(HasSubstr("\"ok\": true"), HasSubstr("\"frames\": 10"),
                                       HasSubstr("\"memory_bytes\": "), HasSubstr("out_2-.mkv")));
}

TEST(Check, AndPlanNameFileAndLineOfWhatAnEncoderRefuses) {
  const Workbench bench;
  bench.clip();
  write_file(bench / "bad.yaml",
             "extends: job.yaml\noutput:\n  video: {codec: libx264, options: {crff: 1}}\n");
  bench.job();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"check", bench / "bad.yaml"},
        std::vector<std::string>{"farm", "plan", bench / "bad.yaml", "-o", bench / "plan.json"}}) {
    const auto result = bench.dreamreel(command);
    EXPECT_EQ(result.exit_code, 78) << command[0];
    EXPECT_THAT(result.err, HasSubstr("bad.yaml:3: output.video.options.crff: ")) << command[0];
    EXPECT_EQ(result.out, "") << command[0];
  }
  EXPECT_FALSE(std::filesystem::exists(bench / "plan.json"));
}

}  // namespace
}  // namespace dreamreel::test
