#include "dreamreel/dream/ascend.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/roll.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::dream {
namespace {

constexpr double kLevels = 255;  // `step` is given in 8-bit levels

void check(const AscentOptions& options) {
  if (options.objectives.empty() || options.octaves < 1 || options.octave_scale <= 1 ||
      options.iterations < 0 || options.jitter < 0 || !std::isfinite(options.step))
    throw std::invalid_argument("ascend: options out of range");
}

struct Offset {
  std::int64_t y = 0, x = 0;
};

Offset jitter_offset(const RandomKey& key, int jitter) {
  return {random_int(key, Purpose::jitter_y, -jitter, jitter),
          random_int(key, Purpose::jitter_x, -jitter, jitter)};
}

at::Tensor rolled(const at::Tensor& picture, Offset by) {
  return at::roll(picture, {by.y, by.x}, {-2, -1});
}

// x += step/255 * g / mean|g|, clamped, in place. A flat gradient (mean 0) leaves the picture as it is.
void take_step(at::Tensor& picture, const at::Tensor& gradient, double step, const RandomKey& key) {
  const double mean = gradient.abs().mean().item<double>();
  if (!std::isfinite(mean))
    throw RenderError("the gradient is not finite at frame " + std::to_string(key.frame) + ", octave " +
                      std::to_string(key.octave) + ", iteration " + std::to_string(key.iteration) +
                      "; try precision: fp32, or check the network's input scaling");
  if (mean == 0) return;
  picture.add_(gradient, step / kLevels / mean).clamp_(0, 1);
}

class Ascent {
 public:
  Ascent(const network::Network& network, const AscentOptions& options, const RandomKey& key,
         const StepObserver& observer)
      : network_(network), options_(options), key_(key), observer_(observer) {}

  AscentResult run(const at::Tensor& start) {
    const image::Size size{start.size(1), start.size(2)};
    const auto sizes = image::octave_sizes(size, options_.octaves, options_.octave_scale);
    const int usable = usable_octaves(network_, size.height, size.width, options_);
    if (usable == 0)
      throw RenderError("a picture of " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                        " is too small for the wanted layers, which need at least " +
                        std::to_string(network_.min_input_side()) +
                        " px; choose shallower layers or a larger picture");
    AscentResult result;
    result.octaves_dropped = options_.octaves - usable;
    at::Tensor detail;
    for (int octave = usable - 1; octave >= 0; --octave) {
      // Clamped, or what resampling overshoots at hard edges would count as dreamed detail.
      const at::Tensor base = image::resize(start, sizes[static_cast<std::size_t>(octave)]).clamp(0, 1);
      at::Tensor picture = base.clone();
      if (detail.defined())
        picture.add_(image::resize(detail, sizes[static_cast<std::size_t>(octave)])).clamp_(0, 1);
      result.objective = climb(picture, octave);
      if (octave == 0) result.picture = picture;
      detail = picture - base;
    }
    return result;
  }

 private:
  // All iterations of one octave, in place; returns the objective before the last step.
  double climb(at::Tensor& picture, int octave) {
    key_.octave = octave;
    double value = 0;
    for (int iteration = 0; iteration < options_.iterations; ++iteration) {
      key_.iteration = iteration;
      const Offset offset = jitter_offset(key_, options_.jitter);
      const at::Tensor shifted = rolled(picture, offset);
      const Gradient gradient = evaluate(network_, in_network_type(shifted), options_.objectives);
      value = gradient.value;
      take_step(picture, rolled(gradient.gradient[0].to(at::kFloat), {-offset.y, -offset.x}), options_.step,
                key_);
      if (observer_) observer_({octave, iteration, value});
    }
    return value;
  }

  at::Tensor in_network_type(const at::Tensor& picture) const {
    const bool wide = network_.precision() == network::Precision::fp64;
    return picture.unsqueeze(0).to(wide ? at::kDouble : at::kFloat);
  }

  const network::Network& network_;
  const AscentOptions& options_;
  RandomKey key_;
  const StepObserver& observer_;
};

}  // namespace

AscentResult ascend(const network::Network& network, const at::Tensor& start, const AscentOptions& options,
                    const RandomKey& key, const StepObserver& observer) {
  image::expect_chw(start, 3, "ascend");
  check(options);
  return Ascent(network, options, key, observer).run(start);
}

int usable_octaves(const network::Network& network, std::int64_t height, std::int64_t width,
                   const AscentOptions& options) {
  const auto sizes = image::octave_sizes({height, width}, options.octaves, options.octave_scale);
  const auto side = network.min_input_side();
  const auto fits = [side](const image::Size& size) { return std::min(size.height, size.width) >= side; };
  return static_cast<int>(std::ranges::count_if(sizes, fits));
}

}  // namespace dreamreel::dream
