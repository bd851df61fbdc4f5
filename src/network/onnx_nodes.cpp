#include "onnx_nodes.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

// The limits are far above what exporters write: some thousand nodes, and calls ten deep. They are far below
// the number of nodes that functions become which call each other twice each.
constexpr std::int64_t kMaxNodes = 20'000, kMaxNames = 1 << 21, kMaxNameBytes = 1 << 26;
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxNameLength = 4096;

[[noreturn]] void refuse_graph(const std::string& what) {
  throw InputError(what);
}

/// Names appear in messages, tables and pages, so line breaks and escape sequences are refused.
void check_name(const std::string& name, const char* kind) {
  const auto is_control = [](unsigned char c) { return c < 0x20U || c == 0x7FU; };
  if (name.size() > kMaxNameLength)
    refuse_graph(
        fmt::format("{} has a name of {} bytes, expected at most {}", kind, name.size(), kMaxNameLength));
  if (!std::ranges::any_of(name, is_control)) return;
  auto shown = name;
  std::ranges::replace_if(shown, is_control, '?');
  refuse_graph(fmt::format("{} is called '{}', which has control characters where the ? are", kind, shown));
}

std::string operator_of(const onnx::NodeProto& node) {
  const bool own = node.domain().empty() || node.domain() == "ai.onnx";
  // Our own rewrites use "dreamreel:" for operators that no file has.
  const std::string file = node.domain() == "dreamreel" ? "the file's " : "";
  return own ? node.op_type() : fmt::format("{}{}:{}", file, node.domain(), node.op_type());
}

}  // namespace

NodeReader::NodeReader(Graph& graph, const onnx::ModelProto& model, ReadTensor read_tensor)
    : graph_(graph), functions_(model, graph.opset), read_tensor_(std::move(read_tensor)) {
  top_.opset = graph.opset;
}

ValueId NodeReader::make(const std::string& name, const std::string& maker) {
  check_name(name, "a value");
  return make(top_, name, maker);
}

std::string NodeReader::shown_name(const Scope& scope, const std::string& name) const {
  const auto entry = scope.shown.find(name);
  return entry != scope.shown.end() ? entry->second : scope.prefix + name;
}

std::string NodeReader::shown_node(const Scope& scope, const onnx::NodeProto& node) const {
  if (!node.name().empty()) return scope.prefix + node.name();
  return node.output_size() > 0 ? scope.prefix + node.output(0) : scope.prefix + node.op_type();
}

void NodeReader::define(Scope& scope, const std::string& name, ValueId value, const std::string& maker) {
  if (!scope.values.try_emplace(name, value).second)
    refuse_graph(
        fmt::format("the name '{}{}' is made twice, the second time by {}", scope.prefix, name, maker));
}

ValueId NodeReader::make(Scope& scope, const std::string& name, const std::string& maker) {
  auto shown = shown_name(scope, name);
  name_bytes_ += static_cast<std::int64_t>(shown.size());
  define(scope, name, static_cast<ValueId>(graph_.value_names.size()), maker);
  return graph_.add_value(std::move(shown));
}

ValueId NodeReader::find(const Scope& scope, const std::string& name, const std::string& taker) const {
  const auto entry = scope.values.find(name);
  if (entry == scope.values.end())
    refuse_graph(
        fmt::format("{} takes '{}{}', which nothing before it makes; the graph is damaged or not sorted",
                    taker, scope.prefix, name));
  return entry->second;
}

/// Counts the cost of a node before it is made. A function may call another twice, which calls another twice;
/// such a chain ends here before it becomes a million nodes.
void NodeReader::spend(const onnx::NodeProto& node, const Scope& scope) {
  names_ += node.input_size() + node.output_size() + node.attribute_size();
  name_bytes_ += static_cast<std::int64_t>(scope.prefix.size() + node.name().size());
  if (++nodes_ > kMaxNodes || names_ > kMaxNames || name_bytes_ > kMaxNameBytes)
    refuse_graph(
        fmt::format("at node '{}' the network, with the functions that it calls, becomes more than {} nodes, "
                    "or more names than any network has",
                    shown_node(scope, node), kMaxNodes));
}

void NodeReader::read(const onnx::NodeProto& node, Scope& scope) {
  check_name(node.name(), "a node");
  check_name(node.op_type(), "an operator");
  check_name(node.domain(), "a domain");
  for (const auto& output : node.output()) check_name(output, "a value");
  spend(node, scope);
  const auto* function = functions_.find(node);
  if (function == nullptr) return add(node, scope);
  call(node, *function, scope);
}

