#include "farms.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/study/finished_files.h"
#include "dreamreel/work/work_folder.h"
#include "json_of.h"
#include "lock_holders.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFollowed = 8, kMostPlans = 200, kMostChunks = 1000, kMostPieces = 16;
constexpr std::array kStates{"waiting", "running", "done", "failed"};

// A text that changes whenever the file does. "" if the file does not exist, or is too large for a plan.
std::string version_of_plan(const fs::path& file) {
  std::error_code failed;
  if (!fs::is_regular_file(file, failed) || failed) return "";
  const auto bytes = fs::file_size(file, failed);
  if (failed || bytes > kMostJsonBytes) return "";
  const auto changed = fs::last_write_time(file, failed);
  return failed ? "" : fmt::format("{} {}", bytes, changed.time_since_epoch().count());
}

// The latest JSON files of a folder, the latest first.
std::vector<fs::path> json_files_in(const fs::path& folder) {
  constexpr std::size_t kMostLookedAt = 100'000;
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code failed;
  std::size_t looked = 0;
  for (fs::directory_iterator at(folder, failed);
       !failed && at != fs::directory_iterator() && ++looked < kMostLookedAt; at.increment(failed)) {
    std::error_code unknown;
    if (at->path().extension() == ".json") found.emplace_back(at->last_write_time(unknown), at->path());
  }
  std::ranges::sort(found, std::greater{});
  if (found.size() > kMostPlans) found.resize(kMostPlans);
  std::vector<fs::path> files;
  for (auto& [changed, file] : found) files.push_back(std::move(file));
  return files;
}

// A chunk's state in one word for the page. "failed" means that a person has to act: the chunk is damaged, or
// its process has died.
const char* shown_state(const farm::ChunkStatus& status, bool is_held, bool lives) {
  if (status.state == farm::ChunkState::done) return "done";
  if (lives) return "running";
  return is_held || status.state == farm::ChunkState::damaged ? "failed" : "waiting";
}

}  // namespace

Farms::Farms(const Jobs& jobs, const Workspace& workspace, Events& events, const Times& times)
    : jobs_(jobs),
      workspace_(workspace),
      events_(events),
      times_(times),
      watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

Farms::~Farms() {
  close();
}

// Opens the farm of a plan. The job in the plan may come from a stranger, so it is checked like a job that
// the page sends.
std::optional<farm::Farm> Farms::open(const fs::path& plan) const {
  try {
    farm::Farm farm{plan, schedule::read_plan(plan), {}, work::WorkFolder("")};
    if (farm.plan.chunks.empty()) return {};
    farm.job = jobs_.load({plan, farm.plan.job_yaml, {}}).job;
    farm.work = work::WorkFolder(work::work_folder_beside(farm.job.output.path));
    return farm;
  } catch (const std::exception&) {  // it is not a plan, or its job may not be read
    return {};
  }
}

fs::path Farms::output_of(const fs::path& plan, const std::string& version) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = seen_.find(plan);
    if (known != seen_.end() && known->second.version == version) return known->second.output;
  }
  const auto farm = open(plan);
  const fs::path output = farm ? farm->job.output.path : fs::path();
  constexpr std::size_t kMostSeen = 1000;
  const std::lock_guard lock(mutex_);
  if (seen_.size() > kMostSeen) seen_.clear();
  seen_[plan] = {version, output};
  return output;
}

// A plan lies where a person wrote it: beside the output, or beside the job. The plan of `render --workers`
// lies in the work folder.
std::optional<fs::path> Farms::find_plan(const job::Job& job) {
  std::vector<fs::path> files = json_files_in(job.output.path.parent_path());
  if (job.file.parent_path() != job.output.path.parent_path())
    std::ranges::move(json_files_in(job.file.parent_path()), std::back_inserter(files));
  files.push_back(work::WorkFolder(work::work_folder_beside(job.output.path)).plan());
  for (const auto& file : files) {
    const std::string version = version_of_plan(file);
    if (version.empty() || !jobs_.may_read(file)) continue;
    if (output_of(file, version) == job.output.path) return file;
  }
  return {};
}

void Farms::find_farm(Followed& followed) {
  const auto plan = find_plan(followed.job);
  if (!plan) return followed.watched.reset();
  const work::WorkFolder work(work::work_folder_beside(followed.job.output.path));
  if (!jobs_.may_read(work.root())) return followed.watched.reset();  // a link may lead elsewhere
  const std::string version = version_of_plan(*plan);
  const auto& known = followed.watched;
  if (known && known->farm.plan_file == *plan && known->version == version) return;
  auto farm = open(*plan);
  followed.watched.reset();
  if (!farm) return;
  followed.watched = std::make_unique<Watched>(Watched{version, *std::move(farm), {}, {}});
}

