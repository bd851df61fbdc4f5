// Runs a program forward and backward without autograd's bookkeeping. Convolutions apply their bias and
// activation in one call. Concatenations cost nothing. Gradients are added up in place. All maps lie in one
// piece of memory that later passes use again. fused_nodes.h tells which nodes run this way and which are
// left to ATen.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "fused_maps.h"
#include "graph.h"
#include "program.h"

namespace dreamreel::network {

struct FusedState;

struct FusedOptions {
  at::ScalarType type = at::kFloat;
  Format format = Format::blocked;  ///< of maps, see best_format()
  bool multiply_less = true;        ///< see ConvolutionFactory
};

class FusedExecutor {
 public:
  /// Whether a network of this type can run this way on this device.
  static bool supports(const at::Device& device, at::ScalarType type);

  /// `graph` is the graph that `program` was compiled from. `source` names the network in messages.
  FusedExecutor(const Graph& graph, const Program& program, const FusedOptions& options, std::string source);
  ~FusedExecutor();
  FusedExecutor(const FusedExecutor&) = delete;
  FusedExecutor& operator=(const FusedExecutor&) = delete;

  /// Computes the wanted values from the program's only input, as run() of autograd_executor.h does. If
  /// `input` requires a gradient, this executor's backward pass stands behind the values. For `scales`, see
  /// Program::scales. Throws RenderError.
  std::vector<at::Tensor> run(const at::Tensor& input, const std::vector<bool>& needed,
                              const std::unordered_map<ValueId, at::Tensor>& scales);

  /// Bytes of memory for a pass with a gradient, for an input of these sizes. nullopt if the pass cannot be
  /// planned.
  std::optional<std::int64_t> planned_bytes(const std::vector<std::int64_t>& input,
                                            const std::vector<bool>& needed);

  /// Bytes of the weights' copies in the order that the processor reads fastest: the copies made so far, and
  /// all copies that passes with gradients will make.
  std::int64_t weight_bytes() const;
  std::int64_t most_weight_bytes() const;
  /// Bytes of memory that the executor holds for passes, in use or not.
  std::int64_t held_bytes() const;

 private:
  std::shared_ptr<FusedState> state_;  ///< shared with passes whose backward pass is still to come
};

}  // namespace dreamreel::network
