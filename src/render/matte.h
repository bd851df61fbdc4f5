// Masks that a network makes of the source: its map of a class, steadied over time, with edges that follow the picture's.
#pragma once

#include <memory>
#include <optional>

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "matte_network.h"
#include "steady_matte.h"

namespace dreamreel::render {

/// The matte of one mask of a job. It reads the source once more for itself, as thumbnails, because a frame's matte
/// depends on frames before it that a render need not look at. So a frame's matte is the same wherever a render
/// begins. One thread; frames are asked for in order, or at a higher cost in any.
class Matte {
 public:
  /// Loads the network. Throws what MatteNetwork throws.
  Matte(const job::Mask& mask, const job::Input& input, const std::string& key);

  /// (1,H,W) in [0,1], soft, for frame `number` of the source, counted from its trimmed start, whose picture is `rgb`,
  /// (3,H,W). Throws what media::Reader throws, and DataError where the source has fewer frames than before.
  at::Tensor at(std::int64_t number, const at::Tensor& rgb);
  /// The same of a picture that stands alone.
  at::Tensor of_still(const at::Tensor& rgb);
  /// What it takes of memory at most for frames of this size, with its network and its reader.
  std::int64_t bytes(image::Size frame) const;

 private:
  void read_up_to(std::int64_t number);
  at::Tensor followed(const at::Tensor& map, const at::Tensor& rgb) const;

  const job::Input input_;
  const MatteNetwork network_;
  const int side_;  // px, the longer one of the thumbnails
  std::optional<media::Reader> reader_;
  SteadyMatte steady_;
  std::int64_t next_ = 0;  // frame that the reader gives next
};

}  // namespace dreamreel::render
