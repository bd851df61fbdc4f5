#include "dreamreel/media/parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/list_folder.h"
#include "dreamreel/core/printable.h"
#include "encoder.h"
#include "encoder_choice.h"
#include "lossless_part.h"
#include "muxer.h"
#include "output.h"
#include "part_file.h"
#include "pattern.h"
#include "picture_files.h"
#include "video_file.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

using PartKind = PartHeading::Kind;

// Whether packets of a codec can be joined. In some codecs, every packet depends on its place in the whole
// stream.
bool is_joinable(const AVCodec& codec) {
  constexpr std::array<AVCodecID, 3> kOnePiece{AV_CODEC_ID_GIF, AV_CODEC_ID_APNG, AV_CODEC_ID_WEBP};
  return std::ranges::find(kOnePiece, codec.id) == kOnePiece.end();
}

PartKind kind_for(const WriterOptions& output) {
  if (is_picture_path(output.path)) return PartKind::pictures;
  return is_joinable(choose_encoder(output, container_for(output.path))) ? PartKind::packets
                                                                         : PartKind::lossless;
}

VideoEncoder open_encoder(const WriterOptions& output, const VideoInfo& source, PartKind kind) {
  if (kind == PartKind::packets) return {output, source, container_for(output.path), false};
  return {lossless_options(output), source, *av_guess_format("matroska", nullptr, nullptr), false};
}

PartHeading heading_of(const std::string& label, PartKind kind, const VideoEncoder& encoder) {
  const AVCodecContext& codec = encoder.context();
  PartHeading heading;
  heading.label = label;
  heading.kind = kind;
  heading.settings = fmt::format("{} {}x{} {}", codec.codec->name, codec.width, codec.height,
                                 av_get_pix_fmt_name(codec.pix_fmt));
  heading.time_base = encoder.time_base();
  heading.extradata.assign(codec.extradata, codec.extradata + codec.extradata_size);
  heading.matrix = codec.colorspace;
  heading.range = codec.color_range;
  return heading;
}

void throw_if(const std::atomic<bool>* stop, const char* message) {
  if (stop != nullptr && stop->load()) throw Interrupted(message);
}

constexpr const char* kStoppedEncoding = "interrupted while encoding";

class PacketPart : public Output {
 public:
  PacketPart(const fs::path& part, const std::string& label, const WriterOptions& output,
             const VideoInfo& source, PartKind kind, const std::atomic<bool>* stop)
      : encoder_(open_encoder(output, source, kind)),
        file_(part, heading_of(label, kind, encoder_)),
        unit_seconds_(source.time_base.value()),
        stop_(stop) {}

  void write(const VideoFrame& frame) override {
    throw_if(stop_, kStoppedEncoding);
    encoder_.send(frame);
    ++ending_.frames;
    ending_.end_seconds = static_cast<double>(frame.pts + frame.duration) * unit_seconds_;
    write_packets();
  }

  void finish() override {
    encoder_.flush();
    write_packets();
    throw_if(stop_, kStoppedEncoding);
    file_.finish(ending_);
  }

 private:
  void write_packets() {
    while (encoder_.receive(*packet_)) {
      throw_if(stop_, kStoppedEncoding);
      file_.add(*packet_);
      av_packet_unref(packet_.get());
    }
  }

  VideoEncoder encoder_;
  PartFileWriter file_;
  PacketPtr packet_ = new_packet();
  PartEnding ending_;
  double unit_seconds_;
  const std::atomic<bool>* stop_;
};

class PictureList : public Output {
 public:
  PictureList(const fs::path& part, const std::string& label, const WriterOptions& output,
              const VideoInfo& source, const std::atomic<bool>* stop)
      : file_(part, PartHeading{label, PartKind::pictures, "pictures", {1, 1}, {}}),
        pictures_(open_pictures(without_sound(output), source,
                                [this](const fs::path& path, std::span<const std::uint8_t> bytes) {
                                  Sha256 hash;
                                  hash.update(bytes);
                                  file_.add(PartPicture{path.filename().string(), hash.hex()});
                                  ++ending_.frames;
                                })),
        stop_(stop) {}

  void write(const VideoFrame& frame) override {
    throw_if(stop_, kStoppedEncoding);
    pictures_->write(frame);
  }

  void finish() override {
    throw_if(stop_, kStoppedEncoding);
    pictures_->finish();
    file_.finish(ending_);
  }

 private:
  static WriterOptions without_sound(WriterOptions options) {
    options.sound_from.reset();  // the Writer reports once that pictures have no sound
    return options;
  }

