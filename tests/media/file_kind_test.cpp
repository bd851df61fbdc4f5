// The kind of a file follows from its content: stills in containers, pictures behind pictures, misleading
// names, and files that are refused.
#include <gmock/gmock.h>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "pictures_of.h"

namespace dreamreel {
namespace {

using media::Reader;
using test::from;
using test::make_clip;
using test::message_of;
using test::read_all;
using test::read_file;
using test::ScratchDir;
using test::write_file;
using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

// The number of frames of a file, and whether it counts as a still.
struct Seen {
  std::size_t frames = 0;
  bool is_still = false;
  bool operator==(const Seen&) const = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << seen.frames << " frames, " << (seen.is_still ? "a still" : "a video");
}

Seen seen(const std::filesystem::path& path) {
  Reader reader(from(path));
  const bool is_still = reader.info().is_still;
  if (is_still) {
    EXPECT_EQ(reader.info().frame_count, 1) << path;
  }
  const auto frames = read_all(reader);
  EXPECT_FALSE(reader.report().damaged) << path << reader.report().message;
  return {frames.size(), is_still};
}

constexpr const char* kSource = "testsrc2=s=64x48:r=25";

TEST(OneFrame, IsAStillInEveryContainer) {
  const ScratchDir scratch;
  const std::vector<std::vector<std::string>> kinds{{"a.gif"},
                                                    {"a.apng"},
                                                    {"a.mp4", "-c:v", "libx264"},
                                                    {"a.mkv", "-c:v", "ffv1"},
                                                    {"a.webm"},
                                                    {"a.avi"},
                                                    {"a.ts"},
                                                    {"a.avif", "-c:v", "libaom-av1", "-still-picture", "1"}};
  for (const auto& kind : kinds) {
    std::vector<std::string> arguments(kind.begin() + 1, kind.end());
    arguments.insert(arguments.end(), {"-frames:v", "1"});
    make_clip(scratch / kind[0], kSource, arguments);
    EXPECT_EQ(seen(scratch / kind[0]), (Seen{1, true})) << kind[0];
  }
}

TEST(OneFrame, BesideSoundIsAStillToo) {
  const ScratchDir scratch;
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=1:d=1", "-f", "lavfi", "-i", "sine=d=5", "-c:v",
                "libx264", (scratch / "song.mkv").string()});
  EXPECT_TRUE(Reader(from(scratch / "song.mkv")).info().is_still);
}

TEST(MoreFrames, AreAVideoWhateverTheFormat) {
  const ScratchDir scratch;
  for (const std::string name : {"a.gif", "a.apng", "a.mp4", "a.mkv"}) {
    make_clip(scratch / name, kSource, {"-frames:v", "3"});
    EXPECT_EQ(seen(scratch / name), (Seen{3, false})) << name;
  }
  std::filesystem::rename(scratch / "a.apng", scratch / "animated.png");  // the usual name of such files
  EXPECT_EQ(seen(scratch / "animated.png"), (Seen{3, false}));
}

TEST(MoreFrames, ThatAreMissingMakeNoStillOfAVideo) {
  const ScratchDir scratch;
  make_clip(scratch / "a.mkv", "testsrc2=s=64x48:r=25:d=2", {"-c:v", "ffv1", "-g", "1"});
  const auto bytes = read_file(scratch / "a.mkv");
  write_file(scratch / "cut.mkv", bytes.substr(0, bytes.size() / 30));
  Reader reader(from(scratch / "cut.mkv"));
  EXPECT_FALSE(reader.info().is_still);
  read_all(reader);
  EXPECT_TRUE(reader.report().damaged);
}

// A photo with a second picture behind it. An Ultra HDR photo has its map of highlights there: a smaller,
// grey picture.
std::string two_pictures(const ScratchDir& scratch, const std::string& second_source) {
  make_clip(scratch / "one.jpg", kSource, {"-frames:v", "1"});
  make_clip(scratch / "two.jpg", second_source, {"-frames:v", "1"});
  return read_file(scratch / "one.jpg") + read_file(scratch / "two.jpg");
}

TEST(Jpeg, WithASecondPictureIsTheFirstUnderAnyName) {
  const ScratchDir scratch;
  const auto map = two_pictures(scratch, "testsrc=s=32x24,format=gray");
  const auto stereo = two_pictures(scratch, kSource);
  const auto wanted = read_all(from(scratch / "one.jpg")).at(0).rgb;
  for (const std::string name :
       {"a.jpg", "a.JPG", "a.jfif", "a.jpe", "a", "a.mpo", "a.mjpeg", "a.png", "a.heic", "a.%d"})
    for (const auto& content : {map, stereo}) {
      if (name == "a.mjpeg" && content == stereo) continue;  // because of its name, two frames of a video
      write_file(scratch / name, content);
      EXPECT_EQ(seen(scratch / name), (Seen{1, true})) << name;
      EXPECT_TRUE(read_all(from(scratch / name)).at(0).rgb.equal(wanted)) << name;
    }
}

TEST(Jpeg, ThatMovesIsAVideo) {
  const ScratchDir scratch;
  make_clip(scratch / "a.mjpeg", kSource, {"-frames:v", "5"});
  EXPECT_EQ(seen(scratch / "a.mjpeg"), (Seen{5, false}));
  std::filesystem::rename(scratch / "a.mjpeg", scratch / "a");
  EXPECT_EQ(seen(scratch / "a"), (Seen{5, false}));
}

