#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/job/files.h"
#include "dreamreel/schedule/plan_json.h"

namespace dreamreel::farm {
namespace fs = std::filesystem;
namespace {

struct Rule {
  std::string source, destination;
};

// Makes two paths comparable. They may come from Windows, where both slashes separate, and case does not
// matter.
std::string comparable(std::string path, bool windows) {
  if (windows)
    for (char& c : path) c = c == '\\' ? '/' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::vector<std::pair<Rule, bool>> rules_of(const fs::path& file) {
  const std::string text = read_whole(file, kMostJsonBytes);
  try {
    expect_small_json(text);
    const auto root = nlohmann::json::parse(text);
    if (root.is_object() && root.empty()) return {};  // OpenJD writes an empty object if there are no rules
    if (root.at("version") != "pathmapping-1.0") throw DataError("its version is not pathmapping-1.0");
    std::vector<std::pair<Rule, bool>> rules;
    if (!root.contains("path_mapping_rules")) return rules;
    for (const auto& rule : root.at("path_mapping_rules"))
      rules.push_back(
          {{rule.at("source_path").get<std::string>(), rule.at("destination_path").get<std::string>()},
           rule.at("source_path_format").get<std::string>() == "WINDOWS"});
    std::ranges::stable_sort(
        rules, [](const auto& a, const auto& b) { return a.first.source.size() > b.first.source.size(); });
    return rules;
  } catch (const std::exception& error) {
    throw DataError(fmt::format("{} is no path mapping: {}", file.string(), error.what()));
  }
}

}  // namespace

fs::path mapped_path(const fs::path& path, const fs::path& path_map) {
  for (const auto& [rule, windows] : rules_of(path_map)) {
    const std::string from = comparable(rule.source, windows), whole = comparable(path.string(), windows);
    if (from.empty() || !whole.starts_with(from)) continue;
    if (whole.size() > from.size() && whole[from.size()] != '/' && !from.ends_with('/')) continue;
    std::string rest = path.string().substr(std::min(path.string().size(), from.size()));
    if (windows) std::ranges::replace(rest, '\\', '/');
    while (rest.starts_with('/')) rest.erase(0, 1);
    return rest.empty() ? fs::path(rule.destination) : fs::path(rule.destination) / rest;
  }
  return path;
}

namespace {

schedule::Plan plan_in(const fs::path& file) {
  try {
    return schedule::read_plan(file);
  } catch (const DataError& error) {
    throw DataError(
        std::string(error.what()) +
        "; make it again with the same 'dreamreel farm plan' command: what is rendered already still counts");
  }
}

// The job file's own name, which plan_of() leaves in a comment on the first line, or else the plan's name.
fs::path job_file_of(const schedule::Plan& plan, const fs::path& file) {
  const std::string line = plan.job_yaml.substr(0, plan.job_yaml.find('\n'));
  const fs::path name = line.starts_with("# ") ? fs::path(line.substr(2)).filename() : fs::path();
  return name.empty() ? file : file.parent_path() / name;
}

}  // namespace

Farm open_farm(const Places& places) {
  const auto at_hand = [&](const std::optional<fs::path>& given, const fs::path& own) {
    if (given) return fs::absolute(*given).lexically_normal();
    return places.path_map && !own.empty() ? mapped_path(own, *places.path_map) : own;
  };
  schedule::Plan plan = plan_in(places.plan);
  job::Job job = job::parse_job(plan.job_yaml, places.plan, job::default_load_options());
  job.file = job_file_of(plan, job.file);
  for (const auto& [key, path] : job::list_files(job))
    *path = at_hand(path == &job.input.path ? places.source : std::nullopt, *path);
  job.output.path = at_hand(places.output, job.output.path);
  for (auto& output : job.more_outputs) output.path = at_hand({}, output.path);
  job.network.path = at_hand(places.network, job.network.path);
  job.network.labels = at_hand({}, job.network.labels);
  const auto place = [&](cards::NetworkRef& network) {
    network.path = at_hand({}, network.path);
    network.labels = at_hand({}, network.labels);
  };
  for (cards::NetworkRef* const network : job::list_other_networks(job)) place(*network);
  const fs::path work =
      places.work ? fs::absolute(*places.work).lexically_normal() : work::work_folder_beside(job.output.path);
  return {places.plan, std::move(plan), std::move(job), work::WorkFolder(work)};
}

}  // namespace dreamreel::farm
