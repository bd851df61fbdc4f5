// The frames of a video, one entry each: when it is shown and what it looks like. With this list a frame far into a file is
// reached by a jump to a key frame before it, and what is decoded there is compared with the list. Nothing is believed:
// a decoder that begins in mid-file may give damaged pictures, and a container may number its times anew.
//
// The list is made while a file is read from its first frame, and kept in the cache. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libav.h"

namespace dreamreel::media {

/// Of every eighth line of every plane. Not a proof against malice, but any block of 8x8 pixels that a decoder could not restore
/// changes it.
std::uint32_t fingerprint_of_picture(const AVFrame& frame);

class FrameIndex {
 public:
  /// `key` says which file, stream and decoder; "": nothing is kept.
  explicit FrameIndex(std::string key);

  /// How many frames of the file are known, from its first one on.
  std::int64_t size() const { return static_cast<std::int64_t>(pts_.size()); }
  std::int64_t pts(std::int64_t number) const { return pts_[static_cast<std::size_t>(number)]; }
  /// The number of this frame; nullopt for a frame that is not known, or looks different.
  std::optional<std::int64_t> find(const AVFrame& frame) const;

  /// The frame with this number, of a file that is read from its beginning. Known frames cost nothing.
  void add(std::int64_t number, const AVFrame& frame);
  /// Keeps what was added for the next time.
  void store();

 private:
  std::string key_;
  std::vector<std::int64_t> pts_;  // rising; in the stream's time base, on the container's clock
  std::vector<std::uint32_t> pictures_;
  bool has_news_ = false;
};

}  // namespace dreamreel::media
