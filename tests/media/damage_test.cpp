// Tests bad input. A file that cannot be opened gives a reason. A damaged file is read as completely as
// possible, and the report names the loss.
#include <gmock/gmock.h>

#include "clips.h"
#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

using media::Reader;
using test::from;
using test::make_clip;
using test::message_of;
using test::ScratchDir;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string refusal_of(const std::filesystem::path& path) {
  return message_of<InputError>([&] { Reader{from(path)}; });
}

void cut(const std::filesystem::path& file, double part) {
  const auto size = static_cast<double>(std::filesystem::file_size(file));
  std::filesystem::resize_file(file, static_cast<std::uintmax_t>(size * part));
}

TEST(BadInput, IsNamedWithTheReason) {
  const ScratchDir scratch;
  EXPECT_THAT(refusal_of(scratch / "none.mp4"), AllOf(HasSubstr("none.mp4"), HasSubstr("no such file")));
  EXPECT_THAT(refusal_of(scratch.path()), AllOf(HasSubstr("is a folder"), HasSubstr("%06d.png")));
  test::write_file(scratch / "text.mp4", std::string(5000, 'x'));
  EXPECT_THAT(refusal_of(scratch / "text.mp4"),
              AllOf(HasSubstr("text.mp4"), HasSubstr("no video or picture")));
  test::write_file(scratch / "empty.mp4", "");
  EXPECT_THAT(refusal_of(scratch / "empty.mp4"), HasSubstr("empty.mp4"));
  test::ffmpeg({"-f", "lavfi", "-i", "sine=d=1", (scratch / "song.mp3").string()});
  EXPECT_THAT(refusal_of(scratch / "song.mp3"), HasSubstr("has no video stream, only sound"));
}

TEST(BadInput, ACoverPictureIsNoVideo) {
  const ScratchDir scratch;
  make_clip(scratch / "cover.png", "testsrc2=s=32x32:d=0.04", {"-frames:v", "1"});
  test::ffmpeg({"-f", "lavfi", "-i", "sine=d=1", "-i", (scratch / "cover.png").string(), "-map", "0", "-map",
                "1", "-c:v", "copy", "-disposition:v", "attached_pic", (scratch / "song.mp3").string()});
  EXPECT_THAT(refusal_of(scratch / "song.mp3"), HasSubstr("has no video stream, only sound"));
}

TEST(Truncated, IndexAtTheEndCannotBeOpened) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=2");
  cut(scratch / "in.mp4", 0.6);
  EXPECT_THAT(refusal_of(scratch / "in.mp4"), AllOf(HasSubstr("in.mp4"), HasSubstr("truncated")));
}

struct TruncatedCase {
  std::string name, extension;
  std::vector<std::string> arguments;
};

class Truncated : public testing::TestWithParam<TruncatedCase> {};

TEST_P(Truncated, ReadsWhatIsThereAndSaysWhatIsLost) {
  const ScratchDir scratch;
  const auto file = scratch / ("in" + GetParam().extension);
  make_clip(file, "testsrc2=s=160x120:r=25:d=4", GetParam().arguments);
  {
    Reader whole(from(file));
    EXPECT_EQ(test::read_all(whole).size(), 100U);
    EXPECT_FALSE(whole.report().damaged) << whole.report().message;
    EXPECT_EQ(whole.report().message, "");
  }
  cut(file, 0.6);
  Reader reader(from(file));
  const auto frames = test::read_all(reader);
  EXPECT_GT(frames.size(), 30U);
  EXPECT_LT(frames.size(), 90U);
  const auto report = reader.report();
  EXPECT_TRUE(report.damaged);
  EXPECT_EQ(report.frames, static_cast<std::int64_t>(frames.size()));
  EXPECT_THAT(
      report.message,
      MatchesRegex(".*in\\.[a-z0-9]+ is truncated: about [0-9]+ of (99|100|101) frames are missing.*"));
}

INSTANTIATE_TEST_SUITE_P(
    Containers, Truncated,
    testing::Values(TruncatedCase{"Mp4IndexFirst", ".mp4", {"-movflags", "+faststart"}},
                    TruncatedCase{"Mkv", ".mkv", {}}, TruncatedCase{"Avi", ".avi", {"-c:v", "mjpeg"}},
                    TruncatedCase{"Flv", ".flv", {}},
                    TruncatedCase{"MkvWithSound", ".mkv", {"-f", "lavfi", "-i", "sine=d=4", "-c:a", "aac"}}),
    [](const auto& case_info) { return case_info.param.name; });

TEST(Damage, IsNotSeenInWholeFilesOfAnyKind) {
  const ScratchDir scratch;
  for (const std::string extension :
       {".mkv", ".mp4", ".mov", ".avi", ".flv", ".ts", ".mpg", ".m2v", ".h264", ".webm", ".ogv", ".nut",
        ".wmv", ".gif", ".y4m", ".mxf", ".apng", ".m4v"}) {
    const auto file = scratch / ("in" + extension);
    make_clip(file, "testsrc2=s=64x48:r=25:d=2");
    Reader reader(from(file));
    const auto count =
        test::probe(file, "-count_frames -select_streams v -show_entries stream=nb_read_frames");
    EXPECT_EQ(std::to_string(test::read_all(reader).size()), count.front()) << extension;
    EXPECT_EQ(reader.report().message, "") << extension;
  }
}

