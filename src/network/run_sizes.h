// Which sizes of picture layers run at: any from some size on, or one alone, as those of vision transformers
// and of heads that are made for one number of positions.
#pragma once

#include <optional>
#include <vector>

#include "dreamreel/network/network.h"
#include "graph.h"
#include "layers.h"
#include "shapes.h"

namespace dreamreel::network {

struct RunSizes {
  std::int64_t min_side = 1;        ///< of the smallest square picture; with `only` that one's shorter side
  std::optional<PictureSize> only;  ///< nullopt: any picture that is no smaller
};

class SizeSearch {
 public:
  SizeSearch(const Graph& graph, const PictureInput& input, std::vector<ValueId> wanted);

  /// Whether every wanted value has at least one position.
  bool fits(std::int64_t height, std::int64_t width);
  /// Sizes that no stride divides, of another shape than a square, tell whether any picture will do. Throws
  /// InputError if there is no size at all.
  RunSizes find();
  /// The size that the file declares if the values run at it, else one that networks are usually made for.
  std::optional<PictureSize> own_size();
  /// Why fits() was false the last time: the first node that failed.
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
