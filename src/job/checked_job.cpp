#include "checked_job.h"

#include <fmt/core.h>

#include <cmath>
#include <string>

#include "class_objective.h"
#include "dreamreel/job/schema.h"
#include "journey.h"
#include "mask_network.h"
#include "mask_schema.h"
#include "objective_schema.h"
#include "octaves_key.h"
#include "outputs.h"
#include "preset.h"
#include "tables.h"

namespace dreamreel::job {
namespace {

void check_input(const Value& root, Problems& problems) {
  const Value* const path = said(root, "input", "path");
  const Value* const noise = said(root, "input", "noise");
  if (path == nullptr && noise == nullptr) {
    const Value* const input = root.find("input");
    problems.add(input == nullptr ? root.place : input->place, "input",
                 "expected either input.path or input.noise, got neither");
  }
  if (const Value* const start = said(root, "input", "audio_start");
      start != nullptr && said(root, "input", "audio") == nullptr)
    problems.add(start->place, "input.audio_start",
                 "expected input.audio beside it, because it is a time of that song, got none");
  if (noise == nullptr) return;
  if (path != nullptr)
    problems.add(noise->place, "input.noise", "expected either input.path or input.noise, got both");
  for (const char* const key : {"fps", "duration"})
    if (const Value* const value = said(root, "input", key))
      problems.add(value->place, join_path("input", key),
                   fmt::format("expected input.noise.{} for noise, got input.{}", key, key));
}

// `frames` need not be whole.
void check_frames(const Value& value, const std::string& path, const TimePoint& duration, Rational fps,
                  Problems& problems) {
  const double frames = duration.seconds(fps.value()) * fps.value();
  if (frames <= static_cast<double>(kMostFrames)) return;
  problems.add(
      value.place, path,
      fmt::format("expected at most {} frames, got {} at {} frames a second, which are {}", kMostFrames,
                  to_string(duration), to_text(fps.value()), to_text(std::floor(frames))));
}

// Bounds the length of jobs that make their own frames. The length of a clip is given by its file.
void check_length(const Value& root, const Job& job, Problems& problems) {
  const Value* const noise = said(root, "input", "noise");
  if (noise != nullptr && job.input.noise) {
    const Value* const duration = noise->find("duration");
    check_frames(duration == nullptr ? *noise : *duration, "input.noise.duration", job.input.noise->duration,
                 job.input.noise->fps, problems);
  }
  const Value* const duration = said(root, "input", "duration");
  if (duration != nullptr && job.input.duration)
    check_frames(*duration, "input.duration", *job.input.duration, job.input.fps.value_or(Rational{24, 1}),
                 problems);
}

void check_colour(const Value& root, Problems& problems) {
  if (said(root, "input", "noise") == nullptr) return;
  for (const char* const key : {"match", "chroma"})
    if (const Value* const value = said(root, "colour", key); value != nullptr && value->text == "source")
      problems.add(value->place, join_path("colour", key),
                   "expected another choice for noise, which has no source");
}

// What the backward pass of temporal.passes needs. Cross-fades are checked with the cuts
// (footage/asked_cuts.h).
void check_passes(const Value& root, const Job& job, Problems& problems) {
  const Value* const passes = said(root, "temporal", "passes");
  if (passes == nullptr || job.temporal.passes < 2) return;
  const auto refuse = [&](const std::string& why) {
    problems.add(passes->place, "temporal.passes", "expected 1, got 2: " + why);
  };
  if (said(root, "input", "noise") != nullptr || said(root, "input", "duration") != nullptr)
    return refuse(
        "a video without a moving source grows forward alone, because each frame is made of the last");
  if (job.temporal.blend.max() <= 0)
    refuse("with temporal.blend: 0, no frame takes anything over from another one");
}

// The layers that the network's card recommends, where the job names none.
void fill_objectives(const Value& root, Job& job, Problems& problems) {
  const Value* const dream = root.find("dream");
  if (said(root, "dream", "objectives") != nullptr || said(root, "dream", "journey") != nullptr) return;
  for (const auto& layer : job.network.recommended_layers) job.dream.objectives.emplace_back().layer = layer;
  if (!job.dream.objectives.empty() || job.network.path.empty()) return;
  problems.add(dream == nullptr ? root.place : dream->place, "dream.objectives",
               fmt::format("missing; expected a list of at least one map, or dream.journey: the network {} "
                           "has no card that recommends layers",
                           in_quotes(job.network.name)));
}

// Whether dream.gradient.decorrelate is set.
bool says_colours(const Value& root) {
  const Value* const gradient = said(root, "dream", "gradient");
  const Value* const value = gradient == nullptr ? nullptr : gradient->find("decorrelate");
  return value != nullptr && !value->is_null();
}

// The default of dream.gradient.decorrelate. It depends on other keys, so it cannot stand in the struct.
double default_colours(const Job& job) {
  constexpr double kOutOfNoise = 0.6;  // noise has no colours of its own: 1 would leave it almost grey
  // A spectrum has decorrelated colours already.
  if (job.dream.parameterization != Parameterization::pixels) return 0;
  return job.input.noise ? kOutOfNoise : 1;  // a photograph's lights and skin burn out to neon at 0
}

void fill_dependent_defaults(const Value& root, Job& job) {
  if (!says_colours(root)) job.dream.gradient.decorrelate = default_colours(job);
  if (said(root, "temporal", "iterations") == nullptr &&
      job.dream.iterations.max() < job.temporal.iterations.max())
    job.temporal.iterations = job.dream.iterations;
}

}  // namespace

Job checked_job(Value root, const std::filesystem::path& path, const LoadOptions& options,
                Problems& problems) {
  NetworkContext context(problems, root, options);
  context.keys = &schema();
  context.own_variables = own_variables_of(root);
  drop_older_of_objectives_and_journey(root);
  complete_kinds(root);
  const Site site{root, "", context};
  Job job;
  job.file = std::filesystem::absolute(path).lexically_normal();
  read_table(site, job_table(), job);
  check_masks_have_a_source(root, problems);
  const Value* const network = root.find("network");
  if (network == nullptr || network->is_null())
    if (const auto found = resolve_network(job.network.name, site.at("network", root))) job.network = *found;
  check_input(root, problems);
  check_length(root, job, problems);
  check_outputs(root, job, problems);
  check_class_channels(root, job, problems);
  fill_mask_networks(root, job, options, problems);
  fill_class_layers(root, job, options, problems);
  check_content(root, job, problems);
  check_colour(root, problems);
  check_passes(root, job, problems);
  fill_objectives(root, job, problems);
  settle_octaves(root, job, problems);
  problems.throw_if_any();
  fill_dependent_defaults(root, job);
  return job;
}

}  // namespace dreamreel::job