void NodeReader::add(const onnx::NodeProto& proto, Scope& scope) {
  Node node;
  if (!proto.name().empty() || scope.depth > 0) node.name = shown_node(scope, proto);
  node.op = operator_of(proto);
  node.opset = scope.opset;
  const auto label = fmt::format("node '{}' ({})", shown_node(scope, proto), node.op);
  for (const auto& input : proto.input())
    node.inputs.push_back(input.empty() ? kNoValue : find(scope, input, label));
  for (const auto& output : proto.output())
    node.outputs.push_back(output.empty() ? kNoValue : make(scope, output, label));
  for (const auto& [name, attribute] : attributes_of(proto, scope))
    node.attributes[name] = read_attribute(*attribute);
  graph_.nodes.push_back(std::move(node));
}

/// Resolves attributes of a node in a function that refer to attributes of the call.
AttributesByName NodeReader::attributes_of(const onnx::NodeProto& node, const Scope& scope) const {
  AttributesByName attributes;
  for (const auto& attribute : node.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      attributes[attribute.name()] = &attribute;
    } else if (const auto given = scope.attributes.find(attribute.ref_attr_name());
               given != scope.attributes.end()) {
      attributes[attribute.name()] = given->second;
    }
  }
  return attributes;
}

void NodeReader::call(const onnx::NodeProto& node, const OnnxFunction& function, Scope& scope) {
  auto inner = enter(node, function, scope);
  for (const auto& step : function.proto->node()) read(step, inner);
  leave(node, function, inner, scope);
}

NodeReader::Scope NodeReader::enter(const onnx::NodeProto& node, const OnnxFunction& function,
                                    const Scope& scope) {
  const auto label =
      fmt::format("node '{}', a call of the function '{}',", shown_node(scope, node), node.op_type());
  const auto& proto = *function.proto;
  if (scope.depth >= kMaxDepth)
    refuse_graph(
        fmt::format("{} stands in {} other calls: functions call each other without end", label, kMaxDepth));
  if (node.input_size() > proto.input_size() || node.output_size() > proto.output_size())
    refuse_graph(label + " has more inputs or outputs than the function");
  Scope inner;
  inner.prefix = shown_node(scope, node) + "/";
  inner.opset = function.opset;
  inner.depth = scope.depth + 1;
  inner.attributes = function.defaults;
  for (const auto& [name, attribute] : attributes_of(node, scope)) inner.attributes[name] = attribute;
  names_ += proto.input_size() + proto.output_size();
  for (int i = 0; i < proto.input_size(); ++i) {
    const bool given = i < node.input_size() && !node.input(i).empty();
    define(inner, proto.input(i), given ? find(scope, node.input(i), label) : kNoValue, label);
  }
  for (int i = 0; i < node.output_size(); ++i)
    if (!node.output(i).empty()) inner.shown.try_emplace(proto.output(i), shown_name(scope, node.output(i)));
  return inner;
}

void NodeReader::leave(const onnx::NodeProto& node, const OnnxFunction& function, const Scope& inner,
                       Scope& scope) {
  const auto label = fmt::format("node '{}'", shown_node(scope, node));
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    const auto value =
        find(inner, function.proto->output(i), fmt::format("the function '{}'", node.op_type()));
    define(scope, node.output(i), value, label);
    if (value == kNoValue) continue;
    graph_.aliases.try_emplace(shown_name(scope, node.output(i)), value);
    if (i == 0) graph_.aliases.try_emplace(shown_node(scope, node), value);
  }
}

Attribute NodeReader::read_attribute(const onnx::AttributeProto& attribute) {
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      return attribute.i();
    case onnx::AttributeProto::FLOAT:
      return static_cast<double>(attribute.f());
    case onnx::AttributeProto::STRING:
      return attribute.s();
    case onnx::AttributeProto::INTS:
      return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
    case onnx::AttributeProto::FLOATS:
      return std::vector<double>(attribute.floats().begin(), attribute.floats().end());
    case onnx::AttributeProto::TENSOR: {
      const auto known = tensors_.find(&attribute.t());
      if (known != tensors_.end()) return known->second;
      return tensors_[&attribute.t()] = read_tensor_(attribute.t());
    }
    default:
      return std::monostate{};
  }
}

}  // namespace dreamreel::network
