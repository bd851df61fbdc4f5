// Sound is copied packet by packet, stays in step with the picture, and is cut to the range. It is encoded
// anew only where the container requires it.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "sound_trial.h"

namespace dreamreel {
namespace {

using media::ReaderOptions;
using media::WriterOptions;
using test::make_clip;
using test::packet_hashes;
using test::packet_times;
using test::probe;
using test::ScratchDir;
using test::send_through;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

const char* const kPicture = "testsrc2=s=64x48:r=25:d=2";

// ffmpeg arguments that add one tone of two seconds per codec.
std::vector<std::string> tones(const std::vector<std::string>& codecs) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < codecs.size(); ++i)
    for (const auto& word : {std::string("-f"), std::string("lavfi"), std::string("-i"),
                             "sine=f=" + std::to_string(440 * (i + 1)) + ":d=2:r=48000"})
      arguments.push_back(word);
  for (std::size_t i = 0; i <= codecs.size(); ++i) {
    arguments.emplace_back("-map");
    arguments.push_back(std::to_string(i));
  }
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    arguments.push_back("-c:a:" + std::to_string(i));
    arguments.push_back(codecs[i]);
  }
  arguments.insert(arguments.end(), {"-strict", "-2"});
  return arguments;
}

struct SoundCase {
  std::string name;
  std::vector<std::string> codecs;
  std::string extension_in, extension_out;
};

class CopiedSound : public testing::TestWithParam<SoundCase> {};

