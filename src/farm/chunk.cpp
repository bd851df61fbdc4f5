#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>

#include "done_file.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/farm/done_check.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/render/pieces.h"
#include "dreamreel/settings/named_curves.h"
#include "dreamreel/work/facts.h"
#include "dreamreel/work/stored_parts.h"

namespace dreamreel::farm {
namespace fs = std::filesystem;

std::vector<schedule::Piece> pieces_of(const schedule::Plan& plan, std::size_t chunk) {
  std::vector<schedule::Piece> pieces;
  for (const std::size_t i : plan.chunks.at(chunk)) pieces.push_back(plan.pieces[i]);
  return pieces;
}

bool says_done(const Farm& farm, std::size_t chunk) {
  try {
    const std::string text = read_whole(done_file_in(farm.work.root(), chunk), kMostJsonBytes);
    expect_small_json(text);
    const auto root = nlohmann::json::parse(text);
    return root.at("plan") == farm.plan.id() && root.at("chunk") == chunk;
  } catch (const std::exception&) {  // missing, or it belongs to another plan
    return false;
  }
}

namespace {

bool is_done(const Farm& farm, std::size_t chunk) {
  return says_done(farm, chunk) &&
         work::pieces_are_done(farm.plan, pieces_of(farm.plan, chunk), farm.work, farm.job.output.path);
}

// A plan is valid only for the source and the network that it was made with.
void expect_same_files(const Farm& farm) {
  job::Job job = farm.job;
  // If no curve reads the sound, only joining needs it. Nothing needs series and stems that no curve reads.
  if (settings::first_that_needs_sound(job::list_curves(job)) == nullptr) job.input.audio.reset();
  const auto read = job::own_variables_read(job);
  const auto is_read = [&](const std::string& begin) {
    return std::ranges::any_of(
        read, [&](const std::string& name) { return name == begin || name.starts_with(begin + "."); });
  };
  std::erase_if(job.series, [&](const auto& series) { return !is_read(series.first); });
  std::erase_if(job.audio.stems, [&](const auto& stem) { return !is_read(stem.first); });
  auto facts = work::facts_of(job, farm.plan.facts.range);
  facts.job = farm.plan.facts.job;  // the job itself comes from the plan
  const auto differences = farm.plan.facts.differences(facts);
  if (differences.empty()) return;
  std::string reasons;
  for (const auto& difference : differences) reasons += "\n  " + difference;
  throw DataError(fmt::format(
      "this is not what the plan was made of:{}\nMake a new plan, or give the right files", reasons));
}

// A part of numbered pictures only lists them, so the pictures themselves have to be checked.
std::vector<fs::path> parts_of(const Farm& farm, const std::vector<schedule::Piece>& pieces) {
  std::vector<fs::path> parts;
  if (!prepare::parts_hold_frames(farm.job)) return parts;
  for (const auto& piece : pieces)
    for (const auto& segment : schedule::segments_of(farm.plan, piece))
      parts.push_back(farm.work.part(segment));
  return parts;
}

void write_done_file(const Farm& farm, std::size_t chunk, std::int64_t frames,
                     const std::vector<schedule::Piece>& pieces) {
  write_file_atomically(
      done_file_in(farm.work.root(), chunk),
      done_file_text(farm.plan_file, farm.plan.id(), chunk, frames, parts_of(farm, pieces)));
}

}  // namespace

bool run_chunk(const Farm& farm, std::size_t index, const render::RenderOptions& asked) {
  render::RenderOptions options = asked;
  if (index >= farm.plan.chunks.size())
    throw UsageError(fmt::format("--index {}: the plan has chunks 0 to {}", index,
                                 static_cast<std::int64_t>(farm.plan.chunks.size()) - 1));
  if (!options.restart && is_done(farm, index)) return false;
  const work::WorkLock lock(farm.work.chunk_lock(index), fmt::format("chunk {}", index), options.stop);
  options.stop = lock.stop();
  // A process that renders or joins the whole clip checks the chunks' locks after it has taken its own lock.
  // This chunk checks the other lock after it has taken its own. So at least one of the two sees the other.
  work::expect_free_or_parents(farm.work.lock(), farm.job.output.path.string(), options.stop);
  if (!options.restart && is_done(farm, index)) return false;  // the lock's last holder may have finished it
  const auto pieces = pieces_of(farm.plan, index);
  if (options.progress)
    options.progress->activity(fmt::format("chunk {} of {}", index, farm.plan.chunks.size()));
  expect_same_files(farm);
  farm.work.set_aside_foreign_files(farm.plan, pieces, index);
  std::error_code ignored;
  fs::remove(done_file_in(farm.work.root(), index), ignored);
  if (options.restart)
    for (const auto& piece : pieces) farm.work.forget_piece(farm.plan, piece);
  const auto result = render::render_pieces(farm.job, farm.plan, pieces, farm.work, options);
  lock.expect_held();
  write_done_file(farm, index, result.frames, pieces);
  return true;
}

}  // namespace dreamreel::farm
