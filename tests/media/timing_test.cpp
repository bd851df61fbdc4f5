// Frame counts and presentation times of the output equal those of the source, to the tick.
#include <gmock/gmock.h>

#include "clips.h"

namespace dreamreel {
namespace {

using media::ReaderOptions;
using test::frame_times;
using test::make_clip;
using test::read_all;
using test::ScratchDir;
using test::send_through;

struct TimingCase {
  std::string name;
  std::string source;                  // lavfi
  std::vector<std::string> arguments;  // of ffmpeg
  std::string extension_in, extension_out;
  std::optional<bool> variable = false;  // the Reader's answer; nullopt if the container cannot tell
};

class Timing : public testing::TestWithParam<TimingCase> {};

TEST_P(Timing, CountAndEveryPtsAreTheSources) {
  const ScratchDir scratch;
  const auto& param = GetParam();
  const auto in = scratch / ("in" + param.extension_in);
  const auto out = scratch / ("out" + param.extension_out);
  make_clip(in, param.source, param.arguments);
  const auto info = send_through(in, out);
  const auto expected = frame_times(in);
  ASSERT_GT(expected.size(), 5U);
  // ffprobe prints microseconds.
  EXPECT_THAT(frame_times(out), testing::Pointwise(testing::DoubleNear(1.5e-6), expected));
  EXPECT_EQ(info.variable_rate, param.variable.value_or(info.variable_rate));
}

std::string vary() {
  return ",select='lt(n,7)+not(mod(n,3))'";
}

INSTANTIATE_TEST_SUITE_P(
    Clips, Timing,
    testing::Values(
        TimingCase{"Mp4At25", "testsrc2=s=64x48:r=25:d=1", {}, ".mp4", ".mp4"},
        TimingCase{"Mp4At23976", "testsrc2=s=64x48:r=24000/1001:d=2", {}, ".mp4", ".mp4"},
        TimingCase{"MovAt23976", "testsrc2=s=64x48:r=24000/1001:d=2", {"-bf", "2"}, ".mov", ".mov"},
        TimingCase{"MkvAt23976", "testsrc2=s=64x48:r=24000/1001:d=2", {}, ".mkv", ".mkv"},
        TimingCase{"Mp4At10", "testsrc2=s=64x48:r=10:d=2", {}, ".mp4", ".mp4"},
        TimingCase{"AviAt10", "testsrc2=s=64x48:r=10:d=2", {"-c:v", "mpeg4"}, ".avi", ".avi"},
        TimingCase{"AviToMp4", "testsrc2=s=64x48:r=10:d=2", {"-c:v", "mjpeg"}, ".avi", ".mp4"},
        TimingCase{"MovAt66667Over1000000", "testsrc2=s=64x48:r=1000000/66667:d=2", {}, ".mov", ".mov"},
        TimingCase{"AviAt66667Over1000000ToMp4",
                   "testsrc2=s=64x48:r=1000000/66667:d=2",
                   {"-c:v", "mjpeg"},
                   ".avi",
                   ".mp4"},
        TimingCase{"AviAt66667Over1000000",
                   "testsrc2=s=64x48:r=1000000/66667:d=2",
                   {"-c:v", "mjpeg"},
                   ".avi",
                   ".avi"},
        TimingCase{"Mp4ToAviAt2997", "testsrc2=s=64x48:r=30000/1001:d=1", {}, ".mp4", ".avi"},
        TimingCase{"WebmAt30",
                   "testsrc2=s=64x48:r=30:d=1",
                   {"-c:v", "libvpx-vp9", "-cpu-used", "8"},
                   ".webm",
                   ".webm"},
        TimingCase{
            "VariableMp4", "testsrc2=s=64x48:r=25:d=2" + vary(), {"-vsync", "vfr"}, ".mp4", ".mp4", true},
        TimingCase{
            "VariableMkv", "testsrc2=s=64x48:r=25:d=2" + vary(), {"-vsync", "vfr"}, ".mkv", ".mkv", {}},
        TimingCase{
            "VariableMkvToMp4", "testsrc2=s=64x48:r=25:d=2" + vary(), {"-vsync", "vfr"}, ".mkv", ".mp4", {}},
        TimingCase{"VariableMp4OddSteps",
                   "testsrc2=s=64x48:r=25:d=2,settb=1/90000,setpts='N*3600+N*N*37'",
                   {"-vsync", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000"},
                   ".mp4",
                   ".mp4",
                   true},
        TimingCase{"LateStart",
                   "testsrc2=s=64x48:r=25:d=1",
                   {"-f", "lavfi", "-i", "sine=d=2", "-vf", "setpts=PTS+0.48/TB", "-vsync", "passthrough"},
                   ".mp4",
                   ".mp4"}),
    [](const auto& case_info) { return case_info.param.name; });

TEST(ReaderTiming, TransportStreamStartsAtZero) {
  const ScratchDir scratch;
  make_clip(scratch / "in.ts", "testsrc2=s=64x48:r=25:d=1", {"-c:v", "mpeg2video"});
  const auto frames = read_all(ReaderOptions{scratch / "in.ts", "", {}, {}, {}});
  ASSERT_EQ(frames.size(), 25U);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_NEAR(frames[i].seconds, 0.04 * static_cast<double>(i), 1e-9);
    EXPECT_EQ(frames[i].index, static_cast<std::int64_t>(i));
    EXPECT_EQ(frames[i].duration, 3600);  // of 1/90000 s
  }
}

}  // namespace
}  // namespace dreamreel
