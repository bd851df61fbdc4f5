#include "pictures.h"

namespace dreamreel::studio {

void Pictures::keep(const std::string& name, std::string jpeg) {
  jpeg.shrink_to_fit();  // what was read from a file may have room for far more
  const std::lock_guard lock(mutex_);
  bytes_ += jpeg.size();
  kept_.emplace_back(name, std::move(jpeg));
  while (bytes_ > most_bytes_ && kept_.size() > 1) {
    bytes_ -= kept_.front().second.size();
    kept_.pop_front();
  }
}

std::optional<std::string> Pictures::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept)
    if (kept->first == name) return kept->second;
  return {};
}

}  // namespace dreamreel::studio
