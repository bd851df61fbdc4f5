// Writes the sound tracks of one file into an output. A track is copied packet by packet if the container
// takes all its packets. Otherwise it is encoded anew with the container's usual codec. Reads no further than
// the present place of the video.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "libav.h"
#include "sound_encoder.h"
#include "sound_packets.h"
#include "sound_trial.h"

namespace dreamreel::media {

class SoundTracks {
 public:
  /// Adds a stream to `output`, whose header is not yet written, for each sound track of `path`. Before that,
  /// tries all packets from `start_seconds` to `end_seconds`, so that no packet can fail later.
  /// `start_seconds`, counted from the file's beginning, becomes 0. InputError for an unreadable file, or a
  /// file without sound. Interrupted once `stop` is set.
  /// `bits_per_second` of a track that has to be encoded; 0 for the usual.
  SoundTracks(const std::filesystem::path& path, double start_seconds, std::optional<double> end_seconds,
              std::int64_t bits_per_second, AVFormatContext& output, const std::atomic<bool>* stop = nullptr);

  /// Passes on the sound before `seconds` of the output, in the output streams' time bases.
  void copy_until(double seconds, const PacketSink& sink);
  /// Copies the packets that start before `seconds`, or all packets, and flushes.
  void finish(std::optional<double> seconds, const PacketSink& sink);

 private:
  struct Track {
    const AVStream* in = nullptr;
    AVStream* out = nullptr;
    std::unique_ptr<SoundEncoder> encoder;  ///< nullptr: packets are copied
  };

  void add_track(AVStream& stream, const SoundTrial& trial, AVFormatContext& output);
  void look_ahead();
  void declare_run_up();
  bool fill();
  Track& track_of(const AVPacket& packet);
  void hand_over(AVPacket& packet, const PacketSink& sink);

  SoundPackets packets_;
  double start_seconds_;
  std::int64_t bits_per_second_;
  std::vector<Track> tracks_;
  std::deque<PacketPtr> ahead_;  ///< read, not yet handed over
};

}  // namespace dreamreel::media
