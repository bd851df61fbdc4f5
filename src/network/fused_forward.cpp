#include "fused_forward.h"

#include <ATen/ATen.h>

#include "fused_activation.h"
#include "fused_island.h"
#include "fused_products.h"

namespace dreamreel::network {
namespace {

bool lies_within(const PlanValue& part, int whole, std::int64_t channel) {
  return part.data_parent == whole && part.data_channel == channel;
}

void forward_concat(const PlanLayout& layout, const PlanNode& node, const std::vector<Place>& in,
                    const Place& out, std::vector<Action>& actions) {
  if (layout.value(node.inputs.back()).data_parent != node.output)
    actions.emplace_back([out](Pass& pass) { fill_padding(out.in(pass)); });
  std::int64_t channel = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (!lies_within(layout.value(node.inputs[i]), node.output, channel)) {
      actions.emplace_back([part = in[i], out, channel](Pass& pass) {
        copy_channels(out.in(pass), channel, part.in(pass), 0, part.map.channels, false);
      });
    }
    channel += in[i].map.channels;
  }
}

Action forward_max_pool(const PlanLayout& layout, PlanNode& node, const Place& x, const Place& out) {
  if (layout.with_gradient) {
    node.index = layout.places.new_region(out.map.numbers());
    layout.places.use(node.index);
  }
  return [pooling = node.pooling, x, out, index = node.index](Pass& pass) {
    pooling->max(x.in(pass), out.in(pass), index_in(pass, index));
  };
}

Action forward_scale_shift(const PlanLayout& layout, const PlanNode& node, const Place& x, const Place& out) {
  const bool relu_after = node.epilogue.kind == Epilogue::Kind::relu;
  const auto [scale, shift] = scale_and_shift(layout, node);
  return [x, out, scale = scale, shift = shift, relu_after](Pass& pass) {
    scale_shift(out.in(pass), x.in(pass), scale.data(), shift.data(), relu_after);
  };
}

void forward_native(const PlanLayout& layout, PlanNode& node, std::vector<Action>& actions) {
  std::vector<Place> in;
  for (const auto input : node.inputs) in.push_back(layout.places.data(input));
  const auto out = layout.places.data(node.output);
  const bool relu_after = node.epilogue.kind == Epilogue::Kind::relu;
  switch (node.kind) {
    case NodeKind::convolution:
      actions.emplace_back(
          [convolution = node.forward, x = in[0], out, scratch = layout.scratch](Pass& pass) {
            convolution->run(x.in(pass).data, out.in(pass).data, pass.at(scratch->offset));
          });
      break;
    case NodeKind::activation:
      actions.emplace_back([x = in[0], out, activation = node.epilogue](Pass& pass) {
        activate(out.in(pass), x.in(pass), activation);
      });
      break;
    case NodeKind::hard_swish:
      actions.emplace_back([x = in[0], out](Pass& pass) { hard_swish(out.in(pass), x.in(pass)); });
      break;
    case NodeKind::multiply:
      actions.emplace_back(
          [a = in[0], b = in[1], out](Pass& pass) { multiply(out.in(pass), a.in(pass), b.in(pass), false); });
      break;
    case NodeKind::global_average_pool:
      actions.emplace_back([x = in[0], out](Pass& pass) { mean_of_map(out.in(pass), x.in(pass)); });
      break;
    case NodeKind::resize:
      actions.emplace_back([resizing = node.resizing, x = in[0], out](Pass& pass) {
        resizing->run(x.in(pass), out.in(pass));
      });
      break;
    case NodeKind::add:
      actions.emplace_back([a = in[0], b = in[1], out, relu_after](Pass& pass) {
        add(out.in(pass), a.in(pass), b.in(pass), relu_after);
      });
      break;
    case NodeKind::scale_shift:
      actions.push_back(forward_scale_shift(layout, node, in[0], out));
      break;
    case NodeKind::max_pool:
      actions.push_back(forward_max_pool(layout, node, in[0], out));
      break;
    case NodeKind::average_pool:
      actions.emplace_back([pooling = node.pooling, x = in[0], out](Pass& pass) {
        pooling->average(x.in(pass), out.in(pass));
      });
      break;
    case NodeKind::concat:
      forward_concat(layout, node, in, out, actions);
      break;
    case NodeKind::island:
      break;
  }
}

Action forward_import(const PlanLayout& layout, const PlanNode& node) {
  return [to = layout.places.data(node.output), id = node.tensor](Pass& pass) {
    const auto tensor = pass.tensors.at(id).to(to.map.type).contiguous(at::MemoryFormat::ChannelsLast);
    copy_map(to.in(pass), view_of(tensor), false);
  };
}

Action forward_export(const PlanLayout& layout, const PlanNode& node) {
  return [from = layout.places.data(node.inputs[0]), id = node.tensor](Pass& pass) {
    const auto tensor = new_tensor(from.map);
    copy_map(view_of(tensor), from.in(pass), false);
    pass.tensors[id] = tensor;
  };
}

}  // namespace

std::vector<Action> plan_forward(const PlanLayout& layout) {
  std::vector<Action> actions;
  for (std::size_t i = 0; i < layout.graph.nodes.size(); ++i) {
    layout.places.set_moment(static_cast<int>(i));
    auto& node = layout.graph.nodes[i];
    switch (node.role) {
      case PlanNode::Role::native:
        forward_native(layout, node, actions);
        if (layout.value(node.output).scaled)
          actions.push_back(scale_in_place(layout, node.output, layout.places.data(node.output)));
        break;
      case PlanNode::Role::island:
        actions.emplace_back(
            [step = node.step, &source = layout.source, with_gradient = layout.with_gradient](Pass& pass) {
              run_island(source.program, step, source.name, with_gradient, pass);
            });
        break;
      case PlanNode::Role::import_tensor:
        actions.push_back(forward_import(layout, node));
        break;
      case PlanNode::Role::export_tensor:
        actions.push_back(forward_export(layout, node));
        break;
    }
  }
  return actions;
}

}  // namespace dreamreel::network
