// Finds in older source frames what the last one did not show (temporal.memory).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <vector>

#include "dreamreel/carry/motion.h"
#include "dreamreel/flow/distant.h"

namespace dreamreel::carry {

/// A map (1,H,W) in [0,1] without its parts that are less than 9 px wide above 1/2. Beyond the frame's
/// edge, a part is taken to go on.
at::Tensor thick_parts(const at::Tensor& map);

/// One thread. Keeps of each source frame that frames to come lean on its luma, a byte a pixel.
class Recall {
 public:
  explicit Recall(const job::Temporal& temporal);

  /// An older frame, and where it is looked for first if the picture moves steadily.
  struct Older {
    std::int64_t frame = 0;
    flow::Shift guess{};
  };

  /// Frame by frame.
  void keep(std::int64_t frame, const at::Tensor& rgb);
  /// What is open of a frame, (1,H,W) in [0,1], found in `pasts`, of which each has been kept. Each past
  /// gives what nearer ones left open, which is taken off `open`. The two nearest are searched for all of
  /// it, further ones for its thick parts alone, because thin ones are edges of motion, which every frame
  /// has. Returns only what is used, in the order of `pasts`. The result depends on the frames alone.
  std::vector<Recollection> recollect(const at::Tensor& rgb, at::Tensor& open,
                                      const std::vector<Older>& pasts);
  /// Forgets all frames that are not in the list.
  void keep_only(const std::vector<std::int64_t>& frames);

 private:
  std::map<std::int64_t, at::Tensor> lumas_;
  flow::FlowEstimator estimator_;
};

}  // namespace dreamreel::carry
