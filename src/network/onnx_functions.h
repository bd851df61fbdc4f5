// The functions that stand in an ONNX file beside its graph (`ModelProto.functions`), which a node can call
// as if they were operators.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>

namespace dreamreel::network {

/// A node's attributes by name, as they lie in the file.
using AttributesByName = std::map<std::string, const onnx::AttributeProto*>;

struct OnnxFunction {
  const onnx::FunctionProto* proto = nullptr;
  std::int64_t opset = 0;     ///< of ONNX's own operators in it
  AttributesByName defaults;  ///< of its attributes
};

class OnnxFunctions {
 public:
  /// Keeps pointers into `model`. `opset`: of functions that declare none. Throws InputError, whose message
  /// leaves out the file, for two functions of one name and for damaged ones.
  OnnxFunctions(const onnx::ModelProto& model, std::int64_t opset);
  /// nullptr: the node calls none.
  const OnnxFunction* find(const onnx::NodeProto& node) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  ///< domain, name, overload
  void read_defaults(const onnx::FunctionProto& proto, OnnxFunction& function);

  std::map<Key, OnnxFunction> functions_;
  std::deque<onnx::AttributeProto> defaults_;
};

}  // namespace dreamreel::network
