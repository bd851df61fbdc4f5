#include "jobs.h"

#include <fmt/core.h>

#include <mutex>
#include <system_error>

#include "api_error.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/job_text.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/prepare/settle_output.h"
#include "dreamreel/settings/settings_error.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostJobBytes = std::size_t{1} << 20;

fs::path real(const fs::path& path) {
  std::error_code failed;
  const fs::path found = fs::weakly_canonical(path, failed);
  return failed ? path.lexically_normal() : found;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

// The folders of files that come with the program, and the folders that its environment variables name.
std::vector<fs::path> shared_folders() {
  const auto options = job::default_load_options();
  std::vector<fs::path> folders;
  for (const auto* const some :
       {&options.card_folders, &options.network_folders, &options.look_folders, &options.job_folders})
    for (const auto& folder : *some) folders.push_back(real(folder));
  return folders;
}

}  // namespace

Jobs::Jobs(const Workspace& workspace, const fs::path& opened)
    : workspace_(workspace), shared_(shared_folders()) {
  if (kind_of(opened) != FileKind::job) return;
  try {
    job::TextOptions options;
    options.load = job::default_load_options();
    options.why_not_extend = [this](const fs::path& file) {
      chosen_.insert(real(file));
      return std::string();
    };
    settings::KeyPlaces places;
    job::Job job = job::load_job_text(read(opened), opened, options, places);
    for (const auto& [key, path] : job::list_files(job)) chosen_.insert(real(*path));
    for (std::size_t i = 0; i < job::output_count(job); ++i)
      chosen_.insert(real(job::output_at(job, i).path));
    chosen_.insert(real(job.network.path));
    for (const auto* const network : job::list_other_networks(job)) chosen_.insert(real(network->path));
    chosen_.insert(real(opened));
  } catch (const std::exception&) {  // the page will show what is wrong with it
  }
}

bool Jobs::may_read(const fs::path& path) const {
  const fs::path found = real(path);
  if (workspace_.holds(found) || chosen_.contains(found)) return true;
  for (const auto& folder : shared_)
    if (lies_in(found, folder)) return true;
  return false;
}

void Jobs::expect_inside(job::Job& job, const settings::KeyPlaces& places) const {
  std::vector<settings::Problem> problems;
  std::string text;
  const auto refuse = [&](const std::string& key, const fs::path& path) {
    const std::string message = fmt::format(
        "expected a file of the studio's folder, {}, got '{}'; copy it there, or open a job that names it",
        workspace_.folder().string(), path.string());
    const auto place = places.nearest(key);
    problems.push_back({place.file, place.line, place.text, key, message});
    text += (text.empty() ? "" : "\n") + places.located(key, message);
  };
  for (const auto& [key, path] : job::list_files(job))
    if (!may_read(*path)) refuse(key, *path);
  if (!may_read(job.network.path)) refuse("network", job.network.path);
  for (const auto* const network : job::list_other_networks(job))
    if (!may_read(network->path)) refuse("networks", network->path);
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    const fs::path output = real(job::output_at(job, i).path);
    if (!workspace_.holds(output) && !chosen_.contains(output))
      refuse(job::key_of_output(job, i) + ".path", job::output_at(job, i).path);
  }
  if (!problems.empty()) throw settings::SettingsError(text, std::move(problems));
}

LoadedJob Jobs::load(const JobText& text) const {
  job::TextOptions options;
  options.load = job::default_load_options();
  options.load.overrides = text.overrides;
  options.why_not_extend = [this](const fs::path& file) {
    return may_read(file) ? "" : "it lies outside of the studio's folder";
  };
  LoadedJob loaded;
  auto job = job::load_job_text(text.text, text.file, options, loaded.places);
  expect_inside(job, loaded.places);
  loaded.job = prepare::settle_output(std::move(job), loaded.places);
  return loaded;
}

std::string Jobs::read(const fs::path& file) {
  auto found = read_beginning(file, kMostJobBytes + 1);
  if (!found.text) throw ApiError(404, file.filename().string() + ": " + found.why);
  if (found.text->size() > kMostJobBytes)
    throw ApiError(413, file.filename().string() + ": too large for a job");
  return *std::move(found.text);
}

std::string Jobs::revision_of(const std::string& text) {
  return sha256_hex(text).substr(0, 16);
}

std::string Jobs::save(const JobText& text, const std::string& revision) const {
  if (text.text.size() > kMostJobBytes)
    throw ApiError(413, text.file.filename().string() + ": expected a job of at most 1 MiB");
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  if (kind_of(text.file) != FileKind::job) throw ApiError(400, "expected a name that ends in .yaml");
  std::error_code unknown;
  const std::string now = fs::exists(text.file, unknown) ? revision_of(read(text.file)) : "";
  if (now != revision)
    throw ApiError(409, text.file.filename().string() + " has been changed by another page or program");
  write_file_atomically(text.file, text.text);
  return revision_of(text.text);
}

}  // namespace dreamreel::studio
