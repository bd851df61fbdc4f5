#include "video_decoder.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "probe.h"

namespace dreamreel::media {
namespace {

// Seek this far before the wanted time. A decoder that starts on an open group of pictures has then
// recovered.
constexpr double kVideoRunUpSeconds = 2;

// To know that a file holds one frame only, all of its sound is read. The second frame of a video comes far
// sooner.
constexpr std::int64_t kMostBytesAhead = 64 << 20;
// A container often leaves out the length of its only frame. So it may end this many seconds after that
// frame.
constexpr double kLongestFrame = 0.2;

// Nominal length of a frame in the stream's time base, at least 1.
std::int64_t nominal_duration(const AVStream& stream) {
  const AVRational rate = stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
  if (rate.num <= 0 || rate.den <= 0) return 1;
  return std::max<std::int64_t>(1, av_rescale_q(1, av_inv_q(rate), stream.time_base));
}

}  // namespace

VideoDecoder::VideoDecoder(const InputFile& input, AVStream& stream, bool alpha)
    : packets_(input),
      stream_(stream),
      context_(*input.context),
      name_(input.name),
      codec_(open_decoder(stream, input.name, alpha)) {}

AVFrame* VideoDecoder::next() {
  const LibavErrors quiet;  // the statistics tell
  for (;;) {
    av_frame_unref(frame_.get());
    const int error = avcodec_receive_frame(codec_.get(), frame_.get());
    if (error == 0) {
      set_time(*frame_);
      ++statistics_.frames;
      return frame_.get();
    }
    if (error == AVERROR_EOF) return nullptr;
    if (error != AVERROR(EAGAIN)) {
      count_damage();
      continue;
    }
    if (!feed()) return nullptr;
  }
}

// Reads one packet and gives it to the decoder. At the end of the file it gives the decoder the end instead.
// False once that has happened.
bool VideoDecoder::feed() {
  if (draining_) return false;
  const int error = read(*packet_);
  if (error == AVERROR(EAGAIN)) return true;
  if (error < 0) {
    if (error != AVERROR_EOF) statistics_.read_error = error;
    draining_ = true;
    send(nullptr);
    return true;
  }
  count(*packet_);
  // A packet flagged as damaged often decodes all the same. A packet without content stands for a frame that
  // was dropped.
  if (packet_->stream_index == stream_.index && packet_->size > 0) send(packet_.get());
  return true;
}

int VideoDecoder::read(AVPacket& packet) {
  if (ahead_.empty()) return packets_.read(packet);
  av_packet_unref(&packet);
  av_packet_move_ref(&packet, ahead_.front().get());
  ahead_.pop_front();
  return 0;
}

bool VideoDecoder::holds_one_frame() {
  if (stream_.nb_frames > 1) return false;
  const LibavErrors quiet;
  int found = 0;
  std::int64_t bytes = 0;
  double end = 0;
  for (auto packet = new_packet(); packets_.read(*packet) >= 0; packet = new_packet()) {
    if (packet->stream_index == stream_.index) {
      if (++found == 1 && packet->pts != AV_NOPTS_VALUE)
        end = static_cast<double>(packet->pts + packet->duration) * av_q2d(stream_.time_base);
    }
    bytes += packet->size;
    ahead_.push_back(std::move(packet));
    if (found > 1 || bytes > kMostBytesAhead) return false;
  }
  // A recording that broke off after its first frame is a damaged video, not a still. In a file with sound,
  // the length in the header may be the sound's, so it proves nothing.
  const auto expected = expected_end(context_, stream_);
  const bool broke_off =
      expected && count_sound_tracks(context_) == 0 && expected->seconds > end + kLongestFrame;
  return found == 1 && !broke_off;
}

void VideoDecoder::count(const AVPacket& packet) {
  const AVStream& stream = *context_.streams[packet.stream_index];
  const bool video = packet.stream_index == stream_.index;
  statistics_.cut_off = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
  if (video) ++statistics_.packets;
  const std::int64_t pts = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (pts == AV_NOPTS_VALUE) return;
  const double end = static_cast<double>(pts + packet.duration) * av_q2d(stream.time_base);
  statistics_.any_end_seconds = std::max(statistics_.any_end_seconds, end);
  if (video) statistics_.video_end_seconds = std::max(statistics_.video_end_seconds, end);
}

void VideoDecoder::send(const AVPacket* packet) {
  const int error = avcodec_send_packet(codec_.get(), packet);
  if (error < 0 && error != AVERROR_EOF) count_damage();
}

// A picture that is too large is no damage: a person can scale it, and the next picture will be as large.
void VideoDecoder::count_damage() {
  ++statistics_.damaged_packets;
  const auto now = oversize_pictures();
  if (now.count != oversize_before_) throw_too_large(name_, now.size);
}

void VideoDecoder::set_time(AVFrame& frame) {
  const std::int64_t nominal = nominal_duration(stream_);
  if (frame_duration(frame) <= 0) set_frame_duration(frame, nominal);
  if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
    frame.pts = frame.best_effort_timestamp;
  } else if (last_pts_ != AV_NOPTS_VALUE) {
    frame.pts = last_pts_ + last_duration_;
  } else {
    frame.pts = stream_.start_time != AV_NOPTS_VALUE ? stream_.start_time : 0;
  }
  if (last_pts_ != AV_NOPTS_VALUE && frame.pts <= last_pts_) {
    log_debug(fmt::format("a frame's time does not rise; moved from {} to {}", frame.pts, last_pts_ + 1));
    frame.pts = last_pts_ + 1;
  }
  last_pts_ = frame.pts;
  last_duration_ = frame_duration(frame);
}

