#include "run_sizes.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

constexpr std::int64_t kMostSide = 4096;  // px; with a larger picture no network needs
// Sides that classifiers are trained at, px, the most common first. Then further likely ones.
constexpr std::int64_t kUsualSides[] = {224, 256, 299, 384, 240, 260, 288, 300, 320, 336, 380, 416, 448,
                                        456, 480, 512, 518, 528, 600, 640, 192, 160, 128, 96,  64,  32};
constexpr std::int64_t kMostGuess = 1024, kGuessStep = 8;

}  // namespace

SizeSearch::SizeSearch(const Graph& graph, const PictureInput& input, std::vector<ValueId> wanted)
    : finder_(graph), input_(input), wanted_(std::move(wanted)), source_(graph.source) {}

bool SizeSearch::fits(std::int64_t height, std::int64_t width) {
  const auto shapes = finder_.find(input_.sizes(height, width));
  failure_ = shapes.first_failure;
  return std::ranges::all_of(wanted_, [&](ValueId value) {
    const auto& sizes = shapes.sizes[static_cast<std::size_t>(value)];
    return sizes && std::ranges::all_of(*sizes, [](std::int64_t size) { return size > 0; });
  });
}

std::optional<std::int64_t> SizeSearch::smallest_power_of_two() {
  for (std::int64_t side = 1; side <= kMostSide; side *= 2)
    if (fits(side, side)) return side;
  return {};
}

std::optional<PictureSize> SizeSearch::own_size() {
  const PictureSize declared{input_.declared_side, input_.declared_width};
  const auto is_known = [](std::int64_t side) { return side > 0 && side <= kMostSide; };
  if (is_known(declared.height) && is_known(declared.width) && fits(declared.height, declared.width))
    return declared;
  for (const auto side : kUsualSides)
    if (fits(side, side)) return PictureSize{side, side};
  for (std::int64_t side = kGuessStep; side <= kMostGuess; side += kGuessStep)
    if (fits(side, side)) return PictureSize{side, side};
  return {};
}

RunSizes SizeSearch::find() {
  const auto power = smallest_power_of_two();
  const auto failure = failure_;
  const bool is_open = power && fits(*power + *power / 2 + 5, 2 * *power + 3);
  if (!is_open) {
    const auto only = own_size();
    if (!only)
      throw InputError(
          fmt::format("network '{}': the wanted layers run at no picture size; {}", source_, failure));
    return {std::min(only->height, only->width), only};
  }
  auto low = *power / 2, high = *power;  // too small; large enough
  while (high - low > 1) {
    const auto middle = (low + high) / 2;
    (fits(middle, middle) ? high : low) = middle;
  }
  return {high, {}};
}

}  // namespace dreamreel::network
