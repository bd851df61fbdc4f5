#include "sound_packets.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "tick.h"

namespace dreamreel::media {
namespace {

constexpr double kWorthSeekingPacketSeconds = 5;
constexpr double kPacketRunUpSeconds = 1;  // seek this far before a start, so that no packet is missed

}  // namespace

SoundPackets::SoundPackets(const std::filesystem::path& path, double start_seconds, bool can_start_inside,
                           const std::atomic<bool>* stop)
    : input_(open_input(path)),
      packets_(input_),
      start_seconds_(start_seconds),
      can_start_inside_(can_start_inside) {
  input_.stop_at(stop);
  if (count_sound_tracks(*input_.context) == 0) throw InputError(input_.name + " has no sound");
}

std::vector<AVStream*> SoundPackets::tracks() const {
  std::vector<AVStream*> found;
  for (unsigned i = 0; i < input_.context->nb_streams; ++i)
    if (input_.context->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
      found.push_back(input_.context->streams[i]);
  return found;
}

void SoundPackets::select(const std::vector<int>& tracks) {
  selected_ = tracks;
  packets_.want(tracks);
  if (start_seconds_ <= kWorthSeekingPacketSeconds) return;
  const auto target =
      static_cast<std::int64_t>((start_seconds_ - kPacketRunUpSeconds) * AV_TIME_BASE) + input_.beginning();
  const LibavErrors quiet;
  packets_.seek(target);  // if seeking fails, the file is read from its start
}

double SoundPackets::seconds_of(const AVPacket& packet) const {
  const std::int64_t time = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (time == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(time) * av_q2d(input_.context->streams[packet.stream_index]->time_base);
}

bool SoundPackets::wanted(const AVPacket& packet) const {
  if (std::ranges::find(selected_, packet.stream_index) == selected_.end()) return false;
  if (start_seconds_ <= 0) return true;  // this includes an encoder's run-up before 0
  const AVRational unit = input_.context->streams[packet.stream_index]->time_base;
  const double length = static_cast<double>(packet.duration) * av_q2d(unit);
  const double counted = can_start_inside_ ? length : length / 2;
  return seconds_of(packet) + counted > kTick || (length == 0 && seconds_of(packet) > -kTick);
}

PacketPtr SoundPackets::next() {
  const LibavErrors quiet;
  const auto start_us = input_.beginning() + std::llround(start_seconds_ * AV_TIME_BASE);
  while (!ended_) {
    PacketPtr packet = new_packet();
    const int error = packets_.read(*packet);
    input_.throw_if_stopped();
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) {
      ended_ = true;
      if (error != AVERROR_EOF)
        log_warning_once(
            quiet.describe(fmt::format("the sound of {} is damaged; reading stopped", input_.name), error));
      break;
    }
    const AVRational unit = input_.context->streams[packet->stream_index]->time_base;
    const std::int64_t start = av_rescale_q(start_us, AV_TIME_BASE_Q, unit);
    if (packet->pts != AV_NOPTS_VALUE) packet->pts -= start;
    if (packet->dts != AV_NOPTS_VALUE) packet->dts -= start;
    if (wanted(*packet)) return packet;
  }
  return nullptr;
}

}  // namespace dreamreel::media
