#include "fused_plan.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "fused_graph.h"
#include "fused_island.h"

namespace dreamreel::network {
namespace {

/// A map at a place of the pass's memory.
struct Place {
  Region* region = nullptr;
  std::int64_t extra = 0;
  Map map;
  MapView in(const Pass& pass) const { return {map, pass.at(region->offset + extra)}; }
};

at::Tensor new_tensor(const Map& map) {
  return at::empty({1, map.channels, map.height, map.width}, at::TensorOptions().dtype(map.type),
                   at::MemoryFormat::ChannelsLast);
}

/// One number a channel as float32, with zeros up to whole blocks.
std::vector<float> per_channel(const at::Tensor& numbers, const Map& map) {
  const auto wide = numbers.reshape({-1}).to(at::kFloat).contiguous();
  std::vector<float> padded(static_cast<std::size_t>(map.outer() * map.block()), 0.0F);
  std::copy_n(wide.data_ptr<float>(), wide.numel(), padded.begin());
  return padded;
}

/// From the nodes to actions and places.
class Planner {
 public:
  Planner(const PlanSource& source, const PlanKey& key, PlanGraph graph)
      : source_(source), program_(source.program), graph_(std::move(graph)), plan_(std::make_unique<Plan>()) {
    plan_->key = key;
  }

  std::unique_ptr<Plan> make() {
    if (plan_->key.with_gradient) mask_behind_max_pools();
    share_memory();
    scratch_ = new_region(0);
    lay_out_forward();
    if (plan_->key.with_gradient) lay_out_backward();
    scratch_->bytes = graph_.scratch_bytes;
    touch(scratch_, 0);
    touch(scratch_, 2 * static_cast<int>(graph_.nodes.size()));
    plan_->bytes = place_regions(plan_->regions);
    return std::move(plan_);
  }

 private:
  PlanValue& value(int i) { return graph_.values[static_cast<std::size_t>(i)]; }

  // --- masks ---

  /// What reaches a maximum's place was let through by a ReLU before it if the maximum is not 0: the same mask, on the
  /// smaller map.
  void mask_behind_max_pools() {
    for (const auto& node : graph_.nodes) {
      if (node.role != PlanNode::Role::native || node.kind != NodeKind::max_pool) continue;
      auto &before = value(node.inputs[0]), &after = value(node.output);
      if (before.mask.kind != Epilogue::Kind::relu || before.consumers.size() != 1) continue;
      if (before.scaled || after.scaled || after.mask.kind != Epilogue::Kind::none) continue;
      std::swap(before.mask, after.mask);
    }
  }

  /// Whether the gradient to the value is whole and can be masked once this node, of index `i`, has given its share.
  bool is_closed_by(const PlanValue& input, int i) {
    return input.mask.kind == Epilogue::Kind::relu && !input.scaled && std::ranges::min(input.consumers) == i;
  }

  // --- memory ---

  Region* new_region(std::int64_t bytes) {
    plan_->regions.push_back({bytes, 0, std::numeric_limits<int>::max(), -1});
    return &plan_->regions.back();
  }

  static void touch(Region* region, int moment) {
    region->begin = std::min(region->begin, moment);
    region->end = std::max(region->end, moment);
  }

  void need_scratch(const Convolution& convolution) {
    graph_.scratch_bytes = std::max(graph_.scratch_bytes, convolution.scratch_bytes());
  }

  /// Which values lie within others.
  void share_memory() {
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const auto& node = graph_.nodes[i];
      if (node.role != PlanNode::Role::native) continue;
      if (node.kind == NodeKind::concat) {
        share_concat(node);
      } else if (node.kind == NodeKind::relu || node.kind == NodeKind::clip ||
                 node.kind == NodeKind::scale_shift || node.kind == NodeKind::add) {
        share_in_place(node);
      }
    }
  }

