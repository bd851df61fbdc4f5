// Keeps the samples around the place that is analysed. Blocks come in at one end, windows are read in the
// middle, and old samples are dropped.
#pragma once

#include <cstdint>
#include <vector>

#include "sound_decoder.h"

namespace dreamreel::media {

class SoundWindow {
 public:
  /// Samples before `begin` are not kept. Before the first block, and in gaps, the window has silence.
  SoundWindow(std::size_t channels, std::int64_t begin) : channels_(channels), begin_(begin) {}

  void add(const SoundBlock& block);
  void add_silence(std::int64_t count);
  /// Drops the samples before `position`.
  void forget(std::int64_t position);

  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return begin_ + static_cast<std::int64_t>(channels_.front().size()); }
  std::size_t channel_count() const { return channels_.size(); }
  /// Pointer to the sample at `position`, contiguous to the window's end. begin() <= position <= end().
  const float* at(std::size_t channel, std::int64_t position) const {
    return channels_[channel].data() + (position - begin_);
  }

 private:
  std::vector<std::vector<float>> channels_;
  std::int64_t begin_;
};

}  // namespace dreamreel::media
