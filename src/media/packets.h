// The packets of a file, in the order in which they stand there, with all times on one clock. Recordings that
// were joined, or whose clock ran over, begin a new count of time in mid-file; there all streams are moved by
// the same offset, so that sound and pictures stay in step and nothing is lost. Everything that reads a file
// (pictures, sound, analysis) reads it through this class and therefore sees the same times. One thread at a
// time.
//
// How an offset is found: a packet that falls behind its own track, or (where the format's clock may jump)
// lies far from all others, is a candidate. The packets behind it are looked at before it is handed on. If
// the pictures jump as well, a new count begins: the first picture of it follows the last one before it. If
// the track itself comes back at once, the packet's time is a slip and is replaced. If only this track stays
// away, it alone is moved.
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

  /// As av_read_frame(): 0, AVERROR(EAGAIN), AVERROR_EOF or another error. The packet's old content is let
  /// go.
  int read(AVPacket& packet);

  /// Reads these streams only where that saves reading. Others may still be handed over, because the clock of
  /// some formats can be told from all tracks together only.
  void want(const std::vector<int>& streams);

  /// Whether a time can be jumped to. Else (see reads_through) a place in time is reached by reading up to
  /// it.
  bool can_seek() const { return can_seek_; }
  /// Moves to `target` (AV_TIME_BASE units, container's clock) or before it; false if that fails or
  /// can_seek() is false.
  bool seek(std::int64_t target);
  /// Back to the file's first packet; false if that fails.
  bool rewind();

  /// Whether times in the file may begin anew in its middle. What its header or its last packets say of its
  /// length is then no sure sign, and only reading all of it tells where a time lies.
  static bool reads_through(const InputFile& input);

 private:
  struct Fresh;
  // One stream of pictures or sound; times in its own unit, on the one clock.
  struct Track {
    bool seen = false;
    std::int64_t offset = 0;  ///< AV_TIME_BASE units, added to the file's times
    std::int64_t last = 0;    ///< decoding time of the last packet
    std::int64_t next = 0;    ///< where the next one is expected
    std::int64_t end = 0;     ///< up to where it has been shown or heard
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
  const bool follows_clock_;     ///< its times may fall or jump at all
  const bool may_jump_forward_;  ///< and its clock may be set to any time
  const bool can_seek_;
  int pictures_ = -1;  ///< index of the stream of pictures, -1 where there is none
  std::vector<Track> tracks_;
  std::deque<PacketPtr> ahead_;      ///< read to judge a jump; their times are the file's
  int end_of_ahead_ = 0;             ///< what ended looking ahead, 0 if nothing did
  std::int64_t offset_ = 0;          ///< of the present count, AV_TIME_BASE units
  std::optional<std::int64_t> now_;  ///< latest decoding time of all tracks, AV_TIME_BASE units
};

}  // namespace dreamreel::media
