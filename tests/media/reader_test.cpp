// Tests geometry, trims, filters, stills and patterns.
#include "dreamreel/media/reader.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>

#include "clips.h"
#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

using media::Reader;
using media::ReaderOptions;
using test::from;
using test::make_clip;
using test::message_of;
using test::read_all;
using test::ScratchDir;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto kSeconds = TimePoint::Unit::seconds;
constexpr auto kFrames = TimePoint::Unit::frames;

float channel_mean(const at::Tensor& rgb, int channel, int y0, int y1, int x0, int x1) {
  return rgb[channel].slice(0, y0, y1).slice(1, x0, x1).mean().item<float>();
}

// A picture that is red above blue when it is upright, 40x60.
void make_phone_clip(const std::filesystem::path& out, const std::string& stored,
                     const std::string& rotation) {
  const auto plain = out.parent_path() / "plain.mp4";
  make_clip(plain, "color=red:s=40x30:r=25:d=0.4,pad=40:60:0:0:blue," + stored, {"-crf", "4"});
  test::ffmpeg({"-i", plain.string(), "-c", "copy", "-metadata:s:v:0", "rotate=" + rotation, out.string()});
}

TEST(Thumbnails, AreTheFramesReducedInProportionAndTime) {
  const ScratchDir scratch;
  const auto file = scratch / "clip.mp4";
  make_clip(file, "testsrc2=s=320x180:r=25:d=0.2,gblur=sigma=6", {"-crf", "4"});
  ReaderOptions options = from(file);
  const auto whole = read_all(options);
  options.longest_side = 64;
  for (const char* filter : {"", "null"}) {  // the chain is opened early or late
    options.filter = filter;
    const auto small = read_all(options);
    ASSERT_EQ(small.size(), whole.size());
    for (std::size_t i = 0; i < small.size(); ++i) {
      EXPECT_EQ(small[i].rgb.sizes(), (at::IntArrayRef{3, 36, 64}));
      EXPECT_EQ(small[i].pts, whole[i].pts);
      const at::Tensor reduced = at::avg_pool2d(whole[i].rgb, {5, 5});
      EXPECT_LT((small[i].rgb - reduced).abs().mean().item<float>(), 0.02);
    }
  }
  options.longest_side = 1000;
  EXPECT_EQ(read_all(options).front().rgb.sizes(), whole.front().rgb.sizes());
}

TEST(Orientation, PhoneClipsComeUpright) {
  const ScratchDir scratch;
  struct Case {
    const char *stored, *rotation;
  };
  // "rotate" is libav's angle of the display matrix, anticlockwise. The stored picture is turned clockwise by
  // the same angle.
  for (const auto& [stored, rotation] :
       {Case{"transpose=clock", "90"}, Case{"hflip,vflip", "180"}, Case{"transpose=cclock", "270"}}) {
    const auto file = scratch / (std::string(rotation) + ".mp4");
    make_phone_clip(file, stored, rotation);
    Reader reader(from(file));
    EXPECT_EQ(reader.info().width, 40) << rotation;
    EXPECT_EQ(reader.info().height, 60) << rotation;
    const auto frame = reader.next();
    ASSERT_TRUE(frame);
    EXPECT_GT(channel_mean(frame->rgb, 0, 2, 28, 2, 38), 0.9F) << rotation;
    EXPECT_GT(channel_mean(frame->rgb, 2, 32, 58, 2, 38), 0.9F) << rotation;
  }
}

TEST(Orientation, TheUsersFilterSeesTheUprightPicture) {
  const ScratchDir scratch;
  make_phone_clip(scratch / "in.mp4", "transpose=clock", "90");
  auto options = from(scratch / "in.mp4");
  options.filter = "crop=40:30:0:0";
  Reader reader(options);
  EXPECT_EQ(reader.info().height, 30);
  EXPECT_GT(channel_mean(reader.next()->rgb, 0, 2, 28, 2, 38), 0.9F);
}

TEST(Orientation, TheOutputIsUprightWithoutARotation) {
  const ScratchDir scratch;
  make_phone_clip(scratch / "in.mp4", "transpose=clock", "90");
  test::send_through(scratch / "in.mp4", scratch / "out.mp4");
  EXPECT_THAT(test::probe(scratch / "out.mp4", "-select_streams v -show_entries stream=width,height"),
              testing::ElementsAre("40,60"));
  EXPECT_THAT(test::probe(scratch / "out.mp4", "-select_streams v -show_entries stream_side_data=rotation"),
              testing::IsEmpty());
}

