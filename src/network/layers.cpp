#include "layers.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/network/network.h"
#include "rewrites.h"

namespace dreamreel::network {
namespace {

std::string prefix(const Graph& graph) {
  return fmt::format("network '{}': ", graph.source);
}

/// The numbers that a classifier decides by: the file's first output, before a softmax and other operators
/// that keep their order or their values.
ValueId find_classes(const Graph& graph) {
  static const std::set<std::string> kAfter{"Softmax", "LogSoftmax", "Identity", "Flatten", "Squeeze",
                                            "Reshape", "Cast",       "Dropout",  "Sigmoid"};
  const auto producers = find_producers(graph);
  auto value = graph.outputs.empty() ? kNoValue : graph.outputs.front();
  while (value != kNoValue) {
    const auto producer = producers[static_cast<std::size_t>(value)];
    if (producer < 0) return kNoValue;
    const auto& node = graph.nodes[static_cast<std::size_t>(producer)];
    if (!kAfter.contains(node.op) || node.inputs.empty()) return value;
    value = node.inputs[0];
  }
  return kNoValue;
}

ValueId find_value(const Graph& graph, const std::string& name) {
  for (const auto& node : graph.nodes) {
    if (node.name == name && main_output(node) != kNoValue) return main_output(node);
  }
  const auto alias = graph.aliases.find(name);
  if (alias != graph.aliases.end()) return alias->second;
  for (const auto& node : graph.nodes) {
    for (const auto output : node.outputs) {
      if (output != kNoValue && graph.name_of(output) == name) return output;
    }
  }
  return name == kClassesLayer ? find_classes(graph) : kNoValue;
}

std::vector<std::string> layer_names(const Graph& graph) {
  std::vector<std::string> names;
  const auto activations = find_activations(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (activations[i]) names.push_back(label_of(graph, graph.nodes[i]));
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (activations[i]) names.push_back(graph.name_of(main_output(graph.nodes[i])));
  }
  for (const auto& [name, value] : graph.aliases) names.push_back(name);
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += "'" + names[i] + "'";
  }
  return text;
}

/// How much an input looks like a picture, in points.
int likeness(const GraphInput& input) {
  const auto& dims = input.dims;
  const int points = input.is_float ? 1 : 0;
  if (dims.size() == 4 && (dims[1] == 3 || dims[3] == 3)) return points + 6;
  if (dims.size() == 4 && dims[1] == -1) return points + 4;
  return dims.empty() ? points + 2 : points;
}

std::string input_names(const Graph& graph) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(graph.inputs.size(), kShown); ++i)
    names.push_back(graph.name_of(graph.inputs[i].value));
  return join(names) + (graph.inputs.size() > kShown ? " and more" : "");
}

}  // namespace

ValueId main_output(const Node& node) {
  return node.outputs.empty() ? kNoValue : node.outputs[0];
}

std::vector<bool> find_usable(const Graph& graph, const std::vector<std::string>& reasons) {
  std::vector<bool> broken(graph.value_names.size(), false);
  std::vector<bool> usable;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& node = graph.nodes[i];
    usable.push_back(reasons[i].empty() && std::ranges::none_of(node.inputs, [&](ValueId input) {
                       return input != kNoValue && broken[static_cast<std::size_t>(input)];
                     }));
    for (const auto output : node.outputs) {
      if (output != kNoValue && !usable.back()) broken[static_cast<std::size_t>(output)] = true;
    }
  }
  return usable;
}

std::vector<bool> find_activations(const Graph& graph) {
  const auto dependent = find_dependent(graph);
  const auto host = find_host_values(graph);
  std::vector<bool> activations;
  for (const auto& node : graph.nodes) {
    const auto output = main_output(node);
    activations.push_back(output != kNoValue && dependent[static_cast<std::size_t>(output)] &&
                          !host[static_cast<std::size_t>(output)]);
  }
  return activations;
}

