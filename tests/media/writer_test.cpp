// Tests containers, encoders, their options, tags, the embedded job, and failures of writing.
#include "dreamreel/media/writer.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <malloc.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>

#include "clips.h"
#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

using media::read_job;
using media::ReaderOptions;
using media::VideoFrame;
using media::VideoInfo;
using media::Writer;
using media::WriterOptions;
using test::make_clip;
using test::message_of;
using test::probe;
using test::ScratchDir;
using test::to;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

VideoInfo info_of(int width, int height) {
  VideoInfo info;
  info.width = width;
  info.height = height;
  info.pixel_format = "yuv420p";
  return info;
}

VideoFrame noise(const VideoInfo& info, std::int64_t index) {
  VideoFrame frame;
  frame.rgb = at::rand({3, info.height, info.width}, at::kFloat);
  frame.index = frame.pts = index;
  frame.duration = 1;
  return frame;
}

void write_noise(const WriterOptions& options, const VideoInfo& info, int frames) {
  Writer writer(options, info);
  for (int i = 0; i < frames; ++i) writer.write(noise(info, i));
  writer.finish();
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  return names;
}

TEST(Sizes, OddOnesKeepTheirSize) {
  const ScratchDir scratch;
  for (const auto& [width, height] :
       {std::pair{1, 1}, std::pair{3, 5}, std::pair{101, 57}, std::pair{64, 47}}) {
    for (const std::string extension : {".mp4", ".mkv", ".webm", ".avi", ".mov"}) {
      const auto file = scratch / ("out" + extension);
      write_noise(to(file), info_of(width, height), 3);
      EXPECT_THAT(probe(file, "-select_streams v -show_entries stream=width,height"),
                  ElementsAre(std::to_string(width) + "," + std::to_string(height)))
          << file;
      EXPECT_EQ(test::frame_times(file).size(), 3U) << file;
    }
  }
}

TEST(Sizes, OddPictures) {
  const ScratchDir scratch;
  for (const std::string extension : {".png", ".jpg", ".tif", ".bmp", ".webp"}) {
    const auto pattern = scratch / ("p%03d" + extension);
    write_noise(to(pattern), info_of(3, 5), 2);
    EXPECT_THAT(probe(scratch / ("p001" + extension), "-select_streams v -show_entries stream=width,height"),
                ElementsAre("3,5"))
        << extension;
  }
}

TEST(Defaults, SuitTheContainer) {
  const ScratchDir scratch;
  const auto codec_of = [&](const std::string& extension) {
    const auto file = scratch / ("out" + extension);
    write_noise(to(file), info_of(32, 32), 2);
    return probe(file, "-select_streams v -show_entries stream=codec_name,pix_fmt");
  };
  EXPECT_THAT(codec_of(".mp4"), ElementsAre("h264,yuv420p"));
  EXPECT_THAT(codec_of(".mkv"), ElementsAre("h264,yuv420p"));
  EXPECT_THAT(codec_of(".webm"), ElementsAre("vp9,yuv420p"));
}

TEST(Defaults, H265HasTheNameThatApplesPlayersTake) {
  const ScratchDir scratch;
  for (const std::string extension : {".mp4", ".mov"}) {
    auto options = to(scratch / ("out" + extension));
    options.codec = "libx265";
    write_noise(options, info_of(64, 64), 2);
    EXPECT_THAT(probe(options.path, "-select_streams v -show_entries stream=codec_tag_string"),
                ElementsAre("hvc1"));
    EXPECT_EQ(test::frame_times(options.path).size(), 2U);
  }
}

// The C library fills memory that programs ask for, so that what nobody has written is seen.
class FilledMemory {
 public:
  FilledMemory() { mallopt(M_PERTURB, 0x5a); }
  ~FilledMemory() { mallopt(M_PERTURB, 0); }
  FilledMemory(const FilledMemory&) = delete;
  FilledMemory& operator=(const FilledMemory&) = delete;
};

// x265 says of such films when they are decoded without having measured it.
TEST(Times, AFilmOfFewFramesInH265) {
  const ScratchDir scratch;
  const FilledMemory filled;
  for (const int frames : {1, 2, 3, 4}) {
    auto options = to(scratch / "out.mp4");
    options.codec = "libx265";
    write_noise(options, info_of(64, 64), frames);
    std::vector<testing::Matcher<double>> expected;
    for (int i = 0; i < frames; ++i) expected.push_back(testing::DoubleNear(i / 24.0, 0.001));
    EXPECT_THAT(test::frame_times(options.path), testing::ElementsAreArray(expected));
  }
}

