// Finds the shapes of a network's values for a picture of some size, without computing a number: kernels run
// on ATen's meta device.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph.h"

namespace dreamreel::network {

struct Shapes {
  /// By value id. nullopt for a value that cannot be computed at this size, or that depends on such a value.
  std::vector<std::optional<std::vector<std::int64_t>>> sizes;
  /// The first node that failed: its name and the reason. "" if none failed.
  std::string first_failure;
  bool is_too_much = false;  ///< a node asks for more than there is memory or time for
};

class ShapeFinder {
 public:
  /// A node that is not supported counts as failing.
  explicit ShapeFinder(const Graph& graph);
  ~ShapeFinder();
  ShapeFinder(ShapeFinder&&) noexcept;

  /// May replace the sizes of a node's result. `first_input` are the sizes of its first input. `result` are
  /// the sizes that the node makes on its own; nullopt if it fails.
  using Override = std::function<std::optional<std::vector<std::int64_t>>(
      ValueId output, const std::vector<std::int64_t>& first_input,
      const std::optional<std::vector<std::int64_t>>& result)>;

  /// `input` are the sizes of the graph's first input. Further inputs have no known shape.
  Shapes find(const std::vector<std::int64_t>& input, const Override& instead = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::network
