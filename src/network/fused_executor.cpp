#include "fused_executor.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/core.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <algorithm>
#include <list>
#include <new>

#include "autograd_executor.h"
#include "dreamreel/core/error.h"
#include "fused_plan.h"
#include "onednn.h"
#include "winograd.h"

namespace dreamreel::network {
namespace {

/// Plans to keep. Sizes change from octave to octave, layers and lesions from frame to frame, and all of them
/// come back.
constexpr std::size_t kMostPlans = 256;

std::vector<NodeDescription> describe_nodes(const Graph& graph) {
  std::vector<NodeDescription> nodes;
  for (const auto& node : graph.nodes) nodes.push_back(describe_node(graph, node));
  return nodes;
}

}  // namespace

/// Keeps the memory of passes, so that later passes can use it again. It holds as many pieces as passes have
/// run at the same time.
class MemoryPool {
 public:
  at::Tensor take(std::int64_t bytes) {
    auto fitting =
        std::ranges::find_if(idle_, [&](const at::Tensor& piece) { return piece.numel() >= bytes; });
    if (fitting == idle_.end()) {
      if (!idle_.empty()) drop(idle_.begin());
      held_bytes_ += bytes;
      return at::empty({bytes}, at::kByte);
    }
    const auto piece = *fitting;
    idle_.erase(fitting);
    return piece;
  }
  void give_back(const at::Tensor& piece) { idle_.push_back(piece); }
  std::int64_t held_bytes() const { return held_bytes_; }

 private:
  void drop(std::vector<at::Tensor>::iterator piece) {
    held_bytes_ -= piece->numel();
    idle_.erase(piece);
  }

  std::vector<at::Tensor> idle_;
  std::int64_t held_bytes_ = 0;
};

struct FusedState {
  FusedState(const Graph& graph, const Program& whole, const FusedOptions& options, std::string source_name)
      : program(whole),
        nodes(describe_nodes(graph)),
        shapes(graph),
        multiply_less(options.multiply_less),
        convolutions(options.type, options.multiply_less),
        name(std::move(source_name)),
        source{program, nodes, shapes, convolutions, options.type, options.format, name} {}
  FusedState(const FusedState&) = delete;
  FusedState& operator=(const FusedState&) = delete;

  std::shared_ptr<PassPlan> plan_for(const PlanKey& key) {
    const auto known = std::ranges::find_if(plans, [&](const auto& plan) { return plan->key == key; });
    if (known != plans.end()) {
      plans.splice(plans.begin(), plans, known);
      return plans.front();
    }
    const at::NoGradGuard no_grad;
    std::shared_ptr<PassPlan> plan = make_pass_plan(source, key);
    if (plan == nullptr) return nullptr;
    plans.push_front(plan);
    if (plans.size() > kMostPlans) plans.pop_back();
    return plan;
  }

  const Program program;  // its scales are not used: each pass brings its own
  const std::vector<NodeDescription> nodes;
  const ShapeFinder shapes;
  const bool multiply_less;
  ConvolutionFactory convolutions;
  const std::string name;
  const PlanSource source;
  std::list<std::shared_ptr<PassPlan>> plans;  // the one used last comes first
  MemoryPool memory;
};

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// One pass and everything that its backward pass needs. Its memory goes back to the pool when nobody holds
/// the pass.
struct SharedPass : torch::CustomClassHolder {
  SharedPass(std::shared_ptr<FusedState> owner, std::shared_ptr<PassPlan> made)
      : state(std::move(owner)), plan(std::move(made)) {
    pass.memory = state->memory.take(plan->bytes);
  }
  ~SharedPass() override { state->memory.give_back(pass.memory); }

