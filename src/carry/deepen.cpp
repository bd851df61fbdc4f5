#include "dreamreel/carry/deepen.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "dreamreel/carry/recall.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::carry {
namespace {

constexpr double kSoftPx = 2;                // deviation of the blur of the map's edges
constexpr std::int64_t kShownAroundPx = 32;  // that a window shows of what is around
constexpr double kSteep = 8;                 // a dream is whole where the map is at an eighth or more
constexpr double kEnough = 0.92;             // of the strength around; the frame's own ascent adds to it
constexpr double kLeastAround = 0.1;         // of a window, or the whole frame tells what is around
// Where the first round begins. Keeps these ascents' random numbers apart from all others of the frame.
constexpr int kFirstOctave = 1 << 20;

// Mean size of what a dream added, weighted. (Squares would count a few strong eyes for more than all the
// rest.)
double strength(const at::Tensor& added, const at::Tensor& weight) {
  const double area = weight.sum().item<double>();
  if (area <= 0) return 0;
  return (added.abs().mean(0, true) * weight).sum().item<double>() / area;
}

// An objective with a place in the picture would be somewhere else in a window.
bool works_in_windows(const dream::Objective& objective) {
  return objective.kind != dream::Kind::neuron && objective.kind != dream::Kind::content;
}

dream::AscentOptions options_in(const flow::PlaceWindow& window, dream::AscentOptions options,
                                const at::Tensor& map) {
  std::erase_if(options.objectives, [](const auto& objective) { return !works_in_windows(objective); });
  for (auto& objective : options.objectives)
    if (objective.mask.defined()) objective.mask = window.of(objective.mask).contiguous();
  options.mask = options.mask.defined() ? window.of(options.mask) * map : map;
  return options;
}

}  // namespace

FreshPlaces fresh_places(const flow::Distrust& distrust, const at::Tensor& open) {
  FreshPlaces fresh;
  const at::Tensor places = ((distrust.outside + distrust.uncovered) * open).gt(0.5).to(at::kFloat);
  if (flow::windows_around(places, 0).empty()) return fresh;
  const at::Tensor thick = thick_parts(places);
  fresh.windows = flow::windows_around(thick, kShownAroundPx);
  if (!fresh.windows.empty()) fresh.map = image::gaussian_blur(thick, kSoftPx).clamp(0, 1);
  return fresh;
}

at::Tensor deepened(const dream::Networks& networks, const at::Tensor& start, const at::Tensor& source,
                    const FreshPlaces& fresh, const dream::AscentOptions& options, int rounds,
                    const RandomKey& key, const dream::StepObserver& observer) {
  at::Tensor picture = start.clone();
  const at::Tensor around = 1 - fresh.map;
  const double whole = strength(start - source, around);
  RandomKey own = key;
  int round = 0;
  for (const auto& window : fresh.windows) {
    const at::Tensor map = window.of(fresh.map).contiguous(), base = window.of(source);
    const auto here = options_in(window, options, map);
    if (here.objectives.empty() || usable_octaves(networks, window.height, window.width, here) == 0) continue;
    at::Tensor part = window.of(start).contiguous();
    const at::Tensor beside = window.of(around);
    const double wanted = beside.mean().item<double>() < kLeastAround ? whole : strength(part - base, beside);
    for (int i = 0; i < rounds && strength(part - base, map) < kEnough * wanted; ++i) {
      own.octave = kFirstOctave + round++ * kOctavesOfARound;
      part = dream::ascend(networks, part, here, own, observer).picture;
    }
    // What coarse octaves added beyond the map goes.
    window.of(picture).copy_(image::lerp(window.of(start), part, (map * kSteep).clamp(0, 1)));
  }
  return picture;
}

}  // namespace dreamreel::carry
