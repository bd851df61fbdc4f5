#include "sound_decoder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"

namespace dreamreel::media {
namespace {

constexpr double kWorthSeekingSoundSeconds = 10;
// Seeking goes this far before a start, so that decoders settle and no packet is missed.
constexpr double kSoundRunUpSeconds = 2;
// Times in a container may be rounded (Matroska: to 1 ms) or jitter. A larger difference is a gap or an
// overlap.
constexpr std::int64_t kJitter = kSoundRate / 40;
constexpr std::int64_t kLongestGap = 600LL * kSoundRate;  // a longer one is a broken time stamp

AVStream* best_sound(const AVFormatContext& context) {
  const int index =
      av_find_best_stream(const_cast<AVFormatContext*>(&context), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  return index < 0 ? nullptr : context.streams[index];
}

}  // namespace

SoundDecoder::SoundDecoder(const std::filesystem::path& path, double start_seconds)
    : input_(open_input(path)), packets_(input_), start_seconds_(start_seconds) {
  if (count_sound_tracks(*input_.context) == 0) throw InputError(input_.name + " has no sound");
  stream_ = best_sound(*input_.context);
  if (stream_ == nullptr)
    throw InputError(input_.name + ": its sound is of a kind that FFmpeg cannot decode");
  packets_.want({stream_->index});
  decoder_ = open_decoder(*stream_, input_.name);
  if (start_seconds_ > kWorthSeekingSoundSeconds) {
    const auto target =
        static_cast<std::int64_t>((start_seconds_ - kSoundRunUpSeconds) * AV_TIME_BASE) + input_.beginning();
    const LibavErrors quiet;
    packets_.seek(target);  // if seeking fails, the file is read from its start
  }
}

void SoundDecoder::decode(const SoundSink& sink) {
  const LibavErrors quiet;
  const PacketPtr packet = new_packet();
  for (bool more = true; more;) {
    const int error = packets_.read(*packet);
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) {
      if (error != AVERROR_EOF)
        log_warning(
            quiet.describe(fmt::format("the sound of {} is damaged; reading stopped", input_.name), error));
      more = take_packet(nullptr, sink) && convert(nullptr, sink);
      break;
    }
    if (packet->stream_index == stream_->index) more = take_packet(packet.get(), sink);
  }
  if (!any_) throw InputError(input_.name + ": not a single sample of its sound could be decoded");
}

bool SoundDecoder::take_packet(const AVPacket* packet, const SoundSink& sink) {
  if (avcodec_send_packet(decoder_.get(), packet) < 0) {
    log_debug(input_.name + ": a damaged sound packet was skipped");
    return true;
  }
  while (avcodec_receive_frame(decoder_.get(), frame_.get()) >= 0)
    if (frame_->nb_samples > 0 && !take_frame(*frame_, sink)) return false;
  return true;
}

std::int64_t SoundDecoder::position_of(const AVFrame& frame) const {
  const double seconds = static_cast<double>(frame.best_effort_timestamp) * av_q2d(stream_->time_base) -
                         static_cast<double>(input_.beginning()) / AV_TIME_BASE - start_seconds_;
  return std::llround(seconds * kSoundRate);
}

bool SoundDecoder::fits(const AVFrame& frame) const {
  return resampler_ && frame.format == format_->format && frame.sample_rate == format_->sample_rate &&
         av_channel_layout_compare(&frame.ch_layout, &format_->ch_layout) == 0;
}

bool SoundDecoder::take_frame(const AVFrame& frame, const SoundSink& sink) {
  if (channels_.empty()) learn_channels(frame);
  const bool timed = frame.best_effort_timestamp != AV_NOPTS_VALUE;
  const std::int64_t expected = next_ + (resampler_ ? swr_get_delay(resampler_.get(), kSoundRate) : 0);
  const std::int64_t jump = timed ? position_of(frame) - expected : 0;
  const bool breaks = any_ && std::abs(jump) > kJitter && std::abs(jump) < kLongestGap;
  if (!fits(frame) || breaks) {
    if (resampler_ && !convert(nullptr, sink)) return false;
    open_resampler(frame);
    if (breaks || !any_) next_ = timed ? position_of(frame) : 0;
  }
  any_ = true;
  return convert(&frame, sink);
}

void SoundDecoder::learn_channels(const AVFrame& frame) {
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&layout_->ch_layout, frame.ch_layout.nb_channels);
  else
    av_channel_layout_copy(&layout_->ch_layout, &frame.ch_layout);
  for (int i = 0; i < layout_->ch_layout.nb_channels; ++i)
    channels_.push_back(av_channel_layout_channel_from_index(&layout_->ch_layout, static_cast<unsigned>(i)));
  buffers_.resize(channels_.size());
}

void SoundDecoder::open_resampler(const AVFrame& frame) {
  const LibavErrors errors;
  format_->format = frame.format;
  format_->sample_rate = frame.sample_rate;
  av_channel_layout_copy(&format_->ch_layout, &frame.ch_layout);
  // An unnamed layout with the same number of channels counts as the layout of the blocks, so nothing is
  // mixed.
  const bool unnamed = frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC &&
                       frame.ch_layout.nb_channels == layout_->ch_layout.nb_channels;
  SwrContext* raw = nullptr;
  int error = swr_alloc_set_opts2(&raw, &layout_->ch_layout, AV_SAMPLE_FMT_FLTP, kSoundRate,
                                  unnamed ? &layout_->ch_layout : &format_->ch_layout,
                                  static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  resampler_.reset(raw);
  if (error >= 0) error = swr_init(resampler_.get());
  if (error < 0) throw InputError(errors.describe(input_.name + ": its sound cannot be converted", error));
}

// nullptr flushes the samples that the resampler still holds.
bool SoundDecoder::convert(const AVFrame* frame, const SoundSink& sink) {
  if (!resampler_) return true;
  const int capacity = swr_get_out_samples(resampler_.get(), frame != nullptr ? frame->nb_samples : 0);
  if (capacity <= 0) return true;
  std::vector<std::uint8_t*> planes;
  SoundBlock block;
  for (auto& buffer : buffers_) {
    buffer.resize(static_cast<std::size_t>(capacity));
    planes.push_back(reinterpret_cast<std::uint8_t*>(buffer.data()));
    block.channels.push_back(buffer.data());
  }
  block.count = swr_convert(resampler_.get(), planes.data(), capacity,
                            frame != nullptr ? const_cast<const std::uint8_t**>(frame->extended_data)
                                             : nullptr,  // libav's signature
                            frame != nullptr ? frame->nb_samples : 0);
  if (block.count <= 0) return true;
  block.position = next_;
  next_ += block.count;
  return sink(block);
}

}  // namespace dreamreel::media
