// Joined parts equal the file that a Writer makes in one go. A part that is not whole is not joined.
#include "dreamreel/media/parts.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/media/frame_store.h"

namespace dreamreel {
namespace {

using media::join_parts;
using media::PartWriter;
using media::ReaderOptions;
using media::VideoFrame;
using media::VideoInfo;
using media::WriterOptions;
using test::make_clip;
using test::message_of;
using test::ScratchDir;
using testing::HasSubstr;

struct Source {
  VideoInfo info;
  std::vector<VideoFrame> frames;
};

Source read(const std::filesystem::path& path) {
  ReaderOptions options;
  options.path = path;
  media::Reader reader(options);
  Source source{reader.info(), test::read_all(reader)};
  return source;
}

// Writes the frames in parts, which end after the given numbers of frames.
std::vector<std::filesystem::path> write_parts(const Source& source, const WriterOptions& options,
                                               const std::filesystem::path& folder,
                                               const std::vector<std::size_t>& ends) {
  std::vector<std::filesystem::path> parts;
  std::size_t frame = 0;
  for (const std::size_t end : ends) {
    parts.push_back(folder / (std::to_string(parts.size()) + ".seg"));
    WriterOptions part = options;
    part.first_frame_number = static_cast<std::int64_t>(frame);
    PartWriter writer(parts.back(), "test", part, source.info);
    for (; frame < end; ++frame) writer.write(source.frames[frame]);
    writer.finish();
  }
  return parts;
}

WriterOptions output_like(const std::filesystem::path& path, const std::filesystem::path& source) {
  WriterOptions options;
  options.path = path;
  options.sound_from = source;
  options.metadata_from = source;
  options.job_yaml = "seed: 1\n";
  return options;
}

class Joined : public testing::TestWithParam<const char*> {};

TEST_P(Joined, HasTheFramesTimesAndSoundOfTheWhole) {
  const ScratchDir scratch;
  // The frame times vary, and the codec may have B-frames, so that the decoding times of parts overlap.
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=2,setpts='PTS+floor(N/7)*0.02/TB'",
            {"-f", "lavfi", "-i", "sine=d=2.2", "-c:a", "flac", "-c:v", "ffv1", "-metadata", "title=Reel"});
  const Source source = read(scratch / "in.mkv");
  ASSERT_EQ(source.frames.size(), 50U);
  const auto out = scratch / (std::string("out") + GetParam());
  const auto whole = scratch / (std::string("whole") + GetParam());
  const auto parts =
      write_parts(source, output_like(out, scratch / "in.mkv"), scratch.path(), {1, 3, 20, 49, 50});
  for (const auto& part : parts) EXPECT_GT(media::check_part(part, "test", out), 0);
  join_parts(parts, output_like(out, scratch / "in.mkv"), source.info);
  {
    media::Writer writer(output_like(whole, scratch / "in.mkv"), source.info);
    for (const auto& frame : source.frames) writer.write(frame);
    writer.finish();
  }
  EXPECT_EQ(test::frame_times(out), test::frame_times(whole));
  EXPECT_EQ(test::packet_hashes(out, "a:0"), test::packet_hashes(whole, "a:0"));
  EXPECT_EQ(media::read_job(out), "seed: 1\n");
  const auto decoded = read(out);
  ASSERT_EQ(decoded.frames.size(), source.frames.size());
  EXPECT_FALSE(std::filesystem::exists(scratch / ".out"));
}

INSTANTIATE_TEST_SUITE_P(Containers, Joined, testing::Values(".mp4", ".mkv", ".mov", ".webm", ".avi"));

TEST(Parts, LosslessOnesGiveTheSourceBack) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=1", {"-c:v", "ffv1", "-pix_fmt", "bgr0"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "out.mkv";
  options.codec = "ffv1";
  options.pixel_format = "bgr0";
  join_parts(write_parts(source, options, scratch.path(), {7, 8, 25}), options, source.info);
  const Source joined = read(scratch / "out.mkv");
  ASSERT_EQ(joined.frames.size(), 25U);
  for (std::size_t i = 0; i < 25; ++i)
    EXPECT_TRUE(at::equal(joined.frames[i].rgb, source.frames[i].rgb)) << i;
}

// In these formats every packet depends on its place in the stream, so they are encoded when joining.
TEST(Parts, OfAnimatedPicturesBecomeOne) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.4", {"-c:v", "ffv1"});
  const Source source = read(scratch / "in.mkv");
  for (const char* name : {"out.gif", "out.apng"}) {
    WriterOptions options;
    options.path = scratch / name;
    join_parts(write_parts(source, options, scratch.path(), {3, 10}), options, source.info);
    EXPECT_EQ(test::frame_times(scratch / name).size(), 10U) << name;
  }
}