  /// A part of a concatenation is written where it belongs, as long as blocks begin there.
  void share_concat(const PlanNode& node) {
    const auto& whole = value(node.output);
    if (whole.map.format != Format::blocked || whole.scaled) return;
    std::int64_t channel = 0;
    for (const auto input : node.inputs) {
      auto& part = value(input);
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

  /// An operation number by number overwrites its input if nobody else looks at it.
  void share_in_place(const PlanNode& node) {
    for (const auto input : node.inputs) {
      auto& before = value(input);
      if (before.consumers.size() != 1 || before.map.format != value(node.output).map.format) continue;
      before.gradient_parent = node.output;
      const auto& producer = graph_.nodes[static_cast<std::size_t>(before.producer)];
      const bool others_see = producer.role == PlanNode::Role::native && producer.kind == NodeKind::concat;
      if (before.mask.kind == Epilogue::Kind::none && !others_see) before.data_parent = node.output;
      return;  // the output has room for one
    }
  }

  Place data_of(int i) {
    std::int64_t extra = 0;
    const auto map = value(i).map;
    for (; value(i).data_parent != kNone; i = value(i).data_parent)
      extra += map.byte_offset(value(i).data_channel);
    auto& root = value(i);
    if (root.data == nullptr) root.data = new_region(root.map.bytes());
    return {root.data, extra, map};
  }

  /// Gradients of planar maps are channels-last: that is how they leave.
  static Map gradient_map(Map map) {
    if (map.format == Format::planar) map.format = Format::channels_last;
    return map;
  }

  Place gradient_of(int i) {
    std::int64_t extra = 0;
    const auto map = gradient_map(value(i).map);
    for (; value(i).gradient_parent != kNone; i = value(i).gradient_parent)
      extra += map.byte_offset(value(i).gradient_channel);
    auto& root = value(i);
    if (root.gradient == nullptr) root.gradient = new_region(gradient_map(root.map).bytes());
    return {root.gradient, extra, map};
  }

  Place used_data(int i) {
    const auto place = data_of(i);
    touch(place.region, moment_);
    return place;
  }

  Place used_gradient(int i) {
    const auto place = gradient_of(i);
    touch(place.region, moment_);
    return place;
  }

  Place temporary(const Map& map) {
    Region* region = new_region(map.bytes());
    touch(region, moment_);
    return {region, 0, map};
  }

  // --- forward ---

  void lay_out_forward() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      moment_ = static_cast<int>(i);
      auto& node = graph_.nodes[i];
      switch (node.role) {
        case PlanNode::Role::native:
          forward_native(node);
          if (value(node.output).scaled) scale_in_place(node.output, used_data(node.output), plan_->forward);
          break;
        case PlanNode::Role::island:
          plan_->forward.emplace_back(
              [step = node.step, &source = source_, with_gradient = plan_->key.with_gradient](Pass& pass) {
                run_island(source.program, step, source.name, with_gradient, pass);
              });
          break;
        case PlanNode::Role::import_tensor:
          plan_->forward.emplace_back([to = used_data(node.output), id = node.tensor](Pass& pass) {
            const auto tensor =
                pass.tensors.at(id).to(to.map.type).contiguous(at::MemoryFormat::ChannelsLast);
            copy_map(to.in(pass), view_of(tensor), false);
          });
          break;
        case PlanNode::Role::export_tensor:
          plan_->forward.emplace_back([from = used_data(node.inputs[0]), id = node.tensor](Pass& pass) {
            const auto tensor = new_tensor(from.map);
            copy_map(view_of(tensor), from.in(pass), false);
            pass.tensors[id] = tensor;
          });
          break;
      }
    }
  }

  void forward_native(PlanNode& node) {
    std::vector<Place> in;
    for (const auto input : node.inputs) in.push_back(used_data(input));
    const auto out = used_data(node.output);
    auto& actions = plan_->forward;
    const bool relu_after = node.epilogue.kind == Epilogue::Kind::relu;
    switch (node.kind) {
      case NodeKind::convolution:
        actions.emplace_back([convolution = node.forward, x = in[0], out, scratch = scratch_](Pass& pass) {
          convolution->run(x.in(pass).data, out.in(pass).data, pass.at(scratch->offset));
        });
        break;
      case NodeKind::relu:
        actions.emplace_back([x = in[0], out](Pass& pass) { relu(out.in(pass), x.in(pass)); });
        break;
      case NodeKind::clip:
        actions.emplace_back([x = in[0], out, limits = node.epilogue](Pass& pass) {
          clip(out.in(pass), x.in(pass), limits.low, limits.high);
        });
        break;
      case NodeKind::add:
        actions.emplace_back([a = in[0], b = in[1], out, relu_after](Pass& pass) {
          add(out.in(pass), a.in(pass), b.in(pass), relu_after);
        });
        break;
      case NodeKind::scale_shift: {
        const auto [scale, shift] = scale_and_shift(node);
        actions.emplace_back([x = in[0], out, scale, shift, relu_after](Pass& pass) {
          scale_shift(out.in(pass), x.in(pass), scale.data(), shift.data(), relu_after);
        });
        break;
      }
      case NodeKind::max_pool:
        if (plan_->key.with_gradient) node.index = new_region(out.map.numbers());
        if (node.index != nullptr) touch(node.index, moment_);
        actions.emplace_back([pooling = node.pooling, x = in[0], out, index = node.index](Pass& pass) {
          pooling->max(x.in(pass), out.in(pass), index_in(pass, index));
        });
        break;
      case NodeKind::average_pool:
        actions.emplace_back([pooling = node.pooling, x = in[0], out](Pass& pass) {
          pooling->average(x.in(pass), out.in(pass));
        });
        break;
      case NodeKind::concat:
        forward_concat(node, in, out);
        break;
      case NodeKind::island:
        break;
    }
  }

