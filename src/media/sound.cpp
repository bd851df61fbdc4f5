#include "sound.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string_view>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "tags.h"

namespace dreamreel::media {
namespace {

constexpr double kTick = 1e-6;
constexpr double kWorthSeekingSeconds = 5;
constexpr double kRunUpSeconds = 1;       // before a sought start, so that no packet is missed
constexpr std::size_t kMostAhead = 4096;  // packets read to find the first of each track

bool is_mov(const AVOutputFormat& format) {
  constexpr std::array<std::string_view, 6> kFamily{"mov", "mp4", "ipod", "3gp", "3g2", "f4v"};
  return std::ranges::find(kFamily, std::string_view(format.name)) != kFamily.end();
}

struct FreeBuffer {
  void operator()(std::uint8_t* buffer) const { av_free(buffer); }
};

// Whether a muxer takes a track, by asking it to write a header with nothing else in it. Its own list of
// codecs is no sure answer: some refuse a codec of the list when it comes to writing.
bool container_takes(const AVOutputFormat& format, const AVCodecParameters& parameters,
                     AVRational time_base) {
  if (avformat_query_codec(&format, parameters.codec_id, FF_COMPLIANCE_EXPERIMENTAL) == 0) return false;
  const LibavErrors quiet;
  AVFormatContext* raw = nullptr;
  if (avformat_alloc_output_context2(&raw, &format, nullptr, nullptr) < 0) throw std::bad_alloc();
  const OutputPtr trial(raw);
  trial->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  AVStream* stream = avformat_new_stream(trial.get(), nullptr);
  if (stream == nullptr || avcodec_parameters_copy(stream->codecpar, &parameters) < 0) throw std::bad_alloc();
  stream->codecpar->codec_tag = 0;
  stream->time_base = time_base;
  if (avio_open_dyn_buf(&trial->pb) < 0) throw std::bad_alloc();
  const bool taken = avformat_write_header(trial.get(), nullptr) >= 0;
  std::uint8_t* buffer = nullptr;
  avio_close_dyn_buf(trial->pb, &buffer);
  trial->pb = nullptr;
  const std::unique_ptr<std::uint8_t, FreeBuffer> owner(buffer);
  return taken;
}

}  // namespace

SoundTracks::SoundTracks(const std::filesystem::path& path, double start_seconds, AVFormatContext& output)
    : input_(open_input(path)),
      start_seconds_(start_seconds),
      // Both can say how much of a track's first packet is not to be heard.
      can_start_inside_packet_(is_mov(*output.oformat) || is_matroska(*output.oformat)) {
  if (count_sound_tracks(*input_.context) == 0) throw InputError(input_.name + " has no sound");
  for (unsigned i = 0; i < input_.context->nb_streams; ++i) {
    AVStream& stream = *input_.context->streams[i];
    stream.discard = AVDISCARD_ALL;
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) add_track(stream, output);
  }
  if (start_seconds_ > kWorthSeekingSeconds) {
    const auto target =
        static_cast<std::int64_t>((start_seconds_ - kRunUpSeconds) * AV_TIME_BASE) + input_.beginning();
    const LibavErrors quiet;
    avformat_seek_file(input_.context.get(), -1, INT64_MIN, target, target,
                       0);  // else it is read from the start
  }
  look_ahead();
  if (is_matroska(*output.oformat)) declare_run_up();
}

void SoundTracks::add_track(AVStream& stream, AVFormatContext& output) {
  const AVCodecParameters& parameters = *stream.codecpar;
  if (parameters.codec_id == AV_CODEC_ID_NONE || parameters.sample_rate <= 0) {
    log_warning_once(input_.name + ": sound track " + std::to_string(stream.index) +
                     " cannot be understood; it is left out");
    return;
  }
  if (output.oformat->audio_codec == AV_CODEC_ID_NONE) {
    log_warning_once(std::string("a ") + output.oformat->name + " file has no sound; the sound of " +
                     input_.name + " is left out");
    return;
  }
  Track track;
  track.in = &stream;
  if (container_takes(*output.oformat, parameters, stream.time_base)) {
    track.out = avformat_new_stream(&output, nullptr);
    if (track.out == nullptr || avcodec_parameters_copy(track.out->codecpar, &parameters) < 0)
      throw std::bad_alloc();
    track.out->codecpar->codec_tag = 0;
    track.out->time_base = stream.time_base;
  } else {
    track.encoder = std::make_unique<SoundEncoder>(stream, input_.name, output);
    track.out = &track.encoder->stream();
  }
  copy_stream_tags(stream, *track.out);
  stream.discard = AVDISCARD_DEFAULT;
  tracks_.push_back(std::move(track));
}

// Reads until the first packet of every track is there.
void SoundTracks::look_ahead() {
  std::size_t seen = 0;
  std::vector<bool> known(tracks_.size(), false);
  while (seen < tracks_.size() && ahead_.size() < kMostAhead) {
    PacketPtr packet = read();
    if (!packet) return;
    const auto number = static_cast<std::size_t>(track_of(*packet) - tracks_.data());
    if (!known[number]) ++seen;
    known[number] = true;
    ahead_.push_back(std::move(packet));
  }
}

