// Tells which classes a network sees in a picture.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/job/job.h"

namespace dreamreel::study {

/// A network's rating of one class on one picture.
struct ClassRating {
  std::int64_t index = 0;   ///< in the order of the network's label file
  double probability = 0;   ///< largest probability at any place and size, in [0,1]
  double x = 0.5, y = 0.5;  ///< its place, as fractions of the picture's width and height
  double scale = 1;         ///< the picture's scale there, one of kRatingScales
};

/// The scales at which rate_classes() shows a picture to a network. A network recognises things best at the
/// size that it was trained with, and a picture does not tell the size of its things.
inline constexpr double kRatingScales[] = {0.75, 1, 1.5};

/// Rates all classes of `network` and returns the likeliest first; equal ones keep their order. The picture
/// is the first frame of any file that media::Reader opens. It is rated at its own size times each of
/// kRatingScales that the network's layers accept, in float32 on the CPU.
///
/// All class layers of the network's card count. Logits become probabilities as in `dreamreel layers
/// --image`. Throws JobError for a network whose card names no class layers and for a picture that is too
/// small, and InputError for an unreadable picture.
std::vector<ClassRating> rate_classes(const cards::NetworkRef& network, const std::filesystem::path& image);

}  // namespace dreamreel::study
