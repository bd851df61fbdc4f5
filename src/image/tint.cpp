#include "dreamreel/image/tint.h"

#include <ATen/TensorOperators.h>

namespace dreamreel::image {

void tint(at::Tensor& picture, const Rgb& colour, const at::Tensor& where, double strength) {
  for (std::size_t channel = 0; channel < colour.size(); ++channel) {
    at::Tensor plane = picture.narrow(0, static_cast<std::int64_t>(channel), 1);
    plane.add_((colour[channel] - plane) * where * strength);
  }
}

}  // namespace dreamreel::image
