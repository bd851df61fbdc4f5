// A list of the frames of a video, with the time and a fingerprint of each. It allows a jump to a frame deep
// inside a file: the decoder starts at a key frame before it, and the decoded frames are compared with the
// list. The comparison is needed, because a decoder that starts in the middle of a file may give damaged
// pictures, and a container may restart its times.
//
// The list is made while a file is read from its first frame, and kept in the cache. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libav.h"

namespace dreamreel::media {

/// A fingerprint of every eighth line of every plane. It does not protect against malice, but it changes with
/// any block of 8x8 pixels that a decoder could not restore.
std::uint32_t fingerprint_of_picture(const AVFrame& frame);

class FrameIndex {
 public:
  /// `key` names file, stream and decoder; with "", nothing is kept.
  explicit FrameIndex(std::string key);

  /// How many frames of the file are known, from its first one on.
  std::int64_t size() const { return static_cast<std::int64_t>(pts_.size()); }
  std::int64_t pts(std::int64_t number) const { return pts_[static_cast<std::size_t>(number)]; }
  /// The number of this frame; nullopt for a frame that is not known, or looks different.
  std::optional<std::int64_t> find(const AVFrame& frame) const;

  /// The frame with this number, of a file that is read from its beginning. Known frames cost nothing.
  void add(std::int64_t number, const AVFrame& frame);
  /// Keeps the added frames in the cache for later runs.
  void store();

 private:
  std::string key_;
  std::vector<std::int64_t> pts_;  // rising; in the stream's time base, on the container's clock
  std::vector<std::uint32_t> pictures_;
  bool has_news_ = false;
};

}  // namespace dreamreel::media
