#include "sound.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "tags.h"
#include "tick.h"

namespace dreamreel::media {
namespace {

constexpr std::size_t kMostPacketsUntilAllTracks = 4096;  // packets read to find the first of each track

}  // namespace

SoundTracks::SoundTracks(const std::filesystem::path& path, double start_seconds,
                         std::optional<double> end_seconds, std::int64_t bits_per_second,
                         AVFormatContext& output, const std::atomic<bool>* stop)
    : packets_(path, start_seconds, can_start_inside_packet(*output.oformat), stop),
      start_seconds_(start_seconds),
      bits_per_second_(bits_per_second) {
  if (output.oformat->audio_codec == AV_CODEC_ID_NONE) {
    log_warning_once(fmt::format("a {} file has no sound; the sound of {} is left out", output.oformat->name,
                                 packets_.name()));
    return;
  }
  const SoundTrial trial = try_to_copy(path, start_seconds, end_seconds, *output.oformat, stop);
  std::vector<int> wanted;
  for (AVStream* stream : packets_.tracks()) {
    add_track(*stream, trial, output);
    if (!tracks_.empty() && tracks_.back().in == stream) wanted.push_back(stream->index);
  }
  packets_.select(wanted);
  look_ahead();
  if (is_matroska(*output.oformat)) declare_run_up();
}

void SoundTracks::add_track(AVStream& stream, const SoundTrial& trial, AVFormatContext& output) {
  const AVCodecParameters& parameters = *stream.codecpar;
  if (parameters.codec_id == AV_CODEC_ID_NONE || parameters.sample_rate <= 0) {
    log_warning_once(fmt::format("{}: sound track {} cannot be understood; it is left out", packets_.name(),
                                 stream.index));
    return;
  }
  Track track;
  track.in = &stream;
  if (const auto refused = trial.refused.find(stream.index); refused != trial.refused.end()) {
    track.encoder =
        std::make_unique<SoundEncoder>(stream, packets_.name(), refused->second, bits_per_second_, output);
    track.out = &track.encoder->stream();
  } else {
    track.out = avformat_new_stream(&output, nullptr);
    if (track.out == nullptr || avcodec_parameters_copy(track.out->codecpar, &parameters) < 0)
      throw std::bad_alloc();
    track.out->codecpar->codec_tag = 0;
    track.out->time_base = stream.time_base;
  }
  if (const auto raised = trial.raised.find(stream.index); raised != trial.raised.end())
    log_warning_once(
        fmt::format("the sound of {}, track {}: {}", packets_.name(), stream.index, raised->second));
  copy_stream_tags(stream, *track.out);
  tracks_.push_back(std::move(track));
}

// Reads ahead until the first packet of every track has come.
void SoundTracks::look_ahead() {
  std::size_t seen = 0;
  std::vector<bool> known(tracks_.size(), false);
  while (seen < tracks_.size() && ahead_.size() < kMostPacketsUntilAllTracks) {
    PacketPtr packet = packets_.next();
    if (!packet) return;
    const auto number = static_cast<std::size_t>(&track_of(*packet) - tracks_.data());
    if (!known[number]) ++seen;
    known[number] = true;
    ahead_.push_back(std::move(packet));
  }
}

// Matroska has no times before 0. Instead, a track stores how long its decoder runs before the sound may be
// heard. The times of its packets are shifted by that length when written, and shifted back when read.
void SoundTracks::declare_run_up() {
  for (Track& track : tracks_) {
    if (track.encoder) continue;
    const auto first =
        std::ranges::find_if(ahead_, [&](const PacketPtr& packet) { return &track_of(*packet) == &track; });
    if (first == ahead_.end()) continue;
    const double lead = -packets_.seconds_of(**first);
    AVCodecParameters& parameters = *track.out->codecpar;
    if (start_seconds_ <= 0 && parameters.initial_padding > 0) continue;  // the source has the exact length
    parameters.initial_padding = lead > 0 ? static_cast<int>(std::lround(lead * parameters.sample_rate)) : 0;
  }
}

SoundTracks::Track& SoundTracks::track_of(const AVPacket& packet) {
  return *std::ranges::find_if(tracks_,
                               [&](const Track& track) { return track.in->index == packet.stream_index; });
}

// Whether there is a next packet, ahead_.front().
bool SoundTracks::fill() {
  if (!ahead_.empty()) return true;
  if (tracks_.empty()) return false;
  PacketPtr packet = packets_.next();
  if (!packet) return false;
  ahead_.push_back(std::move(packet));
  return true;
}

void SoundTracks::hand_over(AVPacket& packet, const PacketSink& sink) {
  Track& track = track_of(packet);
  if (track.encoder) {
    track.encoder->take(packet, sink);
    return;
  }
  packet.stream_index = track.out->index;
  packet.pos = -1;
  av_packet_rescale_ts(&packet, track.in->time_base, track.out->time_base);
  sink(packet);
}

void SoundTracks::copy_until(double seconds, const PacketSink& sink) {
  while (fill() && packets_.seconds_of(*ahead_.front()) < seconds - kTick) {
    const PacketPtr packet = std::move(ahead_.front());
    ahead_.pop_front();
    hand_over(*packet, sink);
  }
}

void SoundTracks::finish(std::optional<double> seconds, const PacketSink& sink) {
  // Tracks are interleaved only roughly. When one track has reached the end, another may still have packets.
  std::vector<bool> finished(tracks_.size(), false);
  auto left = tracks_.size();
  while (left > 0 && fill()) {
    const PacketPtr packet = std::move(ahead_.front());
    ahead_.pop_front();
    const auto number = static_cast<std::size_t>(&track_of(*packet) - tracks_.data());
    if (finished[number]) continue;
    if (!seconds || packets_.seconds_of(*packet) < *seconds - kTick) {
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
