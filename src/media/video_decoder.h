// Decodes the packets of one video stream into frames in display order, each with a time. Knows nothing of
// trims, filters or colour.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "input.h"
#include "libav.h"
#include "packets.h"

namespace dreamreel::media {

/// Facts collected while decoding.
struct DecodeStatistics {
  std::int64_t packets = 0;          ///< packets of the video that were read
  std::int64_t damaged_packets = 0;  ///< refused by the decoder
  std::int64_t frames = 0;
  double video_end_seconds = 0;  ///< end of the last video packet, on the container's clock
  double any_end_seconds = 0;    ///< end of the last packet of any stream
  int read_error = 0;            ///< libav's error that ended reading before the file's end
  bool cut_off = false;          ///< the last packet that was read is not whole
  bool seeked = false;           ///< counts do not start at the file's beginning
};

class VideoDecoder {
 public:
  /// `input` must outlive the decoder. `alpha`: see open_decoder().
  VideoDecoder(const InputFile& input, AVStream& stream, bool alpha = false);

  /// The next frame, its pts in the stream's time base, never missing and always rising; nullptr at the end.
  /// Valid until the next call. Damaged data is skipped and counted; InputError for pictures that are too
  /// large.
  AVFrame* next();

  /// Whether the file holds exactly one frame. Reads ahead to find out, so it must be called before the first
  /// next().
  bool holds_one_frame();

  /// Whether seek() is worth trying, so that rewind() works after a failed seek(). False if libav finds times
  /// only by reading through the file, because it forgets them on the way back.
  bool can_jump() const;
  /// Moves to a point from which frames at `seconds` (container's clock) and later can be decoded. False if
  /// the file does not allow it. A file whose times may begin anew is read up to there, without decoding.
  bool seek(double seconds);
  /// Goes back to the file's first frame.
  void rewind();

  /// Forgets the damage found so far.
  void forget_damage() { statistics_.damaged_packets = 0; }

  const AVStream& stream() const { return stream_; }
  const DecodeStatistics& statistics() const { return statistics_; }

 private:
  bool feed();
  int read(AVPacket& packet);
  bool read_up_to(std::int64_t target);
  void begin_anew();
  void count(const AVPacket& packet);
  void send(const AVPacket* packet);
  void set_time(AVFrame& frame);
  void count_damage();

  PacketReader packets_;
  AVStream& stream_;
  const AVFormatContext& context_;
  const std::string name_;  // the file's name, for messages
  const std::int64_t oversize_before_ = oversize_pictures().count;
  CodecPtr codec_;
  PacketPtr packet_ = new_packet();
  std::deque<PacketPtr> ahead_;  ///< packets that were read but not yet decoded
  FramePtr frame_ = new_frame();
  std::int64_t last_pts_ = AV_NOPTS_VALUE;
  std::int64_t last_duration_ = 0;
  bool draining_ = false;
  DecodeStatistics statistics_;
};

}  // namespace dreamreel::media
