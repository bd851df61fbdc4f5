// Tests the lines of every progress format word for word, because programs read them.
#include "progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dreamreel/core/log.h"
#include "dreamreel/report/progress.h"

namespace dreamreel::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

report::RenderStart started() {
  report::RenderStart start;
  start.output = "out/clip.mp4";
  start.first_frame = 24;
  start.frame_count = 48;
  start.frame_count_is_exact = true;
  start.width = 640;
  start.height = 360;
  start.device = "cpu";
  start.precision = "fp32";
  start.kernels = "AVX2";
  start.threads = 2;
  return start;
}

report::FrameProgress frame(std::int64_t done) {
  report::FrameProgress progress;
  progress.frame = 23 + done;
  progress.done = done;
  progress.total = 48;
  progress.shot = 1;
  progress.objective = 12.34567;
  progress.seconds_per_frame = 0.256;
  progress.eta_seconds = 3723.6;
  return progress;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The lines that a format prints to stdout and to stderr.
struct Printed {
  std::vector<std::string> out, err;
};

Printed printed(const std::string& format, const std::function<void(report::ProgressSink&)>& happens) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  happens(*make_progress(format));
  Printed result;
  result.out = lines_of(testing::internal::GetCapturedStdout());
  result.err = lines_of(testing::internal::GetCapturedStderr());
  return result;
}

void whole_render(report::ProgressSink& sink) {
  sink.activity("loading network tiny");
  sink.start(started());
  sink.frame(frame(1));
  sink.frame(frame(48));
  sink.finish("out/clip.mp4", 48, 75.2);
}

TEST(Progress, PlainLinesGoToStderr) {
  const auto [out, err] = printed("plain", whole_render);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_THAT(
      err, ElementsAre(
               "dreamreel: loading network tiny",
               "dreamreel: rendering 48 frames of 640x360 on cpu with AVX2, fp32, 2 threads -> out/clip.mp4",
               "dreamreel: frame 1/48  0.26 s/frame  ETA 1:02:04  shot 2  objective 12.35",
               "dreamreel: frame 48/48  0.26 s/frame  ETA 1:02:04  shot 2  objective 12.35",
               "dreamreel: out/clip.mp4: 48 frames in 1:15"));
}

TEST(Progress, PlainLinesAreNotOneForEveryFrame) {
  const auto [out, err] = printed("plain", [](report::ProgressSink& sink) {
    for (int done = 1; done <= 48; ++done) sink.frame(frame(done));
  });
  EXPECT_THAT(err, ElementsAre(HasSubstr("frame 1/48"), HasSubstr("frame 48/48")));
}

TEST(Progress, NothingIsGuessedBeforeTheFirstFrameIsTimed) {
  const auto [out, err] = printed("plain", [](report::ProgressSink& sink) {
    auto first = frame(1);
    first.seconds_per_frame = first.eta_seconds = 0;
    sink.frame(first);
  });
  EXPECT_THAT(err, ElementsAre("dreamreel: frame 1/48  shot 2  objective 12.35"));
}

TEST(Progress, FramesBeforeTheFirstAreWarmingUp) {
  const auto [out, err] = printed("plain", [](report::ProgressSink& sink) {
    for (int i = 0; i < 24; ++i) sink.frame(frame(0));
  });
  EXPECT_THAT(err, ElementsAre("dreamreel: warming up  0.26 s/frame"));
}

TEST(Progress, QuietShowsNoneUnlessAskedByName) {
  // In a process of its own, because there is no way back to talking. Plain lines go to stderr.
  const auto quiet_render = [](const std::string& format) {
    be_quiet();
    whole_render(*make_progress(format));
    std::exit(0);
  };
  EXPECT_EXIT(quiet_render("auto"), testing::ExitedWithCode(0), "^$");
  EXPECT_EXIT(quiet_render("plain"), testing::ExitedWithCode(0), "frame 48/48");
}

TEST(Progress, AnUnknownOrGuessedNumberOfFramesIsSaidToBeOne) {
  const auto first_line = [](std::int64_t count, bool is_exact) {
    auto start = started();
    start.frame_count = count;
    start.frame_count_is_exact = is_exact;
    return printed("plain", [&](report::ProgressSink& sink) { sink.start(start); }).err.front();
  };
  EXPECT_THAT(first_line(48, false), HasSubstr("rendering about 48 frames of"));
  EXPECT_THAT(first_line(0, false), HasSubstr("rendering an unknown number of frames of"));
  auto endless = frame(7);
  endless.total = 0;
  EXPECT_THAT(printed("plain", [&](report::ProgressSink& sink) { sink.frame(endless); }).err.front(),
              HasSubstr("frame 7  0.26 s/frame"));
}

