#include "renders.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "api_error.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/cache_folder.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/study/finished_files.h"
#include "dreamreel/work/work_folder.h"
#include "json_of.h"
#include "lock_holders.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

constexpr auto kLookEvery = std::chrono::milliseconds(300);
constexpr std::size_t kMostTail = 16384;

// The file that records one thing about a render: ".jsonl" its progress, ".log" its messages. Both go by the
// output. ".output" goes by the job file, and holds the output that its last render was started with.
fs::path record_of(const fs::path& output, const char* extension) {
  const auto folder = cache_or_temporary_folder() / "studio";
  return folder / (sha256_hex(output.string()).substr(0, 24) + extension);
}

std::string tail_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return "";
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg()));
  const auto count = std::min(size, kMostTail);
  std::string text(count, '\0');
  in.seekg(static_cast<std::streamoff>(size - count));
  in.read(text.data(), static_cast<std::streamsize>(count));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  return text;
}

// The last line is read only when it is whole.
std::vector<nlohmann::json> events_in(const std::string& text) {
  std::vector<nlohmann::json> events;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    auto event = nlohmann::json::parse(text.substr(at, end - at), nullptr, /*allow_exceptions=*/false);
    if (event.is_object() && event.contains("event")) events.push_back(std::move(event));
  }
  return events;
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t kMostShown = 2000;
  return text.size() <= kMostShown ? text : text.substr(text.size() - kMostShown);
}

pid_t holder_of(const fs::path& output) {
  return holder_here(work::WorkFolder(work::work_folder_beside(output)).lock());
}

// The last render of a job file that a studio started. The file may have got another output since.
struct Started {
  pid_t process = 0;  // 0 if none is known
  fs::path output;
};

Started started_render(const fs::path& job) {
  constexpr std::size_t kMostBytes = 65536;
  const std::string text = read_beginning(record_of(job, ".output"), kMostBytes).text.value_or("");
  Started started;
  const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), started.process);
  const auto line = static_cast<std::size_t>(rest - text.data());
  if (wrong != std::errc{} || line >= text.size() || text[line] != '\n') return {};
  started.output = text.substr(line + 1);
  return started;
}

bool is_finished(const job::Job& job) {
  std::error_code unknown;
  return fs::exists(job.output.path, unknown) || !study::pictures_of_sequence(job.output).empty();
}

bool is_younger(const fs::path& file, const fs::path& than) {
  std::error_code failed;
  const auto written = fs::last_write_time(file, failed);
  if (failed) return false;
  const auto other = fs::last_write_time(than, failed);
  return failed || written >= other;
}

// In a session of its own, so that what stops the studio's terminal does not stop it.
pid_t spawn_render(const std::vector<std::string>& command, const fs::path& progress,
                   const fs::path& messages) {
  std::vector<char*> arguments;
  for (const auto& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: spawn's signature
  arguments.push_back(nullptr);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, progress.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages.c_str(), kWrite, 0600);
  // The render may outlive the studio, so it must not hold the studio's connections and files open.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int failure = posix_spawn(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    throw RenderError(fmt::format("cannot start {}: {}", command.front(), std::strerror(failure)));
  return pid;
}

void add_progress(const std::vector<nlohmann::json>& events, nlohmann::json& state) {
  for (const auto& event : events) {
    const auto kind = event.value("event", "");
    if (kind == "frame")
      for (const char* const key : {"frame", "done", "total", "seconds_per_frame", "eta_seconds"})
        if (event.contains(key)) state[key] = event[key];
    if (kind == "start" && event.contains("total")) state["total"] = event["total"];
    if (kind == "activity") state["activity"] = event.value("text", "");
    if (kind == "frame") state["activity"] = "";
  }
}

}  // namespace

void note_started(const fs::path& job, pid_t process, const fs::path& output) {
  write_file_atomically(record_of(job, ".output"), fmt::format("{}\n{}", process, output.string()));
}

Renders::Renders(const Workspace& workspace, Events& events, fs::path program)
    : workspace_(workspace),
      events_(events),
      program_(std::move(program)),
      watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

Renders::~Renders() = default;

// The list of jobs is what the watcher looks at again and again, so it must not grow for ever.
void Renders::ask(const job::Job& job) {
  constexpr std::size_t kMostJobs = 32;
  Asked& asked = jobs_[job.file];
  asked.job = job;
  asked.used = ++uses_;
  const auto used = [](const auto& one) { return one.second.used; };
  if (jobs_.size() > kMostJobs) jobs_.erase(std::ranges::min_element(jobs_, {}, used));
}

// A process that still runs is never forgotten, because it has to be reaped.
Renders::Followed& Renders::follow(const fs::path& output) {
  constexpr std::size_t kMostOutputs = 64;
  Followed& followed = followed_[output];
  followed.used = ++uses_;
  for (auto oldest = followed_.end(); followed_.size() > kMostOutputs; oldest = followed_.end()) {
    for (auto one = followed_.begin(); one != followed_.end(); ++one)
      if (one->second.child == 0 && (oldest == followed_.end() || one->second.used < oldest->second.used))
        oldest = one;
    if (oldest == followed_.end() || &oldest->second == &followed) break;
    followed_.erase(oldest);
  }
  return followed;
}

void Renders::reap_all() {
  for (auto& [output, followed] : followed_) reap(followed);
}

