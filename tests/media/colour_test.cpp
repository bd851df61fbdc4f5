// Colour: matrices, ranges and depths are compared with the standards' arithmetic, with zscale, and with the
// source after a round trip.
#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "clips.h"

namespace dreamreel {
namespace {

using media::ReaderOptions;
using media::VideoFrame;
using media::VideoInfo;
using media::WriterOptions;
using test::frame_by_ffmpeg;
using test::largest_difference_in_levels;
using test::make_clip;
using test::probe;
using test::read_all;
using test::ScratchDir;
using testing::ElementsAre;

VideoFrame first_frame(const std::filesystem::path& file) {
  return *media::Reader(ReaderOptions{file, "", {}, {}, {}}).next();
}

struct ColourCase {
  std::string name;
  std::string pixel_format;
  std::string matrix, range;  // ffmpeg's names of the tags
};

// testsrc2 has saturated flats, edges and gradients; -vf converts it as tagged, ffv1 keeps it exactly.
void make_tagged_clip(const std::filesystem::path& out, const ColourCase& colour,
                      const std::string& softening = "") {
  const std::string tag = colour.matrix == "170m"  ? "smpte170m"
                          : colour.matrix == "709" ? "bt709"
                                                   : "bt2020nc";
  make_clip(out, "testsrc2=s=96x64:r=25:d=0.2",
            {"-vf",
             "format=gbrp," + softening + "zscale=m=" + colour.matrix + ":r=" + colour.range +
                 ",format=" + colour.pixel_format,
             "-c:v", "ffv1", "-colorspace", tag, "-color_range", colour.range == "full" ? "pc" : "tv"});
}

class Conversion : public testing::TestWithParam<ColourCase> {};

// The frame without its borders. There, zscale mirrors subsampled planes and our code repeats their edge, and
// neither is right or wrong.
at::Tensor inside(const at::Tensor& frame) {
  constexpr int kBorder = 4;
  return frame.slice(1, kBorder, -kBorder).slice(2, kBorder, -kBorder).contiguous();
}

TEST_P(Conversion, AgreesWithZscale) {
  const ScratchDir scratch;
  make_tagged_clip(scratch / "in.mkv", GetParam());
  const auto ours = first_frame(scratch / "in.mkv").rgb;
  // Catmull-Rom on the chroma planes, as in our code.
  const auto theirs = frame_by_ffmpeg(
      scratch / "in.mkv", "zscale=r=full:f=bicubic:param_a=0:param_b=0.5:d=none,format=gbrp16le", 96, 64);
  constexpr double kRoundingOfZscale = 0.02;  // zscale works in 16-bit integers here
  EXPECT_LE(largest_difference_in_levels(inside(ours), inside(theirs)), kRoundingOfZscale);
}

TEST_P(Conversion, SurvivesWriterAndReader) {
  const ScratchDir scratch;
  const auto& colour = GetParam();
  // Subsampled chroma loses detail that is sharper than the subsampling, so the picture is blurred first.
  const bool subsampled = colour.pixel_format.find("444") == std::string::npos;
  make_tagged_clip(scratch / "in.mkv", colour, subsampled ? "gblur=sigma=12," : "");
  WriterOptions options;
  options.path = scratch / "out.mkv";
  options.codec = "ffv1";
  options.pixel_format = colour.pixel_format;
  ReaderOptions in;
  in.path = scratch / "in.mkv";
  test::send_through(in, options);
  // Code values outside R'G'B' are clamped, which may change luma by one of its 219 codes.
  const double tolerance = colour.pixel_format.ends_with('p') ? 255.0 / 219 + 0.01 : 1.0;
  const auto before = first_frame(scratch / "in.mkv").rgb;
  const auto after = first_frame(scratch / "out.mkv").rgb;
  EXPECT_LE(largest_difference_in_levels(inside(before), inside(after)), tolerance);
  const std::string tags = "-select_streams v -show_entries stream=color_space,color_range";
  EXPECT_EQ(probe(scratch / "out.mkv", tags), probe(scratch / "in.mkv", tags));
}

INSTANTIATE_TEST_SUITE_P(Formats, Conversion,
                         testing::Values(ColourCase{"Bt601Limited444", "yuv444p", "170m", "limited"},
                                         ColourCase{"Bt709Limited444", "yuv444p", "709", "limited"},
                                         ColourCase{"Bt2020Limited444At10", "yuv444p10le", "2020_ncl",
                                                    "limited"},
                                         ColourCase{"Bt601Full444", "yuv444p", "170m", "full"},
                                         ColourCase{"Bt709Full444At12", "yuv444p12le", "709", "full"},
                                         ColourCase{"Bt709Limited444At16", "yuv444p16le", "709", "limited"},
                                         ColourCase{"Bt601Limited420", "yuv420p", "170m", "limited"},
                                         ColourCase{"Bt709Limited420", "yuv420p", "709", "limited"},
                                         ColourCase{"Bt709Limited420At10", "yuv420p10le", "709", "limited"},
                                         ColourCase{"Bt601Limited422", "yuv422p", "170m", "limited"}),
                         [](const auto& case_info) { return case_info.param.name; });

struct FlatCase {
  std::string name, codec, pixel_format, extension;
  int matrix;
  bool full_range;
  double tolerance_levels;
};

class FlatColours : public testing::TestWithParam<FlatCase> {};

// Flat fields have no chroma detail to lose. So the colours of a format may differ only by the size of its
// code values.
TEST_P(FlatColours, ComeBackWithinTheFormatsStep) {
  const auto& flat = GetParam();
  const ScratchDir scratch;
  const std::vector<std::array<float, 3>> colours{
      {0, 0, 0}, {1, 1, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.5F, 0.25F, 0.75F}, {0.1F, 0.9F, 0.4F}};
  VideoInfo info;
  info.width = 32;
  info.height = 16;
  info.pixel_format = flat.pixel_format;
  info.colour.matrix = flat.matrix;
  info.colour.full_range = flat.full_range;
  WriterOptions options;
  options.path = scratch / ("out" + flat.extension);
  options.codec = flat.codec;
  options.pixel_format = flat.pixel_format;
  if (flat.codec == "libx264") options.options["crf"] = "1";
  media::Writer writer(options, info);
  std::vector<at::Tensor> written;
  for (std::size_t i = 0; i < colours.size(); ++i) {
    VideoFrame frame;
    frame.rgb = at::empty({3, info.height, info.width}, at::kFloat);
    for (std::int64_t c = 0; c < 3; ++c) frame.rgb[c].fill_(colours[i][static_cast<std::size_t>(c)]);
    frame.index = frame.pts = static_cast<std::int64_t>(i);
    frame.duration = 1;
    written.push_back(frame.rgb);
    writer.write(frame);
  }
  writer.finish();
  const auto read = read_all(ReaderOptions{options.path, "", {}, {}, {}});
  ASSERT_EQ(read.size(), colours.size());
  for (std::size_t i = 0; i < read.size(); ++i)
    EXPECT_LE(largest_difference_in_levels(read[i].rgb, written[i]), flat.tolerance_levels) << "colour " << i;
}

constexpr double kOneLevel = 1.01;  // with the rounding of floats
// Eight bits cannot reach one level for every colour: half a step of Cb alone is 0.93 levels of blue, and
// half a step of luma adds to it.
constexpr double kEightBitsFull = 1.45;

INSTANTIATE_TEST_SUITE_P(
    Formats, FlatColours,
    testing::Values(FlatCase{"Bt601At10", "libx264", "yuv420p10le", ".mp4", 6, false, kOneLevel},
                    FlatCase{"Bt709At10", "libx264", "yuv420p10le", ".mp4", 1, false, kOneLevel},
                    FlatCase{"Bt2020At10", "libx264", "yuv444p10le", ".mkv", 9, false, kOneLevel},
                    FlatCase{"Bt601Full", "ffv1", "yuv444p", ".mkv", 6, true, kEightBitsFull},
                    FlatCase{"Bt709Full420", "ffv1", "yuv420p", ".mkv", 1, true, kEightBitsFull},
                    FlatCase{"Rgb", "ffv1", "gbrp16le", ".mkv", 0, true, kOneLevel},
                    FlatCase{"ProRes", "prores_ks", "yuv422p10le", ".mov", 1, false, kOneLevel}),
    [](const auto& case_info) { return case_info.param.name; });

TEST(Depth, TenBitsInTenBitsOut) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=0.4", {"-pix_fmt", "yuv420p10le"});
  const auto info = test::send_through(scratch / "in.mp4", scratch / "out.mp4");
  EXPECT_EQ(info.bit_depth, 10);
  EXPECT_EQ(info.pixel_format, "yuv420p10le");
  EXPECT_THAT(probe(scratch / "out.mp4", "-select_streams v -show_entries stream=pix_fmt"),
              ElementsAre("yuv420p10le"));
}

TEST(Depth, LevelsFinerThanEightBitsSurvive) {
  const ScratchDir scratch;
  // 1024 columns of a 10-bit ramp.
  make_clip(scratch / "in.mkv", "color=s=1024x16:r=25:d=0.04,format=gray10le,geq=lum=X",
            {"-vf", "format=gray10le,format=yuv444p10le", "-c:v", "ffv1", "-color_range", "pc"});
  const auto ramp = first_frame(scratch / "in.mkv").rgb;
  const float* row = ramp.data_ptr<float>();
  int rises = 0;
  for (int x = 1; x < 1024; ++x) rises += row[x] > row[x - 1] ? 1 : 0;
  EXPECT_GT(rises, 800);  // limited range has at most 877 of 1023; 8 bits would have 220
}

TEST(Dither, OfADeeperSourceKeepsTheMeanAndExactValuesAndNeverFlickers) {
  const ScratchDir scratch;
  VideoInfo info;
  info.width = info.height = 64;
  info.bit_depth = 10;
  WriterOptions options;
  options.path = scratch / "out.mkv";
  options.codec = "png";
  options.pixel_format = "rgb24";
  media::Writer writer(options, info);
  for (int i = 0; i < 3; ++i) {
    VideoFrame frame;
    // Between two levels, and exactly on one.
    frame.rgb = at::full({3, 64, 64}, (i < 2 ? 100.3 : 100.0) / 255.0, at::kFloat);
    frame.pts = i;
    frame.duration = 1;
    writer.write(frame);
  }
  writer.finish();
  const auto frames = read_all(ReaderOptions{options.path, "", {}, {}, {}});
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_NEAR(frames[0].rgb.mean().item<double>() * 255, 100.3, 1.0 / 64);  // the pattern has 64 thresholds
  EXPECT_GT((frames[0].rgb.max() - frames[0].rgb.min()).item<double>(), 0.5 / 255);
  EXPECT_TRUE(frames[0].rgb.equal(frames[1].rgb));
  EXPECT_NEAR(frames[2].rgb.max().item<double>() * 255, 100, 1e-4);
  EXPECT_NEAR(frames[2].rgb.min().item<double>() * 255, 100, 1e-4);
}

TEST(Tags, UnspecifiedMatrixIsGuessedAsPlayersDo) {
  const ScratchDir scratch;
  for (const auto& [size, height] : {std::pair{"64x480", 480}, std::pair{"64x720", 720}}) {
    const auto file = scratch / (std::to_string(height) + ".mkv");
    make_clip(file, "color=c=red:s=" + std::string(size) + ":r=25:d=0.04",
              {"-pix_fmt", "yuv444p", "-c:v", "ffv1"});
    const std::string matrix = height == 480 ? "170m" : "709";
    const auto theirs =
        frame_by_ffmpeg(file, "zscale=min=" + matrix + ":rin=limited:r=full,format=gbrp16le", 64, height);
    EXPECT_LE(largest_difference_in_levels(first_frame(file).rgb, theirs), 0.02) << size;
  }
}

TEST(Tags, PrimariesAndTransferAreKept) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=0.2",
            {"-pix_fmt", "yuv420p10le", "-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc",
             "smpte2084"});
  test::send_through(scratch / "in.mp4", scratch / "out.mp4");
  const std::string tags =
      "-select_streams v -show_entries stream=color_range,color_space,color_transfer,color_primaries";
  EXPECT_EQ(probe(scratch / "out.mp4", tags), probe(scratch / "in.mp4", tags));
}

}  // namespace
}  // namespace dreamreel
