// A graph made ready for one device and type: kernels in order, constants in place, and when each value is
// last needed.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph.h"
#include "ops.h"

namespace dreamreel::network {

struct Step {
  Kernel kernel;
  std::vector<ValueId> inputs, outputs;
  std::vector<ValueId> spent;  ///< values that no later step and no caller needs
  bool on_host = false;        ///< works with sizes, on the CPU
  bool keeps_shape = false;    ///< see Op
  bool in_place = false;       ///< overwrites its first input
  bool is_arithmetic = false;  ///< all its inputs are numbers to compute with, none is a list of sizes
  std::string label;           ///< for messages
};

struct Program {
  std::size_t value_count = 0;
  std::vector<Step> steps;
  std::vector<ValueId> inputs, wanted;
  std::unordered_map<ValueId, at::Tensor> constants;       ///< on the device; 4-D ones channels-last
  std::unordered_map<ValueId, at::Tensor> host_constants;  ///< of steps on the host, as stored
  /// Lesions: what the channels of these values are multiplied by as soon as a step has made
  /// them, (C) in the network's type on its device; no entry for a value that is left as it is. May change
  /// between passes.
  std::unordered_map<ValueId, at::Tensor> scales;
  std::unordered_set<ValueId> made_on_host;                ///< by steps on the host
  at::TensorOptions placed;                                ///< device and type of the network's numbers
  std::unordered_map<ValueId, std::int64_t> channel_axes;  ///< of what may have scales; see channel_axes.h

  std::int64_t constant_bytes() const;
  /// Which steps lead to the needed ones of the wanted values; all of them for an empty list.
  std::vector<bool> steps_for(const std::vector<bool>& needed) const;
};

struct ProgramOptions {
  at::Device device = at::kCPU;
  /// What floating-point constants are converted to; nullopt leaves them as stored.
  std::optional<at::ScalarType> float_type;
};

/// Copies what it keeps of the graph's constants, so that a file read into memory can go. Throws InputError
/// for a node that is invalid, UnavailableError for an unsupported one; see check_supported() for better
/// words.
Program compile(const Graph& graph, const std::vector<ValueId>& wanted, const ProgramOptions& options);

/// `value`, which is the network's `id`, as a step takes it: one that computes with fractions made on the
/// host (a mask of attention) takes them in the network's type.
at::Tensor off_host(const Program& program, const Step& step, ValueId id, const at::Tensor& value);

/// `value`, which is the network's `id`, with its channels times `factors`.
at::Tensor scaled(const Program& program, ValueId id, const at::Tensor& value, const at::Tensor& factors);

/// The values of a pass under way, by id.
class Values {
 public:
  Values(const Program& program, Inputs inputs);
  /// What the step takes, undefined for what is left out or was never made.
  std::vector<at::Tensor> inputs_of(const Step& step) const;
  bool has_inputs_of(const Step& step) const;
  /// Scaled by Program::scales.
  void store(const Step& step, Outputs outputs);
  void drop_spent(const Step& step);
  const at::Tensor& get(ValueId value) const { return values_[static_cast<std::size_t>(value)]; }

 private:
  const Program& program_;
  std::vector<at::Tensor> values_;
};

}  // namespace dreamreel::network