TEST(Parts, OfAGifKeepTheirColours) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.4", {"-c:v", "ffv1", "-pix_fmt", "gbrp10"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "out.gif";
  join_parts(write_parts(source, options, scratch.path(), {3, 10}), options, source.info);
  const Source gif = read(scratch / "out.gif");
  ASSERT_EQ(gif.frames.size(), source.frames.size());
  for (std::size_t i = 0; i < gif.frames.size(); ++i)
    EXPECT_LT((gif.frames[i].rgb - source.frames[i].rgb).abs().mean().item<double>(), 0.03) << i;
}

// A file per line of the list of what it may be: encoder, pixel format.
struct Delivery {
  const char* name;
  const char* codec = "";
  const char* pixel_format = "";
};

// What is encoded from lossless parts is what is encoded at once, in parts and in files.
void expect_same_from_lossless_parts(const Source& source, const ScratchDir& scratch) {
  const std::vector<std::size_t> ends{3, 4, 10};
  std::vector<std::filesystem::path> lossless;
  std::size_t frame = 0;
  for (const std::size_t end : ends) {
    WriterOptions options;
    options.path = scratch / "first.mp4";
    lossless.push_back(scratch / ("lossless" + std::to_string(end) + ".seg"));
    PartWriter writer(lossless.back(), "test", options, source.info, nullptr, media::PartFormat::lossless);
    for (; frame < end; ++frame) writer.write(source.frames[frame]);
    writer.finish();
  }
  for (const auto& [name, codec, pixel_format] :
       {Delivery{"o.mp4"}, Delivery{"o.avi", "ffv1", "gbrp16le/gbrap16le"}, Delivery{"o.mov", "prores_ks"},
        Delivery{"o.gif"}, Delivery{"o_%03d.png"}, Delivery{"o_%03d.exr"}}) {
    SCOPED_TRACE(name);
    WriterOptions options;
    options.path = scratch / name;
    options.codec = codec;
    options.pixel_format = pixel_format;
    const auto files = [&] {
      std::map<std::string, std::string> found;
      for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
        if (const auto file = entry.path().filename().string(); file.starts_with("o"))
          found[file] = test::read_file(entry.path());
      for (const auto& [file, bytes] : found) std::filesystem::remove(scratch / file);
      return found;
    };
    join_parts(write_parts(source, options, scratch.path(), ends), options, source.info);
    const auto expected = files();
    std::vector<std::filesystem::path> parts;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      parts.push_back(scratch / ("encoded" + std::to_string(i) + ".seg"));
      WriterOptions part = options;
      part.first_frame_number = i == 0 ? 0 : static_cast<std::int64_t>(ends[i - 1]);
      media::encode_part(lossless[i], parts.back(), "test", part, source.info);
      if (media::joins_lossless_parts(options)) continue;
      EXPECT_EQ(test::read_file(parts.back()), test::read_file(scratch / (std::to_string(i) + ".seg")));
    }
    join_parts(media::joins_lossless_parts(options) ? lossless : parts, options, source.info);
    const auto made = files();
    EXPECT_FALSE(made.empty());
    EXPECT_TRUE(made == expected);
  }
}

TEST(Parts, WithoutLossAreEncodedForAnyOutput) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.4,setpts='PTS+floor(N/3)*0.02/TB'",
            {"-c:v", "ffv1"});
  Source source = read(scratch / "in.mkv");
  ASSERT_EQ(source.frames.size(), 10U);
  at::manual_seed(1);
  for (auto& frame : source.frames)  // as a dream is: no two pixels alike, each of 16 bits
    frame.rgb = image::quantise16(frame.rgb + 0.1 * at::randn_like(frame.rgb));
  expect_same_from_lossless_parts(source, scratch);
}

TEST(Parts, WithoutLossKeepAlphaForThoseThatHoldIt) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.4,format=yuva444p10,geq=lum='lum(X,Y)':a='X*16'",
            {"-c:v", "ffv1"});
  ReaderOptions options;
  options.path = scratch / "in.mkv";
  options.alpha = true;
  media::Reader reader(options);
  Source source{reader.info(), test::read_all(reader)};
  ASSERT_TRUE(source.info.keeps_alpha());
  ASSERT_EQ(source.frames.size(), 10U);
  for (auto& frame : source.frames) {
    frame.rgb = image::quantise16(frame.rgb);
    frame.alpha = image::quantise16(frame.alpha);
  }
  expect_same_from_lossless_parts(source, scratch);
}

TEST(Parts, OfOneOutputAreNotTakenForFramesWithoutLoss) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.2", {"-c:v", "ffv1"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "out.mp4";
  const auto part = write_parts(source, options, scratch.path(), {5}).front();
  EXPECT_THAT(message_of<DataError>(
                  [&] { media::encode_part(part, scratch / "x.seg", "test", options, source.info); }),
              HasSubstr("what another kind of render encoded"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "x.seg"));
}

