#include "engine.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/study/frame_view.h"
#include "dreamreel/study/picture_bytes.h"
#include "json_of.h"

namespace dreamreel::studio {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kLook = std::chrono::milliseconds(200);  // how often run() looks whether it should stop

// The names of the networks whose files are missing, each once. Networks without a card are left out, because
// they cannot be fetched.
nlohmann::json missing_networks(const job::Job& job) {
  auto names = nlohmann::json::array();
  const auto add = [&names](const std::vector<job::NetworkRef>& networks) {
    std::error_code unreadable;
    for (const auto& network : networks)
      if (network.name != network.path && !std::filesystem::exists(network.path, unreadable) &&
          std::ranges::find(names, nlohmann::json(network.name)) == names.end())
        names.push_back(network.name);
  };
  add(job::networks_of(job));
  add(job::mask_networks_of(job));
  return names;
}

}  // namespace

std::int64_t Engine::preview(Scene scene) {
  const std::lock_guard lock(mutex_);
  if (at_work_) interrupt_ = true;  // a tile goes back into its queue
  if (preview_)
    events_.publish({{"event", "preview"}, {"preview", preview_->number}, {"state", "interrupted"}});
  latest_preview_ = ++numbers_;
  preview_ = Work{latest_preview_, false, 0, {std::move(scene), ""}};
  changed_.notify_all();
  return latest_preview_;
}

std::int64_t Engine::grid(std::vector<Tile> tiles) {
  const std::lock_guard lock(mutex_);
  latest_grid_ = ++numbers_;
  tiles_.clear();
  if (at_work_ && at_work_->is_grid) interrupt_ = true;
  for (std::size_t i = 0; i < tiles.size(); ++i)
    tiles_.push_back({latest_grid_, true, i, std::move(tiles[i])});
  changed_.notify_all();
  return latest_grid_;
}

void Engine::cancel(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  if (preview_ && preview_->number == number) {
    events_.publish({{"event", "preview"}, {"preview", number}, {"state", "interrupted"}});
    preview_.reset();
  }
  if (latest_preview_ == number) latest_preview_ = 0;
  if (latest_grid_ == number) {
    latest_grid_ = 0;
    tiles_.clear();
  }
  if (at_work_ && at_work_->number == number) interrupt_ = true;
}

std::optional<Engine::Work> Engine::take(const std::atomic<bool>& stop) {
  std::unique_lock lock(mutex_);
  while (!preview_ && tiles_.empty()) {
    if (stop) return {};
    changed_.wait_for(lock, kLook);
  }
  if (stop) return {};
  Work work;
  if (preview_) {
    work = *std::exchange(preview_, {});
  } else {
    work = std::move(tiles_.front());
    tiles_.pop_front();
  }
  at_work_ = Work{work.number, work.is_grid, work.tile, {}};
  interrupt_ = false;
  return work;
}

bool Engine::is_wanted(const Work& work) {
  const std::lock_guard lock(mutex_);
  return work.number == (work.is_grid ? latest_grid_ : latest_preview_);
}

void Engine::put_back(Work work) {
  const std::lock_guard lock(mutex_);
  if (work.number == latest_grid_) tiles_.push_front(std::move(work));
}

// Publishes the events of one preview or tile. All of them begin with the same fields.
class Engine::Telling {
 public:
  Telling(Engine& engine, const Work& work) : engine_(engine), work_(work) {
    event_ = {{"event", work.is_grid ? "tile" : "preview"}, {work.is_grid ? "grid" : "preview", work.number}};
    if (work.is_grid) event_["tile"] = work.tile;
  }

  // A growing preview is shown from time to time. A tile of a grid is shown only when it is finished.
  void grow(const study::DreamProgress& progress) {
    constexpr auto kShowEvery = std::chrono::milliseconds(250);
    const bool ends_octave = progress.step == progress.steps;
    if (work_.is_grid || (!ends_octave && Clock::now() - shown_ < kShowEvery)) return;
    shown_ = Clock::now();
    event_["octave"] = progress.octave;
    event_["octaves"] = progress.octaves;
    event_["step"] = progress.step;
    event_["steps"] = progress.steps;
    show(progress.picture, "growing");
  }

  void show(const at::Tensor& picture, const char* state) {
    const std::string name = fmt::format("{}-{}-{}", work_.number, work_.tile, ++pictures_);
    engine_.pictures_.keep(name, study::jpeg_of(picture));
    event_["picture"] = "/api/pictures/" + name;
    event_["width"] = picture.size(2);
    event_["height"] = picture.size(1);
    end(state);
  }

  void end(const char* state) {
    event_["state"] = state;
    event_["seconds"] = std::chrono::duration<double>(Clock::now() - begin_).count();
    engine_.events_.publish(event_);
  }

  void fail(const Error& error) {
    event_.update(json_of(error));
    if (work_.what.scene) event_["missing"] = missing_networks(work_.what.scene->job);
    end("failed");
  }

 private:
  Engine& engine_;
  const Work& work_;
  nlohmann::json event_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_ = begin_;
  int pictures_ = 0;
};

void Engine::make(Work& work, study::DreamView& view, const std::atomic<bool>& stop) {
  Telling telling(*this, work);
  const auto grow = [&](const study::DreamProgress& progress) {
    if (stop) throw Interrupted("the studio ends");
    telling.grow(progress);
  };
  try {
    if (!work.what.scene) throw JobError(work.what.problem);
    const Scene& scene = *work.what.scene;
    telling.show(view.dream(scene.job, scene.frame, scene.longest_side, grow, interrupt_), "whole");
  } catch (const Interrupted&) {
    if (work.is_grid && is_wanted(work))
      put_back(std::move(work));
    else
      telling.end("interrupted");
  } catch (const Error& error) {
    telling.fail(error);
  } catch (const std::exception& error) {
    telling.fail(RenderError(std::string("internal error: ") + error.what()));
  }
}

void Engine::run(const std::atomic<bool>& stop) {
  study::DreamView view;
  while (auto work = take(stop)) {
    make(*work, view, stop);
    const std::lock_guard lock(mutex_);
    at_work_.reset();
  }
}

}  // namespace dreamreel::studio