  PartFileWriter file_;
  PartEnding ending_;
  std::unique_ptr<Output> pictures_;
  const std::atomic<bool>* stop_;
};

struct PacketTimes {
  std::int64_t pts = 0, dts = 0;
};

// Decoding times of all packets. The encoders' own times are kept if they fit together. They may not: if
// frame times vary or a part is short, an encoder that reorders frames may begin a part before the last times
// of the previous part. Then all decoding times are made anew, as encoders make them: the presentation times
// in order, delayed by the number of frames that reordering takes.
std::vector<std::int64_t> decoding_times(const std::vector<PacketTimes>& packets) {
  std::vector<std::int64_t> times, sorted;
  bool fits = true;
  for (const auto& packet : packets) {
    fits = fits && packet.dts <= packet.pts && (times.empty() || packet.dts > times.back());
    times.push_back(packet.dts);
    sorted.push_back(packet.pts);
  }
  if (fits) return times;
  std::ranges::sort(sorted);
  std::size_t delay = 0;
  for (std::size_t i = 0; i < packets.size(); ++i)
    while (i >= delay && sorted[i - delay] > packets[i].pts) ++delay;
  const std::int64_t step =
      delay == 0 || delay >= sorted.size()
          ? 1
          : std::max<std::int64_t>(1, (sorted[delay] - sorted[0]) / static_cast<std::int64_t>(delay));
  for (std::size_t i = 0; i < packets.size(); ++i)
    times[i] = i < delay ? sorted[0] - static_cast<std::int64_t>(delay - i) * step : sorted[i - delay];
  return times;
}

// Raises presentation times until each frame comes after the frame before. If the encoder's unit is coarser
// than the source's, the last frames of a part may have been raised past the first frames of the next part.
void raise_presentation(std::vector<PacketTimes>& packets) {
  std::vector<std::size_t> order(packets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return packets[i].pts; });
  for (std::size_t i = 1; i < order.size(); ++i)
    packets[order[i]].pts = std::max(packets[order[i]].pts, packets[order[i - 1]].pts + 1);
}

struct PartIndex {
  std::vector<PacketTimes> packets;
  PartHeading heading;  // heading of the first part
  double end_seconds = 0;
};

void expect_same(const PartHeading& first, const PartHeading& other, const fs::path& part) {
  if (first.kind == other.kind && first.settings == other.settings && first.extradata == other.extradata &&
      av_cmp_q(first.time_base, other.time_base) == 0)
    return;
  throw DataError(
      fmt::format("the part {} was encoded with other settings ({}) than the parts before it ({}), or by "
                  "another version of the encoder; render it again with the same FFmpeg",
                  part.string(), other.settings, first.settings));
}

PartIndex index_of(const std::vector<fs::path>& parts, const std::atomic<bool>* stop) {
  PartIndex index;
  const PacketPtr packet = new_packet();
  for (const auto& part : parts) {
    throw_if(stop, "interrupted while joining");
    PartFileReader file(part);
    if (&part == &parts.front()) index.heading = file.heading();
    expect_same(index.heading, file.heading(), part);
    if (file.heading().kind == PartKind::pictures) continue;
    while (file.next(*packet)) index.packets.push_back({packet->pts, packet->dts});
    index.end_seconds = file.ending().end_seconds;
  }
  raise_presentation(index.packets);
  return index;
}

void join_packets(const std::vector<fs::path>& parts, const PartIndex& index, const WriterOptions& output,
                  const VideoInfo& source, const std::atomic<bool>* stop) {
  const auto& container = container_for(output.path);
  const VideoEncoder encoder(output, source, container, false);  // only describes the stream
  Muxer muxer(output, source, encoder, container, &index.heading.extradata, stop);
  const auto times = decoding_times(index.packets);
  const AVRational unit = index.heading.time_base;
  const PacketPtr packet = new_packet();
  std::size_t number = 0;
  for (const auto& part : parts) {
    PartFileReader file(part);
    while (file.next(*packet)) {
      throw_if(stop, "interrupted while joining");
      packet->pts = index.packets.at(number).pts;
      packet->dts = times.at(number++);
      muxer.write_sound_until(static_cast<double>(packet->dts) * av_q2d(unit));
      muxer.write_video(*packet, unit);
    }
  }
  muxer.finish(index.end_seconds);
}

// Calls `take` for each frame of the lossless part.
template <typename Take>
void for_each_frame(const fs::path& part, const VideoInfo& source, const std::atomic<bool>* stop,
                    const Take& take) {
  LosslessFrames frames(part, source.time_base);
  while (const auto frame = frames.next()) {
    throw_if(stop, "interrupted while encoding the whole");
    take(*frame);
  }
}

