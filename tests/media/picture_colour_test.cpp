// Profiles, linear light and orientation of photos: the Reader delivers upright sRGB pictures.
#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <bit>
#include <cmath>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "pictures_of.h"

namespace dreamreel {
namespace {

using media::Reader;
using media::ReaderOptions;
using test::from;
using test::make_clip;
using test::png_of;
using test::read_file;
using test::ScratchDir;
using test::write_file;
using testing::HasSubstr;
using namespace std::string_literals;

// Collects the warnings that are logged during its life.
class Warnings {
 public:
  Warnings() {
    set_log_sink([this](LogLevel level, std::string_view line) {
      if (level == LogLevel::warning) text_.append(line).append("\n");
    });
  }
  ~Warnings() { set_log_sink({}); }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using Levels = std::array<int, 3>;

// The middle pixel in 8 bits.
Levels middle_of(const ReaderOptions& options) {
  const auto rgb = Reader(options).next()->rgb;
  const auto pixel = (rgb.select(2, rgb.size(2) / 2).select(1, rgb.size(1) / 2) * 255).round().to(at::kInt);
  return {pixel[0].item<int>(), pixel[1].item<int>(), pixel[2].item<int>()};
}

Levels middle_of(const ScratchDir& scratch, const std::string& name, const std::string& content) {
  write_file(scratch / name, content);
  return middle_of(from(scratch / name));
}

void expect_near(const Levels& seen, const Levels& wanted, int tolerance, const std::string& what) {
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(seen[c], wanted[c], tolerance) << what << " channel " << c;
}

constexpr Levels kColour{180, 80, 80};
// (180, 80, 80) of Display P3 with a gamma of 2.2, computed with the primaries' matrices.
constexpr Levels kP3InSrgb{196, 70, 75};
constexpr int kRounding = 1, kApproximation = 3;

std::string iccp(const std::string& profile) {
  return "P"s + '\0' + '\0' + test::stored_zlib(profile);
}

TEST(Profile, IsConvertedToSrgb) {
  const ScratchDir scratch;
  expect_near(
      middle_of(scratch, "p3.png", png_of(8, 8, kColour, {{"iCCP", iccp(test::display_p3_profile())}})),
      kP3InSrgb, kApproximation, "P3");
  // A grey of gamma 1 (linear): 0.18 is level 118.
  expect_near(
      middle_of(scratch, "grey.png", png_of(8, 8, {46, 46, 46}, {{"iCCP", iccp(test::grey_profile(1))}})),
      {118, 118, 118}, kApproximation, "grey");
}

TEST(Profile, OfSrgbChangesNoBit) {
  const ScratchDir scratch;
  make_clip(scratch / "plain.png", "testsrc2=s=64x48,format=rgb24", {"-frames:v", "1"});
  const auto plain = read_file(scratch / "plain.png");
  const auto chunk = [](const std::string& profile) {
    const auto whole = png_of(1, 1, {0, 0, 0}, {{"iCCP", iccp(profile)}});
    return whole.substr(33, whole.find("IDAT") - 4 - 33);
  };
  const auto with = [&](const std::string& addition) {
    return plain.substr(0, 33) + addition + plain.substr(33);
  };
  write_file(scratch / "srgb.png", with(chunk(test::srgb_profile())));
  write_file(scratch / "p3.png", with(chunk(test::display_p3_profile())));
  const auto picture = [&](const std::string& name) { return Reader(from(scratch / name)).next()->rgb; };
  EXPECT_TRUE(picture("srgb.png").equal(picture("plain.png")));
  EXPECT_FALSE(picture("p3.png").equal(picture("plain.png")));
}

TEST(Profile, InJpegTiffAndSequencesIsConverted) {
  const ScratchDir scratch;
  make_clip(scratch / "a.jpg", "color=0xb45050:s=16x16", {"-frames:v", "1", "-q:v", "1"});
  const auto profile = test::display_p3_profile();
  const auto content = "ICC_PROFILE"s + '\0' + "\x01\x01" + profile;
  auto jpeg = read_file(scratch / "a.jpg");
  jpeg.insert(2, "\xFF\xE2" + test::big_endian(content.size() + 2, 2) + content);
  expect_near(middle_of(scratch, "p3.jpg", jpeg), kP3InSrgb, kApproximation + 1, "JPEG");
  for (int i = 0; i < 2; ++i)
    write_file(scratch / ("f_" + std::to_string(i) + ".png"),
               png_of(8, 8, kColour, {{"iCCP", iccp(test::display_p3_profile())}}));
  Reader sequence(from(scratch / "f_%d.png"));
  for (int i = 0; i < 2; ++i)
    EXPECT_NEAR(sequence.next()->rgb[0][4][4].item<float>() * 255, kP3InSrgb[0], kApproximation) << i;
}

TEST(Profile, ThatCannotBeFollowedIsSaid) {
  const ScratchDir scratch;
  const Warnings warnings;
  EXPECT_EQ(middle_of(scratch, "broken.png", png_of(8, 8, kColour, {{"iCCP", iccp("not a profile at all")}})),
            kColour);
  EXPECT_THAT(warnings.text(), HasSubstr("broken.png: its colour profile is damaged"));
}

TEST(Primaries, OfPngChunksAreConverted) {
  const ScratchDir scratch;
  const auto cicp = [](int primaries, int transfer) {
    return std::string{static_cast<char>(primaries), static_cast<char>(transfer), '\0', '\1'};
  };
  const auto chromaticities = [](const std::array<double, 8>& values) {
    std::string bytes;
    for (const double value : values)
      bytes += test::big_endian(static_cast<std::uint64_t>(std::lround(value * 100000)), 4);
    return bytes;
  };
  const auto gamma = [](double value) {
    return test::big_endian(static_cast<std::uint64_t>(std::lround(100000 / value)), 4);
  };
  const auto seen = [&](const std::vector<std::pair<std::string, std::string>>& chunks) {
    return middle_of(scratch, "a.png", png_of(8, 8, kColour, chunks));
  };
  expect_near(seen({{"cICP", cicp(12, 13)}}), kP3InSrgb, kApproximation, "cICP");
  expect_near(
      seen({{"gAMA", gamma(2.2)}, {"cHRM", chromaticities({.3127, .329, .68, .32, .265, .69, .15, .06})}}),
      kP3InSrgb, kApproximation, "cHRM");
  EXPECT_EQ(seen({{"gAMA", gamma(2.2)}, {"cHRM", chromaticities({.3127, .329, .64, .33, .3, .6, .15, .06})}}),
            kColour);
  EXPECT_EQ(seen({{"gAMA", gamma(1.961)}}), kColour) << "as ffmpeg writes it for video";
  EXPECT_EQ(seen({{"gAMA", gamma(1)}, {"sRGB", std::string(1, '\0')}}), kColour) << "sRGB outranks gAMA";
  expect_near(middle_of(scratch, "linear.png", png_of(8, 8, {46, 46, 46}, {{"gAMA", gamma(1)}})),
              {118, 118, 118}, kRounding, "linear");
  write_file(scratch / "pq.png", png_of(8, 8, kColour, {{"cICP", cicp(9, 16)}}));
  EXPECT_EQ(middle_of(from(scratch / "pq.png")), kColour);
  EXPECT_EQ(Reader(from(scratch / "pq.png")).info().colour.transfer, 16);
}

// The smallest JPEG of four inks: 8x8 pixels, and each block holds only its mean.
std::string cmyk_jpeg() {
  std::string components, scan;
  for (int i = 1; i <= 4; ++i) {
    components += std::string{static_cast<char>(i), '\x11', '\0'};
    scan += std::string{static_cast<char>(i), '\0'};
  }
  const auto segment = [](char marker, const std::string& content) {
    return "\xFF"s + marker + test::big_endian(content.size() + 2, 2) + content;
  };
  const auto huffman = [&](char table) {  // one code, "0", for 0
    return segment('\xC4', std::string(1, table) + '\x01' + std::string(15, '\0') + '\0');
  };
  return "\xFF\xD8" + segment('\xEE', "Adobe\0\x64\0\0\0\0\0"s) +
         segment('\xDB', '\0' + std::string(64, '\x01')) +
         segment('\xC0', "\x08"s + test::big_endian(8, 2) + test::big_endian(8, 2) + '\x04' + components) +
         huffman('\0') + huffman('\x10') + segment('\xDA', '\x04' + scan + "\0\x3F\0"s) + '\0' + "\xFF\xD9";
}

TEST(Ink, IsSaidToBeApproximate) {
  const ScratchDir scratch;
  const Warnings warnings;
  expect_near(middle_of(scratch, "ink.jpg", cmyk_jpeg()), {64, 64, 64}, 2, "ink");
  EXPECT_THAT(warnings.text(), HasSubstr("ink.jpg: it holds ink (CMYK)"));
}

TEST(LinearLight, OfAnExrBecomesDisplayLight) {
  const ScratchDir scratch;
  expect_near(middle_of(scratch, "mid.exr", test::exr_of(64, 48, {.18F, .18F, .18F})), {118, 118, 118},
              kRounding, "mid");
  expect_near(middle_of(scratch, "c.exr", test::exr_of(16, 16, {1, .5F, 0})), {255, 188, 0}, kRounding,
              "colour");
  const Reader reader(from(scratch / "mid.exr"));
  EXPECT_EQ(reader.info().colour.transfer, 13);
}

TEST(LinearLight, OfAnExrHasTheExrsPrimaries) {
  const ScratchDir scratch;
  std::string values;  // ACEScg
  for (const float value : {.713F, .293F, .165F, .830F, .128F, .044F, .32168F, .33767F})
    values += test::little_endian(std::bit_cast<std::uint32_t>(value), 4);
  const auto attribute =
      "chromaticities"s + '\0' + "chromaticities"s + '\0' + test::little_endian(32, 4) + values;
  // Grey stays grey. Green becomes purer than sRGB can show, so its red and blue go to 0.
  expect_near(middle_of(scratch, "grey.exr", test::exr_of(16, 16, {.18F, .18F, .18F}, attribute)),
              {118, 118, 118}, 2, "grey");
  const auto green = middle_of(scratch, "green.exr", test::exr_of(16, 16, {0, .5F, 0}, attribute));
  EXPECT_EQ(green[0], 0);
  EXPECT_GT(green[1], 195);
}

TEST(LinearLight, AboveWhiteIsSaidAndCanBeDarkenedFirst) {
  const ScratchDir scratch;
  write_file(scratch / "bright.exr", test::exr_of(16, 16, {.36F, .36F, 4}));
  auto options = from(scratch / "bright.exr");
  {
    const Warnings warnings;
    EXPECT_EQ(middle_of(options)[2], 255);
    EXPECT_THAT(warnings.text(), HasSubstr("33.3 % of its samples are brighter than white"));
  }
  options.filter = "zscale=t=linear,exposure=-1,zscale=t=iec61966-2-1";
  expect_near(middle_of(options), {118, 118, 255}, 2, "darkened");
}

TEST(LinearLight, OfPfmAndGreyFloats) {
  const ScratchDir scratch;
  std::string pfm = "PF\n16 16\n-1.0\n", grey = "Pf\n16 16\n-1.0\n";
  for (int i = 0; i < 16 * 16; ++i) {
    const auto value = test::little_endian(std::bit_cast<std::uint32_t>(.18F), 4);
    pfm += value + value + value;
    grey += value;
  }
  expect_near(middle_of(scratch, "a.pfm", pfm), {118, 118, 118}, kRounding, "PF");
  expect_near(middle_of(scratch, "b.pfm", grey), {118, 118, 118}, kRounding, "Pf");
}

TEST(LinearLight, IsNotBelievedOfDpx) {
  const ScratchDir scratch;
  make_clip(scratch / "a.dpx", "color=0x767676:s=16x16,format=rgb24", {"-frames:v", "1"});
  EXPECT_EQ(middle_of(from(scratch / "a.dpx")), (Levels{0x76, 0x76, 0x76}));
  EXPECT_EQ(Reader(from(scratch / "a.dpx")).info().colour.transfer, 2);
}

// Red above blue, 40x60, stored lying on its side so that orientation 6 (a quarter turn clockwise) brings it
// upright.
constexpr const char* kLying = "color=red:s=40x30,pad=40:60:0:0:blue,transpose=cclock,format=rgb24";

void expect_upright(const std::filesystem::path& path) {
  Reader reader(from(path));
  EXPECT_EQ(reader.info().width, 40) << path;
  EXPECT_EQ(reader.info().height, 60) << path;
  const auto rgb = reader.next()->rgb;
  EXPECT_GT(rgb[0][10][20].item<float>(), 0.9F) << path << ": red is not above";
  EXPECT_GT(rgb[2][50][20].item<float>(), 0.9F) << path << ": blue is not below";
}

TEST(Orientation, OfPngIsHonouredWhereverItsChunkStands) {
  const ScratchDir scratch;
  make_clip(scratch / "a.png", kLying, {"-frames:v", "1"});
  const auto plain = read_file(scratch / "a.png");
  const auto whole = png_of(1, 1, {0, 0, 0}, {{"eXIf", test::exif_of(6)}});
  const auto chunk = whole.substr(33, whole.find("IDAT") - 4 - 33);
  write_file(scratch / "before.png", plain.substr(0, 33) + chunk + plain.substr(33));
  write_file(scratch / "behind.png",
             plain.substr(0, plain.size() - 12) + chunk + plain.substr(plain.size() - 12));
  expect_upright(scratch / "before.png");
  expect_upright(scratch / "behind.png");
}

TEST(Orientation, OfEveryExifValueIsUndone) {
  const ScratchDir scratch;
  // The filters that turn an upright picture into the picture stored with each value.
  const std::vector<std::string> stored{"null",
                                        "hflip",
                                        "hflip,vflip",
                                        "vflip",
                                        "transpose=cclock_flip",
                                        "transpose=cclock",
                                        "transpose=clock_flip",
                                        "transpose=clock"};
  for (int value = 1; value <= 8; ++value) {
    const auto name = std::to_string(value) + ".png";
    make_clip(scratch / name, "color=red:s=40x30,pad=40:60:0:0:blue,format=rgb24," + stored[value - 1],
              {"-frames:v", "1"});
    const auto plain = read_file(scratch / name);
    const auto whole = png_of(1, 1, {0, 0, 0}, {{"eXIf", test::exif_of(value)}});
    write_file(scratch / name,
               plain.substr(0, 33) + whole.substr(33, whole.find("IDAT") - 4 - 33) + plain.substr(33));
    expect_upright(scratch / name);
  }
}

TEST(Orientation, OfTiffIsHonoured) {
  const ScratchDir scratch;
  make_clip(scratch / "a.tif", kLying, {"-frames:v", "1", "-compression_algo", "raw"});
  constexpr int kOrientation = 274, kShort = 3;
  write_file(scratch / "turned.tif",
             test::tiff_with_tags(read_file(scratch / "a.tif"), {{kOrientation, 6}}, kShort));
  expect_upright(scratch / "turned.tif");
}

// Adds one property to the picture of an AVIF file: its boxes grow, and the pixels move back.
std::string with_property(std::string avif, const std::string& box) {
  const auto grow = [&](const std::string& type, std::size_t by) {
    const auto at = avif.find(type) - 4;
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<std::uint8_t>(avif[at + i]);
    avif.replace(at, 4, test::big_endian(size + by, 4));
    return std::pair(at, size);
  };
  const auto offset_at = avif.find("iloc") + 4 + 14;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < 4; ++i) offset = offset << 8 | static_cast<std::uint8_t>(avif[offset_at + i]);
  avif.replace(offset_at, 4, test::big_endian(offset + box.size() + 1, 4));
  grow("meta", box.size() + 1);
  grow("iprp", box.size() + 1);
  const auto [ipma, ipma_size] = grow("ipma", 1);
  const auto count_at = ipma + 8 + 4 + 4 + 2;
  const auto count = static_cast<std::uint8_t>(avif[count_at]);
  avif[count_at] = static_cast<char>(count + 1);
  avif.insert(ipma + ipma_size, 1, static_cast<char>(count + 1));
  const auto [ipco, ipco_size] = grow("ipco", box.size());
  return avif.insert(ipco + ipco_size, box);
}

TEST(Orientation, OfAvifIsHonoured) {
  const ScratchDir scratch;
  const std::vector<std::string> still{"-frames:v",      "1", "-c:v", "libaom-av1",
                                       "-still-picture", "1", "-crf", "10"};
  make_clip(scratch / "a.avif", kLying, still);
  const auto plain = read_file(scratch / "a.avif");
  write_file(scratch / "turned.avif", with_property(plain, test::big_endian(9, 4) + "irot" + '\x03'));
  expect_upright(scratch / "turned.avif");
  make_clip(scratch / "b.avif", "color=blue:s=40x30,pad=40:60:0:0:red,format=rgb24", still);
  write_file(scratch / "mirrored.avif",
             with_property(read_file(scratch / "b.avif"), test::big_endian(9, 4) + "imir" + '\0'));
  expect_upright(scratch / "mirrored.avif");
}

TEST(Profile, OfAvifIsConverted) {
  const ScratchDir scratch;
  make_clip(
      scratch / "a.avif", "color=0xb45050:s=64x64",
      {"-frames:v", "1", "-c:v", "libaom-av1", "-still-picture", "1", "-crf", "5", "-pix_fmt", "yuv444p"});
  const auto profile = test::display_p3_profile();
  const auto box = test::big_endian(profile.size() + 12, 4) + "colrprof" + profile;
  expect_near(middle_of(scratch, "p3.avif", with_property(read_file(scratch / "a.avif"), box)), kP3InSrgb,
              kApproximation + 1, "AVIF");
}

}  // namespace
}  // namespace dreamreel
