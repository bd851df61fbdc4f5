// Finds out, before a frame is rendered, whether a container takes the packets of sound tracks unchanged. For
// that, all packets are muxed into nothing. The container's list of codecs is not enough: it may still refuse
// the header of a track, or a packet in its middle.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>

#include "sound_packets.h"

namespace dreamreel::media {

struct SoundTrial {
  std::map<int, std::string> refused;  ///< by the track's index in the source: why it is encoded anew
  std::map<int, std::string> raised;   ///< by index: the warning about times that do not rise
};

/// Tries the tracks of `path` from `start_seconds` up to `end_seconds`. Throws what SoundPackets throws:
/// Interrupted once `stop` is set.
SoundTrial try_to_copy(const std::filesystem::path& path, double start_seconds,
                       std::optional<double> end_seconds, const AVOutputFormat& container,
                       const std::atomic<bool>* stop = nullptr);

/// Whether the container can store how much of a track's first packet must not be heard.
bool can_start_inside_packet(const AVOutputFormat& container);

}  // namespace dreamreel::media
