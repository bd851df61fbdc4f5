// LibTorch reports every error as c10::Error with a stack trace, even a lack of memory. Public functions of
// modules that use LibTorch must not let c10::Error out.
#pragma once

#include <utility>

namespace dreamreel::image {

/// Must be called inside a catch block. Rethrows the current exception; c10::Error and std::bad_alloc become
/// RenderError.
[[noreturn]] void rethrow_as_error();

template <typename Function>
decltype(auto) with_torch_errors(Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (...) {
    rethrow_as_error();
  }
}

}  // namespace dreamreel::image