TEST(Aspect, PixelsBecomeSquare) {
  const ScratchDir scratch;
  make_clip(scratch / "wide.mkv", "testsrc2=s=72x58:r=25:d=0.2,setsar=16/11", {"-c:v", "ffv1"});
  make_clip(scratch / "tall.mkv", "testsrc2=s=96x48:r=25:d=0.2,setsar=3/4", {"-c:v", "ffv1"});
  Reader wide(from(scratch / "wide.mkv"));
  EXPECT_EQ(wide.info().width, 105);  // 72 * 16/11 = 104.7
  EXPECT_EQ(wide.info().height, 58);
  EXPECT_EQ(wide.next()->rgb.size(2), 105);
  Reader tall(from(scratch / "tall.mkv"));
  EXPECT_EQ(tall.info().width, 96);
  EXPECT_EQ(tall.info().height, 64);
  EXPECT_EQ(tall.next()->rgb.size(1), 64);
}

// scale=W:-2 rounds the other side to an even number, and states the rest as the aspect of the pixels.
TEST(Aspect, OfARoundedSideIsSquare) {
  const ScratchDir scratch;
  for (const auto& [source, filter, width, height] : {std::tuple{"498x356", "scale=480:-2", 480, 344},
                                                      {"752x600", "scale=480:-2", 480, 382},
                                                      {"532x360", "scale=-2:300", 444, 300},
                                                      {"300x534", "scale=60:-2", 60, 106}}) {
    const auto file = scratch / (std::string(source) + ".mkv");
    make_clip(file, std::string("testsrc2=s=") + source + ":r=25:d=0.04", {"-c:v", "ffv1"});
    auto options = from(file);
    options.filter = filter;
    const Reader reader(options);
    EXPECT_EQ(reader.info().width, width) << source;
    EXPECT_EQ(reader.info().height, height) << source;
  }
}

TEST(Trim, IsHalfOpenInSecondsAndFrames) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=2", {"-bf", "3"});
  const auto all = read_all(from(scratch / "in.mp4"));
  ASSERT_EQ(all.size(), 50U);
  struct Case {
    TimePoint start, end;
    std::size_t first, last;
  };
  for (const auto& [start, end, first, last] :
       {Case{{0.4, kSeconds}, {1.2, kSeconds}, 10, 29}, Case{{10, kFrames}, {30, kFrames}, 10, 29},
        Case{{0.41, kSeconds}, {1.19, kSeconds}, 11, 29}, Case{{10, kFrames}, {1.2, kSeconds}, 10, 29},
        Case{{49, kFrames}, {90, kFrames}, 49, 49}}) {
    auto options = from(scratch / "in.mp4");
    options.trim_start = start;
    options.trim_end = end;
    Reader reader(options);
    const auto frames = read_all(reader);
    ASSERT_EQ(frames.size(), last - first + 1) << to_string(start);
    EXPECT_EQ(reader.info().frame_count, static_cast<std::int64_t>(frames.size()));
    EXPECT_TRUE(reader.info().frame_count_is_exact);
    EXPECT_NEAR(reader.info().start_seconds, 0.04 * static_cast<double>(first), 1e-6);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(frames[i].pts, all[first + i].pts - all[first].pts);
      EXPECT_TRUE(frames[i].rgb.equal(all[first + i].rgb)) << i;
    }
    EXPECT_FALSE(reader.report().damaged) << reader.report().message;
  }
}

TEST(Trim, FarInSeeksAndIsStillExact) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=20",
            {"-g", "70", "-bf", "2", "-preset", "veryfast"});
  const auto all = read_all(from(scratch / "in.mkv"));
  auto options = from(scratch / "in.mkv");
  options.trim_start = TimePoint{15, kSeconds};
  options.trim_end = TimePoint{15.4, kSeconds};
  const auto frames = read_all(options);
  ASSERT_EQ(frames.size(), 10U);
  for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_TRUE(frames[i].rgb.equal(all[375 + i].rgb)) << i;
}

TEST(Trim, ThatSelectsNothingIsAJobError) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=1");
  auto beyond = from(scratch / "in.mp4");
  beyond.trim_start = TimePoint{5, kSeconds};
  EXPECT_THAT(message_of<JobError>([&] { Reader{beyond}; }),
              AllOf(HasSubstr("[5s, end)"), HasSubstr("25 frames")));
  auto backwards = from(scratch / "in.mp4");
  backwards.trim_start = TimePoint{20, kFrames};
  backwards.trim_end = TimePoint{20, kFrames};
  EXPECT_THAT(message_of<JobError>([&] { Reader{backwards}; }), HasSubstr("[20f, 20f) selects nothing"));
}

