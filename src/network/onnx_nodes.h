// Reads the nodes of an ONNX file into a Graph. A call of a function is replaced by the function's own nodes,
// named CALL/NODE. The values that they make for the caller keep the caller's names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "graph.h"
#include "onnx_functions.h"

namespace dreamreel::network {

class NodeReader {
 public:
  using ReadTensor = std::function<at::Tensor(const onnx::TensorProto&)>;
  /// Writes into `graph`, whose opset has to be set. Throws InputError for a name that is made twice or
  /// never, for functions that call each other without end, and for functions that become too many nodes. The
  /// messages do not name the file.
  NodeReader(Graph& graph, const onnx::ModelProto& model, ReadTensor read_tensor);

  ValueId make(const std::string& name, const std::string& maker);
  bool knows(const std::string& name) const { return top_.values.contains(name); }
  ValueId find(const std::string& name, const std::string& taker) const { return find(top_, name, taker); }
  void read(const onnx::NodeProto& node) { read(node, top_); }

 private:
  /// A scope of names: the graph, or one call of a function.
  struct Scope {
    std::unordered_map<std::string, ValueId> values;
    /// The function's results, under the names that the graph shows.
    std::unordered_map<std::string, std::string> shown;
    AttributesByName attributes;  ///< of the call
    std::string prefix;           ///< in front of names: "" or "CALL/"
    std::int64_t opset = 0;
    int depth = 0;
  };

  void read(const onnx::NodeProto& node, Scope& scope);
  void call(const onnx::NodeProto& node, const OnnxFunction& function, Scope& scope);
  Scope enter(const onnx::NodeProto& node, const OnnxFunction& function, const Scope& scope);
  void leave(const onnx::NodeProto& node, const OnnxFunction& function, const Scope& inner, Scope& scope);
  void add(const onnx::NodeProto& node, Scope& scope);
  ValueId make(Scope& scope, const std::string& name, const std::string& maker);
  void define(Scope& scope, const std::string& name, ValueId value, const std::string& maker);
  ValueId find(const Scope& scope, const std::string& name, const std::string& taker) const;
  std::string shown_name(const Scope& scope, const std::string& name) const;
  std::string shown_node(const Scope& scope, const onnx::NodeProto& node) const;
  AttributesByName attributes_of(const onnx::NodeProto& node, const Scope& scope) const;
  Attribute read_attribute(const onnx::AttributeProto& attribute);
  void spend(const onnx::NodeProto& node, const Scope& scope);

  Graph& graph_;
  OnnxFunctions functions_;
  ReadTensor read_tensor_;
  Scope top_;
  /// A function's tensors are read only once, even if it is called many times.
  std::unordered_map<const onnx::TensorProto*, at::Tensor> tensors_;
  std::int64_t nodes_ = 0, names_ = 0, name_bytes_ = 0;  ///< so far
};

}  // namespace dreamreel::network
