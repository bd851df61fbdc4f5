#include "packets.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "dreamreel/core/log.h"

namespace dreamreel::media {
namespace {

constexpr std::int64_t kFallsBack = AV_TIME_BASE / 10;  // a smaller fall is jitter, which muxers even out
constexpr std::int64_t kLeapsAhead = 10LL * AV_TIME_BASE;
// Sound that was cut later than its pictures may reach this far into the next count of time. Longer sound is
// not overlaid.
constexpr std::int64_t kOverlap = AV_TIME_BASE / 4;
constexpr int kEnoughToJudge = 20;               // packets: longer than any reordering of pictures
constexpr std::size_t kMostPacketsAhead = 2000;  // packets of all streams
constexpr std::size_t kMostBytes = 64U << 20;

bool is_one_of(const AVFormatContext& context, std::initializer_list<std::string_view> names) {
  const std::string_view name = context.iformat->name;
  return std::ranges::any_of(names, [&](auto one) { return name.find(one) != std::string_view::npos; });
}

// Whether a container counts its times from an index, so that they cannot fall.
bool is_indexed(const AVFormatContext& context) {
  return is_one_of(context, {"mov,mp4", "avi", "mxf", "gxf", "image2", "_pipe"});
}

bool tells_the_clock(const AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  const bool cover =
      (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0;
  return (type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO) && !cover;
}

std::int64_t distance(std::int64_t a, std::int64_t b) {
  return std::abs(a - b);
}

}  // namespace

// Facts about one track at a jump of the clock.
struct PacketReader::Fresh {
  int seen = 0;                       ///< packets of the track, old or new
  int count = 0;                      ///< packets of the new count of time
  std::int64_t first = 0, last = 0;   ///< decoding times in the file
  std::int64_t earliest = INT64_MAX;  ///< presentation time in the file
};

PacketReader::PacketReader(const InputFile& input)
    : context_(*input.context),
      follows_clock_(!is_indexed(context_)),
      may_jump_forward_((context_.iformat->flags & AVFMT_TS_DISCONT) != 0),
      can_seek_(!reads_through(input)) {
  if (const AVStream* stream = find_video_stream(context_)) pictures_ = stream->index;
}

bool PacketReader::reads_through(const InputFile& input) {
  return (input.context->iformat->flags & AVFMT_TS_DISCONT) != 0 || is_one_of(*input.context, {"flv"});
}

// NOLINTNEXTLINE(readability-make-member-function-const): it changes what this reader gives
void PacketReader::want(const std::vector<int>& streams) {
  for (unsigned i = 0; i < context_.nb_streams; ++i) {
    AVStream& stream = *context_.streams[i];
    const bool wanted = std::ranges::find(streams, stream.index) != streams.end();
    const bool needed = wanted || (follows_clock_ && tells_the_clock(stream));
    stream.discard = needed ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

int PacketReader::read(AVPacket& packet) {
  av_packet_unref(&packet);
  if (!ahead_.empty()) {
    av_packet_move_ref(&packet, ahead_.front().get());
    ahead_.pop_front();
  } else if (end_of_ahead_ != 0) {
    return std::exchange(end_of_ahead_, 0);
  } else if (const int error = av_read_frame(&context_, &packet); error < 0) {
    return error;
  }
  if (follows_clock_) put_right(packet);
  return 0;
}

// The time that rises from packet to packet: the decoding time. If pictures are reordered and the container
// stores no decoding times, no time rises, and the result is AV_NOPTS_VALUE.
std::int64_t PacketReader::raw_time(const AVPacket& packet) const {
  if (packet.dts != AV_NOPTS_VALUE) return packet.dts;
  return context_.streams[packet.stream_index]->codecpar->video_delay > 0 ? AV_NOPTS_VALUE : packet.pts;
}

std::int64_t PacketReader::micros(std::int64_t time, int stream) const {
  return av_rescale_q(time, context_.streams[stream]->time_base, AV_TIME_BASE_Q);
}

std::int64_t PacketReader::ticks(std::int64_t offset, int stream) const {
  return av_rescale_q(offset, AV_TIME_BASE_Q, context_.streams[stream]->time_base);
}

void PacketReader::put_right(AVPacket& packet) {
  const int index = packet.stream_index;
  if (tracks_.size() < context_.nb_streams) tracks_.resize(context_.nb_streams);
  Track& track = tracks_[static_cast<std::size_t>(index)];
  const bool tells = tells_the_clock(*context_.streams[index]);
  if (!tells) track.offset = offset_;
  if (!tells || raw_time(packet) == AV_NOPTS_VALUE) return move(track, packet);
  const bool joined = takes_present_count(track, packet);
  if (!joined && jumps(track, packet)) decide(packet);
  move(track, packet);
  follow(track, packet);
  const std::int64_t time = micros(track.last, index);
  now_ = std::max(now_.value_or(time), time);
}

// Where two counts of time meet, their packets may be interleaved, because a packet is complete only when the
// next packet of its stream begins. So each track takes over the new offset when its own times fit that
// offset better.
bool PacketReader::takes_present_count(Track& track, const AVPacket& packet) const {
  if (track.offset == offset_) return false;
  const std::int64_t raw = raw_time(packet);
  const int index = packet.stream_index;
  if (track.seen && distance(raw + ticks(track.offset, index), track.next) <
                        distance(raw + ticks(offset_, index), track.next))
    return false;
  track.offset = offset_;
  return track.seen;
}

bool PacketReader::jumps(const Track& track, const AVPacket& packet) const {
  if (!now_) return false;
  const std::int64_t time =
      micros(raw_time(packet) + ticks(track.offset, packet.stream_index), packet.stream_index);
  if (track.seen && time < micros(track.last, packet.stream_index) - kFallsBack) return true;
  return may_jump_forward_ && distance(time, *now_) > kLeapsAhead;
}

// Reads ahead until there are enough packets of `stream` to tell a new count of time from a slip.
void PacketReader::look_ahead(int stream) {
  int seen = 0;
  std::size_t bytes = 0;
  for (const auto& packet : ahead_) {
    seen += packet->stream_index == stream ? 1 : 0;
    bytes += static_cast<std::size_t>(packet->size);
  }
  while (end_of_ahead_ == 0 && seen < kEnoughToJudge && ahead_.size() < kMostPacketsAhead &&
         bytes < kMostBytes) {
    PacketPtr packet = new_packet();
    const int error = av_read_frame(&context_, packet.get());
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) {
      end_of_ahead_ = error;
      break;
    }
    seen += packet->stream_index == stream ? 1 : 0;
    bytes += static_cast<std::size_t>(packet->size);
    ahead_.push_back(std::move(packet));
  }
}

// Sorts the packets ahead: `tracks` follow those that continue the old count of time. The others belong to a
// new count, and are summed up in the result.
std::vector<PacketReader::Fresh> PacketReader::sort(const AVPacket& candidate,
                                                    std::vector<Track>& tracks) const {
  std::vector<Fresh> fresh(tracks.size());
  const auto take = [&](const AVPacket& packet) {
    const auto index = static_cast<std::size_t>(packet.stream_index);
    const std::int64_t raw = raw_time(packet);
    if (index >= tracks.size() || raw == AV_NOPTS_VALUE || !tells_the_clock(*context_.streams[index])) return;
    Fresh& mine = fresh[index];
    ++mine.seen;
    if (mine.count == 0 && &packet != &candidate && !jumps(tracks[index], packet)) {
      const PacketPtr copy = new_packet();
      av_packet_copy_props(copy.get(), &packet);
      copy->stream_index = packet.stream_index;
      move(tracks[index], *copy);
      follow(tracks[index], *copy);
      return;
    }
    if (mine.count++ == 0) mine.first = raw;
    mine.last = raw;
    mine.earliest = std::min(mine.earliest, packet.pts != AV_NOPTS_VALUE ? packet.pts : raw);
  };
  take(candidate);
  for (const auto& packet : ahead_) take(*packet);
  return fresh;
}

// Whether a track returns to its old times at once. Then it had a broken time stamp, not a new count.
bool PacketReader::is_slip(const Track& track, const Fresh& fresh, int stream) const {
  const std::int64_t steps = fresh.count - 1;
  if (steps < 1 || !track.seen) return false;
  const std::int64_t old_error =
      distance(fresh.last + ticks(track.offset, stream), track.next + steps * track.step);
  return old_error < distance(fresh.last - fresh.first, steps * track.step);
}

// The offset with which a new count follows the old one.
std::int64_t PacketReader::following(const std::vector<Track>& tracks, const std::vector<Fresh>& fresh,
                                     std::size_t leader) const {
  const auto of = [&](std::size_t i, std::int64_t begin) {
    const int stream = static_cast<int>(i);
    return tracks[i].seen ? micros(tracks[i].end - begin, stream) : now_.value_or(0) - micros(begin, stream);
  };
  const std::int64_t offset = of(leader, fresh[leader].earliest);
  std::int64_t latest = offset;
  for (std::size_t i = 0; i < fresh.size(); ++i)
    if (i != leader && tracks[i].seen && fresh[i].count > 0) latest = std::max(latest, of(i, fresh[i].first));
  return latest > offset + kOverlap ? latest : offset;
}

void PacketReader::decide(AVPacket& candidate) {
  const auto own = static_cast<std::size_t>(candidate.stream_index);
  const auto pictures = pictures_ >= 0 ? static_cast<std::size_t>(pictures_) : own;
  const bool pictures_lead = pictures < tracks_.size() && tracks_[pictures].seen;
  auto leader = pictures_lead ? pictures : own;
  look_ahead(static_cast<int>(leader));
  std::vector<Track> tracks = tracks_;
  const auto fresh = sort(candidate, tracks);
  const bool leader_stays =
      fresh[leader].count == 0 || is_slip(tracks[leader], fresh[leader], static_cast<int>(leader));
  const bool all_jump = leader == own || !leader_stays || fresh[leader].seen == 0;
  if (leader_stays) leader = own;
  if (is_slip(tracks[own], fresh[own], candidate.stream_index)) return replace_time(tracks_[own], candidate);
  const std::int64_t offset = following(tracks, fresh, leader);
  tracks_[own].offset = offset;
  if (!all_jump) return;
  log_debug(fmt::format("the times of {} begin anew; moved by {:g} s", context_.url,
                        static_cast<double>(offset) / AV_TIME_BASE));
  offset_ = offset;
}

void PacketReader::replace_time(const Track& track, AVPacket& packet) const {
  const bool is_sound = context_.streams[packet.stream_index]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
  packet.dts = track.next - ticks(track.offset, packet.stream_index);
  packet.pts = is_sound ? packet.dts : AV_NOPTS_VALUE;  // only a decoder can guess when a picture is shown
}

void PacketReader::move(const Track& track, AVPacket& packet) const {
  const std::int64_t offset = ticks(track.offset, packet.stream_index);
  if (packet.dts != AV_NOPTS_VALUE) packet.dts += offset;
  if (packet.pts != AV_NOPTS_VALUE) packet.pts += offset;
}

// Remembers the track's position after a packet whose times are right.
void PacketReader::follow(Track& track, const AVPacket& packet) const {
  const std::int64_t time = raw_time(packet);
  const AVStream& stream = *context_.streams[packet.stream_index];
  if (packet.duration > 0) {
    track.step = packet.duration;
  } else if (stream.avg_frame_rate.num > 0) {
    track.step = av_rescale_q(1, av_inv_q(stream.avg_frame_rate), stream.time_base);
  } else if (track.seen && time > track.last) {
    track.step = time - track.last;
  }
  const std::int64_t shown = packet.pts != AV_NOPTS_VALUE ? packet.pts : time;
  track.end = track.seen ? std::max(track.end, shown + track.step) : shown + track.step;
  track.last = time;
  track.next = time + track.step;
  track.seen = true;
}

void PacketReader::restart() {
  tracks_.clear();
  ahead_.clear();
  end_of_ahead_ = 0;
  offset_ = 0;
  now_.reset();
}

bool PacketReader::seek(std::int64_t target) {
  if (!can_seek_ || avformat_seek_file(&context_, -1, INT64_MIN, target, target, 0) < 0) return false;
  restart();
  return true;
}

bool PacketReader::rewind() {
  const std::int64_t start = context_.start_time != AV_NOPTS_VALUE ? context_.start_time : 0;
  const bool by_place = !can_seek_ && (context_.iformat->flags & AVFMT_NO_BYTE_SEEK) == 0;
  const int error = by_place ? avformat_seek_file(&context_, -1, INT64_MIN, 0, 0, AVSEEK_FLAG_BYTE)
                             : avformat_seek_file(&context_, -1, INT64_MIN, start, start, 0);
  if (error < 0) return false;
  restart();
  return true;
}

}  // namespace dreamreel::media
