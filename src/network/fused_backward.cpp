#include "fused_backward.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "depthwise.h"
#include "fused_activation.h"
#include "fused_island.h"
#include "fused_products.h"

namespace dreamreel::network {
namespace {

/// Whether the value's gradient already holds numbers, so that more have to be added. From now on it does.
bool is_written(const PlanLayout& layout, int value) {
  return std::exchange(layout.value(value).gradient_written, true);
}

/// Whether node `i` is the last to add to the value's gradient, so that the mask can be applied with it.
bool is_closed_by(const PlanValue& input, int i) {
  return input.mask.kind != Epilogue::Kind::none && !input.scaled && std::ranges::min(input.consumers) == i;
}

void need_scratch(const PlanLayout& layout, const Convolution& convolution) {
  layout.graph.scratch_bytes = std::max(layout.graph.scratch_bytes, convolution.scratch_bytes());
}

void take_gradient(Pass& pass, ValueId id, const MapView& to, bool accumulate) {
  const auto found = pass.gradients.find(id);
  if (found == pass.gradients.end()) {
    if (!accumulate) fill_zero(to);
    return;
  }
  const auto gradient = found->second.to(to.map.type).contiguous(at::MemoryFormat::ChannelsLast);
  copy_map(to, view_of(gradient), accumulate);
  pass.gradients.erase(found);
}

/// Completes a value's gradient after all of its consumers have added to it. `is_masked`: the next action
/// applies the mask.
void finish_gradient(const PlanLayout& layout, int i, bool is_masked, std::vector<Action>& actions) {
  auto& value = layout.value(i);
  const auto gradient = layout.places.gradient(i);
  if (!is_written(layout, i)) actions.emplace_back([gradient](Pass& pass) { fill_zero(gradient.in(pass)); });
  if (value.scaled) actions.push_back(scale_in_place(layout, i, gradient));
  const auto mask = value.mask;
  if (mask.kind == Epilogue::Kind::none || value.gradient_masked || is_masked) return;
  actions.emplace_back([gradient, y = layout.places.data(i), mask](Pass& pass) {
    pass_activation(gradient.in(pass), y.in(pass), mask);
  });
}

/// Each input's gradient is the result's gradient, or a part of it.
void pass_on(const PlanLayout& layout, const PlanNode& node, const Place& g, std::vector<Action>& actions) {
  std::int64_t channel = 0;
  for (const auto input : node.inputs) {
    const auto to = layout.places.gradient(input);
    const auto from = node.kind == NodeKind::concat ? channel : 0;
    channel += layout.value(input).map.channels;
    const bool accumulate = is_written(layout, input);
    if (layout.value(input).gradient_parent == node.output) continue;  // the gradient lies there already
    actions.emplace_back([to, g, from, accumulate](Pass& pass) {
      const auto view = to.in(pass);
      if (!accumulate) fill_padding(view);
      copy_channels(view, 0, g.in(pass), from, view.map.channels, accumulate);
    });
  }
}

void backward_picture(const PlanLayout& layout, const PlanNode& node, const Place& g,
                      std::vector<Action>& actions) {
  const auto to = layout.places.gradient(node.inputs[0]);
  const bool accumulate = is_written(layout, node.inputs[0]);
  auto made = layout.source.convolutions.picture_gradient(node.convolution, node.weights);
  const std::shared_ptr<Convolution> convolution = std::move(made.convolution);
  need_scratch(layout, *convolution);
  const auto phases = layout.places.temporary(made.phases);
  actions.emplace_back([convolution, g, phases, scratch = layout.scratch](Pass& pass) {
    convolution->run(g.in(pass).data, phases.in(pass).data, pass.at(scratch->offset));
  });
  const auto rows = node.convolution.rows.stride, columns = node.convolution.columns.stride;
  actions.emplace_back([phases, to, accumulate, rows, columns](Pass& pass) {
    const auto channels = to.map.channels;
    for (std::int64_t a = 0; a < rows; ++a)
      for (std::int64_t b = 0; b < columns; ++b)
        copy_channels(to.in(pass), 0, phases.in(pass), (a * columns + b) * channels, channels, accumulate,
                      {rows, columns, a, b});
  });
}

/// Whether the convolution's gradient also applies the mask of the convolution's result.
bool masks_its_source(const PlanLayout& layout, const PlanNode& node) {
  if (node.kind != NodeKind::convolution || takes_picture(layout.graph, node)) return false;
  return suits_depthwise(node.convolution) && passes_in_depthwise(layout.value(node.output).mask.kind);
}

/// The maps whose masks are applied together with a convolution's gradient.
struct MaskPlaces {
  std::optional<Place> from, to;
  Epilogue from_activation, to_activation;
  GradientMasks in(const Pass& pass) const {
    GradientMasks masks;
    if (from) masks.from = {from->in(pass).data, from_activation};
    if (to) masks.to = {to->in(pass).data, to_activation};
    return masks;
  }
};

void backward_convolution(const PlanLayout& layout, const PlanNode& node, int i, const Place& g,
                          std::vector<Action>& actions) {
  if (takes_picture(layout.graph, node)) return backward_picture(layout, node, g, actions);
  auto &input = layout.value(node.inputs[0]), &output = layout.value(node.output);
  const auto to = layout.places.gradient(node.inputs[0]);
  const bool accumulate = is_written(layout, node.inputs[0]);
  auto& factory = layout.source.convolutions;
  std::shared_ptr<Convolution> convolution = factory.gradient(node.convolution, node.weights, accumulate);
  const bool apart = convolution == nullptr;
  if (apart) convolution = factory.gradient(node.convolution, node.weights, false);
  need_scratch(layout, *convolution);
  const auto result = apart ? layout.places.temporary(to.map) : to;
  MaskPlaces masks{{}, {}, output.mask, input.mask};
  if (!apart && convolution->can_mask(input.mask.kind) && is_closed_by(input, i)) {
    masks.to = layout.places.data(node.inputs[0]);
    input.gradient_masked = true;
  }
  if (masks_its_source(layout, node) && !output.gradient_masked) masks.from = layout.places.data(node.output);
  actions.emplace_back([convolution, g, result, masks, scratch = layout.scratch](Pass& pass) {
    convolution->run(g.in(pass).data, result.in(pass).data, pass.at(scratch->offset), masks.in(pass));
  });
  if (apart) {
    actions.emplace_back([to, result](Pass& pass) { add(to.in(pass), to.in(pass), result.in(pass), false); });
  }
}

void backward_max_pool(const PlanLayout& layout, const PlanNode& node, const Place& g,
                       std::vector<Action>& actions) {
  layout.places.use(node.index);
  actions.emplace_back([pooling = node.pooling, g, index = node.index,
                        to = layout.places.gradient(node.inputs[0]),
                        accumulate = is_written(layout, node.inputs[0])](Pass& pass) {
    pooling->max_gradient(g.in(pass), index_in(pass, index), to.in(pass), accumulate);
  });
}

void backward_multiply(const PlanLayout& layout, const PlanNode& node, const Place& g,
                       std::vector<Action>& actions) {
  for (const std::size_t i : {0, 1}) {
    const auto input = node.inputs[i];
    const auto to = layout.places.gradient(input);
    const auto other = layout.places.data(node.inputs[1 - i]);
    const bool accumulate = is_written(layout, input);
    const bool is_factor = to.map.height != g.map.height || to.map.width != g.map.width;
    actions.emplace_back([g, to, other, accumulate, is_factor](Pass& pass) {
      if (is_factor)
        sum_of_products(to.in(pass), g.in(pass), other.in(pass), accumulate);
      else
        multiply(to.in(pass), g.in(pass), other.in(pass), accumulate);
    });
  }
}

void backward_native(const PlanLayout& layout, const PlanNode& node, int i, std::vector<Action>& actions) {
  const auto g = layout.places.gradient(node.output);
  switch (node.kind) {
    case NodeKind::convolution:
      backward_convolution(layout, node, i, g, actions);
      break;
    case NodeKind::scale_shift:
      actions.emplace_back([g, scale = scale_and_shift(layout, node).first](Pass& pass) {
        scale_shift(g.in(pass), g.in(pass), scale.data(), nullptr, false);
      });
      pass_on(layout, node, g, actions);
      break;
    case NodeKind::hard_swish:
      actions.emplace_back([g, x = layout.places.data(node.inputs[0])](Pass& pass) {
        hard_swish_gradient(g.in(pass), x.in(pass));
      });
      pass_on(layout, node, g, actions);
      break;
    case NodeKind::multiply:
      backward_multiply(layout, node, g, actions);
      break;
    case NodeKind::global_average_pool:
      actions.emplace_back([g, to = layout.places.gradient(node.inputs[0]),
                            accumulate = is_written(layout, node.inputs[0])](Pass& pass) {
        mean_of_map_gradient(g.in(pass), to.in(pass), accumulate);
      });
      break;
    case NodeKind::resize:
      actions.emplace_back([resizing = node.resizing, g, to = layout.places.gradient(node.inputs[0]),
                            accumulate = is_written(layout, node.inputs[0])](Pass& pass) {
        resizing->gradient(g.in(pass), to.in(pass), accumulate);
      });
      break;
    case NodeKind::activation:
    case NodeKind::add:
    case NodeKind::concat:
      pass_on(layout, node, g, actions);
      break;
    case NodeKind::max_pool:
      backward_max_pool(layout, node, g, actions);
      break;
    case NodeKind::average_pool:
      actions.emplace_back([pooling = node.pooling, g, to = layout.places.gradient(node.inputs[0]),
                            accumulate = is_written(layout, node.inputs[0])](Pass& pass) {
        pooling->average_gradient(g.in(pass), to.in(pass), accumulate);
      });
      break;
    case NodeKind::island:
      break;
  }
}

Action backward_import(const PlanLayout& layout, const PlanNode& node) {
  return [from = layout.places.gradient(node.output), id = node.tensor](Pass& pass) {
    const auto tensor = new_tensor(from.map);
    copy_map(view_of(tensor), from.in(pass), false);
    pass.add_gradient(id, tensor);
  };
}

Action backward_export(const PlanLayout& layout, const PlanNode& node) {
  return [to = layout.places.gradient(node.inputs[0]), id = node.tensor,
          accumulate = is_written(layout, node.inputs[0])](Pass& pass) {
    take_gradient(pass, id, to.in(pass), accumulate);
  };
}

}  // namespace

void mask_behind_max_pools(PlanGraph& graph) {
  for (const auto& node : graph.nodes) {
    if (node.role != PlanNode::Role::native || node.kind != NodeKind::max_pool) continue;
    auto& before = graph.values[static_cast<std::size_t>(node.inputs[0])];
    auto& after = graph.values[static_cast<std::size_t>(node.output)];
    const bool is_kept_apart =
        before.mask.kind != Epilogue::Kind::relu && before.mask.kind != Epilogue::Kind::leaky_relu;
    if (is_kept_apart || before.consumers.size() != 1) continue;
    if (before.scaled || after.scaled || after.mask.kind != Epilogue::Kind::none) continue;
    std::swap(before.mask, after.mask);
  }
}

std::vector<Action> plan_backward(const PlanLayout& layout) {
  std::vector<Action> actions;
  const auto count = static_cast<int>(layout.graph.nodes.size());
  for (int i = count; i-- > 0;) {
    layout.places.set_moment(2 * count - 1 - i);
    const auto& node = layout.graph.nodes[static_cast<std::size_t>(i)];
    switch (node.role) {
      case PlanNode::Role::native:
        finish_gradient(layout, node.output, masks_its_source(layout, node), actions);
        backward_native(layout, node, i, actions);
        break;
      case PlanNode::Role::island:
        actions.emplace_back([step = node.step, &program = layout.source.program](Pass& pass) {
          run_island_backward(step, program, pass);
        });
        break;
      case PlanNode::Role::import_tensor:
        finish_gradient(layout, node.output, false, actions);
        actions.push_back(backward_import(layout, node));
        break;
      case PlanNode::Role::export_tensor:
        actions.push_back(backward_export(layout, node));
        break;
    }
  }
  return actions;
}

}  // namespace dreamreel::network
