// Warnings before rendering: interlaced sources, and high dynamic range that an output cannot keep.
#include "dreamreel/media/warnings.h"

#include <gmock/gmock.h>

extern "C" {
#include <libavutil/dovi_meta.h>
}

#include <algorithm>
#include <functional>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "libav.h"

namespace dreamreel {
namespace {

using media::Reader;
using media::ReaderOptions;
using media::WriterOptions;
using test::from;
using test::make_clip;
using test::ScratchDir;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> about(const ReaderOptions& source) {
  return media::source_warnings(source, Reader(source).info());
}

std::vector<std::string> on_the_way(const ReaderOptions& source, const std::filesystem::path& output,
                                    const std::string& codec = "") {
  WriterOptions options;
  options.path = output;
  options.codec = codec;
  return media::output_warnings(source, Reader(source).info(), options);
}

// Soft moving waves, as in a camera's picture. The hard edges of test patterns would look like combs.
const std::string kWaves = ":d=1,geq=lum='128+60*sin((X+3*N)/9)*cos((Y+2*N)/13)':cb=128:cr=128";
const std::string kFields = "nullsrc=s=160x120:r=50" + kWaves + ",interlace=scan=tff";
const std::string kWhole = "nullsrc=s=160x120:r=25" + kWaves;
const std::vector<std::string> kMpeg2Fields{"-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", "1"};
const std::vector<std::string> kH264Fields{"-c:v", "libx264", "-x264-params", "tff=1"};

TEST(Interlaced, SourcesAreNamedWithTheFilterToSet) {
  const ScratchDir scratch;
  make_clip(scratch / "il.mpg", kFields, kMpeg2Fields);
  make_clip(scratch / "il.mkv", kFields, kH264Fields);
  make_clip(scratch / "il.mov", "testsrc2=s=720x576:r=50:d=0.4,interlace=scan=bff",
            {"-c:v", "dvvideo", "-pix_fmt", "yuv420p"});
  for (const std::string name : {"il.mpg", "il.mkv", "il.mov"})
    EXPECT_THAT(about(from(scratch / name)), ElementsAre(AllOf(HasSubstr(name + " is interlaced"),
                                                               HasSubstr("input.filter: bwdif (50 frames"))))
        << name;
}

TEST(Interlaced, SourcesThatAFilterTakesApartAreFine) {
  const ScratchDir scratch;
  make_clip(scratch / "il.mpg", kFields, kMpeg2Fields);
  for (const std::string filter :
       {"bwdif", "yadif=1", "scale=36:28,w3fdif", "[in]bwdif=mode=send_frame[out]", "bwdif@x=1"})
    EXPECT_THAT(about(from(scratch / "il.mpg", filter)), IsEmpty()) << filter;
  EXPECT_THAT(about(from(scratch / "il.mpg", "scale=36:28")), SizeIs(1));
}

TEST(Interlaced, OnlyByItsFlagIsProgressive) {
  const ScratchDir scratch;
  make_clip(scratch / "psf.mkv", kWhole, kH264Fields);  // film stored as fields: no combs
  make_clip(scratch / "psf.mpg", kWhole, kMpeg2Fields);
  make_clip(scratch / "plain.mp4", kWhole);
  make_clip(scratch / "photo.png", kWhole, {"-frames:v", "1"});
  for (const std::string name : {"psf.mkv", "psf.mpg", "plain.mp4", "photo.png"})
    EXPECT_THAT(about(from(scratch / name)), IsEmpty()) << name;
}

TEST(Interlaced, WithoutMotionTheFlagCounts) {
  const ScratchDir scratch;
  make_clip(scratch / "still.mpg", "color=gray:s=72x60:r=25:d=1", kMpeg2Fields);
  EXPECT_THAT(about(from(scratch / "still.mpg")), SizeIs(1));
}

const std::string kLevels =
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400";

void make_pq_clip(const std::filesystem::path& out, const std::string& transfer = "smpte2084") {
  make_clip(
      out, "color=0x808080:s=64x64:r=24:d=0.25,format=yuv420p10le",
      {"-c:v", "libx265", "-x265-params",
       "log-level=none:colorprim=bt2020:transfer=" + transfer + ":colormatrix=bt2020nc:hdr10=1:" + kLevels});
}

TEST(HighDynamicRange, IsSaidWhereTheOutputCannotTellIt) {
  const ScratchDir scratch;
  make_pq_clip(scratch / "pq.mp4");
  make_pq_clip(scratch / "hlg.mp4", "arib-std-b67");
  for (const std::string name : {"%03d.png", "%03d.jpg", "a.gif", "a.webp", "a.apng"})
    EXPECT_THAT(on_the_way(from(scratch / "pq.mp4"), scratch / name),
                ElementsAre(AllOf(HasSubstr("pq.mp4 is HDR (PQ)"), HasSubstr("tonemap="))))
        << name;
  EXPECT_THAT(on_the_way(from(scratch / "hlg.mp4"), scratch / "%03d.png"),
              ElementsAre(HasSubstr("HDR (HLG)")));
  for (const std::string name : {"a.mp4", "a.mkv", "a.mov", "a.webm"})
    EXPECT_THAT(on_the_way(from(scratch / "pq.mp4"), scratch / name), IsEmpty()) << name;
  EXPECT_THAT(on_the_way(from(scratch / "pq.mp4"), scratch / "a.avi", "mpeg4"), SizeIs(1));
}

TEST(HighDynamicRange, MadeSdrByTheFilterThatTheWarningNamesIsSdr) {
  const ScratchDir scratch;
  make_pq_clip(scratch / "pq.mp4");
  const auto warning = on_the_way(from(scratch / "pq.mp4"), scratch / "a.gif").at(0);
  const std::string mark = "input.filter: ";
  const auto source = from(scratch / "pq.mp4", warning.substr(warning.rfind(mark) + mark.size()));
  EXPECT_THAT(on_the_way(source, scratch / "a.gif"), IsEmpty());
  Reader reader(source);
  EXPECT_EQ(reader.info().colour.transfer, 1);
  EXPECT_FALSE(reader.info().hdr.mastering_display);
  // PQ code 128 is 94 cd/m^2, 0.463 of the white at 203: 185 on a display with BT.1886's gamma of 2.4.
  EXPECT_NEAR(reader.next()->rgb[0][24][32].item<float>() * 255, 185, 6);
}

TEST(WideColours, AreSaidWhereTheOutputCannotTellThem) {
  const ScratchDir scratch;
  make_clip(scratch / "p3.mp4", "testsrc2=s=64x48:r=24:d=0.25",
            {"-color_primaries", "smpte432", "-color_trc", "bt709", "-colorspace", "bt709"});
  EXPECT_THAT(on_the_way(from(scratch / "p3.mp4"), scratch / "%d.jpg"),
              ElementsAre(HasSubstr("wide colours (smpte432)")));
  EXPECT_THAT(on_the_way(from(scratch / "p3.mp4"), scratch / "a.mp4"), IsEmpty());
}

TEST(OrdinaryClips, HaveNothingToBeSaid) {
  const ScratchDir scratch;
  make_clip(scratch / "a.mp4", "testsrc2=s=64x48:r=24:d=0.25");
  make_clip(scratch / "b.mp4", "testsrc2=s=64x48:r=24:d=0.25",
            {"-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"});
  for (const std::string clip : {"a.mp4", "b.mp4"})
    for (const std::string name : {"%03d.png", "%03d.jpg", "a.gif", "a.mp4", "a.avi"})
      EXPECT_THAT(on_the_way(from(scratch / clip), scratch / name), IsEmpty()) << clip << name;
}

// Whether the file has the levels of the clip above, in its bit stream ("frame") or in its container
// ("stream").
bool has_levels(const std::filesystem::path& file, const std::string& where) {
  std::string text;
  for (const auto& line :
       test::probe(file, "-select_streams v -read_intervals %+#1 -show_entries " + where + "_side_data"))
    text += line + "\n";
  // Matroska keeps floats, which come back as other fractions.
  if (file.extension() == ".mkv" || file.extension() == ".webm")
    return text.find("Mastering display") != std::string::npos && text.find("1000,400") != std::string::npos;
  return text.find(
             "34000/50000,16000/50000,13250/50000,34500/50000,7500/50000,3000/50000,15635/50000,16450/"
             "50000,1/10000,10000000/10000") != std::string::npos &&
         text.find("1000,400") != std::string::npos;
}

TEST(HighDynamicRange, LevelsGoFromClipToClip) {
  const ScratchDir scratch;
  make_pq_clip(scratch / "in.mp4");
  ASSERT_TRUE(has_levels(scratch / "in.mp4", "frame"));
  struct Kind {
    std::string name, codec, where;
  };
  // ffprobe 5.1 does not show what stands in an H.264 stream.
  for (const Kind& kind :
       {Kind{"264.mp4", "libx264", "stream"}, Kind{"264.mkv", "libx264", "stream"},
        Kind{"265.mkv", "libx265", "frame"}, Kind{"265.mov", "libx265", "stream"},
        Kind{"vp9.webm", "libvpx-vp9", "stream"}, Kind{"av1.mp4", "libsvtav1", "stream"}}) {
    WriterOptions out;
    out.path = scratch / kind.name;
    out.codec = kind.codec;
    test::send_through(from(scratch / "in.mp4"), out);
    EXPECT_TRUE(has_levels(scratch / kind.name, kind.where)) << kind.name;
  }
}

// Copies a clip packet by packet, and changes its stream and its packets on the way.
void remuxed(const std::filesystem::path& in, const std::filesystem::path& out,
             const std::function<void(AVStream&)>& change_stream,
             const std::function<void(AVPacket&)>& change_packet) {
  AVFormatContext *reading = nullptr, *writing = nullptr;
  ASSERT_GE(avformat_open_input(&reading, in.c_str(), nullptr, nullptr), 0);
  ASSERT_GE(avformat_find_stream_info(reading, nullptr), 0);
  ASSERT_GE(avformat_alloc_output_context2(&writing, nullptr, nullptr, out.c_str()), 0);
  writing->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;  // of Dolby's boxes
  AVStream* const stream = avformat_new_stream(writing, nullptr);
  ASSERT_GE(avcodec_parameters_copy(stream->codecpar, reading->streams[0]->codecpar), 0);
  change_stream(*stream);
  ASSERT_GE(avio_open(&writing->pb, out.c_str(), AVIO_FLAG_WRITE), 0);
  ASSERT_GE(avformat_write_header(writing, nullptr), 0);
  for (auto packet = media::new_packet(); av_read_frame(reading, packet.get()) >= 0;) {
    change_packet(*packet);
    av_packet_rescale_ts(packet.get(), reading->streams[0]->time_base, stream->time_base);
    ASSERT_GE(av_interleaved_write_frame(writing, packet.get()), 0);
  }
  ASSERT_GE(av_write_trailer(writing), 0);
  avio_closep(&writing->pb);
  avformat_free_context(writing);
  avformat_close_input(&reading);
}

void make_dolby_clip(const std::filesystem::path& in, const std::filesystem::path& out, int profile) {
  const auto add = [&](AVStream& stream) {
    std::size_t size = 0;
    auto* const record = av_dovi_alloc(&size);
    record->dv_version_major = 1;
    record->dv_profile = static_cast<std::uint8_t>(profile);
    record->dv_level = 1;
    record->rpu_present_flag = record->bl_present_flag = 1;
    record->dv_bl_signal_compatibility_id = profile == 8 ? 1 : 0;
    media::add_stream_side_data(stream, AV_PKT_DATA_DOVI_CONF,
                                {reinterpret_cast<const std::uint8_t*>(record), size});
    av_free(record);
  };
  remuxed(in, out, add, [](AVPacket&) {});
}

TEST(HighDynamicRange, DolbyVisionIsNamed) {
  const ScratchDir scratch;
  make_pq_clip(scratch / "pq.mp4");
  make_dolby_clip(scratch / "pq.mp4", scratch / "p8.mp4", 8);
  EXPECT_THAT(on_the_way(from(scratch / "p8.mp4"), scratch / "a.mp4"),
              ElementsAre(AllOf(HasSubstr("p8.mp4: its Dolby Vision metadata is lost"), HasSubstr("HDR10"))));
  // Only Dolby's own decoders know the colours of profile 5, and the stream states no other transfer
  // function.
  make_clip(scratch / "untold.mp4", "color=0x808080:s=64x64:r=24:d=0.25,format=yuv420p10le",
            {"-c:v", "libx265", "-x265-params", "log-level=none"});
  make_dolby_clip(scratch / "untold.mp4", scratch / "p5.mp4", 5);
  for (const char* const filter : {"", "scale=32:32"})
    EXPECT_THAT(on_the_way(from(scratch / "p5.mp4", filter), scratch / "a.mp4"),
                ElementsAre(AllOf(HasSubstr("Dolby Vision of profile 5"), HasSubstr("convert it"))))
        << filter;
}

// HDR10+ is a message in the bit stream (SMPTE ST 2094-40 in ITU-T T.35).
std::vector<std::uint8_t> hdr10_plus_message() {
  std::vector<std::uint8_t> bits;
  const auto put = [&](std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) bits.push_back(value >> i & 1U);
  };
  put(0xB5, 8);        // country
  put(0x003C, 16);     // SMPTE
  put(0x0001, 16);     // ST 2094-40
  put(4, 8);           // application
  put(1, 8);           // its version
  put(1, 2);           // windows
  put(1000 << 8, 27);  // target's luminance
  put(0, 1);
  for (int i = 0; i < 3; ++i) put(0x11111, 17);  // maxscl
  put(0x11111, 17);                              // average_maxrgb
  put(0, 4);                                     // percentiles
  put(0x155, 10);                                // fraction of bright pixels
  put(0, 3);                                     // no peaks, no tone mapping, no saturation
  while (bits.size() % 8 != 0) put(1, 1);
  std::vector<std::uint8_t> bytes(bits.size() / 8);
  for (std::size_t i = 0; i < bits.size(); ++i)
    bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] << 1 | bits[i]);
  return bytes;
}