TEST(Filter, ChangesSizeRateAndTimes) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=2");
  auto options = from(scratch / "in.mp4");
  options.filter = "scale=32:-2,fps=5";
  Reader reader(options);
  EXPECT_EQ(reader.info().width, 32);
  EXPECT_EQ(reader.info().height, 24);
  EXPECT_EQ(reader.info().frame_rate, (Rational{5, 1}));
  EXPECT_EQ(reader.info().time_base, (Rational{1, 5}));
  const auto frames = read_all(reader);
  ASSERT_EQ(frames.size(), 10U);
  EXPECT_EQ(frames[9].pts, 9);
  EXPECT_NEAR(frames[9].seconds, 1.8, 1e-9);
  EXPECT_EQ(frames[9].duration, 1);
}

TEST(Filter, MayBeAGraphWithLabels) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=0.4");
  auto options = from(scratch / "in.mp4");
  options.filter = "[in]split[a][b];[a]hflip[c];[b][c]hstack[out]";
  Reader reader(options);
  EXPECT_EQ(reader.info().width, 128);
  const auto rgb = reader.next()->rgb;
  // The right half is the left half mirrored, except for chroma, which neighbouring pixels share.
  EXPECT_LT((rgb.slice(2, 0, 64) - rgb.slice(2, 64, 128).flip(2)).abs().mean().item<float>(), 0.05F);
  EXPECT_GT((rgb.slice(2, 0, 64) - rgb.slice(2, 64, 128)).abs().mean().item<float>(), 0.1F);
  EXPECT_EQ(1 + read_all(reader).size(), 10U);
}

TEST(Filter, ThatLibavRefusesIsAJobErrorWithTheReason) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=0.4");
  const auto refused = [&](const std::string& filter) {
    auto options = from(scratch / "in.mp4");
    options.filter = filter;
    return message_of<JobError>([&] { Reader{options}; });
  };
  EXPECT_THAT(refused("yadiff"),
              AllOf(HasSubstr("yadiff"), HasSubstr("No such filter"), HasSubstr("'yadif'")));
  EXPECT_THAT(refused("scale=w=wrong"), HasSubstr("scale=w=wrong"));
  EXPECT_THAT(refused("split"), HasSubstr("split"));
  EXPECT_THAT(refused("select=0"), HasSubstr("lets no frame through"));
}

TEST(Still, IsOneFrameWithoutATimeLine) {
  const ScratchDir scratch;
  for (const std::string name : {"a.png", "b.jpg", "c.tif", "100%d.png"}) {
    make_clip(scratch / "x.png", "testsrc=s=61x43", {"-frames:v", "1"});
    if (name == "100%d.png") {
      std::filesystem::rename(scratch / "x.png", scratch / name);
    } else {
      test::ffmpeg({"-i", (scratch / "x.png").string(), (scratch / name).string()});
    }
    Reader reader(from(scratch / name));
    EXPECT_TRUE(reader.info().is_still) << name;
    EXPECT_EQ(reader.info().frame_count, 1);
    EXPECT_EQ(reader.info().width, 61);
    const auto frames = read_all(reader);
    ASSERT_EQ(frames.size(), 1U) << name;
    EXPECT_EQ(frames[0].pts, 0);
    EXPECT_FALSE(reader.report().damaged);
  }
}

TEST(Still, SixteenBitsAndAlpha) {
  const ScratchDir scratch;
  make_clip(scratch / "a.png", "color=c=0x3377bb@0.5:s=8x8,format=rgba64be", {"-frames:v", "1"});
  Reader reader(from(scratch / "a.png"));
  EXPECT_EQ(reader.info().bit_depth, 16);
  const auto frame = *reader.next();
  EXPECT_EQ(frame.rgb.size(0), 3);
  EXPECT_NEAR(frame.rgb[2][4][4].item<float>(), 0xbb / 255.0, 1.5 / 255);
}

