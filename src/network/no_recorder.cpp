// Replaces cuda_recorder.cpp if LibTorch has no CUDA.
#include "cuda_recorder.h"

namespace dreamreel::network {

std::unique_ptr<Recorder> cuda_recorder(const at::Device& /*device*/) {
  return nullptr;
}

}  // namespace dreamreel::network