TEST_P(CopiedSound, EveryPacketIsTheSourcesAndInStep) {
  const ScratchDir scratch;
  const auto& param = GetParam();
  const auto in = scratch / ("in" + param.extension_in);
  const auto out = scratch / ("out" + param.extension_out);
  make_clip(in, kPicture, tones(param.codecs));
  send_through(in, out);
  EXPECT_THAT(test::frame_times(out), Pointwise(DoubleNear(1.5e-6), test::frame_times(in)));
  for (std::size_t track = 0; track < param.codecs.size(); ++track) {
    const std::string stream = "a:" + std::to_string(track);
    const auto hashes = packet_hashes(in, stream);
    ASSERT_GT(hashes.size(), 20U);
    EXPECT_EQ(packet_hashes(out, stream), hashes) << stream;
    // Matroska rounds times to milliseconds.
    EXPECT_THAT(packet_times(out, stream), Pointwise(DoubleNear(1.01e-3), packet_times(in, stream)))
        << stream;
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, CopiedSound,
                         testing::Values(SoundCase{"AacMp4", {"aac"}, ".mp4", ".mp4"},
                                         SoundCase{"Mp3Mp4", {"libmp3lame"}, ".mp4", ".mp4"},
                                         SoundCase{"Ac3Mp4", {"ac3"}, ".mp4", ".mp4"},
                                         SoundCase{"OpusMp4", {"libopus"}, ".mp4", ".mp4"},
                                         SoundCase{"FlacMp4", {"flac"}, ".mp4", ".mp4"},
                                         SoundCase{"AacMkv", {"aac"}, ".mkv", ".mkv"},
                                         SoundCase{"OpusMkv", {"libopus"}, ".mkv", ".mkv"},
                                         SoundCase{"FlacMkv", {"flac"}, ".mkv", ".mkv"},
                                         SoundCase{"AacMp4ToMkv", {"aac"}, ".mp4", ".mkv"},
                                         SoundCase{"AacMkvToMp4", {"aac"}, ".mkv", ".mp4"},
                                         SoundCase{"AacMov", {"aac"}, ".mov", ".mov"},
                                         SoundCase{"TwoTracksMp4", {"aac", "ac3"}, ".mp4", ".mp4"},
                                         SoundCase{"TwoTracksMkv", {"libopus", "flac"}, ".mkv", ".mkv"}),
                         [](const auto& case_info) { return case_info.param.name; });

TEST(Sound, LanguageAndDispositionAreKept) {
  const ScratchDir scratch;
  auto arguments = tones({"aac", "aac"});
  arguments.insert(arguments.end(), {"-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=fre",
                                     "-disposition:a:0", "0", "-disposition:a:1", "default"});
  make_clip(scratch / "in.mkv", kPicture, arguments);
  send_through(scratch / "in.mkv", scratch / "out.mkv");
  EXPECT_THAT(probe(scratch / "out.mkv", "-select_streams a -show_entries stream_tags=language"),
              ElementsAre("ger", "fre"));
  EXPECT_THAT(probe(scratch / "out.mkv", "-select_streams a -show_entries stream_disposition=default"),
              ElementsAre("0", "1"));
}

// A tone of 1 kHz starts at 1.0 s. After a trim at 0.6 s it must start at 0.4 s in the output, whether it is
// copied or encoded anew.
double tone_start_seconds(const std::filesystem::path& file) {
  const auto result =
      test::run_process({"ffmpeg", "-hide_banner", "-nostats", "-copyts", "-i", file.string(), "-af",
                         "silencedetect=noise=-40dB:d=0.05", "-vn", "-f", "null", "-"});
  const std::string key = "silence_end: ";
  const auto at = result.err.find(key);
  if (at == std::string::npos) return -1;
  return std::stod(result.err.substr(at + key.size()));
}

struct InStepCase {
  std::string name, codec, extension_in, extension_out;
};

class SoundInStep : public testing::TestWithParam<InStepCase> {};

// A tone starts at 1.0 s of the source, or a little later if the muxer of the source made room for its
// run-up. After a trim at 0.6 s, the tone must keep its place against the picture, whether it is copied or
// encoded anew.
TEST_P(SoundInStep, AfterATrimInsideAPacket) {
  const ScratchDir scratch;
  const auto& param = GetParam();
  const auto in = scratch / ("in" + param.extension_in);
  const auto out = scratch / ("out" + param.extension_out);
  make_clip(in, "testsrc2=s=64x48:r=25:d=3",
            {"-f", "lavfi", "-i", "aevalsrc='gt(t,1)*sin(2*PI*1000*t)':s=48000:d=3", "-c:a", param.codec,
             "-strict", "-2"});
  ReaderOptions reader;
  reader.path = in;
  reader.trim_start = TimePoint{0.6, TimePoint::Unit::seconds};
  reader.trim_end = TimePoint{2.0, TimePoint::Unit::seconds};
  WriterOptions writer;
  writer.path = out;
  const auto info = send_through(reader, writer);
  // Lapped transforms ring a millisecond or two before the attack. A packet lasts 21 ms, and a frame 40 ms.
  EXPECT_NEAR(tone_start_seconds(out), tone_start_seconds(in) - info.start_seconds, 0.004);
  const auto video = packet_times(out, "v:0");
  EXPECT_EQ(video.size(), 35U);
  EXPECT_NEAR(*std::ranges::min_element(video), 0, 1e-6);
  EXPECT_LT(packet_times(out, "a:0").back(), 1.4);
  EXPECT_GT(packet_times(out, "a:0").back(), 1.3);
}

INSTANTIATE_TEST_SUITE_P(Paths, SoundInStep,
                         testing::Values(InStepCase{"AacMp4", "aac", ".mp4", ".mp4"},
                                         InStepCase{"AacMkv", "aac", ".mkv", ".mkv"},
                                         InStepCase{"OpusMkv", "libopus", ".mkv", ".mkv"},
                                         InStepCase{"FlacMp4", "flac", ".mp4", ".mp4"},
                                         InStepCase{"AacMp4EncodedForWebm", "aac", ".mp4", ".webm"},
                                         InStepCase{"OpusMkvEncodedForMov", "libopus", ".mkv", ".mov"}),
                         [](const auto& case_info) { return case_info.param.name; });

TEST(Sound, IsEncodedWhereTheContainerRefusesIt) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", kPicture, tones({"aac"}));
  send_through(scratch / "in.mp4", scratch / "out.webm");
  EXPECT_THAT(probe(scratch / "out.webm", "-select_streams a -show_entries stream=codec_name"),
              ElementsAre("opus"));
}