bool VideoDecoder::can_jump() const {
  const int flags = context_.iformat->flags;
  return (flags & AVFMT_NOTIMESTAMPS) == 0 && (!packets_.can_seek() || (flags & AVFMT_GENERIC_INDEX) == 0);
}

bool VideoDecoder::seek(double seconds) {
  if ((context_.iformat->flags & AVFMT_NOTIMESTAMPS) != 0) return false;
  const LibavErrors quiet;
  const auto target = static_cast<std::int64_t>((seconds - kVideoRunUpSeconds) * AV_TIME_BASE);
  if (packets_.can_seek()) {
    if (!packets_.seek(target)) return false;
    begin_anew();
  } else if (!read_up_to(target)) {
    return false;
  }
  statistics_.seeked = true;
  return true;
}

// Skips packets up to the last key picture before `target`. The packets from there on are kept for the
// decoder.
bool VideoDecoder::read_up_to(std::int64_t target) {
  constexpr std::size_t kMostKept = 2000;  // packets of one group of pictures; longer groups skip none
  std::deque<PacketPtr> kept;
  while (kept.size() < kMostKept) {
    PacketPtr packet = new_packet();
    const int error = read(*packet);
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) break;
    if (packet->stream_index != stream_.index) continue;
    const std::int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    const bool before =
        time == AV_NOPTS_VALUE || av_compare_ts(time, stream_.time_base, target, AV_TIME_BASE_Q) < 0;
    if (before && (packet->flags & AV_PKT_FLAG_KEY) != 0) kept.clear();
    kept.push_back(std::move(packet));
    if (!before) break;
  }
  std::move(kept.rbegin(), kept.rend(), std::front_inserter(ahead_));
  return true;
}

void VideoDecoder::rewind() {
  const LibavErrors quiet;
  if (!packets_.rewind())
    throw InputError(std::string(context_.url) + ": cannot go back to the start of the file");
  begin_anew();
}

void VideoDecoder::begin_anew() {
  avcodec_flush_buffers(codec_.get());
  ahead_.clear();
  draining_ = false;
  last_pts_ = AV_NOPTS_VALUE;
  statistics_ = {};
}

}  // namespace dreamreel::media