TEST(Name, DoesNotDecideAboutTheFormat) {
  const ScratchDir scratch;
  make_clip(scratch / "x.png", kSource, {"-frames:v", "1"});
  make_clip(scratch / "x.mp4", kSource, {"-frames:v", "4"});
  make_clip(scratch / "x.gif", kSource, {"-frames:v", "4"});
  make_clip(scratch / "x.tif", kSource, {"-frames:v", "1"});
  make_clip(scratch / "x.webp", kSource, {"-frames:v", "1"});
  const auto as = [&](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(scratch / from, scratch / to);
    return seen(scratch / to);
  };
  EXPECT_EQ(as("x.png", "png.jpg"), (Seen{1, true}));
  EXPECT_EQ(as("x.png", "png"), (Seen{1, true}));
  EXPECT_EQ(as("x.tif", "tif.jpeg"), (Seen{1, true}));
  EXPECT_EQ(as("x.webp", "webp.jpg"), (Seen{1, true}));
  EXPECT_EQ(as("x.gif", "gif.png"), (Seen{4, false}));
  EXPECT_EQ(as("x.mp4", "mp4.jpg"), (Seen{4, false}));
}

TEST(Name, OfASequenceDoesNotDecideEither) {
  const ScratchDir scratch;
  make_clip(scratch / "f_%02d.png", kSource, {"-frames:v", "3"});
  for (int i = 1; i <= 3; ++i)
    std::filesystem::rename(scratch / ("f_0" + std::to_string(i) + ".png"),
                            scratch / ("f_0" + std::to_string(i) + ".jpg"));
  EXPECT_EQ(seen(scratch / "f_%02d.jpg"), (Seen{3, false}));
}

std::string refusal_of_content(const ScratchDir& scratch, const std::string& name,
                               const std::string& content) {
  write_file(scratch / name, content);
  return message_of<InputError>([&] { Reader(from(scratch / name)).next(); });
}

TEST(Unreadable, FilesSayWhatTheyAreAndWhatToDo) {
  const ScratchDir scratch;
  const std::string zeros(200, '\0');
  const auto message = [&](const std::string& content) {
    return refusal_of_content(scratch, "photo.jpg", content + zeros);
  };
  EXPECT_THAT(message("\0\0\0\030ftypheic\0\0\0\0mif1heic"s), HasSubstr("HEIC photo"));
  EXPECT_THAT(message("\0\0\0\030ftypmif1\0\0\0\0mif1heic"s), HasSubstr("heif-convert"));
  EXPECT_THAT(message("\0\0\0\034ftypmif1\0\0\0\0mif1avifmiaf"s), HasSubstr("AVIF picture"));
  EXPECT_THAT(message("\0\0\0\030ftypcrx \0\0\0\1crx isom"s), HasSubstr("camera's raw file"));
  EXPECT_THAT(message("II*\0\020\0\0\0CR\2\0"s), HasSubstr("darktable"));
  EXPECT_THAT(message("FUJIFILMCCD-RAW 0201"s), HasSubstr("camera's raw file"));
  EXPECT_THAT(message("%PDF-1.7\n"s), HasSubstr("pdftoppm"));
  EXPECT_THAT(message("gimp xcf v011"s), HasSubstr("GIMP"));
  EXPECT_THAT(message("PK\3\4\024\0"s), HasSubstr(".kra"));
  EXPECT_THAT(message("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 2\n"s), HasSubstr("Radiance HDR"));
  EXPECT_THAT(message("\n<!DOCTYPE html><html><body>Log in</body></html>"s), HasSubstr("web page"));
  EXPECT_THAT(message("version https://git-lfs.github.com/spec/v1\n"s), HasSubstr("git lfs pull"));
  EXPECT_THAT(message(zeros), HasSubstr("nothing but zeros"));
  EXPECT_THAT(refusal_of_content(scratch, "empty.png", ""), HasSubstr("it is empty"));
  EXPECT_THAT(message("\0\0\0\030ftypheic\0\0\0\0mif1heic"s), Not(HasSubstr("truncated")));
}

TEST(Unreadable, AnimatedWebpIsNamed) {
  const ScratchDir scratch;
  make_clip(scratch / "a.webp", "testsrc2=s=64x48:r=1", {"-frames:v", "3", "-c:v", "libwebp_anim"});
  EXPECT_THAT(message_of<InputError>([&] { Reader(from(scratch / "a.webp")).next(); }),
              HasSubstr("animated WebP"));
}

TEST(CameraRaw, IsRefusedThoughFfmpegWouldShowItsThumbnail) {
  const ScratchDir scratch;
  make_clip(scratch / "a.tif", kSource, {"-frames:v", "1", "-compression_algo", "raw"});
  const auto plain = read_file(scratch / "a.tif");
  write_file(scratch / "same.tif", test::tiff_with_tags(plain, {}));
  EXPECT_EQ(seen(scratch / "same.tif"), (Seen{1, true}));
  EXPECT_THAT(refusal_of_content(scratch, "a.dng", test::tiff_with_tags(plain, {{50706, 0x00000401}})),
              HasSubstr("camera's raw file"));
  EXPECT_THAT(refusal_of_content(scratch, "a.nef", test::tiff_with_tags(plain, {{254, 1}, {330, 8}})),
              HasSubstr("camera's raw file"));
  for (const std::string name : {"clip_1.dng", "clip_2.dng"})
    write_file(scratch / name, test::tiff_with_tags(plain, {{50706, 0x00000401}}));
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "clip_%d.dng")}; }),
              HasSubstr("clip_1.dng"));
}

}  // namespace
}  // namespace dreamreel