std::vector<std::int64_t> PictureInput::sizes(std::int64_t height, std::int64_t width) const {
  if (channels_last) return {1, height, width, 3};
  return {1, 3, height, width};
}

PictureInput as_picture(const Graph& graph, const GraphInput& input) {
  const auto& dims = input.dims;
  PictureInput result{input.value};
  if (dims.empty()) return result;
  result.channels_last = dims.size() == 4 && dims[3] == 3 && dims[1] != 3;
  const auto channels = dims.size() == 4 ? dims[result.channels_last ? 3 : 1] : 0;
  if (channels != 3 && channels != -1) {
    std::string found;
    for (const auto dim : dims) found += (found.empty() ? "" : "x") + (dim < 0 ? "?" : std::to_string(dim));
    throw InputError(fmt::format("{}expected its input '{}' to take colour pictures (Nx3xHxW), found {}",
                                 prefix(graph), graph.name_of(result.value), found));
  }
  if (dims.size() != 4) return result;
  result.declared_side = std::max<std::int64_t>(dims[result.channels_last ? 1 : 2], 0);
  result.declared_width = std::max<std::int64_t>(dims[result.channels_last ? 2 : 3], 0);
  return result;
}

PictureInput find_picture_input(const Graph& graph) {
  if (graph.inputs.empty()) throw InputError(prefix(graph) + "expected one input, a picture, found none");
  if (graph.inputs.size() > 1)
    throw InputError(
        fmt::format("{}the wanted layers need the inputs {}, expected one input, a picture ('dreamreel "
                    "layers' lists the layers that need no other)",
                    prefix(graph), input_names(graph)));
  return as_picture(graph, graph.inputs[0]);
}

void put_picture_first(Graph& graph) {
  if (graph.inputs.size() < 2) return;
  const auto picture = std::ranges::max_element(graph.inputs, {}, likeness);
  std::rotate(graph.inputs.begin(), picture, picture + 1);
}

std::vector<ValueId> find_layers(const Graph& graph, const std::vector<std::string>& names) {
  const auto dependent = find_dependent(graph);
  const auto host = find_host_values(graph);
  std::vector<ValueId> values;
  for (const auto& name : names) {
    const auto value = find_value(graph, name);
    if (value == kNoValue) {
      throw JobError(fmt::format("{}has no layer '{}'{} ('dreamreel layers' lists them all)", prefix(graph),
                                 name, did_you_mean(name, layer_names(graph))));
    }
    if (!dependent[static_cast<std::size_t>(value)] || host[static_cast<std::size_t>(value)]) {
      throw JobError(
          fmt::format("{}'{}' has no activations to dream of: it does not follow from the picture's colours "
                      "('dreamreel layers' lists the layers that do)",
                      prefix(graph), name));
    }
    values.push_back(value);
  }
  return values;
}

void check_supported(const Graph& graph, const std::vector<ValueId>& wanted) {
  auto needed = graph;
  cut(needed, wanted);
  const auto reasons = find_unsupported(needed);
  const auto broken =
      std::ranges::find_if(reasons, [](const std::string& reason) { return !reason.empty(); });
  if (broken == reasons.end()) return;
  const auto usable = find_usable(needed, reasons);
  const auto activations = find_activations(needed);
  std::vector<std::string> deepest;
  constexpr std::size_t kShown = 3;
  for (std::size_t i = needed.nodes.size(); i-- > 0 && deepest.size() < kShown;) {
    if (usable[i] && activations[i]) deepest.insert(deepest.begin(), label_of(needed, needed.nodes[i]));
  }
  const auto& node = needed.nodes[static_cast<std::size_t>(broken - reasons.begin())];
  throw UnavailableError(fmt::format(
      "{}cannot run {}, which the wanted layers need: {}{}", prefix(graph), describe(needed, node), *broken,
      deepest.empty() ? "; no layer before it can be used"
                      : "; the deepest layers before it that can be used: " + join(deepest)));
}

}  // namespace dreamreel::network
