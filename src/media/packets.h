// Reads the packets of a file in their own order, and puts all times on one clock. Joined recordings, and
// recordings whose clock ran over, begin a new count of time in the middle of the file. From there on, all
// streams are moved by the same offset, so that sound and pictures stay in step and nothing is lost.
// Pictures, sound and analysis all read through this class, so they see the same times. One thread at a time.
//
// How an offset is found: a packet is suspicious if its time falls behind its own track or, in formats whose
// clock may jump, lies far from all other tracks. The packets behind it are then examined before it is passed
// on.
// - If the pictures jump as well, a new count begins. Its first picture follows the last picture of the old
//   count.
// - If the track returns to its old times at once, the packet's time is a slip, and is replaced.
// - If only this track stays away, only this track is moved.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "input.h"
#include "libav.h"

namespace dreamreel::media {

class PacketReader {
 public:
  /// `input` must outlive the reader.
  explicit PacketReader(const InputFile& input);

  /// Like av_read_frame(): returns 0, AVERROR(EAGAIN), AVERROR_EOF or another error. The packet's old content
  /// is released.
  int read(AVPacket& packet);

  /// Reads only these streams, if that saves reading. Other streams may still be returned, because in some
  /// formats only all tracks together show the clock.
  void want(const std::vector<int>& streams);

  /// Whether seek() can jump to a time. Otherwise (see reads_through) a time is reached by reading up to it.
  bool can_seek() const { return can_seek_; }
  /// Moves to `target` (AV_TIME_BASE units, container's clock) or before it; false if that fails or
  /// can_seek() is false.
  bool seek(std::int64_t target);
  /// Goes back to the file's first packet; false if that fails.
  bool rewind();

  /// Whether times may begin anew in the middle of the file. Then neither its header nor its last packets
  /// reliably tell its length, and only reading the whole file tells where a time lies.
  static bool reads_through(const InputFile& input);

 private:
  struct Fresh;
  // One stream of pictures or sound. Times are in its own unit, on the one clock.
  struct Track {
    bool seen = false;
    std::int64_t offset = 0;  ///< AV_TIME_BASE units, added to the file's times
    std::int64_t last = 0;    ///< decoding time of the last packet
    std::int64_t next = 0;    ///< expected decoding time of the next packet
    std::int64_t end = 0;     ///< end of the part that has been shown or heard
    std::int64_t step = 0;    ///< length of a packet
  };

  void put_right(AVPacket& packet);
  bool takes_present_count(Track& track, const AVPacket& packet) const;
  bool jumps(const Track& track, const AVPacket& packet) const;
  void look_ahead(int stream);
  std::vector<Fresh> sort(const AVPacket& candidate, std::vector<Track>& tracks) const;
  bool is_slip(const Track& track, const Fresh& fresh, int stream) const;
  std::int64_t following(const std::vector<Track>& tracks, const std::vector<Fresh>& fresh,
                         std::size_t leader) const;
  void decide(AVPacket& candidate);
  void replace_time(const Track& track, AVPacket& packet) const;
  void move(const Track& track, AVPacket& packet) const;
  void follow(Track& track, const AVPacket& packet) const;
  std::int64_t raw_time(const AVPacket& packet) const;
  std::int64_t micros(std::int64_t time, int stream) const;
  std::int64_t ticks(std::int64_t offset, int stream) const;
  void restart();

  AVFormatContext& context_;
  const bool follows_clock_;     ///< the file's times may fall or jump
  const bool may_jump_forward_;  ///< its clock may also be set to any later time
  const bool can_seek_;
  int pictures_ = -1;  ///< index of the stream of pictures, or -1
  std::vector<Track> tracks_;
  std::deque<PacketPtr> ahead_;      ///< packets read to judge a jump, with the file's own times
  int end_of_ahead_ = 0;             ///< libav's code that ended looking ahead, 0 if none
  std::int64_t offset_ = 0;          ///< offset of the present count, AV_TIME_BASE units
  std::optional<std::int64_t> now_;  ///< latest decoding time of all tracks, AV_TIME_BASE units
};

}  // namespace dreamreel::media