// Puts the message before a packet's picture, as a unit with its length, in the form that MP4 has.
void add_message(AVPacket& packet) {
  constexpr std::uint8_t kRegistered = 4, kEnd = 0x80;
  const auto message = hdr10_plus_message();
  std::vector<std::uint8_t> unit{0x4E, 0x01, kRegistered, static_cast<std::uint8_t>(message.size())};
  int zeros = 0;
  for (const std::uint8_t byte : message) {  // escapes bytes that would look like a start code
    if (zeros == 2 && byte <= 3) {
      unit.push_back(3);
      zeros = 0;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    unit.push_back(byte);
  }
  unit.push_back(kEnd);
  const std::vector<std::uint8_t> old(packet.data, packet.data + packet.size);
  const auto size = static_cast<std::uint8_t>(unit.size());
  unit.insert(unit.begin(), {0, 0, 0, size});
  ASSERT_GE(av_grow_packet(&packet, static_cast<int>(unit.size())), 0);
  ASSERT_GE(av_packet_make_writable(&packet), 0);
  std::ranges::copy(old, std::ranges::copy(unit, packet.data).out);
}

TEST(HighDynamicRange, MetadataThatChangesFromFrameToFrameIsNamed) {
  const ScratchDir scratch;
  make_pq_clip(scratch / "pq.mp4");
  remuxed(
      scratch / "pq.mp4", scratch / "plus.mp4", [](AVStream&) {}, add_message);
  EXPECT_THAT(on_the_way(from(scratch / "plus.mp4"), scratch / "a.mp4"),
              ElementsAre(AllOf(HasSubstr("plus.mp4"), HasSubstr("HDR10+"))));
}

TEST(HighDynamicRange, PngSaysItInAChunk) {
  const ScratchDir scratch;
  make_pq_clip(scratch / "in.mp4");
  test::send_through(scratch / "in.mp4", scratch / "out_%d.png");
  EXPECT_THAT(test::read_file(scratch / "out_0.png"), HasSubstr(std::string("\0\0\0\4cICP\x09\x10\0\1", 12)));
  EXPECT_EQ(Reader(from(scratch / "out_0.png")).info().colour.transfer, 16);
  make_clip(scratch / "sdr.mp4", "testsrc2=s=64x48:r=24:d=0.1");
  test::send_through(scratch / "sdr.mp4", scratch / "sdr_%d.png");
  EXPECT_THAT(test::read_file(scratch / "sdr_0.png"), testing::Not(HasSubstr("cICP")));
}

}  // namespace
}  // namespace dreamreel
