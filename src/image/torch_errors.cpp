#include "dreamreel/image/torch_errors.h"

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>

#include "dreamreel/core/error.h"

namespace dreamreel::image {
namespace {

constexpr const char* kOutOfMemory =
    "out of memory; use smaller frames (input.filter: scale=...), precision: bf16, or shallower layers";

bool is_about_memory(const std::string& message) {
  return message.find("out of memory") != std::string::npos ||
         message.find("can't allocate memory") != std::string::npos ||
         message.find("not enough memory") != std::string::npos;
}

}  // namespace

void rethrow_as_error() {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw RenderError(kOutOfMemory);
  } catch (const c10::Error& error) {
    std::string message("LibTorch: ");
    message += error.what_without_backtrace();
    throw RenderError(is_about_memory(message) ? kOutOfMemory : message);
  }
}

}  // namespace dreamreel::image