  /// Returns the wanted values.
  std::vector<at::Tensor> forward(const at::Tensor& input) {
    const at::NoGradGuard no_grad;
    const auto& program = state->program;
    pass.tensors.clear();
    pass.islands.clear();
    pass.gradients.clear();
    pass.tensors[program.inputs.front()] = input.detach();
    run_all(plan->forward);
    std::vector<at::Tensor> wanted;
    for (std::size_t i = 0; i < program.wanted.size(); ++i) {
      if (!plan->key.needed.empty() && !plan->key.needed[i]) continue;
      const auto made = pass.tensors.find(program.wanted[i]);
      wanted.push_back(made != pass.tensors.end() ? made->second.detach()
                                                  : program.constants.at(program.wanted[i]));
    }
    pass.tensors.clear();
    spent = false;
    return wanted;
  }

  /// The gradient to the input, from the gradients to the wanted values.
  at::Tensor backward(const at::Tensor& input, const variable_list& gradients) {
    // The first backward pass wrote gradients over activations, so a second one needs the forward pass again.
    if (spent) forward(input);
    spent = true;
    const at::NoGradGuard no_grad;
    const auto& program = state->program;
    std::size_t next = 0;
    for (std::size_t i = 0; i < program.wanted.size(); ++i) {
      if (!plan->key.needed.empty() && !plan->key.needed[i]) continue;
      const auto& gradient = gradients[next++];
      if (gradient.defined()) pass.add_gradient(program.wanted[i], gradient);
    }
    run_all(plan->backward);
    const auto found = pass.gradients.find(program.inputs.front());
    auto result = found != pass.gradients.end() ? found->second : at::zeros_like(input);
    pass.gradients.clear();
    return result;
  }

  template <typename Actions>
  void run_all(const Actions& actions) {
    try {
      for (const auto& action : actions) action(pass);
    } catch (const Error&) {
      throw;
    } catch (const c10::Error& error) {
      fail(error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
      fail("out of memory");
    } catch (const dnnl::error& error) {
      fail(error.status == dnnl_out_of_memory ? "out of memory" : error.what());
    }
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw RenderError(fmt::format("network '{}': {}", state->name, reason));
  }

  std::shared_ptr<FusedState> state;
  std::shared_ptr<PassPlan> plan;
  Pass pass;
  bool spent = false;
};

struct Function : torch::autograd::Function<Function> {
  static variable_list forward(AutogradContext* context, const at::Tensor& input,
                               const c10::intrusive_ptr<SharedPass>& shared) {
    context->save_for_backward({input});
    context->saved_data["pass"] = c10::IValue::make_capsule(shared);
    context->set_materialize_grads(false);
    return shared->forward(input);
  }

  // Autograd calls this with a list of its own.
  // NOLINTNEXTLINE(performance-unnecessary-value-param)
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto input = context->get_saved_variables().at(0);
    auto& shared = static_cast<SharedPass&>(*context->saved_data.at("pass").toCapsule());
    if (!at::GradMode::is_enabled()) return {shared.backward(input, gradients), at::Tensor()};
    return {again_with_autograd(shared, input, gradients), at::Tensor()};
  }

  /// Runs the pass again with autograd, for gradients of the gradient.
  static at::Tensor again_with_autograd(const SharedPass& shared, const at::Tensor& input,
                                        const variable_list& gradients) {
    auto program = shared.state->program;
    program.scales = shared.pass.scales;
    variable_list outputs, cotangents;
    std::size_t next = 0;
    for (const auto& value : network::run(program, {input}, shared.state->name, shared.plan->key.needed)) {
      if (!value.defined()) continue;
      const auto& gradient = gradients.at(next++);
      if (!gradient.defined() || !value.requires_grad()) continue;
      outputs.push_back(value);
      cotangents.push_back(gradient);
    }
    return torch::autograd::grad(outputs, {input}, cotangents, true, true).at(0);
  }
};

}  // namespace

bool FusedExecutor::supports(const at::Device& device, at::ScalarType type) {
  return device.is_cpu() && supports_fused(type);
}

