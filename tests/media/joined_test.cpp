// Tests times that go back, jump, wrap or repeat: joined recordings, transport streams, chained files.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "clips.h"
#include "dreamreel/media/sound_analysis.h"
#include "sound_decoder.h"
#include "sound_encoder.h"

namespace dreamreel {
namespace {

using media::Reader;
using test::from;
using test::make_clip;
using test::packet_hashes;
using test::packet_times;
using test::ScratchDir;
using test::send_through;
namespace fs = std::filesystem;

constexpr double kStep = 0.04;         // seconds from picture to picture, at 25 a second
constexpr double kTick = 1.0 / 90000;  // seconds; a transport stream's clock

void join(const std::vector<fs::path>& pieces, const fs::path& whole) {
  std::string bytes;
  for (const auto& piece : pieces) bytes += test::read_file(piece);
  test::write_file(whole, bytes);
}

// Two seconds of pictures with a tone.
void make_piece(const fs::path& out, int hz, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"-f", "lavfi", "-i", "sine=d=2:r=48000:f=" + std::to_string(hz)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  make_clip(out, "testsrc2=s=64x48:r=25:d=2", all);
}

// Zero crossings of the sound's first channel between two times: its pitch.
double pitch(const fs::path& file, double from_seconds, double to_seconds) {
  media::SoundDecoder decoder(file, from_seconds);
  std::int64_t crossings = 0;
  float before = 0;
  const auto end = static_cast<std::int64_t>((to_seconds - from_seconds) * media::kSoundRate);
  decoder.decode([&](const media::SoundBlock& block) {
    for (int i = 0; i < block.count; ++i) {
      if (block.position + i < 0 || block.position + i >= end) continue;
      const float now = block.channels[0][i];
      if (before < 0 && now >= 0) ++crossings;
      before = now;
    }
    return block.position < end;
  });
  return static_cast<double>(crossings) / (to_seconds - from_seconds);
}

struct JoinCase {
  std::string name, extension;
  std::vector<std::string> first, second;  // ffmpeg arguments of the two pieces
  std::string out;
};

class JoinedRecording : public testing::TestWithParam<JoinCase> {};

TEST_P(JoinedRecording, GoesOnInStepOnBothSidesOfTheSeam) {
  const ScratchDir scratch;
  const auto& param = GetParam();
  const auto a = scratch / ("a" + param.extension), b = scratch / ("b" + param.extension);
  const auto whole = scratch / ("whole" + param.extension), out = scratch / ("out" + param.out);
  make_piece(a, 440, param.first);
  make_piece(b, 880, param.second);
  join({a, b}, whole);

  Reader reader(from(whole));
  if (param.extension != ".mkv") {  // Matroska's header counts only the first piece
    EXPECT_EQ(reader.info().frame_count, 100);
  }
  const auto frames = test::read_all(reader);
  ASSERT_EQ(frames.size(), 100U);
  for (std::size_t i = 1; i < frames.size(); ++i)
    EXPECT_NEAR(frames[i].seconds - frames[i - 1].seconds, kStep,
                2 * kTick + 1.001e-3 * (param.extension == ".mkv"))
        << i;
  EXPECT_EQ(reader.report().message, "");

  send_through(whole, out);
  EXPECT_EQ(test::frame_times(out).size(), 100U);
  // Half a second around the seam may hold a packet of either piece.
  EXPECT_NEAR(pitch(out, 0.5, 1.75), 440, 8);
  EXPECT_NEAR(pitch(out, 2.25, 3.75), 880, 8);
  EXPECT_NEAR(packet_times(out, "a:0").back(), 4, 0.15);
}

std::vector<std::string> stream(const std::string& offset) {
  return {"-c:v", "libx264",           "-bf", "2", "-g", "25", "-c:a", "aac", "-muxdelay",
          "0",    "-output_ts_offset", offset};
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, JoinedRecording,
    testing::Values(JoinCase{"TransportBeginsAnew", ".ts", stream("0"), stream("0"), ".mp4"},
                    JoinCase{"TransportFallsByHours", ".ts", stream("36000"), stream("1"), ".mp4"},
                    JoinCase{"TransportLeapsByHours", ".ts", stream("1"), stream("36000"), ".mkv"},
                    JoinCase{"TransportWraps", ".ts", stream("95440.6"), stream("95442.6"), ".mp4"},
                    JoinCase{"ProgramStream",
                             ".mpg",
                             {"-c:v", "mpeg2video", "-c:a", "mp2"},
                             {"-c:v", "mpeg2video", "-c:a", "mp2"},
                             ".mp4"},
                    JoinCase{"Vob",
                             ".vob",
                             {"-c:v", "mpeg2video", "-c:a", "ac3"},
                             {"-c:v", "mpeg2video", "-c:a", "ac3"},
                             ".mkv"},
                    JoinCase{"ChannelsChange",
                             ".ts",
                             {"-c:v", "libx264", "-c:a", "ac3", "-ac", "2"},
                             {"-c:v", "libx264", "-c:a", "ac3", "-ac", "6"},
                             ".webm"},
                    JoinCase{"Matroska",
                             ".mkv",
                             {"-c:v", "libx264", "-c:a", "aac"},
                             {"-c:v", "libx264", "-c:a", "aac"},
                             ".mp4"}),
    [](const auto& case_info) { return case_info.param.name; });

TEST(JoinedSound, EveryPacketIsCopied) {
  const ScratchDir scratch;
  make_piece(scratch / "a.mpg", 440, {"-c:v", "mpeg2video", "-c:a", "mp2"});
  join({scratch / "a.mpg", scratch / "a.mpg"}, scratch / "whole.mpg");
  Reader reader(from(scratch / "whole.mpg"));
  media::WriterOptions options;
  options.path = scratch / "out.mp4";
  options.sound_from = scratch / "whole.mpg";
  options.keeps_sound_after_last_frame = true;
  media::Writer writer(options, reader.info());
  while (const auto frame = reader.next()) writer.write(*frame);
  writer.finish();
  EXPECT_EQ(packet_hashes(options.path, "a:0"), packet_hashes(scratch / "whole.mpg", "a:0"));
}

TEST(JoinedTrim, ATrimBehindTheSeamIsThatPartOfTheWhole) {
  const ScratchDir scratch;
  const std::vector<std::string> arguments{"-c:v", "libx264", "-preset",   "ultrafast",
                                           "-g",   "25",      "-muxdelay", "0"};
  make_clip(scratch / "a.ts", "testsrc2=s=64x48:r=25:d=7", arguments);
  join({scratch / "a.ts", scratch / "a.ts"}, scratch / "whole.ts");
  const auto all = test::read_all(from(scratch / "whole.ts"));
  ASSERT_EQ(all.size(), 350U);
  auto options = from(scratch / "whole.ts");
  options.trim_start = TimePoint{11, TimePoint::Unit::seconds};
  Reader reader(options);
  const auto frames = test::read_all(reader);
  ASSERT_EQ(frames.size(), 75U);
  EXPECT_NEAR(reader.info().start_seconds, 11, 1e-4);
  EXPECT_TRUE(frames[0].rgb.equal(all[275].rgb));
}

// The positions of the tags of one type (8 sound, 9 pictures) in an FLV file.
std::vector<std::size_t> tags_of(const std::string& bytes, char type) {
  std::vector<std::size_t> found;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  for (std::size_t at = 13; at + 11 < bytes.size();) {
    if (bytes[at] == type) found.push_back(at);
    at += 15 + (byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3));
  }
  return found;
}

TEST(Times, OneBrokenTimeStampMovesNothingElse) {
  const ScratchDir scratch;
  make_piece(scratch / "in.flv", 440, {"-c:v", "flv1", "-ar", "44100", "-c:a", "libmp3lame"});
  const auto wanted = test::read_all(from(scratch / "in.flv"));
  for (const char type : {'\x08', '\x09'}) {
    std::string bytes = test::read_file(scratch / "in.flv");
    const auto tags = tags_of(bytes, type);
    ASSERT_GT(tags.size(), 30U);
    bytes[tags[20] + 5] = bytes[tags[20] + 6] = 0;  // falls back to the beginning
    test::write_file(scratch / "broken.flv", bytes);
    const auto frames = test::read_all(from(scratch / "broken.flv"));
    ASSERT_EQ(frames.size(), wanted.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
      EXPECT_NEAR(frames[i].seconds, wanted[i].seconds, 0.0011) << i << " type " << int{type};
  }
}

TEST(Times, SoundPacketsOfEqualTimesGoIntoEveryContainer) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=24:d=1",
            {"-f", "lavfi", "-i", "sine=d=1:r=48000", "-c:v", "libx264", "-c:a", "truehd", "-strict", "-2"});
  const auto packets = packet_hashes(scratch / "in.mkv", "a:0");
  for (const char* name : {"out.mkv", "out.mp4", "out.mov"}) {
    send_through(scratch / "in.mkv", scratch / name);
    EXPECT_NEAR(packet_times(scratch / name, "a:0").back(), 1, 0.06) << name;
  }
  EXPECT_GE(packet_hashes(scratch / "out.mp4", "a:0").size() + 1, packets.size());
}

