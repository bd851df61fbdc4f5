#include "dreamreel/schedule/recipe.h"

#include <algorithm>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/number_pattern.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/settings/named_curves.h"

namespace dreamreel::schedule {
namespace {

void forget_place(cards::NetworkRef& network) {
  network.path = "network.onnx";
  if (network.name.starts_with('/')) network.name = "network.onnx";
  if (!network.labels.empty()) network.labels = "labels.txt";
}

// Keeps only whether there is a length. The length itself shows in the number of frames and in the curves.
void forget_length(job::Input& input) {
  const TimePoint second{1, TimePoint::Unit::seconds};
  if (input.noise) input.noise->duration = second;
  if (input.duration) input.duration = second;
  input.trim_end.reset();
}

job::Output only_encoding(const job::Output& output) {
  job::Output encoding;
  encoding.path = "output" + output.path.extension().string();
  encoding.codec = output.codec;
  encoding.pixel_format = output.pixel_format;
  encoding.codec_options = output.codec_options;
  // A film's text is written when its parts are joined. A picture is finished, with its name and its text.
  if (parse_numbered_name(output.path.filename().string())) {
    encoding.metadata = output.metadata;
    encoding.first_number = output.first_number;
  }
  return encoding;
}

// The parts of several outputs hold the frames themselves, so nothing of any output matters to them.
job::Output encoding_of(const job::Job& job) {
  if (!job::has_several_outputs(job)) return only_encoding(job.output);
  job::Output lossless;
  lossless.codec = "none: 16 bits a channel";
  return lossless;
}

// How noise is drawn, where it depends on more of dream.motif than its value at a frame.
std::string drawing_of_noise(const job::Job& job) {
  const auto& motif = job.dream.motif;
  std::string text;
  const bool is_read_late = motif.counts_beats() || !motif.expressions().empty();
  if (job.input.noise && is_read_late && motif.max() > 0) text += "scaled noise at the start\n";
  return text;
}

// Whether the values of curves may depend on input.audio_start.
bool needs_start_of_sound(const job::Job& job) {
  return settings::first_that_needs_sound(job::list_curves(job)) != nullptr || !job.audio.stems.empty();
}

}  // namespace

bool mask_is_dreamed(const job::Job& job) {
  return job.dream.mask && (job.dream.mask->confine || job.input.noise || job.dream.show_masks);
}

bool opacity_is_dreamed(const job::Job& job) {
  return job.input.noise.has_value();
}

void forget_curves(job::Job& job) {
  for (const auto& named : job::list_curves(job))
    *const_cast<job::Curve*>(named.curve) =
        0;  // NOLINT(cppcoreguidelines-pro-type-const-cast): it is in `job`
}

job::Job without_places(job::Job job) {
  for (const auto& file : job::list_files(job)) *file.path = "file";
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    auto& path = job::output_at(job, i).path;
    path = "output" + path.extension().string();
  }
  forget_place(job.network);
  for (cards::NetworkRef* const network : job::list_other_networks(job)) forget_place(*network);
  return job;
}

bool is_of_own_variable(std::string_view key) {
  return key.starts_with("series.") || key.starts_with("audio.stems.");
}

bool hears_at_unknown_times(const job::Job& job, const Plan& plan) {
  if (plan.has_times) return false;
  const auto curves = job::list_curves(job);
  return settings::first_that_needs_sound(curves) != nullptr ||
         std::ranges::any_of(curves, [](const auto& named) { return named.curve->reads_own_variables(); });
}

Recipe recipe_of(const job::Job& job, const Plan& plan) {
  job::Job all = without_places(job);
  all.device = plan.device;
  if (plan.has_times) forget_curves(all);  // the keys of frames contain their values
  job::Job shown, encoding;
  if (all.dream.mask && !mask_is_dreamed(job)) std::swap(shown.dream.mask, all.dream.mask);
  if (!opacity_is_dreamed(job)) std::swap(shown.dream.opacity, all.dream.opacity);
  encoding.output = encoding_of(job);
  encoding.temporal.marks = all.temporal.marks;  // marks are kept, because encoding them anew is quick
  // Cuts and loops show in the frames that each frame leans on. The sound shows in the values of curves.
  all.temporal.cuts = {};
  all.output = {};
  all.more_outputs.clear();
  if (!hears_at_unknown_times(job, plan)) {
    all.audio = {};
    all.series.clear();
    all.input.audio.reset();
  }
  if (!needs_start_of_sound(job)) all.input.audio_start.reset();
  forget_length(all.input);
  return {job::to_yaml(all) + drawing_of_noise(job), job::to_yaml(shown), job::to_yaml(encoding)};
}

}  // namespace dreamreel::schedule