bool Renders::runs(const fs::path& output) const {
  const auto followed = followed_.find(output);
  return (followed != followed_.end() && followed->second.child > 0) || holder_of(output) != 0;
}

// A running render goes on into the output that it was started with, whatever the job's file says now.
// Another job may be rendered into that output by now; its process has another number.
job::Job Renders::at_work(const job::Job& job) const {
  if (runs(job.output.path)) return job;
  const auto [process, output] = started_render(job.file);
  if (process <= 0) return job;
  const auto followed = followed_.find(output);
  const bool is_own = followed != followed_.end() && followed->second.child == process;
  if (!is_own && holder_of(output) != process) return job;
  job::Job other = job;
  other.output.path = output;
  return other;
}

void Renders::reap(Followed& followed) {
  int status = 0;
  if (followed.child <= 0 || waitpid(followed.child, &status, WNOHANG) != followed.child) return;
  followed.child = 0;
  followed.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

nlohmann::json Renders::state_of(const job::Job& asked) {
  reap_all();
  const job::Job job = at_work(asked);
  const auto& output = job.output.path;
  Followed& followed = follow(output);
  const work::WorkFolder folder(work::work_folder_beside(output));
  nlohmann::json state{{"event", "render"},
                       {"job", workspace_.name_of(job.file)},
                       {"output", workspace_.name_of(output)},
                       {"output_exists", is_finished(job)},
                       {"state", "none"},
                       {"activity", ""}};
  const bool is_held_by_another = followed.child == 0 && holder_of(output) != 0;
  if (is_held_by_another) followed.exit_code = -1;  // how our own render ended is over
  const bool runs = followed.child > 0 || is_held_by_another;
  const auto events = events_in(tail_of(record_of(output, ".jsonl")));
  add_progress(events, state);
  std::error_code unknown;
  const bool ended_well = state["output_exists"].get<bool>() &&
                          ((!events.empty() && events.back().value("event", "") == "finish") ||
                           is_younger(output, folder.plan()));
  // A signal that comes before the render listens to signals ends it, too.
  const bool was_stopped =
      followed.exit_code == static_cast<int>(ExitCode::interrupted) || followed.exit_code == 128 + SIGTERM;
  if (runs)
    state["state"] = "running";
  else if (followed.exit_code > 0 && !was_stopped)
    state["state"] = "failed";
  else if (ended_well)
    state["state"] = "finished";
  else if (fs::exists(folder.plan(), unknown))
    state["state"] = "paused";
  if (state["state"] == "failed") state["message"] = last_lines(tail_of(record_of(output, ".log")));
  return state;
}

nlohmann::json Renders::state(const job::Job& job) {
  const std::lock_guard lock(mutex_);
  ask(job);
  wake();
  return state_of(job);
}

void Renders::start(const job::Job& job, bool overwrite) {
  const std::lock_guard lock(mutex_);
  ask(job);
  reap_all();
  const auto& output = job.output.path;
  if (runs(output)) throw ApiError(409, workspace_.name_of(output) + " is being rendered already");
  if (const auto other = at_work(job).output.path; other != output)
    throw ApiError(
        409, fmt::format("the job is being rendered into {}; pause that first", workspace_.name_of(other)));
  if (!overwrite && state_of(job)["state"] == "finished")
    throw ApiError(409, workspace_.name_of(output) + " is finished; `overwrite` replaces it");
  std::vector<std::string> command{program_.string(), "render", job.file.string(),
                                   "--progress",      "json",   "--keep-work"};
  if (overwrite) command.emplace_back("--overwrite");
  const auto progress = record_of(output, ".jsonl");
  make_folders(progress.parent_path());
  Followed& followed = follow(output);
  followed.exit_code = -1;
  followed.child = spawn_render(command, progress, record_of(output, ".log"));
  note_started(job.file, followed.child, output);
  wake();
}

void Renders::wake() {
  is_awake_ = true;
  wake_.notify_all();
}

void Renders::pause(const job::Job& job) {
  const std::lock_guard lock(mutex_);
  ask(job);
  reap_all();
  const fs::path output = at_work(job).output.path;
  const auto followed = followed_.find(output);
  const bool is_own = followed != followed_.end() && followed->second.child > 0;
  const pid_t pid = is_own ? followed->second.child : holder_of(output);
  if (pid > 0) kill(pid, SIGTERM);
}

std::optional<double> Renders::seconds_per_frame(const job::Job& job) {
  std::optional<double> seconds;
  for (const auto& event : events_in(tail_of(record_of(job.output.path, ".jsonl"))))
    if (const auto found = event.find("seconds_per_frame"); found != event.end() && found->is_number())
      if (found->get<double>() > 0) seconds = found->get<double>();
  return seconds;
}

void Renders::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    bool any_runs = false;
    for (auto& [file, asked] : jobs_) {
      const auto state = state_of(asked.job);
      any_runs = any_runs || state["state"] == "running";
      std::string text = as_text(state);
      if (text == asked.told) continue;
      asked.told = std::move(text);
      events_.publish(state);
    }
    // Where none runs, nothing changes until somebody asks; another program's render is then seen a little
    // later.
    wake_.wait_for(lock, stop, any_runs ? kLookEvery : kLookEvery * 10, [this] { return is_awake_; });
    is_awake_ = false;
  }
}

}  // namespace dreamreel::studio
