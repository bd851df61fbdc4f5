#include "dreamreel/dream/objective.h"

#include "network_gradients.h"

namespace dreamreel::dream {

Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives) {
  return evaluate(networks, picture, objectives, {});
}

}  // namespace dreamreel::dream
