#include "fused_graph.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace dreamreel::network {
namespace {

constexpr std::int64_t kMostPictureChannels = 3;  // oneDNN has kernels that read such maps as planar

class GraphMaker {
 public:
  GraphMaker(const PlanSource& source, const PlanKey& key)
      : source_(source), program_(source.program), key_(key) {}

  std::optional<PlanGraph> make() {
    worth_ = program_.steps_for(key_.needed);
    if (!find_sizes()) return std::nullopt;
    leave_out_sizes();
    count_uses();
    for (std::size_t step = 0; step < program_.steps.size(); ++step)
      if (worth_[step] && !fused_away_[step]) add_step(step);
    export_wanted();
    return std::move(graph_);
  }

 private:
  // --- sizes and uses ---

  bool find_sizes() {
    sizes_ = source_.shapes.find(key_.input).sizes;
    for (std::size_t step = 0; step < program_.steps.size(); ++step) {
      if (!worth_[step]) continue;
      for (const auto output : program_.steps[step].outputs)
        if (output != kNoValue && uses_shape(output) && !sizes_[index(output)]) return false;
    }
    return true;
  }

  /// Whether anything needs the value.
  bool uses_shape(ValueId value) const {
    if (is_wanted(value)) return true;
    for (std::size_t step = 0; step < program_.steps.size(); ++step)
      if (worth_[step] &&
          std::ranges::find(program_.steps[step].inputs, value) != program_.steps[step].inputs.end())
        return true;
    return false;
  }

  /// A Resize that runs here takes its size from the plan. So the steps that compute this size need not run
  /// for it.
  void leave_out_sizes() {
    std::vector<bool> asked(program_.value_count, false);
    for (const auto id : program_.wanted)
      if (is_wanted(id)) asked[index(id)] = true;
    for (std::size_t step = program_.steps.size(); step-- > 0;) {
      if (!worth_[step]) continue;
      const auto& [inputs, outputs] = std::pair(program_.steps[step].inputs, program_.steps[step].outputs);
      worth_[step] = std::ranges::any_of(
          outputs, [&](ValueId output) { return output != kNoValue && asked[index(output)]; });
      if (!worth_[step]) continue;
      const auto taken = is_native_resize(step) ? std::size_t{1} : inputs.size();
      for (std::size_t i = 0; i < taken; ++i)
        if (inputs[i] != kNoValue) asked[index(inputs[i])] = true;
    }
  }

  bool is_native_resize(std::size_t step) const {
    if (source_.nodes[step].kind != NodeKind::resize) return false;
    const auto in = map_of(program_.steps[step].inputs[0]), out = map_of(program_.steps[step].outputs[0]);
    return in && out && in->channels == out->channels;
  }

  void count_uses() {
    users_.resize(program_.value_count);
    fused_away_.assign(program_.steps.size(), false);
    for (std::size_t step = 0; step < program_.steps.size(); ++step) {
      if (!worth_[step]) continue;
      for (const auto input : program_.steps[step].inputs)
        if (input != kNoValue) users_[index(input)].push_back(step);
    }
  }

  static std::size_t index(ValueId value) { return static_cast<std::size_t>(value); }

  bool is_wanted(ValueId value) const {
    const auto& needed = key_.needed;
    for (std::size_t i = 0; i < program_.wanted.size(); ++i)
      if (program_.wanted[i] == value && (needed.empty() || needed[i])) return true;
    return false;
  }

  bool is_scaled(ValueId value) const { return std::ranges::find(key_.scaled, value) != key_.scaled.end(); }

  /// The value as a map; nullopt if it is not (1,C,H,W).
  std::optional<Map> map_of(ValueId value) const {
    const auto& sizes = sizes_[index(value)];
    if (!sizes || sizes->size() != 4 || (*sizes)[0] != 1) return std::nullopt;
    if (std::ranges::any_of(*sizes, [](std::int64_t size) { return size < 1; })) return std::nullopt;
    return Map{(*sizes)[1], (*sizes)[2], (*sizes)[3], source_.format, source_.type};
  }

  PlanValue& value(int i) { return graph_.values[static_cast<std::size_t>(i)]; }

  // --- nodes ---

  void add_step(std::size_t step) {
    const auto& wanted_kind = source_.nodes[step].kind;
    if (wanted_kind == NodeKind::island || !add_native(step)) add_island(step);
  }

  void add_island(std::size_t step) {
    for (const auto input : program_.steps[step].inputs)
      if (input != kNoValue && natives_.contains(input)) export_value(input);
    PlanNode node;
    node.role = PlanNode::Role::island;
    node.step = step;
    graph_.nodes.push_back(std::move(node));
  }

