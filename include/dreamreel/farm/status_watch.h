// Tells the state of every chunk of a plan again and again, for programs that show it while a farm works.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/farm/farm.h"
#include "dreamreel/work/stored_parts.h"

namespace dreamreel::farm {

/// One thread, and one plan for each object.
class StatusWatch {
 public:
  /// As status(), but a part is read only if its file, or a picture that it lists, has changed since the last
  /// call. Throws Interrupted once `stop` is set; the parts that were read until then stay known.
  std::vector<ChunkStatus> look(const Farm& farm, const std::atomic<bool>& stop);

 private:
  struct Part {
    std::string facts;  // work::facts_of_part()
    work::PartState state = work::PartState::missing;
  };
  work::PartState state_of(const Farm& farm, const schedule::Segment& segment);
  ChunkStatus status_of(const Farm& farm, std::size_t chunk, const std::atomic<bool>& stop);

  std::map<std::int64_t, Part> parts_;  // by their first frames
};

}  // namespace dreamreel::farm
