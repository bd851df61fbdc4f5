// The only door to libav: its headers, an owner for each of its objects, its errors as text, its log, and
// every difference between FFmpeg 5.1 and 7. Private to the module. Nothing here decides anything about a
// video.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/display.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
}

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dreamreel/core/time.h"

#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 28, 100)
#error "dreamreel needs FFmpeg 5.1 or later"
#endif

namespace dreamreel::media {

// Owners. Each frees its object with libav's own function; none may be shared between threads.
struct FreeInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct FreeOutput {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
struct CloseIo {
  void operator()(AVIOContext* io) const { avio_closep(&io); }
};
struct FreeCodec {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeGraph {
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};
struct FreeResampler {
  void operator()(SwrContext* context) const { swr_free(&context); }
};
using InputPtr = std::unique_ptr<AVFormatContext, FreeInput>;
using OutputPtr = std::unique_ptr<AVFormatContext, FreeOutput>;
using IoPtr = std::unique_ptr<AVIOContext, CloseIo>;
using CodecPtr = std::unique_ptr<AVCodecContext, FreeCodec>;
using FramePtr = std::unique_ptr<AVFrame, FreeFrame>;
using PacketPtr = std::unique_ptr<AVPacket, FreePacket>;
using GraphPtr = std::unique_ptr<AVFilterGraph, FreeGraph>;
using ResamplerPtr = std::unique_ptr<SwrContext, FreeResampler>;

/// New empty objects; std::bad_alloc when memory is out.
FramePtr new_frame();
PacketPtr new_packet();

/// A dictionary of options or tags, handed to libav as AVDictionary**.
class Dictionary {
 public:
  Dictionary() = default;
  ~Dictionary() { av_dict_free(&dict_); }
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  void set(const std::string& key, const std::string& value) {
    av_dict_set(&dict_, key.c_str(), value.c_str(), 0);
  }
  AVDictionary** get() { return &dict_; }

 private:
  AVDictionary* dict_ = nullptr;
};

/// libav's words for an error code: "No space left on device".
std::string libav_text(int error);

inline AVRational to_av(Rational value) {
  return {static_cast<int>(value.num), static_cast<int>(value.den)};
}
inline Rational from_av(AVRational value) {
  return {value.num, value.den};
}

/// `path` as a URL that libav never takes for a protocol or a device.
std::string file_url(const std::filesystem::path& path);

/// Whether an option's value is a number, flag, colour or the like, rather than a text that could name a
/// file.
bool is_plain_value(const AVOption& option);

/// Whether a container is Matroska or its child WebM.
bool is_matroska(const AVOutputFormat& container);
/// MOV, MP4 and their kin.
bool is_mov(const AVOutputFormat& container);

/// While it lives, libav's errors of this thread are kept for a message instead of being logged as errors.
/// The callback that routes libav's log to ours is installed the first time.
class LibavErrors {
 public:
  LibavErrors();
  ~LibavErrors();
  LibavErrors(const LibavErrors&) = delete;
  LibavErrors& operator=(const LibavErrors&) = delete;

  /// "operation: error text (what libav logged)"; the part in brackets only if it logged something.
  std::string describe(const std::string& operation, int error) const;
  /// The lines logged so far, "; " between them, "" if none.
  const std::string& lines() const { return lines_; }

 private:
  friend void keep_libav_line(LibavErrors& errors, const std::string& line);
  std::string lines_;
  LibavErrors* outer_;
};

/// How often a decoder in this process has refused a picture for its size, and the last refused size
/// ("30000x30000"). Decoders report this from their own threads.
struct Oversize {
  std::int64_t count = 0;
  std::string size;
};
Oversize oversize_pictures();

/// Routes libav's log to ours. Every function that opens a file calls it; repeating it is cheap.
void install_libav_log();

// Differences between versions.

/// What a callback that stands for a file is given to write.
#if LIBAVFORMAT_VERSION_MAJOR >= 61
using WrittenBytes = const std::uint8_t*;
#else
using WrittenBytes = std::uint8_t*;
#endif

/// The duration of a frame, in its own time base; 0 if unknown.
std::int64_t frame_duration(const AVFrame& frame);
void set_frame_duration(AVFrame& frame, std::int64_t duration);
/// Whether the decoder says that a frame is made of two fields.
bool has_fields(const AVFrame& frame);
/// Data that a container stores beside a stream, such as a colour profile; empty if there are none.
std::span<const std::uint8_t> stream_side_data(const AVStream& stream, AVPacketSideDataType type);
void add_stream_side_data(AVStream& stream, AVPacketSideDataType type, std::span<const std::uint8_t> data);
/// The 3x3 display matrix of a stream, or nullptr.
const std::int32_t* display_matrix(const AVStream& stream);
/// How much to add to a sound packet's times before a Matroska muxer gets them. The container stores times
/// with the track's codec delay added, so that no time is below 0. Muxers up to FFmpeg 5.1 write the delay
/// (for Opus only), but leave the adding to the caller.
std::int64_t matroska_time_shift(const AVStream& stream);
/// Whether a picture comes as several streams, one for each tile. FFmpeg 7 leaves joining them to the caller.
bool is_made_of_tiles(const AVFormatContext& context);
/// Arguments that tell a buffer source the colours of its frames (":colorspace=1:range=2"). "" if FFmpeg is
/// too old to ask for them.
std::string buffer_colour_arguments(AVColorSpace matrix, AVColorRange range);
/// The formats that an encoder takes. Empty if the encoder does not tell; then any format may be tried.
std::vector<AVPixelFormat> pixel_formats_of(const AVCodec& codec);
std::vector<AVSampleFormat> sample_formats_of(const AVCodec& codec);
std::vector<int> sample_rates_of(const AVCodec& codec);
std::vector<AVRational> frame_rates_of(const AVCodec& codec);

}  // namespace dreamreel::media
