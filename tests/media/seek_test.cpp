// A jump to any frame gives the same pixels as decoding from the start, in any kind of file.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "filter_memory.h"

namespace dreamreel::media {
namespace {

namespace fs = std::filesystem;
using test::make_clip;
using test::ScratchDir;

// A picture that changes everywhere, with moving detail, so that a wrong reference frame shows.
const std::string kMoving = "testsrc2=s=96x64:r=25:d=14,noise=alls=12:allf=t:all_seed=5";

class Seek : public testing::Test {
 protected:
  Seek() { setenv("XDG_CACHE_HOME", (scratch / "cache").c_str(), 1); }
  ~Seek() override { unsetenv("XDG_CACHE_HOME"); }

  static ReaderOptions options_of(const fs::path& path) {
    ReaderOptions options;
    options.path = path;
    options.index = true;
    return options;
  }

  // The truth comes from one reading to the end, which also stores the index.
  static std::vector<VideoFrame> all_of(const ReaderOptions& options) { return test::read_all(options); }

  static void expect_same(const VideoFrame& found, const VideoFrame& whole) {
    EXPECT_EQ(found.index, whole.index);
    EXPECT_EQ(found.pts, whole.pts);
    EXPECT_EQ(found.duration, whole.duration);
    EXPECT_TRUE(at::equal(found.rgb, whole.rgb)) << "frame " << whole.index;
  }

  // Some of the ranges are reached by two jumps.
  void expect_any_range(const ReaderOptions& options, int ranges = 16) {
    const auto whole = all_of(options);
    ASSERT_GT(whole.size(), 200U);
    const auto count = static_cast<std::int64_t>(whole.size());
    std::mt19937_64 random(7);
    for (int i = 0; i < ranges; ++i) {
      Reader reader(options);
      std::int64_t at = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count - 3));
      ASSERT_EQ(reader.skip(at / 2), at / 2);
      if (i % 3 == 0) {
        expect_same(*reader.next(), whole[static_cast<std::size_t>(at / 2)]);
        at = std::max(at, at / 2 + 1);
      }
      const std::int64_t left = at - at / 2 - (i % 3 == 0 ? 1 : 0);
      ASSERT_EQ(reader.skip(left), left);
      for (int more = 0; more < 3; ++more)
        expect_same(*reader.next(), whole[static_cast<std::size_t>(at + more)]);
    }
    Reader reader(options);
    EXPECT_EQ(reader.skip(count + 10), count) << "no more than there are";
    EXPECT_FALSE(reader.next().has_value());
  }

  ScratchDir scratch;
};

struct Kind {
  std::string name, extension;
  std::vector<std::string> arguments;
  std::string source = kMoving;
};

class SeekInKind : public Seek, public testing::WithParamInterface<Kind> {};

TEST_P(SeekInKind, EveryRangeIsTheSame) {
  const fs::path clip = scratch / ("clip." + GetParam().extension);
  make_clip(clip, GetParam().source, GetParam().arguments);
  expect_any_range(options_of(clip));
}

std::vector<std::string> x264(const std::string& parameters) {
  return {"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-x264-params", parameters};
}

INSTANTIATE_TEST_SUITE_P(
    Clips, SeekInKind,
    testing::Values(
        Kind{"ClosedGroups", "mp4", x264("keyint=50:bframes=3")},
        Kind{"OpenGroups", "mkv", x264("keyint=40:bframes=8:open-gop=1:b-pyramid=normal")},
        Kind{"IntraRefresh", "mp4", x264("keyint=60:intra-refresh=1:bframes=0")},
        Kind{"OneKeyFrame", "mp4", x264("keyint=infinite:scenecut=0")},
        Kind{"TransportStream", "ts", x264("keyint=30:open-gop=1:bframes=3")},
        Kind{"RawStream", "h264", x264("keyint=30")},
        Kind{"EditList", "mp4", x264("keyint=30:bframes=3"), kMoving + ",setpts=PTS+0.52/TB"},
        Kind{"VariableRate", "mkv", x264("keyint=40"), kMoving + ",setpts='(N+0.4*mod(N,3))/25/TB'"},
        Kind{"Hevc",
             "mkv",
             {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
              "keyint=40:open-gop=1:bframes=4:log-level=error", "-pix_fmt", "yuv420p10le"}},
        Kind{"Mpeg2Program", "vob", {"-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-q:v", "4"}},
        Kind{"Mpeg4Avi", "avi", {"-c:v", "mpeg4", "-g", "60", "-bf", "2", "-q:v", "4"}},
        Kind{"Vp9", "webm", {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "50"}},
        Kind{"Lossless", "mkv", {"-c:v", "ffv1"}}),
    [](const auto& kind) { return kind.param.name; });

