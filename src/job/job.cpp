#include "dreamreel/job/job.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "class_objective.h"
#include "dreamreel/job/job_text.h"
#include "dreamreel/job/schema.h"
#include "journey.h"
#include "load.h"
#include "mask_network.h"
#include "mask_schema.h"
#include "objective_schema.h"
#include "octaves_key.h"
#include "outputs.h"
#include "preset.h"
#include "scenes.h"
#include "shipped.h"
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

// Converts a value's place. Ancestors have negative ranks, the job itself 0, and overrides the highest.
KeyPlace key_place(const Place& place) {
  KeyPlace found;
  found.text = place_text(place);
  if (!place.source) return found;
  found.rank = place.source->has_lines ? -place.source->order : place.source->order + 1;
  if (!place.source->has_lines) return found;
  found.file = place.source->label;
  found.line = place.line;
  return found;
}

void collect_places(const Value& value, const std::string& path, KeyPlaces& places) {
  if (value.is_null() && !path.empty()) return;
  places.add(path, key_place(value.place));
  for (const auto& entry : value.entries) collect_places(entry.value, join_path(path, entry.key), places);
  for (std::size_t i = 0; i < value.items.size(); ++i)
    collect_places(value.items[i], join_path(path, std::to_string(i)), places);
}

// Sets the output like an override after all others. It takes the place of several outputs.
void set_output(Value& root, const std::filesystem::path& path, std::size_t overrides) {
  constexpr int kBehindAllFiles = 1000;
  const auto source = std::make_shared<const Source>(
      Source{"-o", std::filesystem::current_path(), kBehindAllFiles + static_cast<int>(overrides), false});
  const auto map_of = [&](const char* key, Value value) {
    Value map;
    map.kind = Value::Kind::map;
    map.place = {source, 0};
    map.entries.push_back({key, {source, 0}, std::move(value)});
    return map;
  };
  Value value = Value::scalar(path.string());
  value.place = {source, 0};
  const Value over = map_of(kOutput, map_of("path", std::move(value)));
  if (!root.is_map()) root.kind = Value::Kind::map;
  drop_other_outputs(root, over);
  Value* output = root.find(kOutput);
  if (output == nullptr || !output->is_map()) {
    std::erase_if(root.entries, [](const auto& entry) { return entry.key == kOutput; });
    root.entries.push_back(over.entries.front());
    return;
  }
  std::erase_if(output->entries, [](const auto& entry) { return entry.key == "path"; });
  output->entries.push_back(over.entries.front().value.entries.front());
}

// `problems` may already hold some; the function then throws.
Job job_of(Value root, const std::filesystem::path& path, const LoadOptions& options, Problems& problems) {
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

using TreeOf = std::function<Value(const std::optional<AskedLook>& scene, Problems&)>;

// Adds the problems that no other scene has told yet.
void add_new(const std::vector<Problem>& problems, std::vector<Problem>& found) {
  for (const auto& problem : problems) {
    const auto is_same = [&](const Problem& known) {
      return known.place == problem.place && known.key == problem.key && known.message == problem.message;
    };
    if (std::ranges::none_of(found, is_same)) found.push_back(problem);
  }
}

std::string text_of(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& [file, line, place, key, message] : problems)
    text += (text.empty() ? "" : "\n") + (place.empty() ? "" : place + ": ") +
            (key.empty() ? "" : key + ": ") + message;
  return text;
}

// Loads the job of each scene. One run tells the faults of all, but what they share only once.
std::vector<Job> jobs_of(const std::vector<Scene>& scenes, const TreeOf& tree_of,
                         const std::filesystem::path& path, const LoadOptions& options) {
  std::vector<Job> jobs;
  std::vector<Problem> found;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const auto& scene = scenes[i];
    try {
      Problems problems;
      const std::string key = fmt::format("scenes.{}.look", i);
      Value tree = tree_of(AskedLook{scene.look, scene.place, scene.own, key}, problems);
      std::erase_if(tree.entries, [](const auto& entry) { return entry.key == "scenes"; });
      jobs.push_back(job_of(std::move(tree), path, options, problems));
    } catch (const SettingsError& error) {
      add_new(error.problems(), found);
    }
  }
  if (!found.empty()) throw SettingsError(text_of(found), found);
  return jobs;
}

// A job with scenes is loaded once for each scene.
Job job_of_trees(const TreeOf& tree_of, const std::filesystem::path& path, const LoadOptions& options,
                 KeyPlaces& places) {
  Problems problems;
  Value root = tree_of({}, problems);
  collect_places(root, "", places);
  // A list of one output becomes the job's only output.
  if (const Value* const outputs = root.find(kOutputs); outputs != nullptr && outputs->items.size() == 1)
    collect_places(outputs->items.front(), kOutput, places);
  const auto scenes = take_scenes(root, problems);
  if (scenes.empty()) return job_of(std::move(root), path, options, problems);
  Job job = joined(scenes, jobs_of(scenes, tree_of, path, options));
  const std::size_t own = job.temporal.cuts.times.size() + 1 - scenes.size();  // cuts of the job itself
  for (std::size_t i = 1; i < scenes.size(); ++i) {
    const std::string key = key_of_time(job.temporal.cuts, own + i - 1), scene = fmt::format("scenes.{}", i);
    places.rename(key, scene + ".from");
    places.rename(key + ".crossfade", scene + ".crossfade");
  }
  return job;
}

}  // namespace

Job load_job(const std::filesystem::path& path, const LoadOptions& options) {
  KeyPlaces ignored;
  return load_job(path, options, AskedOutput{}, ignored);
}

Job load_job(const std::filesystem::path& path, const LoadOptions& options, const AskedOutput& asked,
             KeyPlaces& places) {
  const auto tree_of = [&](const std::optional<AskedLook>& scene, Problems& problems) {
    Value root = load_tree(path, options, scene, problems, asked);
    settle_shipped(root, shipped_folder(), problems);
    if (!asked.path.empty()) set_output(root, asked.path, options.overrides.size());
    expand_preset(root, problems);
    return root;
  };
  return job_of_trees(tree_of, path, options, places);
}

Job load_job_text(const std::string& text, const std::filesystem::path& path, const TextOptions& options,
                  KeyPlaces& places) {
  const auto tree_of = [&](const std::optional<AskedLook>& scene, Problems& problems) {
    Value root = load_tree_of_text(text, path, options.load, options.why_not_extend, scene, problems);
    settle_shipped(root, shipped_folder(), problems);
    expand_preset(root, problems);
    return root;
  };
  return job_of_trees(tree_of, path, options.load, places);
}

Job parse_job(const std::string& yaml, const std::filesystem::path& name, const LoadOptions& options) {
  Problems problems;
  Value root = tree_of_text(yaml, name, problems);
  return job_of(std::move(root), name, options, problems);
}

std::string as_yaml(const std::string& text) {
  return emit_inline(Value::scalar(text));
}

std::string to_yaml(const Job& job) {
  return emit(write_table(job_table(), job)) + "\n";
}

}  // namespace dreamreel::job
