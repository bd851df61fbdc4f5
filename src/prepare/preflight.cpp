#include "dreamreel/prepare/preflight.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "dreamreel/core/log.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/core/trust.h"
#include "dreamreel/footage/asked_cuts.h"
#include "dreamreel/footage/own_variables.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/masking/masks.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/media/sound_length.h"
#include "dreamreel/model/objective_loading.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/prepare/camera_gap.h"
#include "dreamreel/prepare/check_size.h"
#include "dreamreel/prepare/loop_jumps.h"
#include "dreamreel/prepare/warnings.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/report/missing_file.h"
#include "dreamreel/report/rounded_text.h"
#include "dreamreel/settings/named_curves.h"

namespace dreamreel::prepare {
namespace {

// All checks of one job. Later checks use what earlier checks opened, and are skipped if that failed.
class Checks {
 public:
  Checks(const job::Job& job, const PreflightOptions& options) : job_(job), options_(options) {}

  Preflight run() {
    const bool is_open = faults_.guard(job_.input.noise ? "input.noise" : "input.path", [&] { open(); });
    const bool is_heard = check_files();
    for (const auto& series : job_.series)
      faults_.guard("series." + series.first, [&] { check_series(series.first); });
    for (const auto& stem : job_.audio.stems)
      faults_.guard("audio.stems." + stem.first, [&] { check_stem(stem.first, stem.second); });
    bool are_masks_open = true;
    if (is_open) {
      if (is_heard || settings::first_that_needs_sound(job::list_curves(job_)) == nullptr)
        faults_.guard("", [&] { check_curves(); });
      if (is_heard || !job_.temporal.cuts.uses_sound()) faults_.guard("temporal.cuts", [&] { check_cuts(); });
      are_masks_open = are_mask_files_there_ && faults_.guard("dream.mask", [&] {
        for (const auto& remark : masking::Masks(job_, found_.info).remarks()) log_info(remark);
      });
    }
    check_outputs();
    if (faults_.empty()) log_media_warnings(job_, found_.info, options_.frames);
    const bool is_whole = options_.frames.begin == 0 && !options_.frames.end;
    if (faults_.empty() && is_whole)
      faults_.guard("input.audio", [&] { log_song_length(job_, found_.info); });
    // Networks are slow to load, so they are not checked if the clip or a mask is refused, or if the job asks
    // for something that strangers' files may not have.
    const bool is_refused = !is_open || !are_masks_open || faults_.mention(kHowToTrust);
    if (!is_refused && (options_.with_networks || !faults_.empty())) check_networks();
    faults_.throw_if_any();
    return std::move(found_);
  }

 private:
  void open() {
    const auto source = footage::open_source_in_background(job_, options_.frames.begin, options_.stop);
    found_.info = source->info();
    found_.loop = source->loop();
  }

  // Checks files that are opened later or never: the song, and pictures of objectives. Returns whether the
  // song, if there is one, can be heard.
  bool check_files() {
    bool is_there = true;  // the song
    job::Job named = job_;
    for (const auto& [key, path] : job::list_files(named)) {
      if (path == &named.input.path || media::is_number_pattern(*path)) continue;
      const std::string why = why_not_a_file(*path);
      if (why.empty()) continue;
      is_there = is_there && key != "input.audio";
      are_mask_files_there_ = are_mask_files_there_ && !key.ends_with("mask.path");
      faults_.add({ExitCode::no_input, key, report::cannot_open(*path, why)});
    }
    if (!job_.input.audio) return true;
    return is_there && faults_.guard("input.audio", [&] { media::expect_sound(*job_.input.audio); });
  }

  // A series whose times are in another unit than the job says often lies beside the whole job.
  void check_series(const std::string& name) const {
    const auto series = footage::load_series(job_, name);
    const double length = footage::clock_of(found_.info).duration_seconds,
                 rate = found_.info.frame_rate.value();
    using Unit = curve::SeriesRules::Unit;
    if (length <= 0 || series->count() == 1 || series->unit() == Unit::beats || series->unit() == Unit::bars)
      return;
    const double end = series->unit() == Unit::frames ? length * rate : length;
    if (series->first_time() < end && series->last_time() > 0) return;
    const std::string unit = series->unit() == Unit::frames ? " frames" : " s";
    log_warning(
        fmt::format("series.{}: it never changes, because its times go from {} to {}{}, and the job from 0 "
                    "to {}{}; does series.{}.time say the right unit?",
                    name, report::rounded_text(series->first_time()),
                    report::rounded_text(series->last_time()), unit, report::rounded_text(end), unit, name));
  }

  void check_stem(const std::string& name, const std::filesystem::path& path) const {
    constexpr double kWorthSaying = 1;          // seconds
    if (!why_not_a_file(path).empty()) return;  // check_files() tells it
    media::expect_sound(path);
    const auto length = media::sound_length(path);
    const double needed = footage::clock_of(found_.info).duration_seconds,
                 start = footage::start_of_stems(job_, found_.info);
    if (!length || needed <= 0 || *length - start >= needed - kWorthSaying) return;
    log_warning(fmt::format(
        "audio.stems.{}: it ends after {} s, and the job is {} s long; its levels are 0 from there on", name,
        report::rounded_text(std::round(std::max(0.0, *length - start) * 10) / 10),
        report::rounded_text(std::round(needed * 10) / 10)));
  }

