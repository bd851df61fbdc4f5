#include "dreamreel/dream/ascend.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "balance.h"
#include "canvas.h"
#include "dreamreel/core/error.h"
#include "dreamreel/dream/view.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "network_gradients.h"
#include "regularise.h"
#include "scene.h"
#include "shaping.h"
#include "tiles.h"
#include "windows.h"

namespace dreamreel::dream {
namespace {

void check_options(const AscentOptions& options) {
  const auto& hold = options.regularise;
  const bool fits = !options.objectives.empty() && options.octaves >= 1 && options.octave_scale > 1 &&
                    options.draft >= 1 && std::isfinite(options.draft) && options.coarsest >= 0 &&
                    std::isfinite(options.coarsest) && options.iterations >= 0 && options.jitter >= 0 &&
                    options.stop_below >= 0 && std::isfinite(options.step) &&
                    options.gradient.laplacian >= 0 && options.gradient.smooth >= 0 &&
                    (hold.beta == 1 || hold.beta == 2) && hold.blur >= 0 && hold.blur_end >= 0 &&
                    hold.blur_every >= 1 && hold.clip >= 0 && hold.clip < 1 &&
                    options.transforms.scale >= 0 && std::isfinite(options.transforms.rotate);
  if (!fits) throw std::invalid_argument("ascend: options out of range");
}

// The finest octaves of a final render that a draft lacks.
int octaves_left_out(const AscentOptions& options) {
  const double wanted = std::round(std::log(options.draft) / std::log(options.octave_scale));
  return static_cast<int>(std::min(wanted, options.octaves - 1.0));
}

// Counts an octave for its random numbers, from 0, where `octave` is 0 for the finest of `octaves`.
int place_of(const AscentOptions& options, int octave, int octaves) {
  return options.coarsest > 0 ? octaves - 1 - octave : octave + octaves_left_out(options);
}

// How far borders between tiles move if there is no jitter, px: the default jitter.
constexpr std::int64_t kSlack = 32;

Tilings tilings_for(const Networks& networks, const AscentOptions& options, const image::Size& size) {
  return plan_tiles(networks, options.objectives, size.height, size.width, options.limit,
                    options.jitter == 0 ? kSlack : 0);
}

// Tells when an objective has stopped rising. Jitter makes the values of single steps uneven, so two steps
// count together.
class Gain {
 public:
  explicit Gain(double share) : share_(share) {}
  bool is_small(double value) {
    const double gain = (value - before_last_) / 2;
    before_last_ = std::exchange(last_, value);
    return ++values_ > 2 && gain < share_ * std::abs(value) && share_ > 0;
  }

 private:
  const double share_;
  double before_last_ = 0, last_ = 0;
  int values_ = 0;
};

class Ascent {
 public:
  Ascent(const Networks& networks, const AscentOptions& options, const RandomKey& key,
         const StepObserver& observer)
      : networks_(networks), options_(options), key_(key), first_octave_(key.octave), observer_(observer) {}

  AscentResult run(const at::Tensor& start) {
    const image::Size size{start.size(1), start.size(2)};
    const auto sizes = octave_sizes(options_, size);
    const int octaves = static_cast<int>(sizes.size());
    const int usable = usable_octaves(networks_, size.height, size.width, options_);
    if (usable == 0)
      throw RenderError(
          fmt::format("a picture of {}x{} is too small for the wanted layers, which need at least {} px; "
                      "choose shallower layers or a larger picture",
                      size.width, size.height, networks_.min_input_side()));
    AscentResult result;
    result.octaves_dropped = octaves - usable;
    if (options_.iterations == 0) {  // the octaves would return the start
      result.picture = start.clamp(0, 1);
      return result;
    }
    at::Tensor detail;
    for (int octave = usable - 1; octave >= 0; --octave) {
      const auto octave_size = sizes[static_cast<std::size_t>(octave)];
      // Without clamping, the resampling's overshoot at hard edges would count as dreamed detail.
      const at::Tensor base = image::resize(start, octave_size).clamp(0, 1);
      at::Tensor picture = base.clone();
      if (detail.defined()) picture.add_(image::resize(detail, octave_size)).clamp_(0, 1);
      tilings_ = tilings_for(networks_, options_, octave_size);
      if (options_.mask.defined()) mask_ = image::resize(options_.mask, octave_size).clamp(0, 1);
      key_.octave = first_octave_ + place_of(options_, octave, octaves);
      result.objective = climb(picture, base, scene_of(picture, base), octave);
      if (octave == 0) result.picture = picture;
      detail = picture - base;
    }
    return result;
  }