TEST(Parts, OfNumberedPicturesAreLists) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.2", {"-c:v", "ffv1"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "%03d.png";
  const auto parts = write_parts(source, options, scratch.path(), {2, 5});
  EXPECT_EQ(media::check_part(parts[1], "test", options.path), 3);
  join_parts(parts, options, source.info);
  std::filesystem::resize_file(scratch / "003.png", 100);
  EXPECT_THAT(message_of<DataError>([&] { media::check_part(parts[1], "test", options.path); }),
              HasSubstr("003.png"));
  std::filesystem::remove(scratch / "003.png");
  EXPECT_THROW(media::check_part(parts[1], "test", options.path), InputError);
}

TEST(Parts, DamageIsFoundWhereverItIs) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.2", {"-c:v", "ffv1"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "out.mkv";
  const auto part = write_parts(source, options, scratch.path(), {5}).front();
  const std::string whole = test::read_file(part);
  EXPECT_EQ(media::check_part(part, "test", options.path), 5);
  EXPECT_THAT(message_of<DataError>([&] { media::check_part(part, "other", options.path); }),
              HasSubstr("another render"));
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 40) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    test::write_file(part, flipped);
    EXPECT_THROW(media::check_part(part, "test", options.path), DataError) << at;
    test::write_file(part, whole.substr(0, at));
    EXPECT_THROW(media::check_part(part, "test", options.path), DataError) << at;
  }
  std::filesystem::remove(part);
  EXPECT_THROW(media::check_part(part, "test", options.path), InputError);
}

TEST(Parts, OfOtherSettingsAreNotJoined) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.2", {"-c:v", "ffv1"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "out.mkv";
  auto parts = write_parts(source, options, scratch.path(), {2});
  options.options = {{"crf", "30"}, {"refs", "1"}};
  parts.push_back(write_parts(source, options, scratch / "other", {2}).front());
  EXPECT_THAT(message_of<DataError>([&] { join_parts(parts, options, source.info); }),
              HasSubstr("other settings"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "out.mkv"));
}

TEST(Parts, AStopInterrupts) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mkv", "testsrc2=s=64x48:r=25:d=0.2", {"-c:v", "ffv1"});
  const Source source = read(scratch / "in.mkv");
  WriterOptions options;
  options.path = scratch / "out.mkv";
  const std::atomic<bool> stop{true};
  {
    PartWriter writer(scratch / "0.seg", "test", options, source.info, &stop);
    EXPECT_THROW(writer.write(source.frames[0]), Interrupted);
  }
  EXPECT_FALSE(std::filesystem::exists(scratch / "0.seg"));
  const auto parts = write_parts(source, options, scratch.path(), {5});
  EXPECT_THROW(join_parts(parts, options, source.info, &stop), Interrupted);
  EXPECT_FALSE(std::filesystem::exists(scratch / "out.mkv"));
}

TEST(FrameStore, GivesEveryLevelBackAndNothingElse) {
  const ScratchDir scratch;
  media::StoredFrame frame{37, 23, {}, "a note"};
  for (int i = 0; i < 37 * 23 * 3; ++i) frame.rgb.push_back(static_cast<std::uint16_t>(i * 40503));
  const auto path = scratch / "frame.png";
  media::store_frame(path, frame, "plan 7");
  const auto loaded = media::load_frame(path, "plan 7");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->rgb, frame.rgb);
  EXPECT_EQ(loaded->width, 37);
  EXPECT_EQ(loaded->note, "a note");
  EXPECT_FALSE(media::load_frame(path, "plan 8"));
  EXPECT_FALSE(media::load_frame(scratch / "none.png", "plan 7"));
  const std::string whole = test::read_file(path);
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 50) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    test::write_file(path, flipped);
    // A flip in a byte without meaning leaves the frame readable. A different frame must never come out.
    if (const auto found = media::load_frame(path, "plan 7")) {
      EXPECT_EQ(found->rgb, frame.rgb) << at;
    }
    test::write_file(path, whole.substr(0, at));
    EXPECT_FALSE(media::load_frame(path, "plan 7")) << at;
  }
}

// Damage inside a range is reported, although the rest of the file is never read.
TEST(Reader, ReportsDamageBeforeTheEnd) {
  const ScratchDir scratch;
  make_clip(scratch / "in.ts", "testsrc2=s=320x240:r=25:d=2", {"-c:v", "mpeg2video", "-g", "5"});
  {
    std::fstream file(scratch / "in.ts", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(scratch / "in.ts") / 5));
    file << std::string(6000, 'x');
  }
  ReaderOptions options;
  options.path = scratch / "in.ts";
  media::Reader reader(options);
  EXPECT_FALSE(reader.report().damaged);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(i % 2 == 0 ? reader.next().has_value() : reader.skip());
  EXPECT_TRUE(reader.report().damaged);
  EXPECT_EQ(reader.report().frames, 30);
  EXPECT_THAT(reader.report().message, HasSubstr("in.ts is damaged"));
}

}  // namespace
}  // namespace dreamreel
