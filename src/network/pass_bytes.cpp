#include "pass_bytes.h"

#include <algorithm>

namespace dreamreel::network {
namespace {

// An objective makes up to six float32 maps of one activation at a time. The guide needs all six; the others
// need fewer.
constexpr std::int64_t kTermBytes = 24;
// A float32 picture, the scaled picture, its gradient and a copy of the gradient; 3 channels each.
constexpr std::int64_t kPictureBytes = std::int64_t{4} * 4;
// Maps that exist beside the kept ones: the gradients of a node's result and inputs, and a copy in another
// order.
constexpr std::int64_t kGradientMaps = 3;
constexpr std::int64_t kIndexBytes = 8;  // for each result of a max pool, the index of its maximum

std::int64_t numbers(const Shapes& shapes, ValueId value) {
  const auto& sizes = shapes.sizes[static_cast<std::size_t>(value)];
  std::int64_t product = sizes ? 1 : 0;
  if (sizes)
    for (const auto side : *sizes) product *= side;
  return product;
}

}  // namespace

std::int64_t maps_bytes(const Program& program, const Shapes& shapes, const PassSize& size) {
  const auto worth = program.steps_for(size.needed);
  const auto bytes = static_cast<std::int64_t>(c10::elementSize(size.type));
  std::int64_t kept = 0, largest = 0;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const auto& step = program.steps[i];
    if (!worth[i] || step.on_host) continue;
    const bool has_indices = step.label.ends_with("(MaxPool)");
    for (const auto output : step.outputs) {
      if (output == kNoValue) continue;
      const auto count = numbers(shapes, output);
      largest = std::max(largest, count * bytes);
      if (!step.in_place) kept += count * (bytes + (has_indices ? kIndexBytes : 0));
    }
  }
  return kept + kGradientMaps * largest;
}

std::int64_t activation_bytes(const Program& program, const Shapes& shapes, const PassSize& size) {
  const auto bytes = static_cast<std::int64_t>(c10::elementSize(size.type));
  std::int64_t all = 0, largest = 0;
  for (std::size_t i = 0; i < program.wanted.size(); ++i) {
    if (!size.needed.empty() && !size.needed[i]) continue;
    const auto count = numbers(shapes, program.wanted[i]);
    all += 2 * bytes * count;
    largest = std::max(largest, count);
  }
  return all + kTermBytes * largest;
}

std::int64_t picture_bytes(const PassSize& size) {
  const auto type_bytes = static_cast<std::int64_t>(c10::elementSize(size.type));
  std::int64_t count = 1;
  for (const auto side : size.input) count *= side;
  return count * (kPictureBytes + 2 * type_bytes);
}

}  // namespace dreamreel::network
