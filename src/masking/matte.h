// Masks that a network makes of the source. Its map of a class is steadied over time, and its edges follow
// the edges of the picture.
#pragma once

#include <memory>
#include <optional>

#include "dreamreel/footage/thumbnails.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "matte_network.h"
#include "steady_matte.h"

namespace dreamreel::masking {

/// Flatness of the guided filter that makes a matte's edges follow the picture's; hair before a dark wall
/// differs by as little as 0.01.
inline constexpr double kMatteFlatness = 1e-4;

/// The matte of one mask of a job. It reads the source again for itself, as thumbnails, because a frame's
/// matte depends on earlier frames that the render may not read. So a frame's matte is the same wherever a
/// render begins. One thread. Frames may be asked for in any order; rising order is fastest.
class Matte {
 public:
  /// Loads the network. Throws what MatteNetwork throws.
  Matte(const job::Mask& mask, const job::Input& input, const std::string& key);

  /// The soft matte of a frame, (1,H,W) in [0,1]. `number` counts frames of the source from its trimmed
  /// start. `rgb` is the frame's picture, (3,H,W) in [0,1]. Throws what media::Reader throws, and DataError
  /// if the source has fewer frames than before.
  at::Tensor at(std::int64_t number, const at::Tensor& rgb);
  /// The matte of a single picture, which has no frames before it.
  at::Tensor of_still(const at::Tensor& rgb);
  /// The largest number of bytes in use for frames of this size, including the network and the reader.
  std::int64_t bytes(image::Size frame) const;

 private:
  void read_up_to(std::int64_t number);
  at::Tensor followed(const at::Tensor& map, const at::Tensor& rgb) const;

  const MatteNetwork network_;
  const int side_;  // longer side of the thumbnails in px
  footage::Thumbnails thumbnails_;
  SteadyMatte steady_;
};

}  // namespace dreamreel::masking