  bool add_native(std::size_t step) {
    const auto& description = source_.nodes[step];
    const auto& [inputs, outputs] = std::pair(program_.steps[step].inputs, program_.steps[step].outputs);
    const auto in = map_of(inputs[0]), out = map_of(outputs[0]);
    if (!in || !out) return false;
    PlanNode node;
    node.step = step;
    node.kind = description.kind;
    auto result = outputs[0];
    std::vector<ValueId> taken{inputs[0]};
    switch (description.kind) {
      case NodeKind::convolution:
        return add_convolution(step, *in, *out);
      case NodeKind::activation:
        node.epilogue = epilogue_of(step);
        // The gradient is computed from the result. For a ReLU it only matters whether the result is 0, so
        // scaling is fine.
        if (is_scaled(result) && node.epilogue.kind != Epilogue::Kind::relu) return false;
        break;
      case NodeKind::hard_swish:
      case NodeKind::global_average_pool:
        break;
      case NodeKind::add:
        if (map_of(inputs[1]) == std::nullopt || sizes_[index(inputs[0])] != sizes_[index(inputs[1])])
          return false;
        taken.push_back(inputs[1]);
        result = fuse_activation(result, node.epilogue, false);
        break;
      case NodeKind::multiply: {
        const auto other = map_of(inputs[1]);
        if (!other || !is_product(*in, *other)) return false;
        // The map comes first, then its factor.
        const bool is_turned = sizes_[index(inputs[0])] != sizes_[index(outputs[0])];
        taken = is_turned ? std::vector{inputs[1], inputs[0]} : std::vector{inputs[0], inputs[1]};
        break;
      }
      case NodeKind::resize:
        if (!is_native_resize(step)) return false;
        node.resizing = resizing_of(description, *in, *out);
        break;
      case NodeKind::scale_shift:
        result = fuse_activation(result, node.epilogue, false);
        break;
      case NodeKind::max_pool:
      case NodeKind::average_pool: {
        const auto axes = description.window->place(std::vector<std::int64_t>{in->height, in->width},
                                                    description.window->kernel());
        node.pooling =
            std::make_shared<Pooling>(axes[0], axes[1], in->height, in->width, description.include_padding);
        break;
      }
      case NodeKind::concat:
        for (const auto input : inputs)
          if (!map_of(input)) return false;
        taken = inputs;
        break;
      case NodeKind::island:
        return false;
    }
    for (const auto input : taken) node.inputs.push_back(native(input, false));
    add_node(std::move(node), result, *out);
    return true;
  }

  static bool is_product(const Map& a, const Map& b) {
    const auto is_one = [](const Map& map) { return map.height == 1 && map.width == 1; };
    return a.channels == b.channels &&
           ((a.height == b.height && a.width == b.width) || is_one(a) || is_one(b));
  }

  static std::shared_ptr<Resizing> resizing_of(const NodeDescription& description, const Map& in,
                                               const Map& out) {
    const auto samples = [&](int axis, std::int64_t from, std::int64_t to) {
      const auto as_sizes = static_cast<double>(to) / static_cast<double>(from);
      const auto scale = description.scales[axis].value_or(as_sizes);
      // An axis of scale 1 stays as it is, whatever rounding the node asks for.
      return sample_axis(from, to, scale, scale == 1 ? Sampling{} : *description.sampling);
    };
    return std::make_shared<Resizing>(samples(0, in.height, out.height), samples(1, in.width, out.width),
                                      in.height, in.width);
  }

  bool add_convolution(std::size_t step, const Map& in, Map out) {
    const auto& description = source_.nodes[step];
    const auto& inputs = program_.steps[step].inputs;
    PlanNode node;
    node.step = step;
    node.kind = NodeKind::convolution;
    node.weights.id = inputs[1];
    node.weights.weight = program_.constants.at(inputs[1]);
    if (inputs.size() > 2 && inputs[2] != kNoValue) {
      node.weights.bias_id = inputs[2];
      node.weights.bias = program_.constants.at(inputs[2]);
    }
    const auto axes = description.window->place(std::vector<std::int64_t>{in.height, in.width},
                                                node.weights.weight.sizes().slice(2));
    auto& shape = node.convolution;
    shape = {in, out, axes[0], axes[1], description.groups};
    const bool is_picture = !natives_.contains(inputs[0]) && in.channels <= kMostPictureChannels;
    if (is_picture && source_.format == Format::blocked) shape.in.format = Format::planar;
    const auto fused_before = fused_away_;
    const auto result = fuse_activation(program_.steps[step].outputs[0], node.epilogue, true);
    node.forward = source_.convolutions.forward(shape, node.weights, node.epilogue);
    bool can_run = node.forward != nullptr;
    if (can_run && key_.with_gradient) {
      can_run = is_picture ? source_.convolutions.picture_gradient(shape, node.weights).convolution != nullptr
                           : source_.convolutions.gradient(shape, node.weights, false) != nullptr;
    }
    if (!can_run) {
      fused_away_ = fused_before;
      return false;
    }
    graph_.scratch_bytes = std::max(graph_.scratch_bytes, node.forward->scratch_bytes());
    node.inputs = {native(inputs[0], is_picture)};
    add_node(std::move(node), result, out);
    return true;
  }