 private:
  Scene scene_of(const at::Tensor& picture, const at::Tensor& base) const {
    Scene scene(networks_, options_.objectives, base, tilings_);
    if (!options_.balance) return scene;
    auto objectives = options_.objectives;
    const auto weights =
        balanced_weights(networks_, in_network_type(picture), scene.seen_through(View()), tilings_);
    auto weight = weights.begin();  // objectives without a weight are not seen
    for (auto& objective : objectives)
      if (objective.weight != 0) objective.weight = *weight++;
    return Scene(networks_, objectives, base, tilings_);
  }

  // Runs the iterations of one octave. Returns the objective before the last step.
  double climb(at::Tensor& picture, const at::Tensor& base, const Scene& scene, int octave) {
    octave_ = octave;
    double value = 0;
    Gain gain(options_.stop_below);
    const auto canvas = make_canvas(picture, base, options_);
    for (int iteration = 0; iteration < options_.iterations; ++iteration) {
      key_.iteration = iteration;
      const View view = View::random(options_, key_, scene.grid(), scene.border());
      const Gradient gradient = evaluate(networks_, in_network_type(view.apply(canvas->picture())),
                                         scene.seen_through(view), tiles_of_this_step());
      value = gradient.value;
      take_step(*canvas, view.pull_back(gradient.gradient[0].to(at::kFloat)), scene);
      at::Tensor tidied = canvas->picture();
      if (tidy(tidied, base, options_.regularise, iteration, options_.iterations)) canvas->replace(tidied);
      if (observer_) observer_({octave, iteration, value, &canvas->picture()});
      if (gain.is_small(value)) break;
    }
    picture = canvas->picture();
    return value;
  }

  // Without jitter the picture never moves under the tiles, so their borders move instead. Windows always
  // move.
  Tilings tiles_of_this_step() const {
    Tilings tilings = tilings_;
    for (auto& tiling : tilings) {
      if (tiling.seen)
        tiling = place_windows(*tiling.seen, tiling.rows.back().end, tiling.columns.back().end,
                               fraction(Purpose::tiles_y), fraction(Purpose::tiles_x));
      if (tiling.is_whole() || tiling.slack == 0) continue;
      const auto down = random_int(key_, Purpose::tiles_y, -tiling.slack, tiling.slack);
      const auto right = random_int(key_, Purpose::tiles_x, -tiling.slack, tiling.slack);
      tiling = moved(std::move(tiling), down, right);
    }
    return tilings;
  }

  // Uniform in [0,1).
  double fraction(Purpose purpose) const {
    return static_cast<double>(random_u32(key_, purpose)) / 4294967296.0;
  }

  // Takes one step. With a flat gradient (mean 0), only the penalties act.
  void take_step(Canvas& canvas, const at::Tensor& gradient, const Scene& scene) const {
    const at::Tensor shape = shaped(gradient, options_.gradient);
    const double size = typical_size(shape, scene);
    if (!std::isfinite(size))
      throw RenderError(
          fmt::format("the gradient is not finite at frame {}, octave {}, iteration {}; try precision: fp32, "
                      "or check the network's input scaling",
                      key_.frame, octave_, key_.iteration));
    const bool is_plain =
        options_.optimizer == Optimizer::ascent && options_.parameterization == Parameterization::pixels;
    if (!has_penalties(options_.regularise) || !is_plain) {
      if (size != 0) canvas.step(masked(shape), size);
      if (has_penalties(options_.regularise)) pay_penalties(canvas);
      return;
    }
    at::Tensor direction = size != 0 ? shape / size : at::zeros_like(shape);
    hold_back(direction, canvas.picture(), options_.regularise);
    canvas.step(masked(direction), 1);
  }

