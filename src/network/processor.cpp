#include "dreamreel/network/processor.h"

#include "dreamreel/network/network.h"
#include "kernels.h"

namespace dreamreel::network {

std::string kernels_of(const Network& network) {
  const bool is_fused = network.device().is_cpu() && network.executor() != Executor::autograd;
  return is_fused ? std::string(name_of(chosen_kernels())) : std::string();
}

}  // namespace dreamreel::network
