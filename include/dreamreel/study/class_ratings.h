// Which classes a network sees in a picture.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::study {

/// What a network thinks of one class on one picture.
struct ClassRating {
  std::int64_t index = 0;   ///< in the order of the network's label file
  double probability = 0;   ///< the largest anywhere, in any of the sizes
  double x = 0.5, y = 0.5;  ///< where that is, fractions of the picture's width and height
  double scale = 1;         ///< and of which size of the picture
};

/// The sizes in which rate_classes() shows a picture to a network: things are found best at the size that the
/// network was trained with, which no picture tells.
inline constexpr double kRatingScales[] = {0.75, 1, 1.5};

/// All classes of `network`, likeliest first; equals in their own order. The picture is the first frame of any file
/// that media::Reader opens. It is rated at its own size times each of kRatingScales that the network's layers take,
/// computed in float32 on the CPU. All class layers of the network's card count; logits become probabilities as
/// `dreamreel layers --image` has them. Throws JobError for a network whose card names no class layers or a picture
/// that is too small, InputError for the picture.
std::vector<ClassRating> rate_classes(const job::NetworkRef& network, const std::filesystem::path& image);

}  // namespace dreamreel::study
