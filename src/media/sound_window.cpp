#include "sound_window.h"

#include <algorithm>

namespace dreamreel::media {

void SoundWindow::add(const SoundBlock& block) {
  const std::int64_t block_end = block.position + block.count;
  if (block_end <= end()) return;
  if (block.position > end()) add_silence(block.position - end());
  const std::int64_t skipped = end() - block.position;
  for (std::size_t c = 0; c < channels_.size(); ++c)
    channels_[c].insert(channels_[c].end(), block.channels[c] + skipped, block.channels[c] + block.count);
}

void SoundWindow::add_silence(std::int64_t count) {
  for (auto& channel : channels_) channel.resize(channel.size() + static_cast<std::size_t>(count), 0.0F);
}

void SoundWindow::forget(std::int64_t position) {
  constexpr std::int64_t kWorthMoving = 1 << 16;
  const std::int64_t count = std::min(position, end()) - begin_;
  if (count < kWorthMoving) return;
  for (auto& channel : channels_) channel.erase(channel.begin(), channel.begin() + count);
  begin_ += count;
}

}  // namespace dreamreel::media
