#include <ATen/TensorOperators.h>
#include <fmt/core.h>

#include <array>
#include <string>

#include "dreamreel/image/frame.h"
#include "dreamreel/render/masks.h"

namespace dreamreel::render {
namespace {

struct Colour {
  const char* name;
  std::array<double, 3> rgb;
};
// The first one is for the whole dream. Objectives share the others in turn.
constexpr std::array<Colour, 6> kColours{{{"red", {0.95, 0.1, 0.1}},
                                          {"green", {0.1, 0.8, 0.2}},
                                          {"blue", {0.15, 0.4, 1}},
                                          {"yellow", {1, 0.85, 0.1}},
                                          {"cyan", {0.1, 0.85, 0.9}},
                                          {"magenta", {0.9, 0.2, 0.9}}}};
constexpr double kStrength = 0.65;

const Colour& colour_of(std::size_t objective) {
  return kColours[1 + objective % (kColours.size() - 1)];
}

void tint(at::Tensor& picture, const Colour& colour, const at::Tensor& where) {
  if (!where.defined()) return;
  for (std::size_t channel = 0; channel < colour.rgb.size(); ++channel) {
    at::Tensor plane = picture.narrow(0, static_cast<std::int64_t>(channel), 1);
    plane.add_((colour.rgb[channel] - plane) * where * kStrength);
  }
}

}  // namespace

at::Tensor masks_picture(const at::Tensor& source, const at::Tensor& dream,
                         const std::vector<at::Tensor>& objectives) {
  at::Tensor picture = image::luma(source).expand_as(source).contiguous();
  tint(picture, kColours.front(), dream);
  for (std::size_t i = 0; i < objectives.size(); ++i) tint(picture, colour_of(i), objectives[i]);
  return picture;
}

std::string words_for_masks(const job::Job& job) {
  std::string words;
  const auto add = [&](const Colour& colour, const std::string& key) {
    words += fmt::format("{}{}: {}", words.empty() ? "" : ", ", colour.name, key);
  };
  if (job.dream.mask) add(kColours.front(), "dream.mask");
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i)
    if (job.dream.objectives[i].mask) add(colour_of(i), fmt::format("dream.objectives.{}.mask", i));
  return words;
}

}  // namespace dreamreel::render
