#include "dreamreel/prepare/kept_work.h"

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/list_folder.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::prepare {
namespace {

namespace fs = std::filesystem;

// The job that a work folder was begun with; nullopt without a plan that can be read.
std::optional<job::Job> begun_job(const fs::path& root) {
  const fs::path plan = work::WorkFolder(root).plan();
  std::error_code unreadable;
  if (!fs::is_regular_file(plan, unreadable)) return {};
  try {
    return job::parse_job(schedule::read_plan(plan).job_yaml, plan.string(), job::default_load_options());
  } catch (const Error&) {
    return {};
  }
}

bool is_picture_of(const fs::path& picture, const fs::path& pattern) {
  if (picture.parent_path() != pattern.parent_path() || !media::is_number_pattern(pattern)) return false;
  const auto numbers = media::picture_numbers(pattern);
  return std::ranges::any_of(
      numbers, [&](std::int64_t number) { return media::picture_of_number(pattern, number) == picture; });
}

bool lists(const job::Job& job, const fs::path& output) {
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    const auto& path = job::output_at(job, i).path;
    if (path == output || is_picture_of(output, path)) return true;
  }
  return false;
}

std::vector<fs::path> work_folders_in(const fs::path& folder) {
  auto found = list_folder(folder);
  std::erase_if(found, [](const fs::path& path) { return path.extension() != ".work"; });
  std::ranges::sort(found);
  return found;
}

// A work folder around the output, of a render that has this output beside others.
std::optional<fs::path> work_listing(const fs::path& output) {
  const fs::path folder = output.parent_path();
  for (const auto& place : {folder, folder.parent_path()})
    for (const auto& root : work_folders_in(place))
      if (const auto begun = begun_job(root); begun && lists(*begun, output)) return root;
  return {};
}

}  // namespace

std::optional<fs::path> kept_work_of(const fs::path& output) {
  const fs::path whole = fs::absolute(output).lexically_normal();
  const fs::path beside = work::work_folder_beside(whole);
  std::error_code unreadable;
  if (fs::is_directory(beside, unreadable)) return beside;
  return work_listing(whole);
}

std::optional<std::string> work_left_elsewhere(const job::Job& job) {
  const fs::path own = work::work_folder_beside(job.output.path);
  std::error_code unreadable;
  if (fs::exists(work::WorkFolder(own).plan(), unreadable)) return {};
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    const auto root = kept_work_of(job::output_at(job, i).path);
    if (!root || *root == own) continue;
    const auto begun = begun_job(*root);
    const bool is_of_source = begun && begun->input.path == job.input.path &&
                              begun->input.noise.has_value() == job.input.noise.has_value();
    if (!is_of_source) continue;
    const std::string first = begun->output.path.string();
    return root->string() +
           " keeps frames of an earlier render, which this job does not use, because its work lies beside "
           "its first output, " +
           job.output.path.string() + "; name " + first +
           " first in outputs to render only what changed, or free the "
           "space with: dreamreel clean " +
           first;
  }
  return {};
}

}  // namespace dreamreel::prepare
