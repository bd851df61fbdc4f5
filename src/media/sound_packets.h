// Reads the sound packets of a file from a point in time on, and counts their times from there. Decodes and
// writes nothing.
#pragma once

#include <atomic>
#include <filesystem>
#include <vector>

#include "input.h"
#include "libav.h"
#include "packets.h"

namespace dreamreel::media {

class SoundPackets {
 public:
  /// `start_seconds`, counted from the file's beginning, becomes 0. A packet that contains the start belongs
  /// to the range if `can_start_inside` is true, or if most of the packet lies in the range. InputError for
  /// an unreadable file or a file without sound. Once `stop` is set, next() throws Interrupted.
  SoundPackets(const std::filesystem::path& path, double start_seconds, bool can_start_inside,
               const std::atomic<bool>* stop = nullptr);

  const std::string& name() const { return input_.name; }
  /// The file's sound tracks.
  std::vector<AVStream*> tracks() const;
  /// Reads these tracks only, by their index, and goes to the start. Before the first next().
  void select(const std::vector<int>& tracks);

  /// The next packet of the selected tracks, its times in its stream's time base; nullptr at the end. A file
  /// that cannot be read further ends there, with a warning.
  PacketPtr next();
  /// When a packet of next() begins, in seconds.
  double seconds_of(const AVPacket& packet) const;

 private:
  bool wanted(const AVPacket& packet) const;

  InputFile input_;
  PacketReader packets_;
  double start_seconds_;
  bool can_start_inside_;
  std::vector<int> selected_;
  bool ended_ = false;
};

}  // namespace dreamreel::media
