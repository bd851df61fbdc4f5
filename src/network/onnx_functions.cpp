#include "onnx_functions.h"

#include <fmt/core.h>
#include <google/protobuf/unknown_field_set.h>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

// Fields that libonnx 1.12 does not know. It keeps such fields as they are in the file.
constexpr int kAttributesWithDefaults = 11;  // FunctionProto.attribute_proto, ONNX 1.13
constexpr int kFunctionOverload = 13;        // FunctionProto.overload, ONNX 1.16
constexpr int kNodeOverload = 8;             // NodeProto.overload, ONNX 1.16

template <typename Message>
std::string overload_of(const Message& message, int number) {
  const auto& fields = message.unknown_fields();
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() == number && field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      return field.length_delimited();
  }
  return {};
}

}  // namespace

OnnxFunctions::OnnxFunctions(const onnx::ModelProto& model, std::int64_t opset) {
  for (const auto& proto : model.functions()) {
    OnnxFunction function{&proto, opset, {}};
    for (const auto& import : proto.opset_import())
      if (import.domain().empty() || import.domain() == "ai.onnx") function.opset = import.version();
    read_defaults(proto, function);
    const Key key{proto.domain(), proto.name(), overload_of(proto, kFunctionOverload)};
    if (!functions_.emplace(key, std::move(function)).second)
      throw InputError(fmt::format("the function '{}' is there twice", proto.name()));
  }
}

const OnnxFunction* OnnxFunctions::find(const onnx::NodeProto& node) const {
  if (functions_.empty()) return nullptr;
  const auto entry = functions_.find({node.domain(), node.op_type(), overload_of(node, kNodeOverload)});
  return entry == functions_.end() ? nullptr : &entry->second;
}

void OnnxFunctions::read_defaults(const onnx::FunctionProto& proto, OnnxFunction& function) {
  const auto& fields = proto.unknown_fields();
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != kAttributesWithDefaults ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    auto& attribute = defaults_.emplace_back();
    if (!attribute.ParseFromString(field.length_delimited()))
      throw InputError(fmt::format("the function '{}' has a damaged attribute", proto.name()));
    function.defaults[attribute.name()] = &attribute;
  }
}

}  // namespace dreamreel::network
