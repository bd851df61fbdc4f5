// The shapes of a network's values for a picture of some size, without computing any number: kernels run on
// ATen's meta device.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph.h"

namespace dreamreel::network {

struct Shapes {
  /// By value id; nullopt for what cannot be computed at this size, or depends on such.
  std::vector<std::optional<std::vector<std::int64_t>>> sizes;
  /// What is known of the first node that failed: its name and why. "" if none did.
  std::string first_failure;
  bool is_too_much = false;  ///< a node asks for more than there is memory or time for
};

class ShapeFinder {
 public:
  /// Nodes that are not supported count as failing.
  explicit ShapeFinder(const Graph& graph);
  ~ShapeFinder();
  ShapeFinder(ShapeFinder&&) noexcept;

  /// May put other sizes in place of what a node makes: `first_input` are the sizes of what it takes,
  /// `result` those that it makes of that by itself, nullopt if it fails.
  using Override = std::function<std::optional<std::vector<std::int64_t>>(
      ValueId output, const std::vector<std::int64_t>& first_input,
      const std::optional<std::vector<std::int64_t>>& result)>;

  /// `input`: the sizes of the graph's first input; any further input has no known shape.
  Shapes find(const std::vector<std::int64_t>& input, const Override& instead = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::network