// A picture whose alpha rises from left (0) to right, and whose colours stay the same.
at::Tensor ramp_read_from(const std::filesystem::path& file, const std::vector<std::string>& encoder) {
  make_clip(file,
            "color=c=0x3377bb:s=64x32:r=5:d=0.6,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='4*X'",
            encoder);
  auto options = from(file);
  options.alpha = true;
  Reader reader(options);
  const auto frame = *reader.next();
  EXPECT_TRUE(reader.info().has_alpha) << file;
  EXPECT_EQ(frame.alpha.sizes(), (std::vector<std::int64_t>{1, 32, 64})) << file;
  EXPECT_NEAR(frame.rgb[2][16][60].item<float>(), 0xbb / 255.0, 8 / 255.0) << file;
  return frame.alpha[0][16] * 255;
}

TEST(Alpha, IsReadWhereItIsAskedFor) {
  const ScratchDir scratch;
  const at::Tensor ramp = at::arange(64) * 4;
  const auto error = [&](const std::string& name, const std::vector<std::string>& encoder) {
    return (ramp_read_from(scratch / name, encoder) - ramp).abs().max().item<float>();
  };
  EXPECT_LE(error("a.png", {"-frames:v", "1"}), 0.01F);
  EXPECT_LE(error("a.webp", {"-frames:v", "1", "-lossless", "1"}), 0.01F);
  EXPECT_LE(error("a.mkv", {"-c:v", "ffv1", "-pix_fmt", "yuva420p"}), 0.01F);
  EXPECT_LE(error("a.mov", {"-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"}), 1.01F);
  // The codec is lossy, so some blocks are a few levels off.
  EXPECT_LE(error("vp9.webm", {"-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-crf", "4", "-b:v", "0"}), 8);
  EXPECT_LE(error("vp8.webm", {"-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-crf", "4",
                               "-b:v", "4M"}),
            8);
}

TEST(Alpha, IsNotThereWhereItIsNotAskedForOrTheSourceHasNone) {
  const ScratchDir scratch;
  make_clip(scratch / "with.png", "color=red@0.5:s=8x8,format=rgba", {"-frames:v", "1"});
  Reader unasked(from(scratch / "with.png"));
  EXPECT_FALSE(unasked.info().has_alpha);
  EXPECT_FALSE(unasked.next()->alpha.defined());
  make_clip(scratch / "without.mp4", "testsrc2=s=64x48:r=5:d=0.4");
  auto options = from(scratch / "without.mp4");
  options.alpha = true;
  Reader without(options);
  EXPECT_FALSE(without.info().has_alpha);
  EXPECT_FALSE(without.next()->alpha.defined());
  options.path = scratch / "with.png";
  options.filter = "format=rgb24";  // the chain drops the alpha
  EXPECT_FALSE(Reader(options).info().has_alpha);
}

TEST(Still, ExifOrientationIsHonoured) {
  const ScratchDir scratch;
  make_clip(scratch / "plain.jpg", "color=red:s=40x30,pad=40:60:0:0:blue,transpose=cclock",
            {"-frames:v", "1", "-q:v", "2"});
  // An APP1 segment with one Exif entry: orientation 6, to be turned clockwise.
  const std::string exif(
      "\xFF\xE1\x00\x22"
      "Exif\0\0"
      "MM\0\x2A\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
      "\0\0\0\0",
      36);
  std::string bytes = test::read_file(scratch / "plain.jpg");
  bytes.insert(2, exif);
  test::write_file(scratch / "photo.jpg", bytes);
  Reader reader(from(scratch / "photo.jpg"));
  EXPECT_EQ(reader.info().width, 40);
  EXPECT_EQ(reader.info().height, 60);
  EXPECT_GT(channel_mean(reader.next()->rgb, 0, 4, 26, 4, 36), 0.9F);
}

TEST(Pattern, ReadsFromItsFirstNumberAtItsRate) {
  const ScratchDir scratch;
  make_clip(scratch / "f_%04d.png", "testsrc2=s=32x24:r=25:d=0.4", {"-start_number", "1017"});
  auto options = from(scratch / "f_%04d.png");
  options.frame_rate = Rational{24000, 1001};
  Reader reader(options);
  EXPECT_FALSE(reader.info().is_still);
  EXPECT_EQ(reader.info().frame_count, 10);
  EXPECT_TRUE(reader.info().frame_count_is_exact);
  EXPECT_EQ(reader.info().frame_rate, (Rational{24000, 1001}));
  const auto frames = read_all(reader);
  ASSERT_EQ(frames.size(), 10U);
  EXPECT_NEAR(frames[9].seconds, 9 * 1001.0 / 24000, 1e-9);
}

