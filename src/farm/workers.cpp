#include <fmt/core.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGTERM for children

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "child.h"
#include "done_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/render/join.h"
#include "dreamreel/render/render.h"
#include "dreamreel/report/progress.h"

namespace dreamreel::farm {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 50;

struct Worker {
  Child child;
  std::size_t chunk;
};

class Workers {
 public:
  Workers(Farm& farm, std::filesystem::path executable, const WorkersOptions& options)
      : farm_(farm), executable_(std::move(executable)), options_(options) {
    for (std::size_t i = 0; i < farm_.plan.chunks.size(); ++i) waiting_.push_back(i);
    slots_.resize(static_cast<std::size_t>(std::max(1, options.workers)));
  }

  void run() {
    while (next_ < waiting_.size() || busy() > 0) {
      if (is_stopped()) stop_all();
      for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        if (!slots_[slot] && next_ < waiting_.size()) start(slot);
      wait_for_news();
      for (auto& slot : slots_)
        if (slot) listen(slot);
    }
  }

 private:
  bool is_stopped() const { return options_.render.stop != nullptr && options_.render.stop->load(); }
  std::size_t busy() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(slots_, [](const auto& slot) { return slot.has_value(); }));
  }

  void start(std::size_t slot) {
    const std::size_t chunk = waiting_[next_++];
    std::vector<std::string> command{executable_.string(),
                                     "farm",
                                     "chunk",
                                     "--plan",
                                     farm_.work.plan().string(),
                                     "--index",
                                     std::to_string(chunk),
                                     "--work",
                                     farm_.work.root().string(),
                                     "--progress",
                                     "json"};
    if (options_.threads > 0) {
      const int each = std::max(1, options_.threads / static_cast<int>(slots_.size()));
      command.insert(command.end(), {"--threads", std::to_string(each)});
    }
    if (const auto memory = memory_of_one(); memory > 0)
      command.insert(command.end(), {"--memory", std::to_string(memory)});
    if (options_.render.keep_dreams) command.emplace_back("--keep-dreams");
    if (!options_.devices.empty())
      command.insert(command.end(), {"--device", options_.devices[slot % options_.devices.size()]});
    slots_[slot].emplace(Worker{Child(command), chunk});
  }

  // Memory of one worker in bytes. Workers on one device share its memory.
  std::int64_t memory_of_one() const {
    const auto all = options_.render.memory > 0 ? options_.render.memory : farm_.plan.memory;
    const auto devices = std::max<std::size_t>(1, options_.devices.size());
    const auto on_one = (slots_.size() + devices - 1) / devices;
    return all / static_cast<std::int64_t>(on_one);
  }

  void wait_for_news() const {
    std::vector<pollfd> outputs;
    for (const auto& slot : slots_)
      if (slot) outputs.push_back({slot->child.output(), POLLIN, 0});
    poll(outputs.data(), outputs.size(), kPollMs);
  }

  void listen(std::optional<Worker>& slot) {
    std::vector<std::string> lines;
    const bool goes_on = slot->child.read(lines);
    for (const auto& line : lines) take(line, slot->chunk);
    if (goes_on) return;
    const int code = slot->child.wait();
    const std::size_t chunk = slot->chunk;
    slot.reset();
    if (code == 0) return;
    const auto kind = code < 128 ? static_cast<ExitCode>(code) : ExitCode::render;
    const std::string what = fmt::format("the worker of chunk {} ended with exit code {}", chunk, code);
    stop_children();
    if (is_stopped()) throw_interrupted();
    throw Error(kind, what + "; run the same command again to go on from there");
  }

  // Adds the frames of all workers up to one progress.
  void take(const std::string& line, std::size_t chunk) {
    if (options_.render.progress == nullptr) return;
    const auto event = nlohmann::json::parse(line, nullptr, false);
    if (event.is_discarded() || event.value("event", "") != "frame") return;
    done_[chunk] = event.value("done", std::int64_t{0});
    report::FrameProgress progress;
    progress.frame = event.value("frame", std::int64_t{0});
    for (const auto& [which, frames] : done_) progress.done += frames;
    progress.total = farm_.plan.frame_count();
    progress.shot = event.value("shot", 0);
    progress.objective = event.value("objective", 0.0);
    progress.seconds_per_frame =
        event.value("seconds_per_frame", 0.0) / static_cast<double>(std::max<std::size_t>(1, busy()));
    progress.eta_seconds = static_cast<double>(progress.total - progress.done) * progress.seconds_per_frame;
    options_.render.progress->frame(progress);
  }

  void stop_children() {
    for (const auto& slot : slots_)
      if (slot) slot->child.signal(SIGTERM);
    for (auto& slot : slots_) {
      if (slot) slot->child.wait();
      slot.reset();
    }
  }

  [[noreturn]] static void throw_interrupted() {
    throw Interrupted("interrupted; run the same command again to go on from there");
  }

  [[noreturn]] void stop_all() {
    stop_children();
    throw_interrupted();
  }

  Farm& farm_;
  const std::filesystem::path executable_;
  const WorkersOptions& options_;
  std::vector<std::size_t> waiting_;
  std::size_t next_ = 0;
  std::vector<std::optional<Worker>> slots_;
  std::map<std::size_t, std::int64_t> done_;
};

}  // namespace

render::RenderResult render_with_workers(const job::Job& job, const std::filesystem::path& executable,
                                         const WorkersOptions& asked) {
  WorkersOptions options = asked;
  const auto started = Clock::now();
  const work::WorkFolder work(work::work_folder_beside(job.output.path));
  work::WorkLock lock(work.lock(), job.output.path.string(), options.render.stop);
  options.render.stop = lock.stop();
  work.expect_no_chunk_at_work(options.render.stop);
  Farm farm{work.plan(), render::prepare_plan(job, work, lock, options.render), job, work};
  if (farm.plan.chunks.empty()) {
    split(farm.plan, {});
    write_plan(work.plan(), farm.plan);
  }
  Workers(farm, executable, options).run();
  if (options.render.progress != nullptr)
    options.render.progress->activity("joining into " + job.output.path.string());
  lock.expect_held();
  render::join_pieces(job, farm.plan, work, options.render);
  if (!options.render.keep_work && !options.render.keep_dreams) work.remove(lock);
  render::RenderResult result;
  result.frames = farm.plan.frame_count();
  result.shots = static_cast<std::int64_t>(farm.plan.shots.size());
  result.damage = farm.plan.damage;
  result.source_damaged = !result.damage.empty();
  if (options.render.progress != nullptr)
    options.render.progress->finish(job.output.path.string(), result.frames,
                                    std::chrono::duration<double>(Clock::now() - started).count());
  return result;
}

}  // namespace dreamreel::farm