void encode_parts(const std::vector<fs::path>& parts, const WriterOptions& output, const VideoInfo& source,
                  const std::atomic<bool>* stop) {
  const auto video = open_video_file(output, source, stop);
  for (const auto& part : parts)
    for_each_frame(part, source, stop, [&](const VideoFrame& frame) { video->write(frame); });
  video->finish();
}

}  // namespace

struct PartWriter::Impl {
  std::unique_ptr<Output> output;
};

PartWriter::PartWriter(const fs::path& part, const std::string& label, const WriterOptions& output,
                       const VideoInfo& source, const std::atomic<bool>* stop, PartFormat format)
    : impl_(std::make_unique<Impl>()) {
  const PartKind kind = format == PartFormat::lossless ? PartKind::lossless : kind_for(output);
  if (kind == PartKind::pictures)
    impl_->output = std::make_unique<PictureList>(part, label, output, source, stop);
  else
    impl_->output = std::make_unique<PacketPart>(part, label, output, source, kind, stop);
}

PartWriter::~PartWriter() = default;
PartWriter::PartWriter(PartWriter&&) noexcept = default;
PartWriter& PartWriter::operator=(PartWriter&&) noexcept = default;

void PartWriter::write(const VideoFrame& frame) {
  impl_->output->write(frame);
}

void PartWriter::finish() {
  impl_->output->finish();
}

void encode_part(const fs::path& lossless, const fs::path& part, const std::string& label,
                 const WriterOptions& output, const VideoInfo& source, const std::atomic<bool>* stop) {
  PartWriter writer(part, label, output, source, stop);
  for_each_frame(lossless, source, stop, [&](const VideoFrame& frame) { writer.write(frame); });
  writer.finish();
}

bool joins_lossless_parts(const WriterOptions& output) {
  return kind_for(output) == PartKind::lossless;
}

std::optional<std::string> label_of_part(const fs::path& part) {
  try {
    return PartFileReader(part).heading().label;
  } catch (const Error&) {
    return {};
  }
}

std::int64_t check_part(const fs::path& part, const std::string& label, const fs::path& output_path) {
  PartFileReader::verify(part);
  PartFileReader file(part);
  const std::string& found = file.heading().label;
  if (found.substr(0, found.find('\n')) != label)
    throw DataError(fmt::format("the part {} belongs to another render ({}, expected {})", part.string(),
                                printable(found), label));
  const PacketPtr packet = new_packet();
  if (file.heading().kind != PartKind::pictures) {
    while (file.next(*packet)) {
    }
    return file.ending().frames;
  }
  while (const auto picture = file.next_picture()) {
    const fs::path path = output_path.parent_path() / picture->name;
    if (sha256_of_file(path) != picture->sha256)
      throw DataError(fmt::format(
          "the picture {} is not what was rendered; it will have to be rendered again", path.string()));
  }
  return file.ending().frames;
}

void join_parts(const std::vector<fs::path>& parts, const WriterOptions& output, const VideoInfo& source,
                const std::atomic<bool>* stop) {
  if (parts.empty()) throw RenderError("nothing was rendered into " + output.path.string());
  const PartIndex index = index_of(parts, stop);
  switch (index.heading.kind) {
    case PartKind::packets:
      return join_packets(parts, index, output, source, stop);
    case PartKind::lossless:
      return encode_parts(parts, output, source, stop);
    case PartKind::pictures:
      return;
  }
}

void remove_output_leftovers(const fs::path& output_path, std::int64_t first_frame, std::int64_t end_frame) {
  const auto pattern = NumberPattern::parse(output_path);
  if (!pattern) return remove_leftovers(output_path);
  const fs::path folder = output_path.has_parent_path() ? output_path.parent_path() : fs::path(".");
  std::error_code error;
  std::vector<std::pair<std::string, fs::path>> found;
  for (const auto& path : list_folder(folder))
    if (auto name = final_name_of_leftover(path.filename().string()); !name.empty())
      found.emplace_back(std::move(name), path);
  if (found.empty()) return;
  std::set<std::string> names;
  for (std::int64_t frame = first_frame; frame < end_frame; ++frame)
    names.insert(name_in_leftover(pattern->file(frame).filename().string(), folder));
  for (const auto& [name, path] : found)
    if (names.contains(name)) fs::remove(path, error);
}

bool is_part_file(const fs::path& path) {
  return PartFileReader::is_part(path);
}

bool parts_hold_frames(const fs::path& output) {
  return !is_picture_path(output);
}

}  // namespace dreamreel::media
