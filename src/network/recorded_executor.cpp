#include "recorded_executor.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/core.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <list>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"

namespace dreamreel::network {

struct Recording {
  struct Key {
    std::vector<std::int64_t> sizes, strides;
    at::ScalarType type;
    std::vector<bool> needed;
    bool operator==(const Key&) const = default;
  };

  Key key;
  int passes = 0, failures = 0;
  std::shared_ptr<RecordedPass> pass;  // nullptr: none yet
  std::vector<bool> defined;           // for each of the function's results, whether it is defined
};

/// Held as long as autograd may still ask a replayed pass for its gradient.
struct Turn {};

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// One replayed pass, as autograd holds it.
struct Replayed : torch::CustomClassHolder {
  Replayed(std::shared_ptr<RecordedPass> recorded, std::shared_ptr<Turn> held, PassFunction function)
      : pass(std::move(recorded)), turn(std::move(held)), plain(std::move(function)) {}

  std::shared_ptr<RecordedPass> pass;
  std::shared_ptr<Turn> turn;
  PassFunction plain;
  bool is_spent = false;
};

struct Replay : torch::autograd::Function<Replay> {
  static variable_list forward(AutogradContext* context, const at::Tensor& input,
                               const c10::intrusive_ptr<Replayed>& replayed) {
    context->save_for_backward({input});
    context->saved_data["pass"] = c10::IValue::make_capsule(replayed);
    context->set_materialize_grads(false);
    return replayed->pass->forward(input.detach());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto input = context->get_saved_variables().at(0);
    auto& replayed = static_cast<Replayed&>(*context->saved_data.at("pass").toCapsule());
    if (at::GradMode::is_enabled()) return {with_autograd(replayed, input, gradients), at::Tensor()};
    // A backward pass overwrites the activations that the forward pass left for it.
    if (replayed.is_spent) replayed.pass->forward(input.detach());
    replayed.is_spent = true;
    return {replayed.pass->backward(gradients), at::Tensor()};
  }

  /// Runs the pass again with autograd, for gradients of the gradient.
  static at::Tensor with_autograd(const Replayed& replayed, const at::Tensor& input,
                                  const variable_list& gradients) {
    variable_list outputs, cotangents;
    std::size_t next = 0;
    for (const auto& value : replayed.plain(input)) {
      if (!value.defined()) continue;
      const auto& gradient = gradients.at(next++);
      if (!gradient.defined() || !value.requires_grad()) continue;
      outputs.push_back(value);
      cotangents.push_back(gradient);
    }
    return torch::autograd::grad(outputs, {input}, cotangents, true, true).at(0);
  }
};

std::vector<at::Tensor> defined_of(const std::vector<at::Tensor>& values) {
  std::vector<at::Tensor> defined;
  std::ranges::copy_if(values, std::back_inserter(defined),
                       [](const auto& value) { return value.defined(); });
  return defined;
}

}  // namespace

struct Recordings {
  Recordings(std::unique_ptr<Recorder> owned, std::string name)
      : recorder(std::move(owned)), source(std::move(name)) {}

  Recording& of(Recording::Key key) {
    const auto known = std::ranges::find(all, key, &Recording::key);
    if (known != all.end())
      all.splice(all.begin(), all, known);
    else
      all.push_front({std::move(key), 0, 0, nullptr, {}});
    if (all.size() > RecordedExecutor::kMostRecordings) all.pop_back();
    return all.front();
  }

  // Whether there is a recording now; records one if there is none.
  bool made(Recording& recording, const at::Tensor& input, const PassFunction& plain, std::int64_t bytes) {
    if (recording.pass) return true;
    if (recording.failures == RecordedExecutor::kMostTries) return false;
    try {
      recording.pass = recorder->record(
          input.detach(),
          [&](const at::Tensor& picture) {
            const auto values = plain(picture);
            recording.defined.clear();
            for (const auto& value : values) recording.defined.push_back(value.defined());
            return defined_of(values);
          },
          bytes);
      return true;
    } catch (const c10::Error& error) {
      failed(recording, error.what_without_backtrace());
    } catch (const Error& error) {
      failed(recording, error.what());
    }
    return false;
  }

  void failed(Recording& recording, const std::string& reason) {
    if (++recording.failures < RecordedExecutor::kMostTries || std::exchange(has_said_so, true)) return;
    log_info(fmt::format("network '{}': passes are not recorded, but run operator by operator, on {}: {}",
                         source, c10::str(recording.key.sizes), reason));
  }

  std::unique_ptr<Recorder> recorder;
  std::string source;
  std::list<Recording> all;  // the one used last comes first
  std::weak_ptr<Turn> turn;
  bool has_said_so = false;
};

RecordedExecutor::RecordedExecutor(std::unique_ptr<Recorder> recorder, std::string source)
    : recordings_(std::make_unique<Recordings>(std::move(recorder), std::move(source))) {}

RecordedExecutor::~RecordedExecutor() = default;

std::vector<at::Tensor> RecordedExecutor::run(const at::Tensor& input, const std::vector<bool>& needed,
                                              const PassFunction& plain, std::int64_t bytes) {
  const bool wants_gradient = at::GradMode::is_enabled() && input.requires_grad();
  if (!wants_gradient || !recordings_->turn.expired()) return plain(input);
  auto& recording =
      recordings_->of({input.sizes().vec(), input.strides().vec(), input.scalar_type(), needed});
  if (++recording.passes <= kPlainPasses || !recordings_->made(recording, input, plain, bytes))
    return plain(input);
  const auto turn = std::make_shared<Turn>();
  recordings_->turn = turn;
  const auto values = Replay::apply(input, c10::make_intrusive<Replayed>(recording.pass, turn, plain));
  std::vector<at::Tensor> results;
  auto value = values.begin();
  for (const bool is_defined : recording.defined) results.push_back(is_defined ? *value++ : at::Tensor());
  return results;
}

std::size_t RecordedExecutor::recordings() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(recordings_->all, [](const auto& one) { return one.pass != nullptr; }));
}

}  // namespace dreamreel::network