// Whether the chunk's process is alive. On this machine, the process itself is looked up. On another machine,
// only its lock file can be watched: a living process changes it every few seconds.
bool Farms::lives(Watched& watched, std::size_t chunk) const {
  const auto lock = watched.farm.work.chunk_lock(chunk);
  if (holder_here(lock) != 0) return true;
  std::error_code failed;
  const auto changed = fs::last_write_time(lock, failed);
  if (failed) return false;
  const auto [sign, is_new] = watched.signs.try_emplace(chunk, Sign{changed, Clock::now()});
  if (!is_new && sign->second.changed != changed) sign->second = {changed, Clock::now()};
  return Clock::now() - sign->second.seen < times_.silent;
}

nlohmann::json Farms::chunk_of(Watched& watched, std::size_t chunk, const farm::ChunkStatus& status) const {
  const bool is_held = !status.holder.empty();
  auto ranges = nlohmann::json::array();
  for (const auto piece : watched.farm.plan.chunks[chunk]) {
    if (ranges.size() == kMostPieces) break;
    const auto& [start, begin, end, shot] = watched.farm.plan.pieces[piece];
    ranges.push_back({{"begin", begin}, {"end", end}});
  }
  return {{"chunk", chunk},
          {"state", shown_state(status, is_held, is_held && lives(watched, chunk))},
          {"status", name_of(status.state)},
          {"frames", status.frames},
          {"frames_done", status.frames_done},
          {"holder", status.holder},
          {"ranges", ranges}};
}

nlohmann::json Farms::state_of(Followed& followed) {
  nlohmann::json state{{"event", "farm"},
                       {"job", workspace_.name_of(followed.job.file)},
                       {"plan", nullptr},
                       {"chunks", nlohmann::json::array()}};
  find_farm(followed);
  if (!followed.watched) return state;
  Watched& watched = *followed.watched;
  state["plan"] = workspace_.name_of(watched.farm.plan_file);
  state["output"] = workspace_.name_of(watched.farm.job.output.path);
  const auto& output = watched.farm.job.output;
  std::error_code unknown;
  state["output_exists"] = fs::exists(output.path, unknown) || !study::pictures_of_sequence(output).empty();
  std::int64_t frames = 0, frames_done = 0;
  for (const char* const word : kStates) state["counts"][word] = 0;
  const auto all = watched.watch.look(watched.farm, is_closed_);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto chunk = chunk_of(watched, i, all[i]);
    auto& count = state["counts"][chunk["state"].get<std::string>()];
    count = count.get<int>() + 1;
    frames += all[i].frames;
    frames_done += all[i].frames_done;
    if (i < kMostChunks) state["chunks"].push_back(std::move(chunk));
  }
  state["frames"] = frames;
  state["frames_done"] = frames_done;
  return state;
}

// The oldest ones make way.
std::shared_ptr<Farms::Followed> Farms::follow(const fs::path& file) {
  const std::lock_guard lock(mutex_);
  auto& followed = followed_[file];
  if (!followed) followed = std::make_shared<Followed>();
  followed->asked = ++asked_;
  const auto kept = followed;
  while (followed_.size() > kMostFollowed)
    followed_.erase(
        std::ranges::min_element(followed_, {}, [](const auto& one) { return one.second->asked; }));
  return kept;
}

nlohmann::json Farms::state(const job::Job& job) {
  const auto followed = follow(job.file);
  const std::lock_guard lock(followed->mutex);
  followed->job = job;
  auto state = state_of(*followed);
  followed->told = as_text(state);
  return state;
}

std::vector<std::shared_ptr<Farms::Followed>> Farms::all_followed() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Followed>> all;
  for (const auto& [file, followed] : followed_) all.push_back(followed);
  return all;
}

void Farms::look_at(Followed& followed) {
  const std::lock_guard lock(followed.mutex);
  if (followed.told.empty()) return;  // its first look failed, and was answered with the error
  try {
    const auto state = state_of(followed);
    std::string text = as_text(state);
    if (text == followed.told) return;
    followed.told = std::move(text);
    events_.publish(state);
  } catch (const std::exception&) {  // a folder that is away for a moment; or the studio ends
  }
}

// Looks at the chunks again and again. The longer a look takes, the longer the pause after it, so that the
// folder of a large farm is not read all the time.
void Farms::watch(const std::stop_token& stop) {
  constexpr int kShareAtRest = 20;
  Clock::duration rest = times_.look;
  while (!stop.stop_requested() && !is_closed_) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, rest, [] { return false; });
    }
    const auto begin = Clock::now();
    for (const auto& followed : all_followed()) {
      if (stop.stop_requested() || is_closed_) return;
      look_at(*followed);
    }
    rest = std::max<Clock::duration>(times_.look, kShareAtRest * (Clock::now() - begin));
  }
}

}  // namespace dreamreel::studio
