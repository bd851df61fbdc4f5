// The sizes of picture that layers run at: any size from some minimum on, or one size only. Vision
// transformers, and heads made for one number of positions, run at one size.
#pragma once

#include <optional>
#include <vector>

#include "dreamreel/network/network.h"
#include "graph.h"
#include "layers.h"
#include "shapes.h"

namespace dreamreel::network {

struct RunSizes {
  std::int64_t min_side = 1;        ///< of the smallest square picture, px; with `only`, its shorter side
  std::optional<PictureSize> only;  ///< nullopt: any picture that is no smaller
};

class SizeSearch {
 public:
  SizeSearch(const Graph& graph, const PictureInput& input, std::vector<ValueId> wanted);

  /// Whether every wanted value has at least one position at this size.
  bool fits(std::int64_t height, std::int64_t width);
  /// Finds the sizes. To tell whether any picture will do, it tries a size that no stride divides and that is
  /// not square. Throws InputError if the values run at no size.
  RunSizes find();
  /// The size that the file declares, if the values run at it; else one that networks are usually made for.
  std::optional<PictureSize> own_size();
  /// Why fits() last returned false: the first node that failed.
  const std::string& failure() const { return failure_; }

 private:
  std::optional<std::int64_t> smallest_power_of_two();

  const ShapeFinder finder_;
  const PictureInput input_;
  const std::vector<ValueId> wanted_;
  const std::string source_;
  std::string failure_;
};

}  // namespace dreamreel::network