TEST(Damage, IsNotSeenInAClipCutWithoutEncoding) {
  const ScratchDir scratch;
  make_clip(scratch / "long.mp4", "testsrc2=s=64x48:r=25:d=4",
            {"-f", "lavfi", "-i", "sine=d=4", "-g", "30", "-bf", "2"});
  test::ffmpeg({"-ss", "1.5", "-i", (scratch / "long.mp4").string(), "-t", "1", "-c", "copy",
                (scratch / "in.mp4").string()});
  Reader reader(from(scratch / "in.mp4"));
  const auto frames = test::read_all(reader);
  EXPECT_EQ(frames.size(), test::frame_times(scratch / "in.mp4").size());
  EXPECT_GE(frames.front().pts, 0);
  EXPECT_EQ(reader.report().message, "");
}

TEST(Damage, SoundThatIsLongerOrShorterThanTheVideoIsNone) {
  const ScratchDir scratch;
  for (const std::string extension : {".mkv", ".mp4", ".avi"}) {
    for (const std::string seconds : {"0.5", "3"}) {
      const auto file = scratch / ("in" + extension);
      make_clip(file, "testsrc2=s=64x48:r=25:d=1.5",
                {"-f", "lavfi", "-i", "sine=d=" + seconds, "-c:a", "ac3"});
      Reader reader(from(file));
      EXPECT_GE(test::read_all(reader).size(), 37U);
      EXPECT_FALSE(reader.report().damaged) << reader.report().message;
    }
  }
}

TEST(Damage, BehindTheTrimDoesNotMatter) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=160x120:r=25:d=4");
  cut(scratch / "in.mkv", 0.7);
  auto options = from(scratch / "in.mkv");
  options.trim_end = TimePoint{0.8, TimePoint::Unit::seconds};
  Reader reader(options);
  EXPECT_EQ(test::read_all(reader).size(), 20U);
  EXPECT_FALSE(reader.report().damaged) << reader.report().message;
}

// A header's count of frames proves nothing: capture programs count frames that they dropped, and live
// streams guess.
TEST(Damage, IsNotToldFromAHeadersCount) {
  const ScratchDir scratch;
  make_clip(scratch / "in.avi", "testsrc2=s=64x48:r=25:d=1", {"-c:v", "mjpeg"});
  std::string bytes = test::read_file(scratch / "in.avi");
  bytes[bytes.find("avih") + 8 + 16] = 99;  // the file's count of frames
  bytes[bytes.find("strh") + 8 + 32] = 99;  // the stream's count of frames
  test::write_file(scratch / "in.avi", bytes);
  Reader avi(from(scratch / "in.avi"));
  EXPECT_EQ(test::read_all(avi).size(), 25U);
  EXPECT_EQ(avi.report().message, "");

  make_clip(scratch / "in.flv", "testsrc2=s=64x48:r=25:d=1");
  bytes = test::read_file(scratch / "in.flv");
  bytes[bytes.find("duration") + 10] = '\x59';  // of the eight bytes of a double: 100 s
  test::write_file(scratch / "in.flv", bytes);
  Reader flv(from(scratch / "in.flv"));
  EXPECT_EQ(test::read_all(flv).size(), 25U);
  EXPECT_EQ(flv.report().message, "");
}

// Frames of this codec begin with a mark that the decoder insists on.
void make_fragile_clip(const std::filesystem::path& out) {
  make_clip(out, "testsrc2=s=64x48:r=25:d=2", {"-c:v", "magicyuv"});
}

std::vector<std::size_t> marks(const std::string& bytes) {
  const std::string mark("MAGY\x20\0", 6);  //
  std::vector<std::size_t> found;
  const auto first_frame = bytes.find("movi");  // the header before it has a mark, too
  for (auto at = bytes.find(mark, first_frame); at != std::string::npos; at = bytes.find(mark, at + 1))
    found.push_back(at);
  return found;
}

TEST(Damage, InTheMiddleIsSkippedAndCounted) {
  const ScratchDir scratch;
  make_fragile_clip(scratch / "in.avi");
  std::string bytes = test::read_file(scratch / "in.avi");
  const auto frames = marks(bytes);
  ASSERT_EQ(frames.size(), 50U);
  bytes[frames[25]] = 'x';
  test::write_file(scratch / "in.avi", bytes);
  Reader reader(from(scratch / "in.avi"));
  EXPECT_EQ(test::read_all(reader).size(), 49U);
  EXPECT_THAT(reader.report().message, HasSubstr("is damaged: 1 of 50 frames could not be decoded"));
}

TEST(Damage, NotASingleFrameIsAnInputError) {
  const ScratchDir scratch;
  make_fragile_clip(scratch / "in.avi");
  std::string bytes = test::read_file(scratch / "in.avi");
  for (const auto at : marks(bytes)) bytes[at] = 'x';
  test::write_file(scratch / "in.avi", bytes);
  EXPECT_THAT(message_of<InputError>([&] { Reader(from(scratch / "in.avi")).next(); }), HasSubstr("in.avi"));
}

}  // namespace
}  // namespace dreamreel
