// Whether a container takes sound tracks packet for packet, found out before a frame is rendered: all packets
// are muxed into nothing. A codec that is on the container's list may still be refused by its header, or by a
// packet in the middle.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>

#include "sound_packets.h"

namespace dreamreel::media {

struct SoundTrial {
  std::map<int, std::string> refused;  ///< by the track's index in the source: why it has to be encoded anew
  std::map<int, std::string> raised;   ///< by index: what was said of times that do not rise
};

/// Tries the tracks of `path` from `start_seconds` up to `end_seconds`. Throws what SoundPackets throws:
/// Interrupted once `stop` is set.
SoundTrial try_to_copy(const std::filesystem::path& path, double start_seconds,
                       std::optional<double> end_seconds, const AVOutputFormat& container,
                       const std::atomic<bool>* stop = nullptr);

/// Whether the container can say how much of a track's first packet is not to be heard.
bool can_start_inside_packet(const AVOutputFormat& container);

}  // namespace dreamreel::media
