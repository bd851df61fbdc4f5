// The device under test: $DREAMREEL_TEST_DEVICE, with the values of a job's `device`. Without it, the CPU.
#pragma once

#include <c10/core/Device.h>

#include <cstdlib>
#include <string>

namespace dreamreel::test {

inline std::string device_name() {
  const char* const name = std::getenv("DREAMREEL_TEST_DEVICE");
  return name != nullptr && *name != '\0' ? name : "cpu";
}

inline at::Device device() {
  const at::Device named(device_name());
  return named.is_cuda() && !named.has_index() ? at::Device(at::kCUDA, 0) : named;
}

}  // namespace dreamreel::test
