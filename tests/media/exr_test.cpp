// EXR holds linear light: its numbers follow the formulas of the standards, and come back as they went in.
#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "clips.h"
#include "exr_header.h"
#include "linear_light.h"
#include "pictures_of.h"

namespace dreamreel {
namespace {

using media::light_of;
using media::ReaderOptions;
using media::VideoFrame;
using media::VideoInfo;
using media::Writer;
using media::WriterOptions;
using test::ScratchDir;
using test::to;

constexpr float kHalf = 1.0F / 2048;  // largest relative error of a number that is rounded to 16-bit floats

// Python: ((0.5 + 0.055) / 1.055) ** 2.4, ((0.5 + 0.099) / 1.099) ** (1 / 0.45), and so on.
TEST(Light, FollowsTheStandards) {
  EXPECT_NEAR(light_of(0.5F, AVCOL_TRC_IEC61966_2_1), 0.2140411, 1e-6);
  EXPECT_NEAR(light_of(0.04F, AVCOL_TRC_IEC61966_2_1), 0.04 / 12.92, 1e-7);
  EXPECT_NEAR(light_of(0.5F, AVCOL_TRC_BT709), 0.259589, 1e-5);
  EXPECT_NEAR(light_of(0.08F, AVCOL_TRC_BT2020_10), 0.08 / 4.5, 1e-7);
  EXPECT_NEAR(light_of(0.5F, AVCOL_TRC_GAMMA28), std::pow(0.5, 2.8), 1e-6);
  EXPECT_FLOAT_EQ(light_of(0.3F, AVCOL_TRC_LINEAR), 0.3F);
  EXPECT_NEAR(light_of(0.508078F, AVCOL_TRC_SMPTE2084), 100.0 / 203, 1e-4);
  EXPECT_NEAR(light_of(0.580689F, AVCOL_TRC_SMPTE2084), 1, 1e-3);
  EXPECT_NEAR(light_of(0.75F, AVCOL_TRC_ARIB_STD_B67), 1, 1e-6);
  for (const int transfer :
       {AVCOL_TRC_BT709, AVCOL_TRC_SMPTE240M, AVCOL_TRC_IEC61966_2_1, AVCOL_TRC_BT2020_12}) {
    EXPECT_NEAR(light_of(1, transfer), 1, 1e-6) << transfer;
    EXPECT_EQ(light_of(0, transfer), 0) << transfer;
    for (float value = 0; value < 1; value += 1.0F / 512) {
      const float rise = light_of(value + 1.0F / 512, transfer) - light_of(value, transfer);
      EXPECT_TRUE(rise > 0 && rise < 0.005F) << transfer << " jumps at " << value << " by " << rise;
    }
  }
}

VideoInfo still(int width, int height, int transfer = AVCOL_TRC_UNSPECIFIED) {
  VideoInfo info;
  info.width = width;
  info.height = height;
  info.pixel_format = "rgb24";
  info.is_still = true;
  info.colour.transfer = transfer;
  return info;
}

void write(const WriterOptions& options, const VideoInfo& info, const at::Tensor& rgb,
           const at::Tensor& alpha = {}) {
  Writer writer(options, info);
  VideoFrame frame;
  frame.rgb = rgb;
  frame.alpha = alpha;
  frame.duration = 1;
  writer.write(frame);
  writer.finish();
}

// The file's own numbers, as ffmpeg reads them: (3,H,W) or (4,H,W), red, green, blue, alpha. Converting
// them to another format of floats would round them to 16 bits.
at::Tensor numbers_in(const std::filesystem::path& file, int width, int height, bool has_alpha = false) {
  const ScratchDir scratch;
  test::ffmpeg({"-i", file.string(), "-f", "rawvideo", "-pix_fmt", has_alpha ? "gbrapf32le" : "gbrpf32le",
                (scratch / "raw").string()});
  const std::string bytes = test::read_file(scratch / "raw");
  at::Tensor planes = at::empty({has_alpha ? 4 : 3, height, width}, at::kFloat);
  EXPECT_EQ(bytes.size(), planes.numel() * sizeof(float));
  std::memcpy(planes.data_ptr<float>(), bytes.data(), bytes.size());
  std::vector<at::Tensor> ordered{planes[2], planes[0], planes[1]};
  if (has_alpha) ordered.push_back(planes[3]);
  return at::stack(ordered);
}

at::Tensor levels() {
  return (at::arange(3 * 32 * 64, at::kFloat).remainder(256) / 255).reshape({3, 32, 64});
}

at::Tensor light_in(const at::Tensor& rgb) {
  return at::where(rgb.le(0.04045), rgb / 12.92, ((rgb + 0.055) / 1.055).pow(2.4));
}

TEST(Exr, HoldsHalvesOfLinearLight) {
  const ScratchDir scratch;
  write(to(scratch / "o.exr"), still(64, 32), levels());
  const at::Tensor found = numbers_in(scratch / "o.exr", 64, 32), wanted = light_in(levels());
  EXPECT_LE(((found - wanted).abs() / wanted.clamp_min(1e-4)).max().item<float>(), 1.01F * kHalf);
  EXPECT_TRUE(at::equal(found, found.to(at::kHalf).to(at::kFloat)));
}

TEST(Exr, IsMultipliedByAlphaAndReadDividedByIt) {
  const ScratchDir scratch;
  const at::Tensor alpha = (at::arange(64, at::kFloat) / 63).expand({1, 32, 64}).contiguous();
  auto info = still(64, 32);
  info.has_alpha = info.shows_alpha = true;
  write(to(scratch / "o.exr"), info, levels(), alpha);
  const at::Tensor found = numbers_in(scratch / "o.exr", 64, 32, true);
  EXPECT_LE((found[3] - alpha[0]).abs().max().item<float>(), kHalf);
  EXPECT_LE((found.slice(0, 0, 3) - light_in(levels()) * alpha).abs().max().item<float>(), kHalf);
  ReaderOptions in;
  in.path = scratch / "o.exr";
  in.alpha = true;
  const auto frame = test::read_all(in).at(0);
  const at::Tensor seen = (frame.rgb - levels()).abs().slice(2, 8);  // behind almost transparent columns
  EXPECT_LE(seen.max().item<float>(), 1.0F / 255);
}

TEST(Exr, ComesBackAsItWentOut) {
  const ScratchDir scratch;
  write(to(scratch / "o.exr"), still(64, 32), levels());
  ReaderOptions in;
  in.path = scratch / "o.exr";
  const auto frame = test::read_all(in).at(0);
  EXPECT_LE(test::largest_difference_in_levels(frame.rgb, levels()), 0.2);
  test::send_through(in.path, scratch / "again.exr");
  EXPECT_LE((numbers_in(scratch / "again.exr", 64, 32) - numbers_in(scratch / "o.exr", 64, 32))
                .abs()
                .max()
                .item<float>(),
            0.0012F);
}

TEST(Exr, TakesTheTransferFunctionOfItsSource) {
  const ScratchDir scratch;
  const at::Tensor grey = at::full({3, 16, 16}, 0.5F);
  const auto light = [&](const VideoInfo& info) {
    write(to(scratch / "o.exr"), info, grey);
    return numbers_in(scratch / "o.exr", 16, 16)[0][8][8].item<float>();
  };
  EXPECT_NEAR(light(still(16, 16)), 0.21404F, 1e-4);
  EXPECT_NEAR(light(still(16, 16, AVCOL_TRC_BT709)), 0.25959F, 2e-4);
  auto video = still(16, 16);
  video.is_still = false;
  video.frame_count = 1;
  video.pixel_format = "yuv420p";
  EXPECT_NEAR(light(video), 0.25959F, 2e-4) << "video without a tag is taken for BT.709";
}

TEST(Exr, NamesItsPrimariesAndHoldsTheJob) {
  const ScratchDir scratch;
  auto info = still(16, 40, AVCOL_TRC_BT2020_10);  // several blocks of lines
  info.colour.primaries = AVCOL_PRI_BT2020;
  auto options = to(scratch / "o.exr");
  options.job_yaml = "seed: 1\n";
  while (options.job_yaml.size() < 20'000) options.job_yaml += "# a long job, of many lines\n";
  options.job_yaml += std::string(9'000, '#');
  const at::Tensor picture = at::rand({3, 40, 16});
  write(options, info, picture);
  const std::string bytes = test::read_file(scratch / "o.exr");
  const auto value = media::exr_attribute({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                                          "chromaticities");
  ASSERT_TRUE(value);
  std::array<float, 8> primaries{};
  ASSERT_EQ(value->size(), sizeof primaries);
  std::memcpy(primaries.data(), value->data(), sizeof primaries);
  EXPECT_THAT(primaries,
              testing::ElementsAre(0.708F, 0.292F, 0.170F, 0.797F, 0.131F, 0.046F, 0.3127F, 0.3290F));
  EXPECT_EQ(media::read_job(scratch / "o.exr"), options.job_yaml);
  info.colour.primaries = AVCOL_PRI_UNSPECIFIED;
  write(to(scratch / "plain.exr"), info, picture);
  EXPECT_TRUE(at::equal(numbers_in(scratch / "o.exr", 16, 40), numbers_in(scratch / "plain.exr", 16, 40)))
      << "the lines are found although the header grew";
}

TEST(ExrHeader, OfADamagedFileIsLeftAlone) {
  const std::string whole = test::exr_of(8, 8, {1, 1, 1});
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    const std::span<const std::uint8_t> torn(reinterpret_cast<const std::uint8_t*>(whole.data()), length);
    const auto copy = media::with_exr_text(torn, "note", "text");
    EXPECT_GE(copy.size(), length);
    media::exr_attribute(torn, "chromaticities");
  }
}

}  // namespace
}  // namespace dreamreel
