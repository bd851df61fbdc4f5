#include "dreamreel/prepare/make_plan.h"

#include <fmt/core.h>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/recipe.h"

namespace dreamreel::prepare {
namespace {

// Loads the first pass from options.shots_cache, if it was made of the same source. Otherwise calls
// find_shots() and stores the result there.
schedule::FirstPass first_pass(const job::Job& job, const schedule::Facts& facts,
                               const PlanOptions& options) {
  job::Job input_only;  // cuts depend on nothing else, unless they follow the sound
  input_only.input = job.input;
  input_only.input.path = job.input.path.empty() ? "" : "source";
  input_only.input.audio.reset();
  input_only.temporal.cuts = job.temporal.cuts;
  input_only.temporal.passes = schedule::dreams_backward(job) ? 2 : 1;  // which looks behind the range
  input_only.output.loop = job.output.loop;
  std::string sound;
  if (job.temporal.cuts.uses_sound()) {
    input_only.audio = job.audio;
    input_only.audio.stems.clear();
    const auto song = facts.files.find("input.audio");
    sound = "\n" + (song == facts.files.end() ? "the source's own sound" : song->second);
  }
  if (job.temporal.cuts.reads_own_variables()) {
    input_only.series = job.series;
    for (auto& [name, series] : input_only.series) series.file = "series";
    input_only.audio = job.audio;
    for (auto& [name, stem] : input_only.audio.stems) stem = "stem";
    for (const auto& [name, fingerprint] : facts.files)
      if (schedule::is_of_own_variable(name)) sound += fmt::format("\n{} {}", name, fingerprint);
    if (job.input.audio) sound += "\nstems begin with the song";
  }
  const std::string key = sha256_hex(
      fmt::format("{} {}\n{}\n{}..{}\n{}{}", facts.version, footage::kCutRules, facts.source,
                  options.range.begin, options.range.end.value_or(-1), job::to_yaml(input_only), sound));
  if (!options.shots_cache.empty())
    if (const auto text = read_beginning(options.shots_cache, kMostJsonBytes).text)
      if (auto cached = schedule::first_pass_from_json(*text, key)) return *cached;
  if (options.progress != nullptr) options.progress->activity("looking for cuts");
  const auto source = footage::open_source_in_background(job, options.range.begin, options.stop, {},
                                                         footage::kThumbnailSide, options.unwanted);
  const schedule::FirstPass pass =
      footage::find_shots(*source, job, options.range, options.stop, options.progress, options.unwanted);
  if (options.writes_cache && !options.shots_cache.empty())
    write_file_atomically(options.shots_cache, to_json(key, pass));
  return pass;
}

}  // namespace

schedule::Plan make_plan(const job::Job& job, const schedule::Facts& facts, const PlanOptions& options) {
  return schedule::plan_of(job, facts, first_pass(job, facts, options), options.segment_frames);
}

void set_part_keys(const job::Job& job, schedule::Plan& plan, const std::atomic<bool>* stop) {
  const auto source = footage::open_source_in_background(job, plan.begin(), stop, plan.loop);
  const footage::Timeline timeline(job, source->info(), stop);
  plan.part_keys = schedule::FrameKeys(job, plan, [&](std::int64_t frame, double seconds) {
                     return timeline.at(frame, seconds);
                   }).part_keys();
}

}  // namespace dreamreel::prepare
