#include "autograd_executor.h"

#include <ATen/ATen.h>
#include <fmt/core.h>

#include <new>
#include <stdexcept>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

[[noreturn]] void refuse_step(const std::string& source, const ProgramStep& step, Inputs inputs,
                              const std::string& reason) {
  std::string text =
      fmt::format("network '{}': {} cannot run on {}: {}", source, step.label,
                  inputs.empty() || !inputs[0].defined() ? "nothing" : c10::str(inputs[0].sizes()), reason);
  throw RenderError(text);
}

}  // namespace

Outputs run_step(const ProgramStep& step, Inputs inputs, const std::string& source) {
  try {
    return step.kernel(inputs);
  } catch (const Invalid& invalid) {
    refuse_step(source, step, inputs, invalid.what());
  } catch (const c10::Error& error) {
    refuse_step(source, step, inputs, error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    refuse_step(source, step, inputs, "out of memory");
  } catch (const std::runtime_error& error) {
    refuse_step(source, step, inputs, error.what());  // a number that the network's precision cannot hold
  }
}

std::vector<at::Tensor> run(const Program& program, Inputs inputs, const std::string& source,
                            const std::vector<bool>& needed) {
  Values values(program, inputs);
  const auto worth = program.steps_for(needed);
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    if (!worth[i]) continue;
    const ProgramStep& step = program.steps[i];
    const auto arguments = values.inputs_of(step);
    values.store(step, run_step(step, arguments, source));
    values.drop_spent(step);
  }
  std::vector<at::Tensor> wanted;
  for (std::size_t i = 0; i < program.wanted.size(); ++i)
    wanted.push_back(needed.empty() || needed[i] ? values.get(program.wanted[i]) : at::Tensor());
  return wanted;
}

}  // namespace dreamreel::network
