#include "sound_trial.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <set>
#include <span>
#include <string_view>

#include "dreamreel/core/error.h"
#include "rising_times.h"

namespace dreamreel::media {
namespace {

constexpr int kBufferBytes = 1 << 16;

// Takes everything that a muxer writes, and stores nothing. The muxer can seek, as in a file.
class Nowhere {
 public:
  Nowhere() {
    auto* buffer = static_cast<std::uint8_t*>(av_malloc(kBufferBytes));
    if (buffer == nullptr) throw std::bad_alloc();
    io_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &Nowhere::write, &Nowhere::seek);
    if (io_ == nullptr) throw std::bad_alloc();
  }
  ~Nowhere() {
    av_freep(&io_->buffer);
    avio_context_free(&io_);
  }
  Nowhere(const Nowhere&) = delete;
  Nowhere& operator=(const Nowhere&) = delete;
  AVIOContext* io() const { return io_; }

 private:
  static int write(void* self, WrittenBytes, int size) {
    auto& nowhere = *static_cast<Nowhere*>(self);
    nowhere.position_ += size;
    nowhere.size_ = std::max(nowhere.size_, nowhere.position_);
    return size;
  }
  static std::int64_t seek(void* self, std::int64_t offset, int whence) {
    auto& nowhere = *static_cast<Nowhere*>(self);
    if (whence == AVSEEK_SIZE) return nowhere.size_;
    if (whence == SEEK_CUR) offset += nowhere.position_;
    if (whence == SEEK_END) offset += nowhere.size_;
    return nowhere.position_ = offset;
  }

  AVIOContext* io_ = nullptr;
  std::int64_t position_ = 0, size_ = 0;
};

using Header = std::span<const std::uint8_t>;

// Splits the headers of Vorbis. They are stored as their number less one, the lengths of all headers but the
// last, and their bytes.
std::vector<Header> vorbis_headers(Header bytes) {
  std::vector<Header> headers;
  if (bytes.empty() || bytes[0] != 2) return headers;
  std::size_t at = 1;
  std::array<std::size_t, 2> lengths{};
  for (auto& length : lengths) {
    while (at < bytes.size() && bytes[at] == 0xFF) length += bytes[at++];
    if (at < bytes.size()) length += bytes[at++];
  }
  for (const std::size_t length : lengths) {
    if (bytes.size() - at < length) return {};
    headers.push_back(bytes.subspan(at, length));
    at += length;
  }
  headers.push_back(bytes.subspan(at));
  return headers;
}

// Whether packets behind a new codec header can be decoded with the old header. Titles in the header do not
// matter.
bool decodes_alike(AVCodecID codec, Header before, Header now) {
  if (std::ranges::equal(before, now)) return true;
  if (codec == AV_CODEC_ID_OPUS) {  // channels at byte 9; gain and channel mapping from byte 16 on
    constexpr std::size_t kChannels = 9, kGain = 16;
    return before.size() == now.size() && now.size() > kGain && before[kChannels] == now[kChannels] &&
           std::ranges::equal(before.subspan(kGain), now.subspan(kGain));
  }
  if (codec != AV_CODEC_ID_VORBIS) return false;
  const auto old_headers = vorbis_headers(before), new_headers = vorbis_headers(now);
  return old_headers.size() == 3 && new_headers.size() == 3 &&
         std::ranges::equal(old_headers[0], new_headers[0]) &&
         std::ranges::equal(old_headers[2], new_headers[2]);
}

// In chained Ogg files, the headers of the next piece come among the packets. The second header holds titles,
// which do not matter.
bool is_other_vorbis_header(const AVPacket& packet, Header extradata) {
  constexpr std::string_view kMark = "vorbis";
  constexpr std::uint8_t kTitles = 3;
  const Header bytes(packet.data, static_cast<std::size_t>(packet.size));
  if (bytes.size() <= kMark.size() || bytes[0] % 2 == 0 || bytes[0] == kTitles ||
      !std::ranges::equal(bytes.subspan(1, kMark.size()), kMark))
    return false;
  return std::ranges::none_of(vorbis_headers(extradata),
                              [&](Header header) { return std::ranges::equal(header, bytes); });
}

// Profile, rate and channels from the header that AAC carries in transport streams and .aac files. 0 if the
// packet has no such header.
std::uint32_t adts_format(const AVPacket& packet) {
  constexpr std::uint32_t kNotFormat = 0x02;  // a private bit among them
  if (packet.size < 7 || packet.data[0] != 0xFF || (packet.data[1] & 0xF6) != 0xF0) return 0;
  return (packet.data[2] & ~kNotFormat) << 8 | (packet.data[3] & 0xC0U) | 1U;
}

// Muxes one track alone, into nothing.
class TrackTrial {
 public:
  TrackTrial(const AVStream& in, const AVOutputFormat& container) : in_(in) {
    if (avformat_query_codec(&container, in.codecpar->codec_id, FF_COMPLIANCE_EXPERIMENTAL) == 0) {
      failure_ = "it has no place for this codec";
      return;
    }
    AVFormatContext* raw = nullptr;
    if (avformat_alloc_output_context2(&raw, &container, nullptr, nullptr) < 0) throw std::bad_alloc();
    context_.reset(raw);
    context_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    context_->pb = nowhere_.io();
    if (is_matroska(container)) context_->avoid_negative_ts = 0;
    out_ = avformat_new_stream(context_.get(), nullptr);
    if (out_ == nullptr || avcodec_parameters_copy(out_->codecpar, in.codecpar) < 0) throw std::bad_alloc();
    out_->codecpar->codec_tag = 0;
    out_->time_base = in.time_base;
    times_ = RisingTimes((container.flags & AVFMT_TS_NONSTRICT) != 0);
    keeps_adts_ = std::string_view(container.name) == "mpegts";
    expect(avformat_write_header(context_.get(), nullptr));
    written_ = failure_.empty();
  }

  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

