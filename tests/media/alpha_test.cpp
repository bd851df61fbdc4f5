// Alpha goes out as it came in, in every format that holds it. Where it is lost, a warning says so.
#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/media/warnings.h"

namespace dreamreel {
namespace {

using media::Reader;
using media::ReaderOptions;
using media::VideoFrame;
using media::WriterOptions;
using test::make_clip;
using test::read_all;
using test::ScratchDir;
using test::to;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kEightBits = 1.0 / 255, kHalfALevel = 0.5 * kEightBits;
constexpr double kExact = 1e-7;  // the same level, of 8 and of 16 bits, as floats

ReaderOptions with_alpha_from(const std::filesystem::path& path) {
  ReaderOptions options;
  options.path = path;
  options.alpha = true;
  return options;
}

// Three pictures whose alpha rises from left (0) to right and wanders, above colours that do not follow it.
std::filesystem::path ramp_in(const ScratchDir& scratch) {
  make_clip(scratch / "in_%d.png",
            "testsrc2=s=64x32:r=5:d=0.6,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='4*X+N*2'");
  return scratch / "in_%d.png";
}

// The largest difference of two films' alpha.
double difference(const std::vector<VideoFrame>& one, const std::vector<VideoFrame>& other) {
  EXPECT_EQ(one.size(), other.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
    if (!one[i].alpha.defined() || !other[i].alpha.defined()) return 1;
    largest = std::max(largest, (one[i].alpha - other[i].alpha).abs().max().item<double>());
  }
  return largest;
}

struct Way {
  const char *name, *codec;
  std::map<std::string, std::string> options;
  double error;  // the most that the format may change alpha
};

class AlphaOut : public testing::TestWithParam<Way> {};

TEST_P(AlphaOut, IsAlphaIn) {
  const ScratchDir scratch;
  const auto& way = GetParam();
  const auto in = ramp_in(scratch);
  test::send_through(with_alpha_from(in), to(scratch / way.name, way.codec, way.options));
  EXPECT_LE(difference(read_all(with_alpha_from(in)), read_all(with_alpha_from(scratch / way.name))),
            way.error);
}

TEST_P(AlphaOut, IsTheSameInPartsThatAreJoined) {
  const ScratchDir scratch;
  const auto& way = GetParam();
  const auto in = ramp_in(scratch);
  Reader reader(with_alpha_from(in));
  const auto frames = read_all(reader);
  auto output = to(scratch / way.name, way.codec, way.options);
  std::vector<std::filesystem::path> parts;
  for (const std::size_t begin : {0U, 1U}) {
    output.first_frame_number = static_cast<std::int64_t>(begin);
    parts.push_back(scratch / (std::to_string(begin) + ".seg"));
    media::PartWriter part(parts.back(), "test", output, reader.info());
    for (std::size_t i = begin; i < (begin == 0 ? 1U : frames.size()); ++i) part.write(frames[i]);
    part.finish();
  }
  media::join_parts(parts, output, reader.info());
  EXPECT_LE(difference(frames, read_all(with_alpha_from(scratch / way.name))), way.error);
}

// ProRes has 10 bits of alpha here, VP8 and VP9 encode it as lossily as colours.
INSTANTIATE_TEST_SUITE_P(Formats, AlphaOut,
                         testing::Values(Way{"o_%d.png", "", {}, kExact}, Way{"o_%d.tif", "", {}, kExact},
                                         Way{"o_%d.exr", "", {}, kHalfALevel / 2},
                                         Way{"o_%d.webp", "", {}, kExact}, Way{"o.mkv", "ffv1", {}, kExact},
                                         Way{"o.mov", "qtrle", {}, kExact},
                                         Way{"o.mov", "prores_ks", {}, kHalfALevel / 2},
                                         Way{"o.webm", "libvpx-vp9", {{"crf", "4"}}, 10 * kEightBits},
                                         Way{"o.webm", "libvpx", {{"crf", "4"}}, 10 * kEightBits},
                                         Way{"o.apng", "", {}, kExact}),
                         [](const auto& case_info) { return "Way" + std::to_string(case_info.index); });

TEST(Alpha, OfAGifHasTwoSteps) {
  const ScratchDir scratch;
  const auto in = ramp_in(scratch);
  test::send_through(with_alpha_from(in), to(scratch / "o.gif"));
  const auto before = read_all(with_alpha_from(in)), after = read_all(with_alpha_from(scratch / "o.gif"));
  ASSERT_EQ(after.size(), 3U);
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_TRUE(at::equal(after[i].alpha.gt(0.5), before[i].alpha.ge(128.0 / 255))) << i;
}

TEST(Alpha, LeavesTheColoursBeneath) {
  const ScratchDir scratch;
  const auto in = ramp_in(scratch);
  test::send_through(with_alpha_from(in), to(scratch / "o_%d.png"));
  const auto before = read_all(with_alpha_from(in)), after = read_all(with_alpha_from(scratch / "o_%d.png"));
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_LE((after[i].rgb - before[i].rgb).abs().max().item<double>(), kExact) << i;
}

TEST(Alpha, IsNotWrittenForAnOpaquePalette) {
  const ScratchDir scratch;
  make_clip(scratch / "opaque.gif", "testsrc2=s=64x32:r=5:d=0.4");
  EXPECT_TRUE(Reader(with_alpha_from(scratch / "opaque.gif")).info().has_alpha);
  test::send_through(with_alpha_from(scratch / "opaque.gif"), to(scratch / "o_%d.png"));
  EXPECT_THAT(test::probe(scratch / "o_%d.png", "-select_streams v -show_entries stream=pix_fmt"),
              ElementsAre("rgb48be"));
}

TEST(Alpha, PixelFormatsMayComeInPairs) {
  const ScratchDir scratch;
  make_clip(scratch / "opaque.mkv", "testsrc2=s=64x32:r=5:d=0.4", {"-c:v", "ffv1"});
  auto output = to(scratch / "o.mkv", "ffv1");
  output.pixel_format = "gbrp16le/gbrap16le";
  const auto written = [&](const std::filesystem::path& in) {
    test::send_through(with_alpha_from(in), output);
    return test::probe(scratch / "o.mkv", "-select_streams v -show_entries stream=pix_fmt").at(0);
  };
  EXPECT_EQ(written(ramp_in(scratch)), "gbrap16le");
  EXPECT_EQ(written(scratch / "opaque.mkv"), "gbrp16le");
  output.pixel_format = "gbrap16le/gbrp16le";
  EXPECT_THAT(test::message_of<JobError>([&] { written(scratch / "opaque.mkv"); }),
              HasSubstr("the second of two pixel formats is for a source with alpha"));
}

std::vector<std::string> said_of(const std::filesystem::path& in, const WriterOptions& output) {
  return media::output_warnings(with_alpha_from(in), Reader(with_alpha_from(in)).info(), output);
}

TEST(LostAlpha, IsSaidWithWhatKeepsIt) {
  const ScratchDir scratch;
  const auto in = ramp_in(scratch);
  EXPECT_THAT(said_of(in, to("o.mp4")),
              ElementsAre(AllOf(HasSubstr("its alpha is lost, because libx264"), HasSubstr("prores_4444"))));
  EXPECT_THAT(said_of(in, to("o.gif")), ElementsAre(HasSubstr("kept in two steps")));
  EXPECT_THAT(said_of(in, to("o.mov", "prores_ks", {{"profile", "hq"}})),
              ElementsAre(HasSubstr("its alpha is lost")));
  auto named = to("o_%d.png");
  named.pixel_format = "rgb24";
  EXPECT_THAT(said_of(in, named), ElementsAre(HasSubstr("name a pixel format with alpha, such as rgba64be")));
  for (const char* const kept : {"o_%d.png", "o_%d.exr", "o.webm"})
    EXPECT_THAT(said_of(in, to(kept)), IsEmpty()) << kept;
}

TEST(LostAlpha, OfAnOpaquePictureIsNoLoss) {
  const ScratchDir scratch;
  make_clip(scratch / "opaque.png", "testsrc2=s=64x32,format=rgba", {"-frames:v", "1"});
  EXPECT_THAT(said_of(scratch / "opaque.png", to("o.jpg")), IsEmpty());
}

}  // namespace
}  // namespace dreamreel
