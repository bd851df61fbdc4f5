// Move squares of positions into channels and back: SpaceToDepth and DepthToSpace (pixel shuffle, Shi et al.
// 2016).
#include <ATen/ATen.h>
#include <fmt/core.h>

#include "ops.h"

namespace dreamreel::network {
namespace {

std::int64_t block_size(const NodeView& node) {
  constexpr std::int64_t kMost = 4096;
  const auto size = node.integer("blocksize", 0);
  if (size < 1 || size > kMost)
    throw Invalid(fmt::format("expected a blocksize of 1 to {}, found {}", kMost, size));
  return size;
}

void check_map(const at::Tensor& x, bool fits) {
  if (x.dim() != 4) throw Invalid(fmt::format("expected an input of 4 dimensions, found {}", x.dim()));
  if (!fits) throw Invalid("its blocksize does not fit an input of " + c10::str(x.sizes()));
}

Kernel build_depth_to_space(const NodeView& node) {
  const auto block = block_size(node);
  const auto mode = node.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") throw Invalid(fmt::format("unknown mode '{}'", mode));
  const bool depth_first = mode == "DCR";
  return [block, depth_first](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    check_map(x, x.dim() == 4 && x.size(1) % (block * block) == 0);
    const auto n = x.size(0), c = x.size(1) / (block * block), h = x.size(2), w = x.size(3);
    if (!depth_first)
      return {x.reshape({n, c, block, block, h, w})
                  .permute({0, 1, 4, 2, 5, 3})
                  .reshape({n, c, h * block, w * block})};
    return {x.reshape({n, block, block, c, h, w})
                .permute({0, 3, 4, 1, 5, 2})
                .reshape({n, c, h * block, w * block})};
  };
}

Kernel build_space_to_depth(const NodeView& node) {
  const auto block = block_size(node);
  return [block](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    check_map(x, x.dim() == 4 && x.size(2) % block == 0 && x.size(3) % block == 0);
    const auto n = x.size(0), c = x.size(1), h = x.size(2) / block, w = x.size(3) / block;
    return {x.reshape({n, c, h, block, w, block})
                .permute({0, 3, 5, 1, 2, 4})
                .reshape({n, c * block * block, h, w})};
  };
}

}  // namespace

void add_block_ops(OpTable& table) {
  table["DepthToSpace"] = {.build = build_depth_to_space};
  table["SpaceToDepth"] = {.build = build_space_to_depth};
}

}  // namespace dreamreel::network
