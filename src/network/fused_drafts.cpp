#include "fused_drafts.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace dreamreel::network {
namespace {

/// A step whose first input and first result are maps.
struct MapStep {
  std::size_t step = 0;
  const NodeDescription& description;
  const std::vector<ValueId>& inputs;
  ValueId result = kNoValue;
  Map in, out;
};

NodeDraft unfused_draft(const MapStep& here) {
  NodeDraft draft;
  draft.node.step = here.step;
  draft.node.kind = here.description.kind;
  draft.inputs = {here.inputs[0]};
  draft.result = here.result;
  draft.map = here.out;
  return draft;
}

Epilogue epilogue_of(const PlanSource& source, std::size_t step) {
  auto epilogue = source.nodes[step].activation;
  // Limits in the network's own type, so that stored results equal them exactly.
  if (source.type == at::kBFloat16)
    for (auto* limit : {&epilogue.low, &epilogue.high}) *limit = static_cast<float>(c10::BFloat16(*limit));
  return epilogue;
}

/// If only one activation function reads the draft's result, fuses it into the draft. `is_convolution`: the
/// node can apply more functions than ReLU.
void fuse_activation(const PlanFacts& facts, NodeDraft& draft, bool is_convolution) {
  const auto& users = facts.users_of(draft.result);
  if (users.size() != 1 || facts.is_wanted(draft.result) || facts.is_scaled(draft.result)) return;
  const auto user = users[0];
  if (facts.source.nodes[user].kind != NodeKind::activation) return;
  const auto activated = facts.source.program.steps[user].outputs[0];
  const auto activation = epilogue_of(facts.source, user);
  const bool is_relu = activation.kind == Epilogue::Kind::relu;
  const bool has_kernel =
      activation.kind == Epilogue::Kind::clip || activation.kind == Epilogue::Kind::leaky_relu;
  if (!is_relu && !(is_convolution && has_kernel && !facts.is_scaled(activated))) return;
  draft.node.epilogue = activation;
  draft.result = activated;
  draft.fused = user;
}

ConvolutionWeights weights_of(const Program& program, const std::vector<ValueId>& inputs) {
  ConvolutionWeights weights;
  weights.id = inputs[1];
  weights.weight = program.constants.at(inputs[1]);
  if (inputs.size() > 2 && inputs[2] != kNoValue) {
    weights.bias_id = inputs[2];
    weights.bias = program.constants.at(inputs[2]);
  }
  return weights;
}

bool has_fast_gradient(const PlanFacts& facts, const NodeDraft& draft) {
  auto& convolutions = facts.source.convolutions;
  const auto& node = draft.node;
  if (draft.reads_picture)
    return convolutions.picture_gradient(node.convolution, node.weights).convolution != nullptr;
  return convolutions.gradient(node.convolution, node.weights, false) != nullptr;
}

std::optional<NodeDraft> draft_convolution(const PlanFacts& facts, const MapStep& here, bool input_is_made) {
  auto draft = unfused_draft(here);
  auto& node = draft.node;
  node.weights = weights_of(facts.source.program, here.inputs);
  const auto axes = here.description.window->place(std::vector<std::int64_t>{here.in.height, here.in.width},
                                                   node.weights.weight.sizes().slice(2));
  node.convolution = {here.in, here.out, axes[0], axes[1], here.description.groups};
  draft.reads_picture = !input_is_made && here.in.channels <= kMostPictureChannels;
  if (draft.reads_picture && facts.source.format == Format::blocked)
    node.convolution.in.format = Format::planar;
  fuse_activation(facts, draft, true);
  node.forward = facts.source.convolutions.forward(node.convolution, node.weights, node.epilogue);
  if (node.forward == nullptr) return std::nullopt;
  if (facts.key.with_gradient && !has_fast_gradient(facts, draft)) return std::nullopt;
  return draft;
}

std::optional<NodeDraft> draft_activation(const PlanFacts& facts, const MapStep& here) {
  auto draft = unfused_draft(here);
  draft.node.epilogue = epilogue_of(facts.source, here.step);
  // The gradient is computed from the result. For a ReLU it only matters whether the result is 0, so scaling
  // is fine.
  if (facts.is_scaled(here.result) && draft.node.epilogue.kind != Epilogue::Kind::relu) return std::nullopt;
  return draft;
}

std::optional<NodeDraft> draft_add(const PlanFacts& facts, const MapStep& here) {
  if (!facts.map_of(here.inputs[1]) || facts.sizes_of(here.inputs[0]) != facts.sizes_of(here.inputs[1]))
    return std::nullopt;
  auto draft = unfused_draft(here);
  draft.inputs.push_back(here.inputs[1]);
  fuse_activation(facts, draft, false);
  return draft;
}

/// Whether both maps have one shape, or one of them has a number for each channel.
bool is_product(const Map& a, const Map& b) {
  const auto is_one = [](const Map& map) { return map.height == 1 && map.width == 1; };
  return a.channels == b.channels && ((a.height == b.height && a.width == b.width) || is_one(a) || is_one(b));
}

std::optional<NodeDraft> draft_multiply(const PlanFacts& facts, const MapStep& here) {
  const auto other = facts.map_of(here.inputs[1]);
  if (!other || !is_product(here.in, *other)) return std::nullopt;
  auto draft = unfused_draft(here);
  draft.inputs.push_back(here.inputs[1]);
  // The map comes first, then its factor.
  if (facts.sizes_of(here.inputs[0]) != facts.sizes_of(here.result))
    std::swap(draft.inputs[0], draft.inputs[1]);
  return draft;
}

std::optional<NodeDraft> draft_resize(const PlanFacts& facts, const MapStep& here) {
  if (!is_native_resize(facts, here.step)) return std::nullopt;
  const auto samples = [&](int axis, std::int64_t from, std::int64_t to) {
    const auto as_sizes = static_cast<double>(to) / static_cast<double>(from);
    const auto scale = here.description.scales[axis].value_or(as_sizes);
    // An axis of scale 1 stays as it is, whatever rounding the node asks for.
    return sample_axis(from, to, scale, scale == 1 ? Sampling{} : *here.description.sampling);
  };
  auto draft = unfused_draft(here);
  draft.node.resizing =
      std::make_shared<Resizing>(samples(0, here.in.height, here.out.height),
                                 samples(1, here.in.width, here.out.width), here.in.height, here.in.width);
  return draft;
}

NodeDraft draft_scale_shift(const PlanFacts& facts, const MapStep& here) {
  auto draft = unfused_draft(here);
  fuse_activation(facts, draft, false);
  return draft;
}

NodeDraft draft_pool(const MapStep& here) {
  const auto& window = *here.description.window;
  const auto axes = window.place(std::vector<std::int64_t>{here.in.height, here.in.width}, window.kernel());
  auto draft = unfused_draft(here);
  draft.node.pooling = std::make_shared<Pooling>(axes[0], axes[1], here.in.height, here.in.width,
                                                 here.description.include_padding);
  return draft;
}

std::optional<NodeDraft> draft_concat(const PlanFacts& facts, const MapStep& here) {
  if (!std::ranges::all_of(here.inputs, [&](ValueId input) { return facts.map_of(input).has_value(); }))
    return std::nullopt;
  auto draft = unfused_draft(here);
  draft.inputs = here.inputs;
  return draft;
}

}  // namespace

