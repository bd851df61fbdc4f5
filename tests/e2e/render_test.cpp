#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <sstream>

#include "workbench.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): <unistd.h> has it for GNU alone

namespace dreamreel::test {
namespace {

using testing::IsEmpty;

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  return events;
}

// Packets come in decoding order, which differs from display order if there are B-frames.
std::vector<std::string> presentation_times(const std::filesystem::path& video) {
  std::vector<std::string> times;
  std::istringstream lines(Workbench::probe(video, "packet=pts_time"));
  for (std::string line; std::getline(lines, line);) times.push_back(line);
  std::ranges::sort(times);
  return times;
}

TEST(Render, KeepsFramesTimestampsAndSound) {
  const Workbench bench;
  const auto clip = bench.clip();
  const auto result = bench.dreamreel({"render", bench.job(), "--progress", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(presentation_times(bench / "out.mkv"), presentation_times(clip));
  EXPECT_EQ(bench.frame_md5s(bench / "out.mkv", "a"), bench.frame_md5s(clip, "a"));
  EXPECT_NE(Workbench::frame_md5s(bench / "out.mkv"), bench.frame_md5s(clip));  // the clip was dreamed on

  const auto events = json_lines(result.out);
  const auto frames =
      std::ranges::count_if(events, [](const auto& event) { return event["event"] == "frame"; });
  EXPECT_EQ(frames, 12);
  EXPECT_EQ(events.back()["event"], "finish");
  EXPECT_EQ(events.back()["frames"], 12);
  EXPECT_THAT(bench.files(".out"), IsEmpty());  // no temporary file
  EXPECT_THAT(bench.files("out"), testing::ElementsAre("out.mkv"));
}

TEST(Render, SameJobSameBitsAnotherSeedOthers) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job();
  ASSERT_EQ(bench.dreamreel({"render", job, "-o", bench / "a.mkv"}).exit_code, 0);
  ASSERT_EQ(bench.dreamreel({"render", job, "-o", bench / "b.mkv"}).exit_code, 0);
  ASSERT_EQ(bench.dreamreel({"render", job, "-o", bench / "c.mkv", "--set", "seed=1"}).exit_code, 0);
  EXPECT_EQ(bench.frame_md5s(bench / "a.mkv"), bench.frame_md5s(bench / "b.mkv"));
  EXPECT_NE(bench.frame_md5s(bench / "a.mkv"), bench.frame_md5s(bench / "c.mkv"));
}

TEST(Render, NoStrengthGivesTheSourceBack) {
  const Workbench bench;
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=0.25", "-c:v", "ffv1", "-pix_fmt",
          "gbrp10", bench / "clip.mkv"});
  const auto result = bench.dreamreel({"render", bench.job(), "--set", "dream.opacity=0", "--set",
                                       "output.video={codec: ffv1, pixel_format: gbrp10}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Workbench::frame_md5s(bench / "out.mkv"),
            bench.frame_md5s(bench / "clip.mkv"));  // 16 bits keep 10 bits exactly
}

TEST(Render, APartHasThatPartOfTheSound) {
  const Workbench bench;
  bench.clip();
  const auto result = bench.dreamreel({"render", bench.job(), "--frames", "3..9"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto times = Workbench::probe(bench / "out_3-9.mkv", "packet=pts_time");
  EXPECT_EQ(std::ranges::count(times, '\n'), 6);
  EXPECT_THAT(times, testing::StartsWith("0.0"));
  const double sound =
      std::stod(run_process({"ffprobe", "-v", "error", "-select_streams", "a", "-show_entries",
                             "packet=pts_time", "-of", "csv=p=0", bench / "out_3-9.mkv"})
                    .out);
  EXPECT_NEAR(sound, 0, 0.11);  // a flac packet has 4608 samples, 0.104 s; sound is cut between packets
}

TEST(Render, NoiseZoomsAndAStillBecomesAVideo) {
  const Workbench bench;
  write_file(bench / "zoom.yaml",
             "input: {noise: {size: 64x48, fps: 12, duration: 1s}}\n"
             "output: {path: zoom.mp4}\n"
             "network: {path: tiny.onnx}\n"
             "dream: {objectives: [{layer: relu2a}], octaves: 2, iterations: 2}\n"
             "camera: {zoom: {0s: {value: 1.2, ease: in_out}, 1s: 1.6}, rotate: {0s: 0, 1s: 20}}\n");
  auto result = bench.dreamreel({"render", bench / "zoom.yaml"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::ranges::count(bench.probe(bench / "zoom.mp4", "packet=pts"), '\n'), 12);

  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=80x60", "-frames:v", "1", bench / "still.png"});
  result = bench.dreamreel(
      {"render", bench / "zoom.yaml", "--set",
       "input={noise: ~, path: " + (bench / "still.png").string() + ", duration: 5f, fps: 10}", "-o",
       bench / "still.mp4"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::ranges::count(bench.probe(bench / "still.mp4", "packet=pts"), '\n'), 5);
}

TEST(Render, APhotoBecomesAPhotoAndASequenceASequence) {
  const Workbench bench;
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=80x60", "-vf", "scale=80:61,setsar=1", "-frames:v", "1",
          bench / "still.png"});
  auto result = bench.dreamreel({"render", bench.job(), "--set",
                                 "input.path=" + (bench / "still.png").string(), "-o", bench / "dream.png"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(bench.probe(bench / "dream.png", "stream=width,height,pix_fmt"), "80,61,rgb48be\n");

  bench.clip("clip.mkv", false);
  result = bench.dreamreel({"render", bench.job(), "-o", bench / "frames/%04d.png", "--frames", "2..5"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* name : {"frames_2-5/0002.png", "frames_2-5/0003.png", "frames_2-5/0004.png"})
    EXPECT_TRUE(std::filesystem::exists(bench / name)) << name;
}

TEST(Render, TwoShotsDoNotLeakIntoEachOther) {
  const Workbench bench;
  // Nothing is carried over the cut. So the second shot alone must give the same frames as after the first.
  ffmpeg({"-f", "lavfi", "-i", "mandelbrot=size=64x48:rate=24", "-f", "lavfi", "-i",
          "testsrc2=size=64x48:rate=24:duration=0.25", "-filter_complex",
          "[0]trim=end_frame=6[a];[a][1]concat", "-c:v", "ffv1", "-pix_fmt", "gbrp", bench / "clip.mkv"});
  const std::vector<std::string> lossless{"--set", "output.video.codec=ffv1", "--set",
                                          "output.video.pixel_format=gbrp16"};
  auto args = std::vector<std::string>{"render", bench.job(), "--progress", "json"};
  args.insert(args.end(), lossless.begin(), lossless.end());
  const auto both = bench.dreamreel(args);
  ASSERT_EQ(both.exit_code, 0) << both.err;
  auto events = json_lines(both.out);
  std::erase_if(events, [](const auto& event) { return event["event"] != "frame"; });
  EXPECT_EQ(events.back()["shot"], 1);
  args.insert(args.end(), {"--frames", "6..12", "-o", (bench / "second.mkv").string()});
  ASSERT_EQ(bench.dreamreel(args).exit_code, 0);
  const auto hashes = [](const std::string& md5s) {
    std::vector<std::string> list;
    std::istringstream lines(md5s);
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with('#')) list.push_back(line.substr(line.rfind(',') + 1));
    return list;
  };
  const auto all = hashes(Workbench::frame_md5s(bench / "out.mkv"));
  const auto second = hashes(Workbench::frame_md5s(bench / "second_6-12.mkv"));
  ASSERT_EQ(all.size(), 12U);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), all.begin() + 6, all.end()));
}

TEST(Render, ThePreviewIsAPictureOfTheRender) {
  const Workbench bench;
  bench.clip();
  ASSERT_EQ(bench.dreamreel({"render", bench.job(), "--preview", bench / "look.jpg"}).exit_code, 0);
  EXPECT_EQ(bench.probe(bench / "look.jpg", "stream=codec_name,width,height"), "mjpeg,64,48\n");
}

struct Stopped {
  int exit_code;
  double seconds;  // of processor time from the signal to the end, so a busy machine does not lengthen it
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double processor_seconds(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
    throw std::runtime_error("no clock of the process");
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Reads until `text` has appeared, or to the end if `text` is null. Everything is read, because a process
// waits while its pipe is full.
void read_until(int pipe, const char* text) {
  std::string said;
  std::array<char, 4096> block{};
  for (ssize_t count = 1; count > 0 && (text == nullptr || said.find(text) == std::string::npos);) {
    count = read(pipe, block.data(), block.size());
    if (count > 0) said.append(block.data(), static_cast<std::size_t>(count));
  }
}

// Starts a render that would take minutes, waits for its first frame, and sends `signal`.
Stopped signalled_render(const Workbench& bench, int signal) {
  const std::string job = bench.job("temporal: {iterations: 1000}\n");
  std::vector<std::string> args{DREAMREEL_EXECUTABLE, "render", job, "--progress", "json"};
  std::vector<char*> argv;
  for (auto& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t pid = 0;
  if (posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0)
    throw std::runtime_error("cannot start");
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  read_until(ends[0], "\"frame\"");
  const double before = processor_seconds(pid);
  kill(pid, signal);
  read_until(ends[0], nullptr);
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(pid, &status, 0, &usage);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime) - before};
}

TEST(Render, ASignalStopsItAndLeavesNothingUnderTheFinalName) {
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
    const Workbench bench;
    bench.clip();
    const auto stopped = signalled_render(bench, signal);
    EXPECT_EQ(stopped.exit_code, 75);
    EXPECT_LT(stopped.seconds, 5);
    EXPECT_THAT(bench.files("out"), testing::ElementsAre("out.mkv.work"));
    EXPECT_THAT(bench.files(".out"), IsEmpty());
  }
}

}  // namespace
}  // namespace dreamreel::test