TEST(Defaults, AFilmOfJpegsHasTheRangeOfFilms) {
  const ScratchDir scratch;
  auto info = info_of(64, 64);
  info.pixel_format = "yuvj420p";
  info.colour.full_range = true;
  const auto range_of = [&](const std::string& codec) {
    info.codec = codec;
    write_noise(to(scratch / "out.mp4"), info, 2);
    return probe(scratch / "out.mp4", "-select_streams v -show_entries stream=color_range");
  };
  EXPECT_THAT(range_of("mjpeg"), ElementsAre("tv"));
  EXPECT_THAT(range_of("h264"), ElementsAre("pc")) << "a clip keeps its own";
}

TEST(Defaults, Mp4StartsWithItsIndex) {
  const ScratchDir scratch;
  write_noise(to(scratch / "out.mp4"), info_of(64, 64), 10);
  const auto bytes = test::read_file(scratch / "out.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST(Options, ReachTheEncoder) {
  const ScratchDir scratch;
  auto good = to(scratch / "good.mp4");
  good.options = {{"crf", "1"}, {"preset", "ultrafast"}};
  auto poor = to(scratch / "poor.mp4");
  poor.options = {{"crf", "50"}, {"preset", "ultrafast"}};
  write_noise(good, info_of(64, 64), 5);
  write_noise(poor, info_of(64, 64), 5);
  EXPECT_GT(std::filesystem::file_size(good.path), 4 * std::filesystem::file_size(poor.path));
}

struct RefusalCase {
  std::string name, file;
  WriterOptions options;
  std::vector<std::string> words;
};

class Refusal : public testing::TestWithParam<RefusalCase> {};

TEST_P(Refusal, IsAJobErrorThatHelpsAndLeavesNothing) {
  const ScratchDir scratch;
  auto options = GetParam().options;
  options.path = scratch / GetParam().file;
  const auto message = message_of<JobError>([&] { Writer(options, info_of(64, 64)); });
  for (const auto& word : GetParam().words) EXPECT_THAT(message, HasSubstr(word));
  EXPECT_THAT(names_in(scratch.path()), IsEmpty());
}

WriterOptions with(const std::string& codec, const std::string& format,
                   std::map<std::string, std::string> options = {}) {
  WriterOptions result;
  result.codec = codec;
  result.pixel_format = format;
  result.options = std::move(options);
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, Refusal,
    testing::Values(
        RefusalCase{"Encoder", "o.mp4", with("libx246", ""), {"libx246", "libx264"}},
        RefusalCase{"SoundEncoder", "o.mp4", with("aac", ""), {"unknown video encoder 'aac'"}},
        RefusalCase{"Option", "o.mp4", with("libx264", "", {{"cfr", "18"}}), {"cfr", "'crf'"}},
        RefusalCase{"OptionValue", "o.mp4", with("libx264", "", {{"crf", "soft"}}), {"crf", "soft"}},
        RefusalCase{"OptionRange", "o.mp4", with("libx264", "", {{"crf", "-7"}}), {"crf", "-7"}},
        RefusalCase{"Preset", "o.mp4", with("libx264", "", {{"preset", "swift"}}), {"preset", "swift"}},
        RefusalCase{"PixelFormat", "o.mp4", with("", "yuv420"), {"yuv420", "'yuv420p'"}},
        RefusalCase{
            "PixelFormatOfEncoder", "o.mp4", with("libx264", "rgb24"), {"rgb24", "it takes", "yuv420p"}},
        RefusalCase{"Container", "o.xyz", with("", ""), {".mp4"}},
        RefusalCase{"SoundContainer", "o.mp3", with("", ""), {"o.mp3 is a name for sound alone", ".mp4"}},
        RefusalCase{"CoverOfASong", "o.FLAC", with("png", ""), {"o.FLAC is a name for sound alone"}},
        RefusalCase{"CodecOfContainer", "o.webm", with("libx264", ""), {".webm", "h264"}}),
    [](const auto& case_info) { return case_info.param.name; });

TEST(Pictures, PngHasSixteenBits) {
  const ScratchDir scratch;
  auto options = to(scratch / "f/%04d.png");
  options.first_frame_number = 7;
  write_noise(options, info_of(32, 24), 3);
  EXPECT_THAT(names_in(scratch / "f"), testing::UnorderedElementsAre("0007.png", "0008.png", "0009.png"));
  EXPECT_THAT(probe(scratch / "f/0007.png", "-select_streams v -show_entries stream=pix_fmt"),
              ElementsAre("rgb48be"));
}

TEST(Pictures, SixteenBitsComeBackExactly) {
  const ScratchDir scratch;
  const auto info = info_of(32, 24);
  auto frame = noise(info, 0);
  frame.rgb = (frame.rgb * 65535).round() / 65535;
  Writer writer(to(scratch / "p.png"), info);
  writer.write(frame);
  writer.finish();
  const auto read = media::Reader(ReaderOptions{scratch / "p.png", "", {}, {}, {}}).next();
  EXPECT_LE(test::largest_difference_in_levels(read->rgb, frame.rgb), 255 * 1e-6);
}

TEST(Pictures, OneNameHoldsOnePicture) {
  const ScratchDir scratch;
  const auto info = info_of(32, 24);
  Writer writer(to(scratch / "p.png"), info);
  writer.write(noise(info, 0));
  EXPECT_THAT(message_of<JobError>([&] { writer.write(noise(info, 1)); }),
              AllOf(HasSubstr("p.png"), HasSubstr("p_%06d.png")));
}

// Other programs write the number in other ways, and the message shows the name with printf's.
TEST(Pictures, ANumberOfAnotherProgramIsTranslated) {
  const ScratchDir scratch;
  const auto info = info_of(32, 24);
  for (const auto& [name, pattern] :
       {std::pair{"s.$F4.exr", "s.%04d.exr"}, std::pair{"s.$F.exr", "s.%d.exr"},
        std::pair{"s_@@@.png", "s_%03d.png"}, std::pair{"s.#.tif", "s.%d.tif"}, std::pair{"$F.png", "%d.png"},
        std::pair{"me@home.png", "me@home_%06d.png"}}) {
    Writer writer(to(scratch / name), info);
    writer.write(noise(info, 0));
    EXPECT_THAT(message_of<JobError>([&] { writer.write(noise(info, 1)); }),
                HasSubstr((scratch / pattern).string() + ", or one frame alone"));
  }
}

const char* const kJob = "input:\n  path: \"Straße & <café>.mp4\"\nseed: 7\ndream:\n  step: 1.5\n";

class EmbeddedJob : public testing::TestWithParam<std::string> {};

TEST_P(EmbeddedJob, ComesBack) {
  const ScratchDir scratch;
  auto options = to(scratch / GetParam());
  options.job_yaml = kJob;
  write_noise(options, info_of(32, 32), 1);
  EXPECT_EQ(read_job(options.path), kJob);
}

INSTANTIATE_TEST_SUITE_P(Outputs, EmbeddedJob,
                         testing::Values("o.mp4", "o.mov", "o.mkv", "o.webm", "o.avi", "o.png", "o.jpg",
                                         "o%03d.png", "o.m4v"));

TEST(Job, IsShownByFfprobe) {
  const ScratchDir scratch;
  for (const std::string name : {"o.mp4", "o.mkv", "o.png"}) {
    auto options = to(scratch / name);
    options.job_yaml = "seed: 4711\n";
    write_noise(options, info_of(32, 32), 1);
    const auto shown =
        test::run_process({"ffprobe", "-v", "error", "-show_format", "-show_frames", options.path.string()});
    EXPECT_THAT(shown.out, HasSubstr("seed: 4711")) << name;
  }
}

TEST(Job, IsAbsentWhereNoneWasWritten) {
  const ScratchDir scratch;
  make_clip(scratch / "a.mp4", "testsrc2=s=32x32:d=0.2", {"-metadata", "comment=mine"});
  make_clip(scratch / "a.png", "testsrc2=s=32x32:d=0.04", {"-frames:v", "1"});
  EXPECT_EQ(read_job(scratch / "a.mp4"), std::nullopt);
  EXPECT_EQ(read_job(scratch / "a.png"), std::nullopt);
  EXPECT_THAT(message_of<InputError>([&] { read_job(scratch / "none.mp4"); }), HasSubstr("none.mp4"));
}

TEST(Metadata, TagsAndChaptersAreKept) {
  const ScratchDir scratch;
  test::write_file(scratch / "tags.txt",
                   ";FFMETADATA1\ntitle=Walk\nartist=Somebody\ncomment=my words\n"
                   "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=one\n"
                   "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=two\n"
                   "[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=3000\ntitle=three\n");
  for (const std::string extension : {".mp4", ".mkv"}) {
    const auto in = scratch / ("in" + extension);
    const auto out = scratch / ("out" + extension);
    make_clip(in, "testsrc2=s=64x48:r=25:d=3",
              {"-f", "ffmetadata", "-i", (scratch / "tags.txt").string(), "-map_metadata", "1"});
    ReaderOptions reader;
    reader.path = in;
    reader.trim_start = TimePoint{0.4, TimePoint::Unit::seconds};
    reader.trim_end = TimePoint{1.8, TimePoint::Unit::seconds};
    auto options = to(out);
    options.job_yaml = kJob;
    test::send_through(reader, options);
    EXPECT_THAT(probe(out, "-show_entries format_tags=title"), ElementsAre("Walk"));
    EXPECT_THAT(probe(out, "-show_entries format_tags=artist"), ElementsAre("Somebody"));
    const auto comment =
        test::run_process({"ffprobe", "-v", "error", "-show_entries", "format_tags=comment", out.string()})
            .out;
    EXPECT_THAT(comment, HasSubstr("my words"));
    EXPECT_EQ(read_job(out), kJob);
    EXPECT_THAT(probe(out, "-show_chapters -show_entries chapter=start_time,end_time:chapter_tags=title"),
                ElementsAre("0.000000,0.600000,one", "0.600000,1.400000,two"))
        << extension;
  }
}

TEST(Metadata, ADreamedSourceDoesNotPassItsJobOn) {
  const ScratchDir scratch;
  auto options = to(scratch / "first.mp4");
  options.job_yaml = "seed: 1\n";
  write_noise(options, info_of(32, 32), 3);
  auto second = to(scratch / "second.mkv");
  second.job_yaml = "seed: 2\n";
  ReaderOptions reader;
  reader.path = options.path;
  test::send_through(reader, second);
  EXPECT_EQ(read_job(second.path), "seed: 2\n");
  const auto shown = test::run_process({"ffprobe", "-v", "error", "-show_format", second.path.string()}).out;
  EXPECT_THAT(shown, testing::Not(HasSubstr("seed: 1")));
}

TEST(Unfinished, LeavesNothing) {
  const ScratchDir scratch;
  const auto info = info_of(64, 64);
  {
    Writer writer(to(scratch / "out.mp4"), info);
    for (int i = 0; i < 5; ++i) writer.write(noise(info, i));
    EXPECT_FALSE(std::filesystem::exists(scratch / "out.mp4"));
  }
  EXPECT_THAT(names_in(scratch.path()), IsEmpty());
}

TEST(Unfinished, KeepsAnOlderFile) {
  const ScratchDir scratch;
  test::write_file(scratch / "out.mp4", "old");
  const auto info = info_of(64, 64);
  {
    Writer writer(to(scratch / "out.mp4"), info);
    writer.write(noise(info, 0));
  }
  EXPECT_EQ(test::read_file(scratch / "out.mp4"), "old");
}

TEST(Unfinished, NothingRenderedIsAnError) {
  const ScratchDir scratch;
  Writer writer(to(scratch / "out.mp4"), info_of(64, 64));
  EXPECT_THAT(message_of<RenderError>([&] { writer.finish(); }), HasSubstr("out.mp4"));
}

TEST(Times, MustRise) {
  const ScratchDir scratch;
  const auto info = info_of(64, 64);
  Writer writer(to(scratch / "out.mp4"), info);
  writer.write(noise(info, 3));
  EXPECT_THAT(message_of<RenderError>([&] { writer.write(noise(info, 3)); }), HasSubstr("frame 3"));
}

TEST(Unwritable, FolderIsAnIoError) {
  const ScratchDir scratch;
  test::write_file(scratch / "file", "");
  EXPECT_THAT(message_of<IoError>([&] { Writer(to(scratch / "file/out.mp4"), info_of(64, 64)); }),
              HasSubstr("file"));
}

// A folder with little room: a small tmpfs if mounting is allowed, or else a limit on the size of files.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directory(folder_);
    mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=256k") == 0;
    if (mounted_) return;
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    rlimit limit = old_limit_;
    limit.rlim_cur = 256UL * 1024;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    if (mounted_) {
      umount(folder_.c_str());
    } else {
      setrlimit(RLIMIT_FSIZE, &old_limit_);
      std::signal(SIGXFSZ, old_handler_);
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  const char* complaint() const { return mounted_ ? "No space left on device" : "File too large"; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
  rlimit old_limit_{};
  void (*old_handler_)(int) = nullptr;
};

class FullDisk : public testing::TestWithParam<std::string> {};

TEST_P(FullDisk, IsAnIoErrorAndLeavesNothing) {
  const ScratchDir scratch;
  const SmallDisk disk(scratch / "small");
  const auto file = scratch / ("small/" + GetParam());
  const auto info = info_of(320, 240);
  EXPECT_THAT(message_of<IoError>([&] { write_noise(to(file), info, 40); }),
              AllOf(HasSubstr("small/"), HasSubstr(disk.complaint())));
  EXPECT_FALSE(std::filesystem::exists(file));
  for (const auto& name : names_in(scratch / "small")) EXPECT_THAT(name, testing::Not(HasSubstr(".part")));
}

INSTANTIATE_TEST_SUITE_P(Outputs, FullDisk,
                         testing::Values("out.mp4", "out.mkv", "out.avi", "huge.png", "f%03d.bmp"),
                         [](const auto& case_info) { return "Case" + std::to_string(case_info.index); });

}  // namespace
}  // namespace dreamreel
