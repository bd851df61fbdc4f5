// Runs a program forward and backward by itself, without autograd's bookkeeping: convolutions with their bias and
// activation in one call, concatenations that cost nothing, gradients added up where they lie, all maps in one
// piece of memory that later passes use again. What it runs so and what it leaves to ATen: fused_nodes.h.
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
  /// Whether a network of this type can run so on this device.
  static bool supports(const at::Device& device, at::ScalarType type);

  /// `graph`: what `program` has been compiled from. `source` names the network in messages.
  FusedExecutor(const Graph& graph, const Program& program, const FusedOptions& options, std::string source);
  ~FusedExecutor();
  FusedExecutor(const FusedExecutor&) = delete;
  FusedExecutor& operator=(const FusedExecutor&) = delete;

  /// As run() of autograd_executor.h with the program's only input: the wanted values, with this executor's backward
  /// pass behind them where `input` requires grad. `scales`: see Program::scales. Throws RenderError.
  std::vector<at::Tensor> run(const at::Tensor& input, const std::vector<bool>& needed,
                              const std::unordered_map<ValueId, at::Tensor>& scales);

  /// Of the memory that a pass with a gradient lies in, for an input of these sizes; nullopt if it cannot be planned.
  std::optional<std::int64_t> planned_bytes(const std::vector<std::int64_t>& input,
                                            const std::vector<bool>& needed);

  /// Weights that are held again, in the orders that the processor likes: as far as passes have asked for them, and all
  /// that passes with gradients ask for.
  std::int64_t weight_bytes() const;
  std::int64_t most_weight_bytes() const;
  /// Of the memory that passes lie in, used or not.
  std::int64_t held_bytes() const;

 private:
  std::shared_ptr<FusedState> state_;  ///< shared with passes whose backward has yet to come
};

}  // namespace dreamreel::network