  void take(AVPacket& packet) {
    check_format(packet);
    if (failed()) return;
    ++packets_;
    packet.stream_index = 0;
    av_packet_rescale_ts(&packet, in_.time_base, out_->time_base);
    times_.put_right(packet);
    expect(av_write_frame(context_.get(), &packet));
  }

  void finish() {
    if (written_ && !failed()) expect(av_write_trailer(context_.get()));
  }

  // What a person should know about the track's times. "" if nothing.
  std::string words() const {
    if (failed() || times_.raised() == 0) return "";
    const double seconds = static_cast<double>(times_.furthest()) * av_q2d(out_->time_base);
    return fmt::format(
        "{} of {} packets do not come after the one before them; their times are raised, by up to {:g} s",
        times_.raised(), packets_, seconds);
  }

 private:
  void expect(int error) {
    if (error < 0) failure_ = libav_text(error);
  }

  // Most containers have only one header, at the start of the file.
  void check_format(const AVPacket& packet) {
    if (failed()) return;
    std::size_t size = 0;
    const AVCodecParameters& parameters = *in_.codecpar;
    const auto* data = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
    const Header before(parameters.extradata, static_cast<std::size_t>(parameters.extradata_size));
    const bool differs = data != nullptr && !decodes_alike(parameters.codec_id, before, Header(data, size));
    if (differs || (parameters.codec_id == AV_CODEC_ID_VORBIS && is_other_vorbis_header(packet, before)))
      failure_ = "its codec's settings change in mid-stream";
    if (av_packet_get_side_data(&packet, AV_PKT_DATA_PARAM_CHANGE, &size) != nullptr)
      failure_ = "its channels or its rate change in mid-stream";
    if (parameters.codec_id != AV_CODEC_ID_AAC || keeps_adts_) return;
    const std::uint32_t format = adts_format(packet);
    if (adts_ == 0) adts_ = format;
    if (format != 0 && format != adts_) failure_ = "its channels or its rate change in mid-stream";
  }

  const AVStream& in_;
  Nowhere nowhere_;  // outlives what writes into it
  OutputPtr context_;
  AVStream* out_ = nullptr;
  RisingTimes times_;
  bool keeps_adts_ = false, written_ = false;
  std::uint32_t adts_ = 0;
  std::int64_t packets_ = 0;
  std::string failure_;
};

}  // namespace

bool can_start_inside_packet(const AVOutputFormat& container) {
  return is_mov(container) || is_matroska(container);
}

SoundTrial try_to_copy(const std::filesystem::path& path, double start_seconds,
                       std::optional<double> end_seconds, const AVOutputFormat& container,
                       const std::atomic<bool>* stop) {
  const LibavErrors quiet;
  SoundPackets packets(path, start_seconds, can_start_inside_packet(container), stop);
  std::map<int, TrackTrial> trials;
  std::vector<int> open;
  std::set<int> ended;  // tracks past the range; reading stops when all are
  for (const AVStream* track : packets.tracks()) {
    if (track->codecpar->codec_id == AV_CODEC_ID_NONE || track->codecpar->sample_rate <= 0) continue;
    const auto [trial, added] = trials.try_emplace(track->index, *track, container);
    if (!trial->second.failed()) open.push_back(track->index);
  }
  packets.select(open);
  while (!open.empty()) {
    const PacketPtr packet = packets.next();
    if (!packet) break;
    if (end_seconds && packets.seconds_of(*packet) >= *end_seconds)
      ended.insert(packet->stream_index);
    else
      trials.at(packet->stream_index).take(*packet);
    if (std::ranges::all_of(open,
                            [&](int track) { return ended.contains(track) || trials.at(track).failed(); }))
      break;
  }
  SoundTrial result;
  for (auto& [track, trial] : trials) {
    trial.finish();
    if (trial.failed()) result.refused[track] = trial.failure();
    if (auto words = trial.words(); !words.empty()) result.raised[track] = std::move(words);
  }
  return result;
}

}  // namespace dreamreel::media
