// The graph of a network as plain data. onnx_reader.h makes it from a file, rewrites.h simplifies it, and an
// executor runs it. Its tensors are on the CPU, in the file's types.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dreamreel::network {

/// Index of a value (a named tensor) in Graph::value_names.
using ValueId = std::int32_t;
inline constexpr ValueId kNoValue = -1;  ///< an optional input or output that a node leaves out

using Sizes = std::vector<std::int64_t>;  ///< of a tensor, one for each dimension

/// monostate stands for attributes that no supported operator has: subgraphs, sparse tensors, types.
using Attribute = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::int64_t>,
                               std::vector<double>, at::Tensor>;

struct Node {
  std::string name;  ///< as in the file; may be ""
  std::string op;    ///< the operator; DOMAIN:OPERATOR if it is not one of ONNX's own
  std::vector<ValueId> inputs, outputs;
  std::map<std::string, Attribute, std::less<>> attributes;
  std::int64_t opset = 0;  ///< of ONNX's own operators, where the node comes from; 0: as the graph's
};

/// Operators that no file contains. Only rewrites make them.
inline constexpr const char* kScaleShiftOp = "dreamreel:ScaleShift";    ///< y = x * input 1 + input 2
inline constexpr const char* kReluInPlaceOp = "dreamreel:ReluInPlace";  ///< overwrites its input
/// A reshape that follows the input's size. Size i of the result is the product of the input's dimensions
/// first[i] to last[i], divided by divisor[i]. If divisor[i] is below 0, the size is -divisor[i].
inline constexpr const char* kReshapeLikeOp = "dreamreel:ReshapeLike";

struct GraphInput {
  ValueId value = kNoValue;
  std::vector<std::int64_t> dims;  ///< as declared, -1 where open; empty if the file declares nothing
  bool is_float = true;            ///< false if the file declares integers, texts or another type
};

struct Graph {
  std::string source;      ///< the file, for messages
  std::int64_t opset = 0;  ///< of ONNX's own operators
  std::vector<std::string> value_names;
  std::vector<Node> nodes;  ///< each node follows the nodes whose values it reads
  std::map<ValueId, at::Tensor> constants;
  std::vector<GraphInput> inputs;  ///< without inputs that are constants
  /// Further names of values. When a function's nodes replace its call, the call's name stands for the first
  /// output.
  std::map<std::string, ValueId> aliases;
  std::vector<ValueId> outputs;

  const std::string& name_of(ValueId value) const { return value_names.at(static_cast<std::size_t>(value)); }
  ValueId add_value(std::string name) {
    value_names.push_back(std::move(name));
    return static_cast<ValueId>(value_names.size() - 1);
  }
};

/// The node's name, or its first output's name if the node has none.
const std::string& label_of(const Graph& graph, const Node& node);

/// "node 'conv1' (Conv)", for messages.
std::string describe(const Graph& graph, const Node& node);

/// For each value, how many inputs of nodes read it.
std::vector<int> count_uses(const Graph& graph);

/// For each value, the index of the node that makes it; -1 for inputs and constants.
std::vector<std::int64_t> find_producers(const Graph& graph);

}  // namespace dreamreel::network
