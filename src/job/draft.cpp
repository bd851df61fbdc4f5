#include "dreamreel/job/draft.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dreamreel/core/error.h"
#include "words.h"

namespace dreamreel::job {
namespace {

// Computes value * factor, limited to [floor, most]. If the value itself is below `floor`, the
// result is at least the value.
struct Change {
  double factor = 1, floor = 0;
  double most = std::numeric_limits<double>::max();
  bool whole = false;

  curve::Number of(const curve::Number& number) const {
    if (const double* const value = number.constant()) {
      const double changed = std::clamp(*value * factor, std::min(*value, floor), most);
      return whole ? std::ceil(changed) : changed;
    }
    const std::string text = "(" + number.expression()->text() + ")";
    try {
      return curve::Expression(fmt::format("min(max(min({},{}),{}*{}),{})", text, to_text(floor), text,
                                           to_text(factor), to_text(most)),
                               number.expression()->own_variables());
    } catch (const curve::ExpressionError& error) {
      throw JobError(fmt::format(
          "a draft cannot scale the expression {}: {}; shorten it, or set the key to a number for the draft",
          in_quotes(number.expression()->text()), error.what()));
    }
  }

  void apply(Curve& curve) const { curve = curve.with_each(*this); }
};

constexpr double kMostStep = 100;  // largest dream.step
// Halves each side and rounds it to an even size, which every encoder takes.
constexpr std::string_view kHalved = "scale=max(2\\,2*trunc(iw/4)):max(2\\,2*trunc(ih/4))";

int halved_even(int length) {
  return std::max(2, length / 4 * 2);
}

// A factor by which both sides shrink, so that it gives the larger size back to the pixel.
std::optional<double> common_factor(int width, int height, int new_width, int new_height) {
  constexpr double kHalf = 0.499;  // of a pixel
  const double least = std::max((width - kHalf) / new_width, (height - kHalf) / new_height);
  const double most = std::min((width + kHalf) / new_width, (height + kHalf) / new_height);
  if (least > most) return {};
  return std::clamp(std::round((least + most) / 2), least, most);
}

// Halves the frames to even sides, from which a draft can tell the final render's size. Returns the factor.
double halve(NoiseInput& noise) {
  const int width = noise.width, height = noise.height;
  for (int more = 0; more <= 8; more += 2)
    for (int wider = 0; wider <= more; wider += 2) {
      noise.width = halved_even(width) + wider;
      noise.height = halved_even(height) + more - wider;
      if (const auto factor = common_factor(width, height, noise.width, noise.height); factor >= 1.0)
        return *factor;
    }
  noise.width = halved_even(width);
  noise.height = halved_even(height);
  return 2;
}

void shrink_mask(std::optional<Mask>& mask, double factor) {
  if (mask) Change{.factor = 1 / factor}.apply(mask->feather);
}

// Adapts a job to frames that are `factor` times smaller on each side. The octaves stay those of the final
// render, to the pixel, and so does everything that is measured in their pixels. Only the finest are missing.
void shrink(Job& job, double factor) {
  job.dream.draft *= factor;
  shrink_mask(job.dream.mask, factor);
  for (auto& objective : job.dream.objectives) shrink_mask(objective.mask, factor);
}

void append_filter(Input& input, std::string_view filter) {
  input.filter += std::string(input.filter.empty() ? "" : ",") + std::string(filter);
}

}  // namespace

Job draft_of(Job job) {
  double factor = 2;
  if (job.input.noise)
    factor = halve(*job.input.noise);
  else
    append_filter(job.input, kHalved);
  shrink(job, factor);
  Dream& dream = job.dream;
  const Change half_whole{.factor = 0.5, .floor = 1, .whole = true};
  half_whole.apply(dream.iterations);
  half_whole.apply(job.temporal.iterations);
  Change{.factor = 2, .most = kMostStep}.apply(dream.step);
  return job;
}

Job smaller(Job job, int width, int height, int new_width, int new_height) {
  const double factor =
      std::max(static_cast<double>(width) / new_width, static_cast<double>(height) / new_height);
  if (!(factor > 1)) return job;
  if (job.input.noise) {
    job.input.noise->width = new_width;
    job.input.noise->height = new_height;
  } else {
    append_filter(job.input, fmt::format("scale={}:{}", new_width, new_height));
  }
  shrink(job, common_factor(width, height, new_width, new_height).value_or(factor));
  return job;
}

std::string filter_before_draft(const std::string& filter) {
  if (!filter.ends_with(kHalved)) return filter;
  const auto rest = filter.substr(0, filter.size() - kHalved.size());
  return rest.ends_with(',') ? rest.substr(0, rest.size() - 1) : rest;
}

namespace {

// Nothing may hide or tint what is drawn in the dream's place.
Job without_dreaming(Job job) {
  job.dream.iterations = job.temporal.iterations = job.temporal.warmup = 0;
  job.temporal.passes = 1;
  job.dream.opacity = 1;
  job.dream.mask.reset();
  job.colour = {};
  return job;
}

}  // namespace

Job motion_of(Job job) {
  job.temporal.marks = true;
  return without_dreaming(std::move(job));
}

Job maps_of(Job job) {
  job.temporal.maps = true;
  return without_dreaming(std::move(job));
}

// Each mask is a function of the source alone, so nothing is carried, and each frame stands for itself.
Job masks_of(Job job) {
  const auto has_mask = [](const LayerObjective& objective) { return objective.mask.has_value(); };
  if (!job.dream.mask && std::ranges::none_of(job.dream.objectives, has_mask))
    throw JobError(
        "--show mask: the job has no mask; set dream.mask or the mask of an objective, for example "
        "--set 'dream.mask={from: motion}'");
  job.dream.show_masks = true;
  auto mask = job.dream.mask;
  const Temporal usual;
  job.temporal.flow = Temporal::Flow::none;
  job.temporal.blend = 0;
  job.temporal.every = usual.every;
  job.temporal.hold = usual.hold;
  job.temporal.memory = usual.memory;
  job.temporal.deepen = usual.deepen;
  job = without_dreaming(std::move(job));
  job.dream.mask = std::move(mask);
  return job;
}

}  // namespace dreamreel::job