FusedExecutor::FusedExecutor(const Graph& graph, const Program& program, const FusedOptions& options,
                             std::string source)
    : state_(std::make_shared<FusedState>(graph, program, options, std::move(source))) {}

FusedExecutor::~FusedExecutor() = default;

std::vector<at::Tensor> FusedExecutor::run(const at::Tensor& input, const std::vector<bool>& needed,
                                           const std::unordered_map<ValueId, at::Tensor>& scales) {
  PlanKey key;
  key.input = input.sizes().vec();
  key.input[0] = 1;
  key.needed = needed;
  for (const auto& [value, factors] : scales) key.scaled.push_back(value);
  std::ranges::sort(key.scaled);
  key.with_gradient = at::GradMode::is_enabled() && input.requires_grad();
  key.threads = at::get_num_threads();
  const auto plan = state_->plan_for(key);
  if (plan == nullptr) {
    auto program = state_->program;
    program.scales = scales;
    return network::run(program, {input}, state_->name, needed);
  }
  std::vector<std::vector<at::Tensor>> results;
  for (const auto& picture : input.size(0) == 1 ? std::vector<at::Tensor>{input} : input.split(1)) {
    const auto shared = c10::make_intrusive<SharedPass>(state_, plan);
    shared->pass.scales = scales;
    results.push_back(key.with_gradient ? Function::apply(picture, shared) : shared->forward(picture));
  }
  std::vector<at::Tensor> wanted;
  for (std::size_t i = 0, next = 0; i < state_->program.wanted.size(); ++i) {
    if (!needed.empty() && !needed[i]) {
      wanted.emplace_back();
      continue;
    }
    std::vector<at::Tensor> parts;
    for (const auto& result : results) parts.push_back(result[next]);
    wanted.push_back(parts.size() == 1 ? parts[0] : at::cat(parts));
    ++next;
  }
  return wanted;
}

std::optional<std::int64_t> FusedExecutor::planned_bytes(const std::vector<std::int64_t>& input,
                                                         const std::vector<bool>& needed) {
  PlanKey key;
  key.input = input;
  key.needed = needed;
  key.with_gradient = true;
  key.threads = at::get_num_threads();
  const auto plan = state_->plan_for(key);
  return plan == nullptr ? std::nullopt : std::optional(plan->bytes);
}

std::int64_t FusedExecutor::most_weight_bytes() const {
  constexpr std::int64_t kAnySide = 1 << 15;  // strides and dilations depend on no size
  const auto& source = state_->source;
  std::int64_t bytes = 0;
  for (std::size_t step = 0; step < source.nodes.size(); ++step) {
    const auto& node = source.nodes[step];
    if (node.kind != NodeKind::convolution) continue;
    const auto& weight = source.program.constants.at(source.program.steps[step].inputs[1]);
    const auto axes =
        node.window->place(std::vector<std::int64_t>{kAnySide, kAnySide}, weight.sizes().slice(2));
    const bool is_less = state_->multiply_less && source.format == Format::blocked && node.groups == 1 &&
                         winograd_tile(axes[0], axes[1]) &&
                         suits_winograd(weight.size(1), weight.size(0), source.type);
    const bool is_depthwise = source.format == Format::blocked && node.groups == weight.size(0) &&
                              node.groups > 1 && weight.size(1) == 1;
    if (is_depthwise) {
      bytes += static_cast<std::int64_t>(weight.nbytes() + weight.numel() * sizeof(float));
      continue;
    }
    bytes += 2 * (is_less ? winograd_weight_bytes(weight.size(1), weight.size(0))
                          : static_cast<std::int64_t>(weight.nbytes()));
  }
  return bytes;
}

std::int64_t FusedExecutor::weight_bytes() const {
  return state_->convolutions.weight_bytes();
}

std::int64_t FusedExecutor::held_bytes() const {
  return state_->memory.held_bytes();
}

}  // namespace dreamreel::network
