// Sound tracks of one file -> an output: packet for packet where the container takes the codec, else encoded
// anew with the container's usual codec. Reads lazily, as far as the video has come.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "input.h"
#include "libav.h"
#include "sound_encoder.h"

namespace dreamreel::media {

class SoundTracks {
 public:
  /// Adds a stream to `output`, whose header is not yet written, for each sound track of `path`.
  /// `start_seconds`, from the file's beginning, becomes 0. InputError for an unreadable file or one without
  /// sound.
  SoundTracks(const std::filesystem::path& path, double start_seconds, AVFormatContext& output);

  /// Hands over what sounds before `seconds` of the output, in the output streams' time bases.
  void copy_until(double seconds, const PacketSink& sink);
  /// Copies what starts before `seconds`, the video's end, and flushes.
  void finish(double seconds, const PacketSink& sink);

 private:
  struct Track {
    const AVStream* in = nullptr;
    AVStream* out = nullptr;
    std::unique_ptr<SoundEncoder> encoder;  ///< nullptr: packets are copied
  };

  void add_track(AVStream& stream, AVFormatContext& output);
  void look_ahead();
  void declare_run_up();
  PacketPtr read();
  bool wanted(const AVPacket& packet) const;
  double seconds_of(const AVPacket& packet) const;
  Track* track_of(const AVPacket& packet);
  void hand_over(AVPacket& packet, const PacketSink& sink);

  InputFile input_;
  double start_seconds_;
  bool can_start_inside_packet_ = false;
  std::vector<Track> tracks_;
  std::deque<PacketPtr> ahead_;  ///< read, not yet handed over
  bool ended_ = false;
};

}  // namespace dreamreel::media