  static std::uint8_t* index_in(const Pass& pass, const Region* index) {
    return index == nullptr ? nullptr : reinterpret_cast<std::uint8_t*>(pass.at(index->offset));
  }

  std::pair<std::vector<float>, std::vector<float>> scale_and_shift(const PlanNode& node) {
    const auto& inputs = program_.steps[node.step].inputs;
    const auto& map = value(node.output).map;
    return {per_channel(program_.constants.at(inputs[1]), map),
            per_channel(program_.constants.at(inputs[2]), map)};
  }

  bool lies_within(int input, int whole, std::int64_t channel) {
    const auto& part = value(input);
    return part.data_parent == whole && part.data_channel == channel;
  }

  void forward_concat(const PlanNode& node, const std::vector<Place>& in, const Place& out) {
    if (value(node.inputs.back()).data_parent != node.output)
      plan_->forward.emplace_back([out](Pass& pass) { fill_padding(out.in(pass)); });
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!lies_within(node.inputs[i], node.output, channel)) {
        plan_->forward.emplace_back([part = in[i], out, channel](Pass& pass) {
          copy_channels(out.in(pass), channel, part.in(pass), 0, part.map.channels, false);
        });
      }
      channel += in[i].map.channels;
    }
  }

  void scale_in_place(int i, const Place& place, std::vector<Action>& actions) {
    actions.emplace_back([place, id = value(i).id](Pass& pass) {
      const auto factors = per_channel(pass.scales.at(id), place.map);
      const auto view = place.in(pass);
      scale_shift(view, view, factors.data(), nullptr, false);
    });
  }

  // --- backward ---

  void lay_out_backward() {
    const auto count = static_cast<int>(graph_.nodes.size());
    for (int i = count; i-- > 0;) {
      moment_ = 2 * count - 1 - i;
      auto& node = graph_.nodes[static_cast<std::size_t>(i)];
      switch (node.role) {
        case PlanNode::Role::native:
          finish_gradient(node.output);
          backward_native(node, i);
          break;
        case PlanNode::Role::island:
          plan_->backward.emplace_back([step = node.step, &program = program_](Pass& pass) {
            run_island_backward(step, program, pass);
          });
          break;
        case PlanNode::Role::import_tensor:
          finish_gradient(node.output);
          plan_->backward.emplace_back([from = used_gradient(node.output), id = node.tensor](Pass& pass) {
            const auto tensor = new_tensor(from.map);
            copy_map(view_of(tensor), from.in(pass), false);
            pass.add_gradient(id, tensor);
          });
          break;
        case PlanNode::Role::export_tensor:
          plan_->backward.emplace_back([to = used_gradient(node.inputs[0]), id = node.tensor,
                                        accumulate = is_written(node.inputs[0])](Pass& pass) {
            take_gradient(pass, id, to.in(pass), accumulate);
          });
          break;
      }
    }
  }

  static void take_gradient(Pass& pass, ValueId id, const MapView& to, bool accumulate) {
    const auto found = pass.gradients.find(id);
    if (found == pass.gradients.end()) {
      if (!accumulate) fill_zero(to);
      return;
    }
    const auto gradient = found->second.to(to.map.type).contiguous(at::MemoryFormat::ChannelsLast);
    copy_map(to, view_of(gradient), accumulate);
    pass.gradients.erase(found);
  }

  /// Whether something is there that must be added to; from now on there is.
  bool is_written(int i) { return std::exchange(value(i).gradient_written, true); }

  /// All that takes the value has given its share.
  void finish_gradient(int i) {
    const auto gradient = used_gradient(i);
    if (!is_written(i))
      plan_->backward.emplace_back([gradient](Pass& pass) { fill_zero(gradient.in(pass)); });
    if (value(i).scaled) scale_in_place(i, gradient, plan_->backward);
    const auto mask = value(i).mask;
    if (mask.kind == Epilogue::Kind::none || value(i).gradient_masked) return;
    plan_->backward.emplace_back([gradient, y = used_data(i), mask](Pass& pass) {
      if (mask.kind == Epilogue::Kind::relu)
        mask_nonzero(gradient.in(pass), y.in(pass));
      else
        mask_between(gradient.in(pass), y.in(pass), mask.low, mask.high);
    });
  }

  void backward_native(PlanNode& node, int i) {
    const auto g = used_gradient(node.output);
    auto& actions = plan_->backward;
    switch (node.kind) {
      case NodeKind::convolution:
        backward_convolution(node, i, g);
        break;
      case NodeKind::scale_shift: {
        const auto scale = scale_and_shift(node).first;
        actions.emplace_back(
            [g, scale](Pass& pass) { scale_shift(g.in(pass), g.in(pass), scale.data(), nullptr, false); });
        pass_on(node, g);
        break;
      }
      case NodeKind::relu:
      case NodeKind::clip:
      case NodeKind::add:
      case NodeKind::concat:
        pass_on(node, g);
        break;
      case NodeKind::max_pool:
        touch(node.index, moment_);
        actions.emplace_back([pooling = node.pooling, g, index = node.index,
                              to = used_gradient(node.inputs[0]),
                              accumulate = is_written(node.inputs[0])](Pass& pass) {
          pooling->max_gradient(g.in(pass), index_in(pass, index), to.in(pass), accumulate);
        });
        break;
      case NodeKind::average_pool:
        actions.emplace_back([pooling = node.pooling, g, to = used_gradient(node.inputs[0]),
                              accumulate = is_written(node.inputs[0])](Pass& pass) {
          pooling->average_gradient(g.in(pass), to.in(pass), accumulate);
        });
        break;
      case NodeKind::island:
        break;
    }
  }

  /// Each input's gradient is the result's, or a part of it.
  void pass_on(const PlanNode& node, const Place& g) {
    std::int64_t channel = 0;
    for (const auto input : node.inputs) {
      const auto to = used_gradient(input);
      const auto from = node.kind == NodeKind::concat ? channel : 0;
      channel += value(input).map.channels;
      const bool accumulate = is_written(input);
      if (value(input).gradient_parent == node.output) continue;  // it lies there
      plan_->backward.emplace_back([to, g, from, accumulate](Pass& pass) {
        const auto view = to.in(pass);
        if (!accumulate) fill_padding(view);
        copy_channels(view, 0, g.in(pass), from, view.map.channels, accumulate);
      });
    }
  }

  void backward_convolution(const PlanNode& node, int i, const Place& g) {
    const auto input = node.inputs[0];
    const auto to = used_gradient(input);
    const bool accumulate = is_written(input);
    if (takes_picture(graph_, node)) {
      backward_picture(node, g, to, accumulate);
      return;
    }
    std::shared_ptr<Convolution> convolution =
        source_.convolutions.gradient(node.convolution, node.weights, accumulate);
    const bool apart = convolution == nullptr;
    if (apart) convolution = source_.convolutions.gradient(node.convolution, node.weights, false);
    need_scratch(*convolution);
    const auto result = apart ? temporary(to.map) : to;
    std::optional<Place> open;
    if (!apart && convolution->can_mask() && is_closed_by(value(input), i)) {
      open = used_data(input);
      value(input).gradient_masked = true;
    }
    plan_->backward.emplace_back([convolution, g, result, open, scratch = scratch_](Pass& pass) {
      convolution->run(g.in(pass).data, result.in(pass).data, pass.at(scratch->offset),
                       open ? open->in(pass).data : nullptr);
    });
    if (apart) {
      plan_->backward.emplace_back(
          [to, result](Pass& pass) { add(to.in(pass), to.in(pass), result.in(pass), false); });
    }
  }

  void backward_picture(const PlanNode& node, const Place& g, const Place& to, bool accumulate) {
    auto made = source_.convolutions.picture_gradient(node.convolution, node.weights);
    const std::shared_ptr<Convolution> convolution = std::move(made.convolution);
    need_scratch(*convolution);
    const auto phases = temporary(made.phases);
    plan_->backward.emplace_back([convolution, g, phases, scratch = scratch_](Pass& pass) {
      convolution->run(g.in(pass).data, phases.in(pass).data, pass.at(scratch->offset));
    });
    const auto rows = node.convolution.rows.stride, columns = node.convolution.columns.stride;
    plan_->backward.emplace_back([phases, to, accumulate, rows, columns](Pass& pass) {
      const auto channels = to.map.channels;
      for (std::int64_t a = 0; a < rows; ++a)
        for (std::int64_t b = 0; b < columns; ++b)
          copy_channels(to.in(pass), 0, phases.in(pass), (a * columns + b) * channels, channels, accumulate,
                        {rows, columns, a, b});
    });
  }

  const PlanSource& source_;
  const Program& program_;
  PlanGraph graph_;
  std::unique_ptr<Plan> plan_;
  Region* scratch_ = nullptr;
  int moment_ = 0;
};

}  // namespace

void Pass::add_gradient(ValueId value, const at::Tensor& gradient) {
  auto& there = gradients[value];
  there = there.defined() ? there + gradient : gradient;
}

std::unique_ptr<Plan> make_plan(const PlanSource& source, const PlanKey& key) {
  auto graph = make_plan_graph(source, key);
  return graph ? Planner(source, key, std::move(*graph)).make() : nullptr;
}

}  // namespace dreamreel::network