TEST_F(Seek, PassesOverWithoutReading) {
  const fs::path clip = scratch / "clip.mp4";
  make_clip(clip, kMoving, x264("keyint=25"));
  const auto whole = all_of(options_of(clip));
  // The middle of the file is missing, but its size and time are unchanged. Only a jump gets past the hole.
  const auto time = fs::last_write_time(clip);
  std::string bytes = test::read_file(clip);
  const auto begin = bytes.find("mdat") + bytes.size() / 4;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.size() / 4, '\xff');
  test::write_file(clip, bytes);
  fs::last_write_time(clip, time);
  Reader reader(options_of(clip));
  ASSERT_EQ(reader.skip(330), 330);
  expect_same(*reader.next(), whole[330]);
  EXPECT_FALSE(reader.report().damaged);
}

TEST_F(Seek, WhatIsNotAsItWasIsDecodedFromTheStart) {
  // Two clips with the same name, size, time and time stamps, but other pictures.
  const fs::path clip = scratch / "clip.avi";
  make_clip(clip, kMoving, {"-c:v", "rawvideo", "-pix_fmt", "bgr24"});
  const auto before = all_of(options_of(clip));
  const auto time = fs::last_write_time(clip);
  const auto size = fs::file_size(clip);
  make_clip(clip, kMoving + ",negate", {"-c:v", "rawvideo", "-pix_fmt", "bgr24"});
  ASSERT_EQ(fs::file_size(clip), size);
  fs::last_write_time(clip, time);
  std::vector<std::string> said;
  set_log_level(LogLevel::debug);
  set_log_sink([&](LogLevel, std::string_view line) { said.emplace_back(line); });
  Reader reader(options_of(clip));
  EXPECT_EQ(reader.skip(300), 300);
  const auto frame = reader.next();
  set_log_sink({});
  set_log_level(LogLevel::info);
  EXPECT_THAT(said, testing::Contains(testing::HasSubstr("a jump to frame 300 gives other pictures")));
  EXPECT_EQ(frame->index, 300);
  EXPECT_FALSE(at::equal(frame->rgb, before[300].rgb));
  ReaderOptions plain;
  plain.path = clip;
  expect_same(*frame, all_of(plain)[300]);
}

TEST_F(Seek, WithTrimsAndFilters) {
  const fs::path clip = scratch / "clip.mkv";
  make_clip(clip, kMoving, x264("keyint=30:bframes=3"));
  ReaderOptions options = options_of(clip);
  for (const std::string filter : {"scale=48:-2,hflip", "crop=w=40:h=32:x=t*2:y=0",
                                   "crop=w=40:h=32:x=n/9:y=0", "yadif", "tmix=frames=3", "fps=20"}) {
    options.filter = filter;
    SCOPED_TRACE(filter);
    expect_any_range(options, 4);
  }
  options.filter = "";
  options.trim_start = TimePoint{5, TimePoint::Unit::frames};
  options.trim_end = TimePoint{12.5, TimePoint::Unit::seconds};
  expect_any_range(options, 6);
  options.trim_start = TimePoint{2.02, TimePoint::Unit::seconds};
  options.trim_end = TimePoint{290, TimePoint::Unit::frames};
  expect_any_range(options, 6);
}

TEST_F(Seek, CanBeStopped) {
  const fs::path clip = scratch / "clip.mkv";
  make_clip(clip, kMoving, {"-c:v", "ffv1"});
  Reader reader(options_of(clip));
  std::atomic<bool> stop = false;
  reader.stop_at(&stop);
  EXPECT_EQ(reader.skip(20), 20);
  stop = true;
  EXPECT_THROW(reader.skip(200), Interrupted);
}

TEST(FilterMemory, TellsWhatForgets) {
  for (const std::string text :
       {"", "scale=64:48", "hflip,vflip", "zscale=t=linear,exposure=-1", "crop=10:10:t:0",
        "eq=brightness=0.1", "rotate=a=0.1*t", "crop=w=10:h=10:x=t:y=4"})
    EXPECT_TRUE(forgets(text)) << text;
  for (const std::string text :
       {"fps=20", "yadif", "tmix", "minterpolate", "crop=10:10:n:0", "hue=h=n*2", "hflip=enable='gt(n,5)'",
        "split[a][b];[a][b]hstack", "noise=alls=5:allf=t", "rotate=a=random(0)", "reverse", "no such filter",
        "eq=brightness='st(0,ld(0)+0.01)'", "vignette", "perspective=x0='on':eval=frame",
        "crop=10:10:x='if(isnan(x),0,x+1)'"})
    EXPECT_FALSE(forgets(text)) << text;
}

}  // namespace
}  // namespace dreamreel::media
