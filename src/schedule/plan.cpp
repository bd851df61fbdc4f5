#include "dreamreel/schedule/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/feedback.h"
#include "yaml_differences.h"

namespace dreamreel::schedule {
namespace {

std::string range_in_words(const FrameRange& range) {
  if (range.begin == 0 && !range.end) return "all";
  return fmt::format("{}..{}", range.begin, range.end ? std::to_string(*range.end) : "");
}

// Number of frames dreamed before an excerpt that begins within a shot, so that the excerpt looks as it does
// in the whole. At the default blend of 0.9, less than a twelfth of a dream lasts longer.
constexpr std::int64_t kExcerptWarmup = 24;

// A run-in is stored, so a piece that reaches into it continues from its end.
std::int64_t start_of_excerpt(std::int64_t begin, std::int64_t shot_start, int every) {
  const std::int64_t warm = begin - kExcerptWarmup;
  const std::int64_t start = warm < 0 ? shot_start : std::max(shot_start, warm);
  // Dreams the same frames as the whole. In the whole, a shot that begins in the run-in counts from frame 0.
  return start < 0 ? start : start - (start - std::max<std::int64_t>(0, shot_start)) % every;
}

bool any_names_the_job(const job::Job& job) {
  const auto names = [](const job::Output& output) { return output.metadata == job::Output::Metadata::name; };
  return names(job.output) || std::ranges::any_of(job.more_outputs, names);
}

}  // namespace

std::vector<std::string> Facts::differences(const Facts& other) const {
  std::vector<std::string> list;
  add_yaml_differences(job, other.job, list);
  if (list.empty() && job != other.job) list.emplace_back("the job");
  if (range_in_words(range) != range_in_words(other.range))
    list.push_back(
        fmt::format("the range of frames: {}, now {}", range_in_words(range), range_in_words(other.range)));
  if (source != other.source || source_end != other.source_end)
    list.emplace_back("the content of the source file");
  for (const auto& [key, fingerprint] : files)
    if (const auto there = other.files.find(key); there != other.files.end() && there->second != fingerprint)
      list.push_back("the content of the file of " + key);
  if (network != other.network)
    list.emplace_back("the content of a network's file or of its labels, or how it wants its input");
  if (version != other.version)
    list.push_back(fmt::format("dreamreel's version: {}, now {}", version, other.version));
  return list;
}

std::string Plan::part_key(const Segment& segment) const {
  const auto found = part_keys.find(segment.begin);
  return found == part_keys.end() ? "" : found->second;
}

std::string Plan::id() const {
  std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", facts.version, facts.job, facts.source,
                                 facts.network, range_in_words(facts.range), segment_frames);
  for (const auto& [key, fingerprint] : facts.files) text += fmt::format("{} {}\n", key, fingerprint);
  text += facts.source_end + "\n";
  for (const auto& [begin, key] : part_keys) text += fmt::format("{} {}\n", begin, key);
  for (const auto& fade : fades) text += fmt::format("fade {} {} {}\n", fade.begin, fade.end, fade.frames);
  if (last_look > 0) text += fmt::format("last look {}\n", last_look);
  for (const auto& shot : run_in) text += fmt::format("run-in {} {}\n", shot.begin, shot.end);
  for (const auto& piece : pieces) text += fmt::format("{} {} {}\n", piece.start, piece.begin, piece.end);
  return sha256_hex(text).substr(0, 16);
}

std::vector<Segment> segments_of(const Plan& plan, const Piece& piece) {
  std::vector<Segment> segments;
  for (std::int64_t frame = piece.begin; frame < piece.end; frame = segments.back().end)
    segments.push_back(segment_at(plan, piece, frame));
  return segments;
}

Segment segment_at(const Plan& plan, const Piece& piece, std::int64_t frame) {
  const std::int64_t border = frame / plan.segment_frames * plan.segment_frames;
  return {std::max(piece.begin, border), std::min(piece.end, border + plan.segment_frames)};
}

Plan plan_of(const job::Job& job, const Facts& facts, const FirstPass& pass, std::int64_t segment_frames) {
  Plan plan;
  plan.facts = facts;
  plan.job_yaml = job::to_yaml(job);
  // A comment on the first line keeps the job file's name for a farm, whose job is read from the plan.
  if (any_names_the_job(job))
    plan.job_yaml = fmt::format("# {}\n{}", printable(job.file.filename().string()), plan.job_yaml);
  plan.segment_frames = segment_frames;
  plan.first_pts = pass.first_pts;
  plan.first_seconds = pass.first_seconds;
  plan.shots = pass.shots;
  plan.loop = pass.loop;
  plan.clock = pass.clock;
  plan.seconds = pass.seconds;
  plan.has_times = pass.has_times;
  plan.device = job.device;
  plan.damage = printable(pass.damage);  // the text names files, whose names need not be UTF-8
  for (std::size_t i = 0; i < pass.shots.size(); ++i)
    plan.pieces.push_back(
        {pass.shots[i].begin, pass.shots[i].begin, pass.shots[i].end, static_cast<std::int64_t>(i)});
  plan.fades = pass.fades;
  for (auto& fade : plan.fades) fade.end = std::min(fade.end, plan.end());
  if (dreams_backward(job)) {
    const std::int64_t behind = last_look(plan.end(), pass.shot_end, segment_frames);
    if (behind > plan.end()) plan.last_look = behind;
  }
  auto& first = plan.pieces.front();
  // The range begins within a cross-fade, so its first frames need the dream that fades out as well.
  const bool is_fading = !pass.fades.empty() && pass.fades.front().begin <= first.begin;
  if (is_carried(job)) {
    first.start = start_of_excerpt(first.begin, is_fading ? pass.fades.front().out_start : pass.shot_start,
                                   job.temporal.every);
    plan.run_in = pass.run_in;
  }
  if (is_fading) first.start = std::min(first.start, pass.fades.front().begin - 1);
  const std::int64_t start = first.start;
  plan.pieces = with_fades(std::move(plan.pieces), plan, start);
  return plan;
}

}  // namespace dreamreel::schedule
