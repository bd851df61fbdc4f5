#include "dreamreel/network/class_probabilities.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>
#include <set>

#include "graph.h"
#include "layers.h"
#include "onnx_reader.h"

namespace dreamreel::network {
namespace {

// Whether an operator keeps probabilities as probabilities and logits as logits: it reshapes, selects or
// averages.
bool keeps_scale(const std::string& op) {
  static const std::set<std::string> kKeepers{
      "AveragePool",       "Cast",       "Concat",        "DequantizeLinear", "Dropout", "Flatten",
      "GatherElements",    "Gather",     "GlobalMaxPool", "Identity",         "MaxPool", "QuantizeLinear",
      "ReduceMax",         "ReduceMean", "Reshape",       "Resize",           "Slice",   "Split",
      "GlobalAveragePool", "Squeeze",    "Transpose",     "Unsqueeze",        "Upsample"};
  return kKeepers.contains(op);
}

double clip_limit(const Graph& graph, const Node& node, std::size_t input, const char* attribute,
                  double other) {
  if (const auto found = node.attributes.find(attribute); found != node.attributes.end())
    if (const auto* const value = std::get_if<double>(&found->second)) return *value;
  if (node.inputs.size() <= input || node.inputs[input] == kNoValue) return other;
  const auto constant = graph.constants.find(node.inputs[input]);
  return constant != graph.constants.end() && constant->second.numel() == 1 ? constant->second.item<double>()
                                                                            : other;
}

bool clips_to_probabilities(const Graph& graph, const Node& node) {
  return node.op == "Clip" && clip_limit(graph, node, 1, "min", -1) >= 0 &&
         clip_limit(graph, node, 2, "max", 2) <= 1;
}

bool is_probabilities(const Graph& graph, const Node& node) {
  return node.op == "Softmax" || node.op == "Sigmoid" || node.op == "HardSigmoid" ||
         clips_to_probabilities(graph, node);
}

bool joins_unlike(const Graph& graph, const std::vector<std::int64_t>& producers, const Node& concat);

// The node that made the numbers of a value. Skips nodes that only move numbers. nullptr for an input or a
// constant.
const Node* maker_of(const Graph& graph, const std::vector<std::int64_t>& producers, ValueId value) {
  while (value != kNoValue && producers[static_cast<std::size_t>(value)] >= 0) {
    const auto& node = graph.nodes[static_cast<std::size_t>(producers[static_cast<std::size_t>(value)])];
    if (!keeps_scale(node.op) || node.inputs.empty()) return &node;
    if (node.op == "Concat" && joins_unlike(graph, producers, node)) return &node;
    value = node.inputs[0];
  }
  return nullptr;
}

// Whether a Concat joins numbers of different kinds, such as boxes and classes.
bool joins_unlike(const Graph& graph, const std::vector<std::int64_t>& producers, const Node& concat) {
  const auto made_by = [&](ValueId input) {
    const Node* const maker = maker_of(graph, producers, input);
    return maker != nullptr ? maker->op : std::string();
  };
  const std::string first = made_by(concat.inputs[0]);
  return std::ranges::any_of(concat.inputs, [&](ValueId input) { return made_by(input) != first; });
}

// What the nodes before a value tell. nullopt if they tell nothing, because they may make numbers of either
// kind.
std::optional<ClassScale> scale_by_origin(const Graph& graph, ValueId value) {
  static const std::set<std::string> kWeighted{
      "Add", "BatchNormalization", "Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul", "PRelu", "LeakyRelu"};
  const auto producers = find_producers(graph);
  const Node* const node = maker_of(graph, producers, value);
  if (node == nullptr) return {};
  if (is_probabilities(graph, *node)) return ClassScale::probabilities;
  if (node->op == "LogSoftmax") return ClassScale::log_probabilities;
  if (!kWeighted.contains(node->op)) return {};
  // Weights may also mix or enlarge probabilities. Only the numbers tell then.
  const bool mixes_probabilities = std::ranges::any_of(node->inputs, [&](ValueId input) {
    const Node* const before = maker_of(graph, producers, input);
    return before != nullptr && is_probabilities(graph, *before);
  });
  if (mixes_probabilities) return {};
  return ClassScale::logits;
}

// What the nodes after a value tell.
std::optional<ClassScale> scale_by_use(const Graph& graph, ValueId value) {
  std::set<ValueId> same{value};
  for (const auto& node : graph.nodes) {
    const bool takes_it = !node.inputs.empty() && same.contains(node.inputs[0]);
    const bool takes_a_part = node.op == "Concat" && std::ranges::any_of(node.inputs, [&](ValueId input) {
                                return same.contains(input);
                              });
    if (!takes_it && !takes_a_part) continue;
    if (node.op == "Softmax" || node.op == "LogSoftmax") return ClassScale::exclusive_logits;
    if (node.op == "Sigmoid" || node.op == "HardSigmoid") return ClassScale::separate_logits;
    if (keeps_scale(node.op)) same.insert(node.outputs.begin(), node.outputs.end());
  }
  return {};
}

std::optional<ClassScale> scale_of(const Graph& graph, ValueId value) {
  const auto origin = scale_by_origin(graph, value);
  if (origin && *origin != ClassScale::logits) return origin;
  const auto use = scale_by_use(graph, value);
  return use ? use : origin;
}

ClassScale scale_by_numbers(const at::Tensor& ratings) {
  const bool are_shares = ratings.min().item<double>() >= 0 && ratings.max().item<double>() <= 1;
  return are_shares ? ClassScale::probabilities : ClassScale::logits;
}

// The layers' activations on coloured noise, which is the same on every machine.
std::vector<at::Tensor> try_on_grain(const Network& network) {
  constexpr std::int64_t kSide = 224;                  // px, at least
  constexpr double kGoldenRatio = 0.6180339887498949;  // its multiples fill [0,1) evenly
  const auto side = std::max(kSide, network.min_input_side());
  const auto size = network.only_size().value_or(PictureSize{side, side});
  const auto type = network.precision() == Precision::fp64 ? at::kDouble : at::kFloat;
  const at::Tensor grain = at::arange(3 * size.height * size.width, at::kDouble).mul(kGoldenRatio).frac();
  const at::NoGradGuard no_grad;
  return network.forward(grain.view({1, 3, size.height, size.width}).to(network.device(), type));
}

}  // namespace

std::vector<ClassScale> class_scales(const Network& network, const std::filesystem::path& path) {
  const auto graph = read_graph(path);
  std::vector<std::optional<ClassScale>> told;
  for (const auto value : find_layers(graph, network.layers())) told.push_back(scale_of(graph, value));
  const bool all_told = std::ranges::all_of(told, [](const auto& scale) { return scale.has_value(); });
  const auto tried = all_told ? std::vector<at::Tensor>{} : try_on_grain(network);
  std::vector<ClassScale> scales;
  for (std::size_t i = 0; i < told.size(); ++i)
    scales.push_back(told[i] ? *told[i] : scale_by_numbers(tried[i]));
  return scales;
}

at::Tensor class_probabilities(const at::Tensor& ratings, ClassScale scale) {
  const at::Tensor numbers = ratings[0].detach().to(at::kFloat);
  const auto classes = numbers.size(0);
  switch (scale) {
    case ClassScale::probabilities:
      return numbers.clamp(0, 1);
    case ClassScale::log_probabilities:
      return numbers.exp().clamp(0, 1);
    case ClassScale::exclusive_logits:
      return classes > 1 ? numbers.softmax(0) : numbers.sigmoid();
    case ClassScale::separate_logits:
      return numbers.sigmoid();
    case ClassScale::logits:
      break;
  }
  const bool exclude_each_other = classes == 2 || (classes > 1 && numbers.numel() == classes);
  return exclude_each_other ? numbers.softmax(0) : numbers.sigmoid();
}

std::vector<std::string> tensors_of(const std::filesystem::path& path,
                                    const std::vector<std::string>& layers) {
  const auto graph = read_graph(path);
  std::vector<std::string> tensors;
  for (const auto value : find_layers(graph, layers)) tensors.push_back(graph.name_of(value));
  return tensors;
}

}  // namespace dreamreel::network
