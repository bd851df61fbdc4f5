// A clip cannot make the program open another file, and pictures that are too large are not decoded.
#include "input_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/memory_limit.h"
#include "dreamreel/core/trust.h"
#include "dreamreel/media/sound_analysis.h"
#include "input.h"

namespace dreamreel::media {
namespace {

using test::from;
using test::make_clip;
using test::message_of;
using test::ScratchDir;
using test::write_file;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

void expect_refused(const std::filesystem::path& path, const std::string& format) {
  const auto expected =
      AllOf(HasSubstr("'" + format + "'"), HasSubstr("open other files"), HasSubstr(kTrustOption));
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(path)}; }), expected);
  EXPECT_THAT(message_of<InputError>([&] { read_job(path); }), expected);
  EXPECT_THAT(message_of<InputError>([&] { analyse_sound(SoundRange{path, 0, {24, 1}, {}}); }), expected);
}

TEST(Input, ThatListsOtherFilesIsRefused) {
  const ScratchDir scratch;
  make_clip(scratch / "other.ts", "testsrc2=s=64x48:r=25:d=0.4", {"-c:v", "mpeg2video"});
  const std::string other = (scratch / "other.ts").string();
  write_file(scratch / "concat.mp4", "ffconcat version 1.0\nfile '" + other + "'\n");
  expect_refused(scratch / "concat.mp4", "concat");
  write_file(scratch / "hls.mp4",
             "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + other + "\n#EXT-X-ENDLIST\n");
  expect_refused(scratch / "hls.mp4", "hls");
  write_file(scratch / "sdp.mp4",
             "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n");
  expect_refused(scratch / "sdp.mp4", "sdp");
}

TEST(Input, ThatListsOtherFilesIsReadForThoseWhoTrustIt) {
  const ScratchDir scratch;
  make_clip(scratch / "other.ts", "testsrc2=s=64x48:r=25:d=0.4", {"-c:v", "mpeg2video"});
  write_file(scratch / "concat.mp4", "ffconcat version 1.0\nfile 'other.ts'\n");
  trust_ffmpeg();
  EXPECT_EQ(Reader(from(scratch / "concat.mp4")).info().width, 64);
  unsetenv(kTrustVariable);
}

// The demuxer of one file asks for a file with another name, as QuickTime files with external references do.
TEST(InputGuard, OpensTheFileItselfAndItsNumberedPicturesOnly) {
  const ScratchDir scratch;
  for (const char* const name : {"a.mp4", "b.mp4", "p01.png", "p02.png", "q01.png"})
    write_file(scratch / name, "x");
  const auto opens = [&](InputGuard& guard, const std::filesystem::path& file, int flags = AVIO_FLAG_READ) {
    const InputPtr context(avformat_alloc_context());
    context->url = av_strdup("");  // as avformat_open_input() sets it
    Dictionary options;
    guard.protect(*context, options);
    AVIOContext* raw = nullptr;
    const int error = context->io_open(context.get(), &raw, file_url(file).c_str(), flags, nullptr);
    const IoPtr io(raw);
    return error >= 0;
  };
  InputGuard one(scratch / "a.mp4", std::nullopt);
  EXPECT_TRUE(opens(one, scratch / "a.mp4"));
  EXPECT_FALSE(opens(one, scratch / "b.mp4"));
  EXPECT_FALSE(opens(one, scratch / "a.mp4", AVIO_FLAG_WRITE));
  const auto path = scratch / "p%02d.png";
  InputGuard many(path, NumberPattern::parse(path));
  EXPECT_TRUE(opens(many, scratch / "p02.png"));
  EXPECT_FALSE(opens(many, scratch / "q01.png"));
  EXPECT_FALSE(opens(many, scratch / "p02.png" / ".." / "q01.png"));
}

TEST(Input, ThatIsAnAddressIsRefusedInOneLine) {
  for (const char* const path :
       {"http://example.org/clip.mp4", "https://example.org/clip.mp4", "/jobs/http:/example.org/clip.mp4",
        "tcp://127.0.0.1:1", "concat:a.ts|b.ts", "crypto:a.mp4", "data:text/plain,x",
        "subfile,,start,0,end,0,,:a.mp4", "pipe:0", "file:/etc/passwd"}) {
    const auto message = message_of<InputError>([&] { Reader{from(path)}; });
    EXPECT_THAT(message, AllOf(HasSubstr(path), HasSubstr("files only"), Not(HasSubstr("\n")))) << path;
  }
}

TEST(Input, ThatIsNoRegularFileIsRefused) {
  const ScratchDir scratch;
  ASSERT_EQ(mkfifo((scratch / "pipe.mp4").c_str(), 0600), 0);
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "pipe.mp4")}; }), HasSubstr("regular"));
  EXPECT_THAT(message_of<InputError>([&] { Reader{from("/dev/zero")}; }), HasSubstr("regular"));
}

