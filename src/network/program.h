// A graph prepared for one device and type: its kernels in order, its constants in place, and when each value
// is last needed.
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

struct ProgramStep {
  Kernel kernel;
  std::vector<ValueId> inputs, outputs;
  std::vector<ValueId> spent;  ///< values that neither a later step nor the caller needs
  bool on_host = false;        ///< computes with sizes, on the CPU
  bool keeps_shape = false;    ///< see Op
  bool in_place = false;       ///< overwrites its first input
  bool is_arithmetic = false;  ///< all its inputs are numbers to compute with; none is a list of sizes
  std::string label;           ///< for messages
};

struct Program {
  std::size_t value_count = 0;
  std::vector<ProgramStep> steps;
  std::vector<ValueId> inputs, wanted;
  std::unordered_map<ValueId, at::Tensor> constants;  ///< on the device; 4-dimensional ones channels-last
  std::unordered_map<ValueId, at::Tensor> host_constants;  ///< of steps on the host, as the file stores them
  /// Lesions: factors for the channels of these values, applied as soon as a step has made the value. Each is
  /// (C) in the network's type, on its device. A value without an entry is not changed. May change between
  /// passes.
  std::unordered_map<ValueId, at::Tensor> scales;
  std::unordered_set<ValueId> made_on_host;                ///< values made by steps on the host
  at::TensorOptions placed;                                ///< device and type of the network's numbers
  std::unordered_map<ValueId, std::int64_t> channel_axes;  ///< of values that may have scales

  std::int64_t constant_bytes() const;
  /// The steps that lead to the needed ones of the wanted values. An empty list means all steps.
  std::vector<bool> steps_for(const std::vector<bool>& needed) const;
};

struct ProgramOptions {
  at::Device device = at::kCPU;
  /// The type that floating-point constants are converted to; nullopt keeps the stored types.
  std::optional<at::ScalarType> float_type;
};

/// Copies the constants that it keeps, so that the graph can be freed. Throws InputError for an invalid node
/// and UnavailableError for an unsupported one; check_supported() has better messages for the second.
Program compile(const Graph& graph, const std::vector<ValueId>& wanted, const ProgramOptions& options);

/// Converts `value`, the network's value `id`, to the type that `step` takes. A step that computes with
/// fractions made on the host, such as an attention mask, takes them in the network's type.
at::Tensor off_host(const Program& program, const ProgramStep& step, ValueId id, const at::Tensor& value);

/// `value`, the network's value `id`, with its channels multiplied by `factors`.
at::Tensor scaled(const Program& program, ValueId id, const at::Tensor& value, const at::Tensor& factors);

/// The values of a pass that is running, by id.
class Values {
 public:
  Values(const Program& program, Inputs inputs);
  /// The inputs of the step. Undefined for an input that is left out or was never made.
  std::vector<at::Tensor> inputs_of(const ProgramStep& step) const;
  bool has_inputs_of(const ProgramStep& step) const;
  /// Stores the step's outputs, scaled by Program::scales.
  void store(const ProgramStep& step, Outputs outputs);
  void drop_spent(const ProgramStep& step);
  const at::Tensor& get(ValueId value) const { return values_[static_cast<std::size_t>(value)]; }

 private:
  const Program& program_;
  std::vector<at::Tensor> values_;
};

}  // namespace dreamreel::network