TEST(Progress, JsonIsAnEventALineOnStdout) {
  const auto [out, err] = printed("json", whole_render);
  EXPECT_THAT(err, IsEmpty());
  ASSERT_EQ(out.size(), 5U);
  std::vector<nlohmann::json> events;
  for (const auto& line : out) events.push_back(nlohmann::json::parse(line));
  EXPECT_EQ(events[0], (nlohmann::json{{"event", "activity"}, {"text", "loading network tiny"}}));
  EXPECT_EQ(events[1], (nlohmann::json{{"event", "start"},
                                       {"output", "out/clip.mp4"},
                                       {"first_frame", 24},
                                       {"total", 48},
                                       {"total_is_exact", true},
                                       {"width", 640},
                                       {"height", 360},
                                       {"device", "cpu"},
                                       {"precision", "fp32"},
                                       {"kernels", "AVX2"},
                                       {"threads", 2}}));
  EXPECT_EQ(events[2], (nlohmann::json{{"event", "frame"},
                                       {"frame", 24},
                                       {"done", 1},
                                       {"total", 48},
                                       {"shot", 1},
                                       {"objective", 12.34567},
                                       {"seconds_per_frame", 0.256},
                                       {"eta_seconds", 3723.6}}));
  EXPECT_EQ(
      events[4],
      (nlohmann::json{{"event", "finish"}, {"output", "out/clip.mp4"}, {"frames", 48}, {"seconds", 75.2}}));
}

// Names of files need not be UTF-8, and they may contain line breaks.
TEST(Progress, JsonStaysJsonWhateverTheNamesAre) {
  for (const std::string name : {"line\nbreak.mp4", "quote\".mp4", "\xFF\xFE.mp4"}) {
    const auto out = printed("json", [&](report::ProgressSink& sink) { sink.finish(name, 1, 1); }).out;
    ASSERT_EQ(out.size(), 1U) << name;
    EXPECT_EQ(nlohmann::json::parse(out.front()).at("frames"), 1);
  }
}

TEST(Progress, OpenJdAndAfanasyReadTheirOwnWords) {
  EXPECT_THAT(
      printed("openjd", whole_render).out,
      ElementsAre(
          "openjd_status: loading network tiny",
          "openjd_status: rendering 48 frames of 640x360 on cpu with AVX2, fp32, 2 threads -> out/clip.mp4",
          "openjd_progress: 2.1",
          "openjd_status: frame 1/48  0.26 s/frame  ETA 1:02:04  shot 2  objective 12.35",
          "openjd_progress: 100.0",
          "openjd_status: frame 48/48  0.26 s/frame  ETA 1:02:04  shot 2  objective 12.35",
          "openjd_progress: 100.0", "openjd_status: out/clip.mp4: 48 frames in 1:15"));
  EXPECT_THAT(
      printed("afanasy", whole_render).out,
      ElementsAre(
          "ACTIVITY: loading network tiny",
          "ACTIVITY: rendering 48 frames of 640x360 on cpu with AVX2, fp32, 2 threads -> out/clip.mp4",
          "FRAME: 24", "PROGRESS: 2%", "FRAME: 71", "PROGRESS: 100%", "PROGRESS: 100%",
          "@IMAGE@out/clip.mp4"));
}

TEST(Progress, AShareIsNeverAboveTheWhole) {
  auto too_many = frame(50);
  const auto out = printed("openjd", [&](report::ProgressSink& sink) { sink.frame(too_many); }).out;
  EXPECT_EQ(out.front(), "openjd_progress: 100.0");
  too_many.total = 0;
  EXPECT_EQ(printed("afanasy", [&](report::ProgressSink& sink) { sink.frame(too_many); }).out.back(),
            "PROGRESS: 0%");
}

TEST(Progress, ABarIsDrawnOverItselfAndLetsMessagesThrough) {
  testing::internal::CaptureStderr();
  {
    const auto sink = make_progress("bar");
    sink->frame(frame(24));
    log_warning("something odd");
    sink->finish("out/clip.mp4", 48, 75);
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("\r\x1b[K[##############..............] frame 24/48"));
  EXPECT_THAT(text, HasSubstr("\r\x1b[Kdreamreel: warning: something odd\n[####"));
  EXPECT_TRUE(text.ends_with("\r\x1b[Kdreamreel: out/clip.mp4: 48 frames in 1:15\n")) << text;
}

TEST(Progress, AutoIsPlainWhereNobodyLooks) {
  const auto [out, err] = printed("auto", whole_render);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_THAT(err.front(), HasSubstr("dreamreel: loading network tiny"));
  EXPECT_THAT(progress_formats(), ElementsAre("auto", "bar", "plain", "json", "openjd", "afanasy"));
}

}  // namespace
}  // namespace dreamreel::app
