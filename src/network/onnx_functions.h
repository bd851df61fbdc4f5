// The functions that an ONNX file holds beside its graph (`ModelProto.functions`). A node can call them like
// operators.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>

namespace dreamreel::network {

/// A node's attributes by name. The pointers point into the file's message.
using AttributesByName = std::map<std::string, const onnx::AttributeProto*>;

struct OnnxFunction {
  const onnx::FunctionProto* proto = nullptr;
  std::int64_t opset = 0;     ///< of ONNX's own operators in it
  AttributesByName defaults;  ///< default values of its attributes
};

class OnnxFunctions {
 public:
  /// Keeps pointers into `model`. `opset` is for functions that declare none. Throws InputError for two
  /// functions with one name and for damaged functions; the message does not name the file.
  OnnxFunctions(const onnx::ModelProto& model, std::int64_t opset);
  /// The function that a node calls; nullptr if it calls none.
  const OnnxFunction* find(const onnx::NodeProto& node) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  ///< domain, name, overload
  void read_defaults(const onnx::FunctionProto& proto, OnnxFunction& function);

  std::map<Key, OnnxFunction> functions_;
  std::deque<onnx::AttributeProto> defaults_;
};

}  // namespace dreamreel::network
