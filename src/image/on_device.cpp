#include "dreamreel/image/on_device.h"

namespace dreamreel::image {

at::Tensor on_device(const at::Tensor& tensor, const at::Device& device) {
  const bool is_upload = device.is_cuda() && tensor.device().is_cpu();
  return is_upload ? tensor.pin_memory().to(device, /*non_blocking=*/true) : tensor.to(device);
}

}  // namespace dreamreel::image
