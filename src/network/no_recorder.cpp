// For a LibTorch without CUDA; see cuda_recorder.cpp.
#include "recorded_executor.h"

namespace dreamreel::network {

std::unique_ptr<Recorder> cuda_recorder(const at::Device& /*device*/) {
  return nullptr;
}

}  // namespace dreamreel::network
