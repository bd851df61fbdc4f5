#include "dreamreel/masking/masks_picture.h"

#include <ATen/TensorOperators.h>
#include <fmt/core.h>

#include <array>
#include <string>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/tint.h"

namespace dreamreel::masking {
namespace {

struct NamedColour {
  const char* name;
  image::Rgb rgb;
};
// The first one is for the whole dream. Objectives share the others in turn.
constexpr std::array<NamedColour, 6> kColours{{{"red", {0.95, 0.1, 0.1}},
                                               {"green", {0.1, 0.8, 0.2}},
                                               {"blue", {0.15, 0.4, 1}},
                                               {"yellow", {1, 0.85, 0.1}},
                                               {"cyan", {0.1, 0.85, 0.9}},
                                               {"magenta", {0.9, 0.2, 0.9}}}};
constexpr double kMaskStrength = 0.65;

const NamedColour& colour_of(std::size_t objective) {
  return kColours[1 + objective % (kColours.size() - 1)];
}

}  // namespace

at::Tensor masks_picture(const at::Tensor& source, const at::Tensor& dream,
                         const std::vector<at::Tensor>& objectives) {
  at::Tensor picture = image::luma(source).expand_as(source).contiguous();
  if (dream.defined()) image::tint(picture, kColours.front().rgb, dream, kMaskStrength);
  for (std::size_t i = 0; i < objectives.size(); ++i)
    if (objectives[i].defined()) image::tint(picture, colour_of(i).rgb, objectives[i], kMaskStrength);
  return picture;
}

std::string words_for_masks(const job::Job& job) {
  std::string words;
  const auto add = [&](const NamedColour& colour, const std::string& key) {
    words += fmt::format("{}{}: {}", words.empty() ? "" : ", ", colour.name, key);
  };
  if (job.dream.mask) add(kColours.front(), "dream.mask");
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i)
    if (job.dream.objectives[i].mask) add(colour_of(i), fmt::format("dream.objectives.{}.mask", i));
  return words;
}

}  // namespace dreamreel::masking
