// Tests animations of sources that are faster than an animation can be shown.
#include "animation.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "clips.h"
#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

using test::make_clip;
using test::ScratchDir;

// The delays of all frames of a GIF, in hundredths of a second. They have 16 bits, four bytes into each
// graphic control block.
std::vector<int> delays_of(const std::filesystem::path& gif) {
  const std::string bytes = test::read_file(gif);
  const std::string mark("\x21\xF9\x04", 3);
  std::vector<int> delays;
  for (auto at = bytes.find(mark); at != std::string::npos; at = bytes.find(mark, at + 1))
    delays.push_back(static_cast<unsigned char>(bytes[at + 4]) | static_cast<unsigned char>(bytes[at + 5])
                                                                     << 8);
  return delays;
}

TEST(Gif, LastsAsLongAsItsSourceAndNoDelayIsTooShort) {
  const ScratchDir scratch;
  for (const char* rate : {"120", "60", "50", "24", "30000/1001", "12"}) {
    make_clip(scratch / "in.mkv", std::string("testsrc2=s=64x48:d=0.5:r=") + rate, {"-c:v", "ffv1"});
    const auto info = test::send_through(scratch / "in.mkv", scratch / "out.gif");
    const auto delays = delays_of(scratch / "out.gif");
    const auto frames = static_cast<double>(test::frame_times(scratch / "in.mkv").size());
    const double seconds = frames / info.frame_rate.value();
    EXPECT_THAT(delays, testing::Each(testing::Ge(2))) << rate;
    EXPECT_NEAR(std::accumulate(delays.begin(), delays.end(), 0), 100 * seconds, 1) << rate;
    EXPECT_LE(static_cast<double>(delays.size()), frames) << rate;
    if (info.frame_rate.value() <= 50) {
      EXPECT_EQ(static_cast<double>(delays.size()), frames) << rate;
    }
  }
}

TEST(Animation, OthersThanGifKeepAllFramesOfUsualRates) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:d=0.5:r=60", {"-c:v", "ffv1"});
  test::send_through(scratch / "in.mkv", scratch / "out.apng");
  EXPECT_EQ(test::frame_times(scratch / "out.apng").size(), 30U);
}

TEST(Clock, OfAContainerThatIsTooCoarseIsSaidBeforeTheFirstFrame) {
  const ScratchDir scratch;
  media::VideoInfo source;
  source.width = 64;
  source.height = 48;
  source.frame_rate = {4000, 1};
  source.time_base = {1, 4000};
  source.pixel_format = "yuv420p";
  media::WriterOptions options;
  options.path = scratch / "out.mkv";
  options.codec = "ffv1";
  EXPECT_THAT(test::message_of<JobError>([&] { media::Writer(options, source); }),
              testing::HasSubstr("counts time in steps of 0.001"));
  options.path = scratch / "out.mov";
  options.codec = "";
  EXPECT_NO_THROW(media::Writer(options, source));
}

}  // namespace
}  // namespace dreamreel