TEST(Times, FramesThatAContainerCannotTellApartAreNoFailureAtTheEnd) {
  const ScratchDir scratch;
  // Every third frame comes a twentieth of a millisecond after the frame before it.
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=2,settb=1/90000,setpts='N*3600-3595*eq(mod(N,3),2)'",
            {"-vsync", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000"});
  for (const char* name : {"out.avi", "out.mkv", "out.mp4", "out.wmv", "out.flv"}) {
    send_through(scratch / "in.mp4", scratch / name);
    EXPECT_EQ(packet_times(scratch / name, "v:0").size(), 50U) << name;
  }
}

// A joined sound file without pictures. The pictures come from another file.
struct SongCase {
  std::string name, extension;
  std::vector<std::string> first, second;
  std::string out;
};

class JoinedSong : public testing::TestWithParam<SongCase> {};

TEST_P(JoinedSong, IsHeardToItsEnd) {
  const ScratchDir scratch;
  const auto& param = GetParam();
  const auto piece = [&](const std::string& name, const std::string& hz,
                         const std::vector<std::string>& more) {
    make_clip(scratch / (name + param.extension), "sine=d=1:r=48000:f=" + hz, more);
    return scratch / (name + param.extension);
  };
  const auto song = scratch / ("song" + param.extension), out = scratch / ("out" + param.out);
  join({piece("a", "440", param.first), piece("b", "880", param.second)}, song);
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=2", {"-c:v", "ffv1"});
  Reader reader(from(scratch / "in.mkv"));
  media::WriterOptions options;
  options.path = out;
  options.sound_from = song;
  media::Writer writer(options, reader.info());
  while (const auto frame = reader.next()) writer.write(*frame);
  writer.finish();
  for (const auto& file : {song, out}) {  // the sound as it is analysed, and as it is written
    EXPECT_NEAR(pitch(file, 0.2, 0.8), 440, 8) << file;
    EXPECT_NEAR(pitch(file, 1.2, 1.8), 880, 8) << file;
  }
  EXPECT_NEAR(packet_times(out, "a:0").back(), 2, 0.1);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, JoinedSong,
    testing::Values(SongCase{"ChainedOpus", ".opus", {"-c:a", "libopus"}, {"-c:a", "libopus"}, ".mkv"},
                    SongCase{"ChainedOpusMp4", ".opus", {"-c:a", "libopus"}, {"-c:a", "libopus"}, ".mp4"},
                    SongCase{"ChainedVorbis",
                             ".ogg",
                             {"-c:a", "libvorbis", "-q:a", "3"},
                             {"-c:a", "libvorbis", "-q:a", "8"},
                             ".webm"},
                    SongCase{"Adts", ".aac", {}, {}, ".mp4"},
                    SongCase{"AdtsChannels", ".aac", {"-ac", "2"}, {"-ac", "1"}, ".mp4"},
                    SongCase{"Mp3Channels", ".mp3", {"-ac", "2"}, {"-ac", "1"}, ".webm"},
                    SongCase{"Mp3Rates", ".mp3", {"-ar", "48000"}, {"-ar", "24000"}, ".webm"}),
    [](const auto& case_info) { return case_info.param.name; });

TEST(JoinedSound, RatesThatChangeAgainAndAgainLoseNothing) {
  const ScratchDir scratch;
  std::vector<fs::path> pieces;
  for (const std::string rate : {"48000", "44100"}) {
    pieces.push_back(scratch / (rate + ".ts"));
    make_clip(pieces.back(), "testsrc2=s=64x48:r=25:d=0.32",
              {"-f", "lavfi", "-i", "sine=d=0.31:f=440:r=" + rate, "-ar", rate, "-g", "8", "-c:a", "aac",
               "-muxdelay", "0"});
  }
  for (std::size_t i = 0; i < 18; ++i) pieces.push_back(pieces[i]);  // in turn
  join(pieces, scratch / "in.ts");
  send_through(scratch / "in.ts", scratch / "out.mxf");  // PCM, whose frames have any length
  EXPECT_EQ(packet_times(scratch / "out.mxf", "v:0").size(), 160U);
  EXPECT_NEAR(packet_times(scratch / "out.mxf", "a:0").back(), 6.4, 0.1);
}

struct EncodedPacket {
  double begin, length;  // seconds
};

// All packets of a file's sound as PCM, which is cut into packets of any length.
std::vector<EncodedPacket> encoded(const fs::path& path) {
  const auto input = media::open_input(path);
  AVFormatContext* raw = nullptr;
  avformat_alloc_output_context2(&raw, nullptr, "mxf", nullptr);
  const media::OutputPtr output(raw);
  const int track = av_find_best_stream(input.context.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  media::SoundEncoder encoder(*input.context->streams[track], "the test", "it is tested", 0, *output);
  std::vector<EncodedPacket> packets;
  const media::PacketSink sink = [&](const AVPacket& packet) {
    const double unit = av_q2d(encoder.stream().time_base);
    EXPECT_NE(packet.pts, AV_NOPTS_VALUE);
    packets.push_back({static_cast<double>(packet.pts) * unit, static_cast<double>(packet.duration) * unit});
  };
  const auto packet = media::new_packet();
  while (av_read_frame(input.context.get(), packet.get()) >= 0) {
    if (packet->stream_index == track) encoder.take(*packet, sink);
    av_packet_unref(packet.get());
  }
  encoder.finish({}, sink);
  return packets;
}

TEST(JoinedSound, WhatAChangedRateLeavesAtTheEndFollowsTheSoundBeforeIt) {
  const ScratchDir scratch;
  for (const std::string rate : {"48000", "32000"})
    make_clip(scratch / (rate + ".mp3"), "sine=d=0.5:f=440:r=" + rate, {"-ar", rate});
  const std::vector<std::vector<std::string>> cases{
      {"48000", "32000"}, {"32000", "48000"}, {"48000", "32000", "48000"}};
  for (const auto& rates : cases) {
    std::vector<fs::path> pieces;
    for (const auto& rate : rates) pieces.push_back(scratch / (rate + ".mp3"));
    join(pieces, scratch / "song.mp3");
    const auto packets = encoded(scratch / "song.mp3");
    ASSERT_GT(packets.size(), 20U);
    EXPECT_NEAR(packets[0].begin, 0, 0.03);
    for (std::size_t i = 1; i < packets.size(); ++i) {
      const double gap = packets[i].begin - packets[i - 1].begin - packets[i - 1].length;
      EXPECT_NEAR(gap, 0, 1e-3) << "before packet " << i << " of " << packets.size();
    }
    EXPECT_NEAR(packets.back().begin + packets.back().length, 0.5 * static_cast<double>(rates.size()), 0.15);
  }
}

TEST(WrongWav, IsReadToItsEnd) {
  const ScratchDir scratch;
  make_clip(scratch / "song.wav", "sine=d=2:r=48000:f=440");
  std::string bytes = test::read_file(scratch / "song.wav");
  const auto data = bytes.find("data");
  for (const char size : {'\xFF', '\0'}) {
    for (std::size_t i = 4; i < 8; ++i) bytes[i] = bytes[data + i] = size;
    test::write_file(scratch / "wrong.wav", bytes);
    EXPECT_NEAR(pitch(scratch / "wrong.wav", 1.2, 1.8), 440, 8) << int{size};
  }
}

TEST(DamagedSound, ThatAContainerRefusesIsEncodedInstead) {
  const ScratchDir scratch;
  make_piece(scratch / "in.ts", 440, {"-c:v", "libx264", "-c:a", "aac", "-muxdelay", "0"});
  const std::string bytes = test::read_file(scratch / "in.ts");
  constexpr std::size_t kPacket = 188, kLost = 97;
  std::string rest;
  for (std::size_t i = 0; i * kPacket < bytes.size(); ++i)
    if (i % kLost != 50) rest += bytes.substr(i * kPacket, kPacket);
  test::write_file(scratch / "lost.ts", rest);
  send_through(scratch / "lost.ts", scratch / "out.mp4");
  EXPECT_GT(packet_times(scratch / "out.mp4", "a:0").back(), 1.8);
}

}  // namespace
}  // namespace dreamreel
