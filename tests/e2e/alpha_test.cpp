// Alpha goes through a whole render unchanged: in one go, out of stored frames, in chunks of a farm, around a
// loop. And numbered pictures have the numbers that were asked for.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Twelve pictures with a moving alpha over a moving pattern.
void write_source(const Workbench& bench) {
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=0.5", "-vf",
          "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='mod(4*X+3*Y+9*N,256)'",
          (bench / "in_%02d.png").string()});
}

std::filesystem::path job_on_pictures(const Workbench& bench) {
  const auto job = bench.job("temporal: {blend: 0.5}\n");
  std::string text = read_file(job);
  text.replace(text.find("clip.mkv"), 8, "in_%02d.png, fps: 24");
  write_file(job, text);
  return job;
}

// The alpha of all frames, rounded to 8 bits, row by row. FFmpeg's own way to 8 bits does not round.
std::string alpha_of(const Workbench& bench, const std::filesystem::path& video) {
  ffmpeg({"-i", video.string(), "-vf", "format=rgba64le,alphaextract", "-f", "rawvideo", "-pix_fmt",
          "gray16le", (bench / "alpha.raw").string()});
  const std::string levels = read_file(bench / "alpha.raw");
  std::string alpha;
  for (std::size_t i = 0; i + 1 < levels.size(); i += 2) {
    const int level = static_cast<unsigned char>(levels[i]) + 256 * static_cast<unsigned char>(levels[i + 1]);
    alpha.push_back(static_cast<char>((level + 128) / 257));
  }
  return alpha;
}

const std::vector<std::string> kArchive{"--set", "output.preset=archive"};

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Alpha, GoesThroughStoredFramesAndChunks) {
  const Workbench bench;
  write_source(bench);
  const auto job = job_on_pictures(bench);
  const std::string source = alpha_of(bench, bench / "in_%02d.png");
  const auto render = [&](const std::vector<std::string>& more) {
    const auto done = bench.dreamreel(with(with({"render", job, "--keep-dreams"}, kArchive), more));
    ASSERT_EQ(done.exit_code, 0) << done.err;
    EXPECT_TRUE(alpha_of(bench, bench / "out.mkv") == source);
  };
  render({});
  const std::string whole = Workbench::frame_md5s(bench / "out.mkv");
  render({"--set", "dream.opacity=0.5"});  // every frame is shown anew, out of its stored dream
  EXPECT_NE(Workbench::frame_md5s(bench / "out.mkv"), whole);
  std::filesystem::remove_all(bench / "out.mkv.work");
  std::filesystem::remove(bench / "out.mkv");
  const auto farm = [&](const std::vector<std::string>& arguments) {
    const auto done = bench.dreamreel(with({"farm"}, arguments));
    ASSERT_EQ(done.exit_code, 0) << done.err;
  };
  const std::string plan = bench / "plan.json";
  farm(with({"plan", job, "-o", plan, "--max-frames", "6"}, kArchive));
  for (const char* const chunk : {"1", "0"}) farm({"chunk", "--plan", plan, "--index", chunk});
  farm({"join", "--plan", plan});
  EXPECT_TRUE(alpha_of(bench, bench / "out.mkv") == source);
}

TEST(Alpha, IsDissolvedWhereALoopCloses) {
  const Workbench bench;
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=1", "-vf",
          "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='10*N'", (bench / "in_%02d.png").string()});
  const auto done = bench.dreamreel(
      with({"render", job_on_pictures(bench), "--set", "output.loop.crossfade=6f"}, kArchive));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string alpha = alpha_of(bench, bench / "out.mkv");
  ASSERT_EQ(alpha.size(), 18U * 64 * 48);
  const auto of_frame = [&](std::size_t n) { return int{static_cast<unsigned char>(alpha[n * 64 * 48])}; };
  EXPECT_EQ(of_frame(0), 60) << "six frames run in";
  EXPECT_EQ(of_frame(11), 170);
  EXPECT_LT(std::abs(of_frame(17) - of_frame(0)), 40) << "where the source ends with 230";
}

TEST(Alpha, ThatIsLostIsToldBeforehand) {
  const Workbench bench;
  write_source(bench);
  const auto job = job_on_pictures(bench);
  const auto said = [&](const char* command, const std::string& output) {
    const auto done = bench.dreamreel({command, job, "--set", "output.path=" + (bench / output).string()});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.err;
  };
  for (const char* const command : {"check", "render"}) {
    EXPECT_THAT(said(command, "out.mp4"), HasSubstr("its alpha is lost, because libx264"));
    EXPECT_THAT(said(command, "out_%d.png"), Not(HasSubstr("alpha")));
  }
}

TEST(Exr, PicturesHaveTheNumbersThatWereAskedFor) {
  const Workbench bench;
  bench.clip();
  const auto render = [&](const std::vector<std::string>& more) {
    return bench.dreamreel_that_asks(with({"render", bench.job(), "-o", bench / "shot/s.####.exr", "--set",
                                           "output.first_number=1001", "--set", "input.trim=[~, 3f]"},
                                          more));
  };
  const auto names = [&](const char* folder) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(bench / folder))
      found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
  };
  const auto first = render({});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(names("shot"), ElementsAre("s.1001.exr", "s.1002.exr", "s.1003.exr"));
  EXPECT_EQ(render({}).exit_code, 64) << "it is finished";
  ASSERT_EQ(render({"--frames", "1..2"}).exit_code, 0);
  EXPECT_THAT(names("shot_1-2"), ElementsAre("s.1002.exr"));
  const auto moved = render({"-y", "--set", "output.first_number=1000", "--set", "input.trim=[~, 2f]"});
  EXPECT_THAT(moved.err, HasSubstr("2 pictures of another render (s.1002.exr to s.1003.exr)"));
  EXPECT_EQ(bench.probe(bench / "shot/s.1000.exr", "stream=codec_name,width,height"), "exr,64,48\n");
}

}  // namespace
}  // namespace dreamreel::test