  Epilogue epilogue_of(std::size_t step) const {
    auto epilogue = source_.nodes[step].activation;
    // Limits in the network's own type, so that stored results equal them exactly.
    if (source_.type == at::kBFloat16)
      for (auto* limit : {&epilogue.low, &epilogue.high}) *limit = static_cast<float>(c10::BFloat16(*limit));
    return epilogue;
  }

  /// If only one activation function reads `result`, fuses it into the node and returns the activation's
  /// result. `is_convolution`: the node can apply more functions than ReLU.
  ValueId fuse_activation(ValueId result, Epilogue& epilogue, bool is_convolution) {
    const auto& users = users_[index(result)];
    if (users.size() != 1 || is_wanted(result) || is_scaled(result)) return result;
    const auto user = users[0];
    if (source_.nodes[user].kind != NodeKind::activation) return result;
    const auto activated = program_.steps[user].outputs[0];
    const auto activation = epilogue_of(user);
    const bool is_relu = activation.kind == Epilogue::Kind::relu;
    const bool has_kernel =
        activation.kind == Epilogue::Kind::clip || activation.kind == Epilogue::Kind::leaky_relu;
    if (!is_relu && !(is_convolution && has_kernel && !is_scaled(activated))) return result;
    epilogue = activation;
    fused_away_[user] = true;
    return activated;
  }

  void add_node(PlanNode node, ValueId result, const Map& map) {
    const auto here = static_cast<int>(graph_.nodes.size());
    for (const auto input : node.inputs) value(input).consumers.push_back(here);
    PlanValue made;
    made.id = result;
    made.map = map;
    made.producer = here;
    made.mask = node.epilogue;
    made.scaled = node.role == PlanNode::Role::native && is_scaled(result);
    node.output = static_cast<int>(graph_.values.size());
    graph_.values.push_back(std::move(made));
    if (node.role == PlanNode::Role::native) natives_[result] = node.output;
    graph_.nodes.push_back(std::move(node));
  }

  /// The value as a map. If no node here makes it, it is imported from a tensor. `as_picture`: it has few
  /// channels.
  int native(ValueId id, bool as_picture) {
    const auto made = natives_.find(id);
    if (made != natives_.end()) return made->second;
    const auto known = imports_.find({id, as_picture});
    if (known != imports_.end()) return known->second;
    PlanNode node;
    node.role = PlanNode::Role::import_tensor;
    node.tensor = id;
    auto map = *map_of(id);
    if (as_picture && source_.format == Format::blocked) map.format = Format::planar;
    add_node(std::move(node), id, map);
    return imports_[{id, as_picture}] = static_cast<int>(graph_.values.size()) - 1;
  }

  void export_value(ValueId id) {
    if (!exports_.insert(id).second) return;
    const auto from = natives_.at(id);
    value(from).consumers.push_back(static_cast<int>(graph_.nodes.size()));
    PlanNode node;
    node.role = PlanNode::Role::export_tensor;
    node.tensor = id;
    node.inputs = {from};
    graph_.nodes.push_back(std::move(node));
  }

  void export_wanted() {
    for (const auto id : program_.wanted)
      if (is_wanted(id) && natives_.contains(id)) export_value(id);
  }

  const PlanSource& source_;
  const Program& program_;
  const PlanKey& key_;
  PlanGraph graph_;
  std::vector<bool> worth_, fused_away_;
  std::vector<std::optional<std::vector<std::int64_t>>> sizes_;
  std::vector<std::vector<std::size_t>> users_;  // for each value, the steps that read it
  std::unordered_map<ValueId, int> natives_;
  std::map<std::pair<ValueId, bool>, int> imports_;
  std::set<ValueId> exports_;
};

}  // namespace

bool takes_picture(const PlanGraph& graph, const PlanNode& node) {
  const auto& input = graph.values[static_cast<std::size_t>(node.inputs[0])];
  return node.convolution.in.channels <= kMostPictureChannels &&
         graph.nodes[static_cast<std::size_t>(input.producer)].role == PlanNode::Role::import_tensor;
}

std::optional<PlanGraph> make_plan_graph(const PlanSource& source, const PlanKey& key) {
  return GraphMaker(source, key).make();
}

}  // namespace dreamreel::network