// A PNG of a few hundred bytes whose header says that it has `width` x `height` pixels.
std::string small_png(const ScratchDir& scratch, std::uint32_t width, std::uint32_t height) {
  make_clip(scratch / "small.png", "color=c=black:s=16x16", {"-frames:v", "1", "-pix_fmt", "rgb24"});
  auto png = test::read_file(scratch / "small.png");
  for (const auto& [at, value] : {std::pair{std::size_t{16}, width}, std::pair{std::size_t{20}, height}})
    for (std::size_t i = 0; i < 4; ++i) png[at + i] = static_cast<char>(value >> (24 - 8 * i));
  std::uint32_t crc = 0xFFFFFFFF;  // of the header's chunk
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<std::uint8_t>(png[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  return png;
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(Input, WithPicturesThatAreTooLargeIsRefusedFromTheHeader) {
  const ScratchDir scratch;
  write_file(scratch / "huge.png", small_png(scratch, 30000, 30000));
  const long before = peak_kib();
  const auto too_large = AllOf(HasSubstr("huge"), HasSubstr("30000x30000"), HasSubstr("16000x16000"));
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "huge.png")}; }), too_large);
  std::filesystem::rename(scratch / "huge.png", scratch / "huge01.png");
  EXPECT_THAT(message_of<InputError>([&] { Reader{from(scratch / "huge%02d.png")}; }), too_large);
  constexpr long kMostKib = 100 << 10;  // a decoded one takes 2.7 GB
  EXPECT_LT(peak_kib() - before, kMostKib);
}

TEST(Input, WithPicturesThatDoNotFitIntoTheMemoryIsRefusedFromTheHeader) {
  const ScratchDir scratch;
  write_file(scratch / "large.png", small_png(scratch, 12000, 12000));
  make_clip(scratch / "clip.mkv", "color=s=640x480:d=0.1", {"-c:v", "ffv1"});
  const long before = peak_kib();
  set_memory_limit(std::int64_t{512} << 20);
  EXPECT_THAT(
      message_of<RenderError>([&] { Reader{from(scratch / "large.png")}; }),
      AllOf(HasSubstr("12000x12000"), HasSubstr("2197 MiB"), HasSubstr("512 MiB"), HasSubstr("--memory")));
  EXPECT_EQ(Reader(from(scratch / "clip.mkv")).info().width, 640);
  set_memory_limit(1 << 20);
  EXPECT_THAT(message_of<RenderError>([&] { Reader{from(scratch / "clip.mkv")}; }), HasSubstr("640x480"));
  set_memory_limit(0);
  constexpr long kMostKib = 100 << 10;
  EXPECT_LT(peak_kib() - before, kMostKib);
}

TEST(Input, ThatGrowsTooLargeOnTheWayIsRefusedThere) {
  const ScratchDir scratch;
  write_file(scratch / "p02.png", small_png(scratch, 40000, 20000));
  make_clip(scratch / "p01.png", "testsrc2=s=16x16", {"-frames:v", "1"});
  const long before = peak_kib();
  Reader reader(from(scratch / "p%02d.png"));
  EXPECT_THAT(message_of<InputError>([&] {
                while (reader.next()) {
                }
              }),
              AllOf(HasSubstr("40000x20000"), HasSubstr("16000x16000")));
  constexpr long kMostKib = 100 << 10;
  EXPECT_LT(peak_kib() - before, kMostKib);
}

}  // namespace
}  // namespace dreamreel::media