// Matroska has no times before 0; instead a track says how long its decoder runs before it is to be heard,
// and its packets' times are shifted by that on writing and back on reading.
void SoundTracks::declare_run_up() {
  for (Track& track : tracks_) {
    if (track.encoder) continue;
    const auto first =
        std::ranges::find_if(ahead_, [&](const PacketPtr& packet) { return track_of(*packet) == &track; });
    if (first == ahead_.end()) continue;
    const double lead = -seconds_of(**first);
    AVCodecParameters& parameters = *track.out->codecpar;
    if (start_seconds_ <= 0 && parameters.initial_padding > 0) continue;  // the source says it to the sample
    parameters.initial_padding = lead > 0 ? static_cast<int>(std::lround(lead * parameters.sample_rate)) : 0;
  }
}

SoundTracks::Track* SoundTracks::track_of(const AVPacket& packet) {
  const auto found = std::ranges::find_if(
      tracks_, [&](const Track& track) { return track.in->index == packet.stream_index; });
  return found == tracks_.end() ? nullptr : &*found;
}

// Seconds of the output at which a packet starts.
double SoundTracks::seconds_of(const AVPacket& packet) const {
  const std::int64_t time = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (time == AV_NOPTS_VALUE) return 0;
  const AVRational unit = input_.context->streams[packet.stream_index]->time_base;
  return static_cast<double>(time) * av_q2d(unit) - static_cast<double>(input_.beginning()) / AV_TIME_BASE -
         start_seconds_;
}

bool SoundTracks::wanted(const AVPacket& packet) const {
  if (start_seconds_ <= 0) return true;  // an encoder's run-up before 0 included
  const AVRational unit = input_.context->streams[packet.stream_index]->time_base;
  const double length = static_cast<double>(packet.duration) * av_q2d(unit);
  const double counted = can_start_inside_packet_ ? length : length / 2;
  return seconds_of(packet) + counted > kTick || (length == 0 && seconds_of(packet) > -kTick);
}

PacketPtr SoundTracks::read() {
  const LibavErrors quiet;
  while (!ended_) {
    PacketPtr packet = new_packet();
    const int error = av_read_frame(input_.context.get(), packet.get());
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) {
      ended_ = true;
      if (error != AVERROR_EOF)
        log_warning(quiet.describe("the sound of " + input_.name + " is damaged; reading stopped", error));
    } else if (track_of(*packet) != nullptr && wanted(*packet)) {
      return packet;
    }
  }
  return nullptr;
}

void SoundTracks::hand_over(AVPacket& packet, const PacketSink& sink) {
  Track& track = *track_of(packet);
  const AVRational unit = track.in->time_base;
  const auto shift_us = input_.beginning() + std::llround(start_seconds_ * AV_TIME_BASE);
  const std::int64_t shift = av_rescale_q(shift_us, AV_TIME_BASE_Q, unit);
  if (packet.pts != AV_NOPTS_VALUE) packet.pts -= shift;
  if (packet.dts != AV_NOPTS_VALUE) packet.dts -= shift;
  if (track.encoder) {
    track.encoder->take(packet, sink);
    return;
  }
  packet.stream_index = track.out->index;
  packet.pos = -1;
  av_packet_rescale_ts(&packet, unit, track.out->time_base);
  sink(packet);
}

void SoundTracks::copy_until(double seconds, const PacketSink& sink) {
  if (tracks_.empty()) return;
  for (;;) {
    if (ahead_.empty()) {
      PacketPtr packet = read();
      if (!packet) return;
      ahead_.push_back(std::move(packet));
    }
    if (seconds_of(*ahead_.front()) >= seconds - kTick) return;
    const PacketPtr packet = std::move(ahead_.front());
    ahead_.pop_front();
    hand_over(*packet, sink);
  }
}

void SoundTracks::finish(double seconds, const PacketSink& sink) {
  // Tracks are not interleaved to the packet: one may still have something to say when another has reached
  // the end.
  std::vector<bool> finished(tracks_.size(), false);
  auto left = tracks_.size();
  while (left > 0) {
    if (ahead_.empty()) {
      PacketPtr packet = read();
      if (!packet) break;
      ahead_.push_back(std::move(packet));
    }
    const PacketPtr packet = std::move(ahead_.front());
    ahead_.pop_front();
    const auto number = static_cast<std::size_t>(track_of(*packet) - tracks_.data());
    if (finished[number]) continue;
    if (seconds_of(*packet) < seconds - kTick) {
      hand_over(*packet, sink);
    } else {
      finished[number] = true;
      --left;
    }
  }
  for (Track& track : tracks_)
    if (track.encoder) track.encoder->finish(seconds, sink);
}

}  // namespace dreamreel::media
