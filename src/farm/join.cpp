#include <fmt/core.h>

#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/render/join.h"

namespace dreamreel::farm {
namespace {

void expect_all_done(const Farm& farm) {
  std::vector<std::size_t> missing, damaged;
  const auto all = status(farm);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].state == ChunkState::damaged) damaged.push_back(i);
    if (all[i].state == ChunkState::missing || all[i].state == ChunkState::unfinished) missing.push_back(i);
  }
  const std::string work = farm.work.root().string();
  if (!damaged.empty())
    throw DataError(
        fmt::format("chunks {} are damaged in {}{}; render them again, then join", ranges(damaged), work,
                    missing.empty() ? "" : fmt::format(", and chunks {} are missing", ranges(missing))));
  if (!missing.empty())
    throw InputError(
        fmt::format("chunks {} are missing in {}; render them, then join", ranges(missing), work));
}

}  // namespace

void join(const Farm& farm, const render::RenderOptions& asked) {
  render::RenderOptions options = asked;
  if (farm.plan.chunks.empty()) throw UsageError("this plan has no chunks: make it with dreamreel farm plan");
  expect_all_done(farm);
  work::WorkLock lock(farm.work.lock(), farm.job.output.path.string(), options.stop);
  options.stop = lock.stop();
  farm.work.expect_no_chunk_at_work(options.stop);
  if (options.progress) options.progress->activity("joining into " + farm.job.output.path.string());
  render::join_pieces(farm.job, farm.plan, farm.work, options);
  if (!options.keep_work) farm.work.remove(lock);
}

}  // namespace dreamreel::farm
