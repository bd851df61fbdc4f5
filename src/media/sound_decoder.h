// Decodes one sound track of a file to samples at one rate, in order, each with its place in time. Keeps the
// channels; mixes and measures nothing.
#pragma once

#include <functional>
#include <vector>

#include "input.h"
#include "libav.h"
#include "packets.h"

namespace dreamreel::media {

constexpr int kSoundRate = 48000;

/// Planar float32 samples at kSoundRate, 1 being full scale.
struct SoundBlock {
  /// Position of the first sample, counted from the wanted start; may be negative.
  std::int64_t position = 0;
  int count = 0;                       ///< samples per channel
  std::vector<const float*> channels;  ///< valid during the call
};

/// Returns whether it wants more blocks.
using SoundSink = std::function<bool(const SoundBlock&)>;

class SoundDecoder {
 public:
  /// Opens the file's best sound track. InputError if there is none or it cannot be decoded.
  SoundDecoder(const std::filesystem::path& path, double start_seconds);

  /// Passes on all blocks, from shortly before the start. A gap between two blocks is silence. After a broken
  /// time stamp, a block may begin before the end of the block before. If the format changes in the middle of
  /// the file, the blocks keep the channels of the beginning. InputError if not a single sample can be
  /// decoded.
  void decode(const SoundSink& sink);

  /// The channels of every block; known once the sink was called.
  const std::vector<AVChannel>& channels() const { return channels_; }

 private:
  bool take_packet(const AVPacket* packet, const SoundSink& sink);
  bool take_frame(const AVFrame& frame, const SoundSink& sink);
  bool convert(const AVFrame* frame, const SoundSink& sink);
  void learn_channels(const AVFrame& frame);
  void open_resampler(const AVFrame& frame);
  bool fits(const AVFrame& frame) const;
  std::int64_t position_of(const AVFrame& frame) const;

  InputFile input_;
  PacketReader packets_;
  double start_seconds_;
  AVStream* stream_ = nullptr;
  CodecPtr decoder_;
  FramePtr frame_ = new_frame();
  FramePtr format_ = new_frame();  ///< what resampler_ was opened for: format, rate and layout
  FramePtr layout_ = new_frame();  ///< ch_layout is the layout of every block
  ResamplerPtr resampler_;
  std::vector<AVChannel> channels_;
  std::vector<std::vector<float>> buffers_;
  std::int64_t next_ = 0;  ///< position of the next sample out of the resampler
  bool any_ = false;
};

}  // namespace dreamreel::media
