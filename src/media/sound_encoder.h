// Encodes one sound track anew, for containers that do not take its codec.
#pragma once

#include <functional>

#include "libav.h"

namespace dreamreel::media {

/// Takes packets whose times are in their output stream's time base and whose stream_index is set. May throw.
using PacketSink = std::function<void(AVPacket&)>;

class SoundEncoder {
 public:
  /// Adds a stream to `output`, whose header is not yet written; `reason` says why packets are not copied.
  /// `bits_per_second` is 0 for the usual. JobError if the container has no sound codec that can be encoded
  /// here.
  SoundEncoder(const AVStream& in, const std::string& name, const std::string& reason,
               std::int64_t bits_per_second, AVFormatContext& output);

  /// Decodes, resamples and encodes a packet of the source. Its times count from the output's 0, in the
  /// source's time base. Sound before 0 is cut off to the sample, and silence fills a late start. If
  /// channels, rate or sample format change in the middle of the stream, the rest is converted to the format
  /// of the beginning.
  void take(const AVPacket& packet, const PacketSink& sink);
  /// Cuts off the sound from `seconds` on, to the sample (nullopt: cuts nothing), and flushes.
  void finish(std::optional<double> seconds, const PacketSink& sink);

  AVStream& stream() { return *stream_; }

 private:
  void open(const AVCodec& codec, std::int64_t bits_per_second, const AVFormatContext& output);
  void open_graph(const AVStream& in);
  void decode(const AVPacket* packet, const PacketSink& sink);
  void convert(AVFrame& frame, const PacketSink& sink);
  bool is_like_beginning(const AVFrame& frame) const;
  void open_conformer(const AVFrame& frame);
  void conform(const AVFrame* frame, const PacketSink& sink);
  void cut(AVFrame& frame) const;
  void encode_ready(const PacketSink& sink);
  void encode(const AVFrame* frame, const PacketSink& sink);

  std::string name_;
  CodecPtr decoder_, encoder_;
  GraphPtr graph_;
  AVFilterContext* source_ = nullptr;  // owned by the graph
  AVFilterContext* sink_ = nullptr;
  AVStream* stream_ = nullptr;        // owned by the output
  FramePtr beginning_ = new_frame();  ///< format, rate and layout that the graph was opened for
  FramePtr changed_ = new_frame();    ///< format, rate and layout that conformer_ was opened for
  /// Where the conformer's last samples end, in the decoder's unit; its remaining samples begin there.
  std::int64_t conformed_until_ = AV_NOPTS_VALUE;
  ResamplerPtr conformer_;  ///< nullptr while the sound has the format of the beginning
  FramePtr frame_ = new_frame();
  FramePtr converted_ = new_frame();
  PacketPtr packet_ = new_packet();
  PacketPtr held_;
  std::optional<double> end_seconds_;
};

}  // namespace dreamreel::media
