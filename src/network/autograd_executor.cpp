#include "autograd_executor.h"

#include <ATen/ATen.h>

#include <new>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

[[noreturn]] void fail(const std::string& source, const Step& step, Inputs inputs,
                       const std::string& reason) {
  std::string text = "network '" + source + "': " + step.label + " cannot run on " +
                     (inputs.empty() || !inputs[0].defined() ? "nothing" : c10::str(inputs[0].sizes())) +
                     ": " + reason;
  throw RenderError(text);
}

}  // namespace

std::vector<at::Tensor> run(const Program& program, Inputs inputs, const std::string& source) {
  Values values(program, inputs);
  for (const auto& step : program.steps) {
    const auto arguments = values.inputs_of(step);
    try {
      values.store(step, step.kernel(arguments));
    } catch (const Invalid& invalid) {
      fail(source, step, arguments, invalid.what());
    } catch (const c10::Error& error) {
      fail(source, step, arguments, error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
      fail(source, step, arguments, "out of memory");
    }
    values.drop_spent(step);
  }
  std::vector<at::Tensor> wanted;
  for (const auto value : program.wanted) wanted.push_back(values.get(value));
  return wanted;
}

}  // namespace dreamreel::network