  void warn_of_silence(const footage::SoundTrack* sound) const {
    if (sound == nullptr || !sound->is_silent() || !job_.audio.bpm) return;
    log_warning("audio.bpm: it settles the beats of a sound in which nothing is heard: " +
                (job_.input.audio ? *job_.input.audio : job_.input.path).string());
  }

  void check_curves() {
    if (options_.progress != nullptr && settings::first_that_needs_sound(job::list_curves(job_)) != nullptr)
      options_.progress->activity("listening to the sound");
    found_.timeline.emplace(job_, found_.info, options_.stop);
    warn_of_silence(found_.timeline->sound());
    if (const auto gap = camera_gap(job_, *found_.timeline, found_.info)) log_warning(*gap);
    for (const auto& jump : loop_jumps(job_, *found_.timeline, found_.info)) log_warning(jump);
  }

  void check_cuts() const {
    const footage::AskedCuts cuts(job_, found_.info, options_.stop);
    cuts.expect_no_fade_in(found_.loop);
    for (const auto& text : cuts.never()) log_warning(text);
    if (!found_.timeline || found_.timeline->sound() == nullptr) warn_of_silence(cuts.sound());
    const double length = footage::clock_of(found_.info).duration_seconds;
    const auto& first = job_.audio.first_beat;
    if (first && length > 0 && first->seconds(found_.info.frame_rate.value()) >= length)
      log_warning(fmt::format("audio.first_beat: the first beat at {} never comes: the job is {} long",
                              to_string(*first), to_string(TimePoint{length})));
  }

  void check_outputs() {
    const auto jobs = job::jobs_of_outputs(job_);
    for (std::size_t i = 0; i < jobs.size(); ++i) check_output(jobs[i], job::key_of_output(job_, i));
    for (std::size_t i = 0; i < jobs.size() && faults_.empty(); ++i)
      faults_.guard(job::key_of_output(job_, i) + ".path", [&] { try_output(jobs[i]); });
  }

  // `one` is the job of one output, `key` the output's key. Opens no file.
  void check_output(const job::Job& one, const std::string& key) {
    const auto info = info_of_range(found_.info, options_.frames);
    const auto output = writer_options(one, found_.info, options_.frames, 0, options_.frames.begin);
    for (const auto& fault : media::find_output_faults(output, info))
      faults_.add({fault.code, key + fault.key.substr(std::string_view("output").size()), fault.message});
    if (faults_.empty() && found_.info.is_still && !job_.input.duration &&
        media::parts_hold_frames(output.path) && !media::joins_lossless_parts(output))
      log_warning(key + ".path: " + one.output.path.filename().string() +
                  " is a film of one frame, because " + job_.input.path.filename().string() +
                  " is one picture; input.duration makes it longer, such as --set input.duration=8s");
    if (one.output.first_number != 0 && !media::is_number_pattern(one.output.path))
      log_warning(fmt::format(
          "{}.first_number: it counts for numbered pictures alone, and {} has no number such as %06d", key,
          one.output.path.filename().string()));
  }

  // Tries an output with its sound, all of which is checked. The sound of an excerpt begins at a time that
  // only the first pass finds, so it is left out here.
  void try_output(const job::Job& one) const {
    const auto info = info_of_range(found_.info, options_.frames);
    auto output = writer_options(one, found_.info, options_.frames, 0, options_.frames.begin);
    if (options_.frames.begin > 0) output.sound_from.reset();
    if (options_.in_place) {
      const media::Writer trial(output, info, options_.stop);
      return;
    }
    const TemporaryFolder folder("dreamreel-check");
    output.path = folder / output.path.filename().string();
    try {
      const media::Writer trial(output, info, options_.stop);
    } catch (const Error& error) {
      throw Error(error.code(), with_own_path(error.what(), output.path.string(), one.output.path.string()));
    }
  }

  static std::string with_own_path(std::string text, const std::string& trial, const std::string& own) {
    for (auto at = text.find(trial); at != std::string::npos; at = text.find(trial, at + own.size()))
      text.replace(at, trial.size(), own);
    return text;
  }

  void check_networks() {
    job::Job job = job_;
    if (options_.elsewhere) {
      job.device = "cpu";
      job.precision = job::Precision::fp32;
    }
    faults_.guard("network", [&] {
      model::announce_networks(job, options_.progress);
      found_.objectives = model::load_objectives(job, options_.stop);
      check_size(job, *found_.objectives, found_.info);
    });
    if (options_.elsewhere) found_.objectives.reset();
  }

  const job::Job& job_;
  const PreflightOptions& options_;
  report::FaultList faults_;
  bool are_mask_files_there_ = true;
  Preflight found_;
};

}  // namespace

Preflight preflight(const job::Job& job, const PreflightOptions& options) {
  return Checks(job, options).run();
}

}  // namespace dreamreel::prepare
