#include "fused_places.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace dreamreel::network {
namespace {

PlanValue& value_of(PlanGraph& graph, int i) {
  return graph.values[static_cast<std::size_t>(i)];
}

/// A part of a concatenation is written directly into the result, if a block begins there.
void share_concat(PlanGraph& graph, const PlanNode& node) {
  const auto& whole = value_of(graph, node.output);
  if (whole.map.format != Format::blocked || whole.scaled) return;
  std::int64_t channel = 0;
  for (const auto input : node.inputs) {
    auto& part = value_of(graph, input);
    const auto begin = channel;
    channel += part.map.channels;
    const bool fits = begin % whole.map.block() == 0 &&
                      (!part.map.is_padded() || channel == whole.map.channels) &&
                      part.map.format == Format::blocked && part.data_parent == kNone;
    if (!fits) continue;
    part.data_parent = node.output;
    part.data_channel = begin;
    if (part.consumers.size() != 1) continue;
    part.gradient_parent = node.output;
    part.gradient_channel = begin;
  }
}

/// An elementwise operation overwrites its input if no other node reads that input.
void share_in_place(PlanGraph& graph, const PlanNode& node) {
  for (const auto input : node.inputs) {
    auto& before = value_of(graph, input);
    if (before.consumers.size() != 1 || before.map.format != value_of(graph, node.output).map.format)
      continue;
    before.gradient_parent = node.output;
    const auto& producer = graph.nodes[static_cast<std::size_t>(before.producer)];
    const bool others_see = producer.role == PlanNode::Role::native && producer.kind == NodeKind::concat;
    // The gradient of a hard swish needs the argument.
    const bool is_kept = others_see || node.kind == NodeKind::hard_swish;
    if (before.mask.kind == Epilogue::Kind::none && !is_kept) before.data_parent = node.output;
    return;  // only one input fits into the output
  }
}

/// The gradient of a planar map is channels-last, because that is the layout in which it leaves the plan.
Map gradient_map(Map map) {
  if (map.format == Format::planar) map.format = Format::channels_last;
  return map;
}

}  // namespace

void share_memory(PlanGraph& graph) {
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const auto& node = graph.nodes[i];
    if (node.role != PlanNode::Role::native) continue;
    if (node.kind == NodeKind::concat) {
      share_concat(graph, node);
    } else if (node.kind == NodeKind::activation || node.kind == NodeKind::hard_swish ||
               node.kind == NodeKind::scale_shift || node.kind == NodeKind::add) {
      share_in_place(graph, node);
    }
  }
}

Place Places::data(int i) {
  std::int64_t extra = 0;
  const auto map = value(i).map;
  for (; value(i).data_parent != kNone; i = value(i).data_parent)
    extra += map.byte_offset(value(i).data_channel);
  auto& root = value(i);
  if (root.data == nullptr) root.data = new_region(root.map.bytes());
  use(root.data);
  return {root.data, extra, map};
}

Place Places::gradient(int i) {
  std::int64_t extra = 0;
  const auto map = gradient_map(value(i).map);
  for (; value(i).gradient_parent != kNone; i = value(i).gradient_parent)
    extra += map.byte_offset(value(i).gradient_channel);
  auto& root = value(i);
  if (root.gradient == nullptr) root.gradient = new_region(gradient_map(root.map).bytes());
  use(root.gradient);
  return {root.gradient, extra, map};
}

Place Places::temporary(const Map& map) {
  Region* region = new_region(map.bytes());
  use(region);
  return {region, 0, map};
}

Region* Places::new_region(std::int64_t bytes) {
  regions_.push_back({bytes, 0, std::numeric_limits<int>::max(), -1});
  return &regions_.back();
}

void Places::use_at(Region* region, int moment) {
  region->begin = std::min(region->begin, moment);
  region->end = std::max(region->end, moment);
}

at::Tensor new_tensor(const Map& map) {
  return at::empty({1, map.channels, map.height, map.width}, at::TensorOptions().dtype(map.type),
                   at::MemoryFormat::ChannelsLast);
}

std::vector<float> per_channel(const at::Tensor& numbers, const Map& map) {
  const auto wide = numbers.reshape({-1}).to(at::kFloat).contiguous();
  std::vector<float> padded(static_cast<std::size_t>(map.outer() * map.block()), 0.0F);
  std::copy_n(wide.data_ptr<float>(), wide.numel(), padded.begin());
  return padded;
}

std::pair<std::vector<float>, std::vector<float>> scale_and_shift(const PlanLayout& layout,
                                                                  const PlanNode& node) {
  const auto& program = layout.source.program;
  const auto& inputs = program.steps[node.step].inputs;
  const auto& map = layout.value(node.output).map;
  return {per_channel(program.constants.at(inputs[1]), map),
          per_channel(program.constants.at(inputs[2]), map)};
}

Action scale_in_place(const PlanLayout& layout, int value, const Place& place) {
  return [place, id = layout.value(value).id](Pass& pass) {
    const auto factors = per_channel(pass.scales.at(id), place.map);
    const auto view = place.in(pass);
    scale_shift(view, view, factors.data(), nullptr, false);
  };
}

std::uint8_t* index_in(const Pass& pass, const Region* index) {
  return index == nullptr ? nullptr : reinterpret_cast<std::uint8_t*>(pass.at(index->offset));
}

}  // namespace dreamreel::network