  // Applies the penalties beside Adam and the spectrum, not through them. A penalty pulls the same way in
  // every step, while jitter and transforms make the dream's gradient uneven. Adam would amplify the steady
  // pull, and of fine waves only the penalty would remain. (Loshchilov, Hutter: "Decoupled Weight Decay
  // Regularization", ICLR 2019.)
  void pay_penalties(Canvas& canvas) const {
    at::Tensor direction = at::zeros_like(canvas.picture());
    hold_back(direction, canvas.picture(), options_.regularise);
    canvas.replace((canvas.picture() + masked(direction) * (options_.step / kLevels)).clamp(0, 1));
  }

  at::Tensor masked(const at::Tensor& direction) const {
    return mask_.defined() ? direction * mask_ : direction;
  }

  // mean|g| over the part of the picture that has something to climb and may move.
  double typical_size(const at::Tensor& gradient, const Scene& scene) const {
    const double mean = masked(gradient).abs().mean().item<double>();
    if (mean == 0 || !std::isfinite(mean)) return mean;
    if (scene.only_neurons()) return masked(gradient).square().mean().item<double>() / (8 * mean);
    const double movable = mask_.defined() ? mask_.mean().item<double>() : 1;
    return mean / std::min(movable, scene.coverage());
  }

  at::Tensor in_network_type(const at::Tensor& picture) const {
    return picture.unsqueeze(0).to(networks_.picture_type());
  }

  const Networks& networks_;
  const AscentOptions& options_;
  RandomKey key_;
  const std::int32_t first_octave_;
  int octave_ = 0;  // 0 = finest
  const StepObserver& observer_;
  Tilings tilings_;  // of the octave
  at::Tensor mask_;  // options_.mask at the octave's size; undefined without one
};

}  // namespace

AscentResult ascend(const Networks& networks, const at::Tensor& start, const AscentOptions& options,
                    const RandomKey& key, const StepObserver& observer) {
  image::expect_chw(start, 3, "ascend");
  check_options(options);
  if (options.mask.defined()) {
    image::expect_chw(options.mask, 1, "ascend: mask");
    if (options.mask.size(1) != start.size(1) || options.mask.size(2) != start.size(2))
      throw std::invalid_argument("ascend: the mask is not of the picture's size");
  }
  return Ascent(networks, options, key, observer).run(start);
}

std::vector<image::Size> octave_sizes(const AscentOptions& options, const image::Size& frame) {
  if (options.coarsest > 0) return image::octave_ladder(frame, options.coarsest, options.octave_scale);
  const auto full = [&](std::int64_t side) {
    return std::llround(static_cast<double>(side) * options.draft);
  };
  auto sizes =
      image::octave_sizes({full(frame.height), full(frame.width)}, options.octaves, options.octave_scale);
  sizes.erase(sizes.begin(), sizes.begin() + octaves_left_out(options));
  sizes.front() = frame;
  return sizes;
}

int usable_octaves(const Networks& networks, std::int64_t height, std::int64_t width,
                   const AscentOptions& options) {
  const auto sizes = octave_sizes(options, {height, width});
  const auto side = networks.min_input_side();
  const auto fits = [side](const image::Size& size) { return std::min(size.height, size.width) >= side; };
  return static_cast<int>(std::ranges::count_if(sizes, fits));
}

TileReport tiles_for(const Networks& networks, const AscentOptions& options, std::int64_t height,
                     std::int64_t width) {
  TileReport report;
  const auto tilings = tilings_for(networks, options, {height, width});
  for (std::size_t i = 0; i < tilings.size(); ++i) {
    const auto& tiling = tilings[i];
    const auto needed = layers_with_weight(networks[i], i, options.objectives);
    if (std::ranges::find(needed, true) == needed.end()) continue;
    const auto tile_height = tiling.seen ? tiling.seen->height : tiling.rows.front().size();
    const auto tile_width = tiling.seen ? tiling.seen->width : tiling.columns.front().size();
    const auto bytes = networks[i].pass_bytes(tile_height, tile_width, needed);
    if (bytes <= report.pass_bytes) continue;
    report = {static_cast<std::int64_t>(tiling.rows.size() * tiling.columns.size()),
              tile_width,
              tile_height,
              tiling.halo,
              tiling.is_whole() || tiling.is_exact,
              bytes,
              tiling.seen.has_value()};
  }
  return report;
}

}  // namespace dreamreel::dream