std::optional<NodeDraft> draft_node(const PlanFacts& facts, std::size_t step, bool input_is_made) {
  const auto& description = facts.source.nodes[step];
  if (description.kind == NodeKind::island) return std::nullopt;
  const auto& [inputs, result] =
      std::tie(facts.source.program.steps[step].inputs, facts.source.program.steps[step].outputs[0]);
  const auto in = facts.map_of(inputs[0]), out = facts.map_of(result);
  if (!in || !out) return std::nullopt;
  const MapStep here{step, description, inputs, result, *in, *out};
  switch (description.kind) {
    case NodeKind::convolution:
      return draft_convolution(facts, here, input_is_made);
    case NodeKind::activation:
      return draft_activation(facts, here);
    case NodeKind::hard_swish:
    case NodeKind::global_average_pool:
      return unfused_draft(here);
    case NodeKind::add:
      return draft_add(facts, here);
    case NodeKind::multiply:
      return draft_multiply(facts, here);
    case NodeKind::resize:
      return draft_resize(facts, here);
    case NodeKind::scale_shift:
      return draft_scale_shift(facts, here);
    case NodeKind::max_pool:
    case NodeKind::average_pool:
      return draft_pool(here);
    case NodeKind::concat:
      return draft_concat(facts, here);
    case NodeKind::island:
      break;
  }
  return std::nullopt;
}

}  // namespace dreamreel::network