TEST(Pattern, AMissingPictureIsNamed) {
  const ScratchDir scratch;
  make_clip(scratch / "f_%04d.png", "testsrc2=s=32x24:r=25:d=0.4");
  std::filesystem::remove(scratch / "f_0005.png");
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "f_%04d.png")}; }),
              HasSubstr("f_0005.png is missing"));
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "g_%04d.png")}; }),
              HasSubstr("no file matches"));
}

TEST(Reader, TakesPicturesFromFoldersWithPercentSigns) {
  const ScratchDir scratch;
  make_clip(scratch / "red.png", "color=red:s=16x16:d=0.04");
  for (const std::string folder : {"My%20Clip", "100% real", "a%db", "%04d"}) {
    std::filesystem::create_directory(scratch / folder);
    for (const std::string name : {"f_0001.png", "f_0002.png", "f_0003.png"})
      std::filesystem::copy_file(scratch / "red.png", scratch / folder / name);
    Reader reader(from(scratch / (folder + "/f_%04d.png")));
    EXPECT_EQ(read_all(reader).size(), 3U) << folder;
  }
}

TEST(Reader, NamesNumbersThatFfmpegCannotRead) {
  const ScratchDir scratch;
  for (const std::string number : {"2999999999", "3000000000"})
    test::write_file(scratch / ("f_" + number + ".png"), "");
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "f_%d.png")}; }),
              AllOf(HasSubstr("f_3000000000.png has a number above 2147483647"), HasSubstr("rename")));
}

TEST(Reader, ReadsRegularFilesOnly) {
  const ScratchDir scratch;
  ASSERT_EQ(mkfifo((scratch / "pipe.mp4").c_str(), 0600), 0);
  ASSERT_EQ(mkfifo((scratch / "f_1.png").c_str(), 0600), 0);
  for (const auto& path : {scratch / "pipe.mp4", std::filesystem::path("/dev/zero"), scratch / "f_%d.png"})
    EXPECT_THROW(Reader{from(path)}, InputError) << path;
}

TEST(Sizes, OddOnesAndOnePixelAreRead) {
  const ScratchDir scratch;
  for (const std::string size : {"1x1", "3x5", "101x57", "2x1"}) {
    make_clip(scratch / (size + ".mkv"), "testsrc=s=" + size + ":r=25:d=0.12",
              {"-c:v", "ffv1", "-pix_fmt", "yuv420p"});
    const auto frames = read_all(from(scratch / (size + ".mkv")));
    ASSERT_EQ(frames.size(), 3U) << size;
    EXPECT_EQ(std::to_string(frames[0].rgb.size(2)) + "x" + std::to_string(frames[0].rgb.size(1)), size);
    EXPECT_GE(frames[0].rgb.min().item<float>(), 0);
    EXPECT_LE(frames[0].rgb.max().item<float>(), 1);
  }
}

TEST(Sizes, AChangeInMidStreamIsScaledToTheFirst) {
  const ScratchDir scratch;
  make_clip(scratch / "p%d.png", "testsrc2=s=64x48:r=25:d=0.08");
  make_clip(scratch / "p%d.png", "testsrc2=s=96x80:r=25:d=0.08", {"-start_number", "3"});
  const auto frames = read_all(from(scratch / "p%d.png"));
  EXPECT_EQ(frames.size(), 4U);
  for (const auto& frame : frames) EXPECT_EQ(frame.rgb.size(2), 64);
}

TEST(Palette, IsConverted) {
  const ScratchDir scratch;
  make_clip(scratch / "in.gif", "testsrc2=s=64x48:r=10:d=0.5");
  const auto frames = read_all(from(scratch / "in.gif"));
  EXPECT_EQ(frames.size(), 5U);
  EXPECT_GT(frames[0].rgb.max().item<float>(), 0.9F);
}

// A filter may drop frames for hours.
TEST(Reader, LooksAtAStopWhileItLooksForAFrame) {
  const ScratchDir scratch;
  make_clip(scratch / "clip.mkv", "testsrc2=s=16x16:r=25:d=2", {"-c:v", "ffv1"});
  for (const char* const filter : {"select='eq(n,0)'", ""}) {
    ReaderOptions options;
    options.path = scratch / "clip.mkv";
    options.filter = filter;
    Reader reader(options);
    std::atomic<bool> stop{false};
    reader.stop_at(&stop);
    EXPECT_TRUE(reader.next());
    stop = true;
    EXPECT_THAT(message_of<Interrupted>([&] { reader.next(); }), HasSubstr("clip.mkv")) << filter;
    EXPECT_THROW(reader.skip(), Interrupted) << filter;
    stop = false;
  }
}

}  // namespace
}  // namespace dreamreel