TEST(Sound, LongerThanTheVideoIsCutAtItsEnd) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=1");
  make_clip(scratch / "song.flac", "sine=d=30");
  media::Reader reader(ReaderOptions{scratch / "in.mp4", "", {}, {}, {}});
  WriterOptions options;
  options.path = scratch / "out.mkv";
  options.sound_from = scratch / "song.flac";
  options.sound_start_seconds = 10;
  media::Writer writer(options, reader.info());
  while (const auto frame = reader.next()) writer.write(*frame);
  writer.finish();
  const auto times = packet_times(options.path, "a:0");
  EXPECT_LT(times.back(), 1.0);
  EXPECT_GT(times.back(), 0.85);
  const auto source = packet_hashes(scratch / "song.flac", "a:0");
  const auto copied = packet_hashes(options.path, "a:0");
  EXPECT_THAT(source, testing::IsSupersetOf(copied));
}

TEST(Sound, AfterTheLastFrameIsKeptWhereThatIsWanted) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=1",
            {"-f", "lavfi", "-i", "sine=d=1.75:r=48000", "-c:v", "libx264", "-c:a", "libopus"});
  for (const char* name : {"out.mkv", "out.mp4", "out.mov"}) {
    media::Reader reader(ReaderOptions{scratch / "in.mkv", "", {}, {}, {}});
    WriterOptions options;
    options.path = scratch / name;
    options.sound_from = scratch / "in.mkv";
    options.keeps_sound_after_last_frame = true;
    media::Writer writer(options, reader.info());
    while (const auto frame = reader.next()) writer.write(*frame);
    writer.finish();
    if (options.path.extension() == ".mov") {  // encoded anew
      EXPECT_NEAR(packet_times(options.path, "a:0").back(), 1.75, 0.05);
    } else {
      EXPECT_EQ(packet_hashes(options.path, "a:0"), packet_hashes(scratch / "in.mkv", "a:0")) << name;
    }
  }
}

TEST(Sound, ShorterThanTheVideoIsFine) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=2",
            {"-f", "lavfi", "-i", "sine=d=0.5", "-c:a", "aac"});
  send_through(scratch / "in.mp4", scratch / "out.mp4");
  EXPECT_EQ(packet_hashes(scratch / "out.mp4", "a:0"), packet_hashes(scratch / "in.mp4", "a:0"));
  EXPECT_EQ(test::frame_times(scratch / "out.mp4").size(), 50U);
}

TEST(Sound, MissingInItsFileIsSaid) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=1");
  const media::Reader reader(ReaderOptions{scratch / "in.mp4", "", {}, {}, {}});
  WriterOptions options;
  options.path = scratch / "out.mp4";
  options.sound_from = scratch / "in.mp4";
  EXPECT_THAT(test::message_of<InputError>([&] { media::Writer(options, reader.info()); }),
              testing::HasSubstr("in.mp4 has no sound"));
  EXPECT_FALSE(std::filesystem::exists(options.path));
}

// Before the first frame, all packets of the sound are tried, which takes a while for long sound.
TEST(Sound, IsNoLongerLookedThroughOnceAStopIsAskedFor) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", kPicture, tones({"aac"}));
  const std::atomic<bool> stop{true};
  const auto* const container = av_guess_format("mp4", nullptr, nullptr);
  EXPECT_THAT(test::message_of<Interrupted>(
                  [&] { media::try_to_copy(scratch / "in.mkv", 0, {}, *container, &stop); }),
              testing::HasSubstr("in.mkv"));
  EXPECT_TRUE(media::try_to_copy(scratch / "in.mkv", 0, {}, *container).refused.empty());

  std::filesystem::create_directory(scratch / "out");
  WriterOptions options;
  options.path = scratch / "out" / "out.mp4";
  options.sound_from = scratch / "in.mkv";
  ReaderOptions source;
  source.path = scratch / "in.mkv";
  const auto info = media::Reader(source).info();
  EXPECT_THROW(media::Writer(options, info, &stop), Interrupted);
  EXPECT_TRUE(std::filesystem::is_empty(scratch / "out"));
}

}  // namespace
}  // namespace dreamreel
