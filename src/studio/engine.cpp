#include "engine.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "dreamreel/cards/network_ref.h"
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
  const auto add = [&names](const std::vector<cards::NetworkRef>& networks) {
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
  if (at_work_) interrupt_ = true;  // a grid's tile goes back into its queue
  if (preview_)
    events_.publish({{"event", "preview"}, {"preview", preview_->number}, {"state", "interrupted"}});
  latest_preview_ = ++numbers_;
  preview_ = Work{latest_preview_, Kind::preview, 0, {std::move(scene), ""}};
  changed_.notify_all();
  return latest_preview_;
}

std::int64_t Engine::grid(std::vector<GridTile> tiles) {
  const std::lock_guard lock(mutex_);
  latest_grid_ = ++numbers_;
  tiles_.clear();
  if (at_work_ && at_work_->kind != Kind::preview) interrupt_ = true;
  for (std::size_t i = 0; i < tiles.size(); ++i)
    tiles_.push_back({latest_grid_, Kind::tile, i, std::move(tiles[i])});
  changed_.notify_all();
  return latest_grid_;
}

std::int64_t Engine::draw_atlas(std::vector<AtlasWish> wishes) {
  const std::lock_guard lock(mutex_);
  latest_atlas_ = ++numbers_;
  wishes_.clear();
  if (at_work_ && at_work_->kind == Kind::atlas) interrupt_ = true;
  for (std::size_t i = 0; i < wishes.size(); ++i)
    wishes_.push_back({latest_atlas_, Kind::atlas, i, {}, std::move(wishes[i])});
  changed_.notify_all();
  return latest_atlas_;
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
  if (latest_atlas_ == number) {
    latest_atlas_ = 0;
    wishes_.clear();
  }
  if (at_work_ && at_work_->number == number) interrupt_ = true;
}

std::optional<Engine::Work> Engine::take(const std::atomic<bool>& stop) {
  std::unique_lock lock(mutex_);
  while (!preview_ && tiles_.empty() && wishes_.empty()) {
    if (stop) return {};
    changed_.wait_for(lock, kLook);
  }
  if (stop) return {};
  Work work;
  if (preview_) {
    work = *std::exchange(preview_, {});
  } else {
    auto& queue = tiles_.empty() ? wishes_ : tiles_;
    work = std::move(queue.front());
    queue.pop_front();
  }
  at_work_ = Work{work.number, work.kind, work.tile, {}};
  interrupt_ = false;
  return work;
}

std::int64_t Engine::latest(Kind kind) const {
  switch (kind) {
    case Kind::preview:
      return latest_preview_;
    case Kind::tile:
      return latest_grid_;
    case Kind::atlas:
      break;
  }
  return latest_atlas_;
}

bool Engine::is_wanted(const Work& work) {
  const std::lock_guard lock(mutex_);
  return work.number == latest(work.kind);
}

void Engine::put_back(Work work) {
  const std::lock_guard lock(mutex_);
  if (work.number == latest(work.kind))
    (work.kind == Kind::tile ? tiles_ : wishes_).push_front(std::move(work));
}

// Publishes the events of one preview or of one tile of a grid. All of them begin with the same fields.
class Engine::Telling {
 public:
  Telling(Engine& engine, const Work& work) : engine_(engine), work_(work) {
    const bool is_preview = work.kind == Kind::preview, is_tile = work.kind == Kind::tile;
    event_ = {{"event", is_preview ? "preview"
                        : is_tile  ? "tile"
                                   : "atlas"},
              {is_preview ? "preview"
               : is_tile  ? "grid"
                          : "atlas",
               work.number}};
    if (!is_preview) event_[is_tile ? "tile" : "wish"] = work.tile;
  }

  // A growing preview is shown from time to time. A tile of a grid is shown only when it is finished.
  void grow(const study::DreamProgress& progress) {
    constexpr auto kShowEvery = std::chrono::milliseconds(250);
    const bool ends_octave = progress.step == progress.steps;
    if (work_.kind == Kind::tile || (!ends_octave && Clock::now() - shown_ < kShowEvery)) return;
    shown_ = Clock::now();
    event_["octave"] = progress.octave;
    event_["octaves"] = progress.octaves;
    event_["step"] = progress.step;
    event_["steps"] = progress.steps;
    show(progress.picture, "growing");
  }

  void show(const at::Tensor& picture, const char* state) {
    event_["picture"] = keep(study::jpeg_of(picture));
    event_["width"] = picture.size(2);
    event_["height"] = picture.size(1);
    end(state);
  }

  // Frames of a loop.
  void count(std::int64_t done, std::int64_t frames) {
    event_["step"] = done;
    event_["steps"] = frames;
    end("growing");
  }

  // A loop: its pictures are shown one after the other.
  void show_loop(std::vector<std::string> jpegs) {
    auto addresses = nlohmann::json::array();
    for (auto& jpeg : jpegs) addresses.push_back(keep(std::move(jpeg)));
    event_["picture"] = addresses.at(0);
    event_["pictures"] = std::move(addresses);
    end("whole");
  }

  void show_atlas(std::vector<AtlasPicture> pictures) {
    auto shown = nlohmann::json::array();
    for (auto& [channel, jpeg] : pictures) {
      shown.push_back({{"channel", nullptr}, {"picture", keep(std::move(jpeg))}});
      if (channel) shown.back()["channel"] = *channel;
    }
    event_["pictures"] = std::move(shown);
    end("whole");
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
  std::string keep(std::string jpeg) {
    const std::string name = fmt::format("{}-{}-{}", work_.number, work_.tile, ++pictures_);
    engine_.pictures_.keep(name, std::move(jpeg));
    return "/api/pictures/" + name;
  }

  Engine& engine_;
  const Work& work_;
  nlohmann::json event_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_ = begin_;
  int pictures_ = 0;
};

void Engine::make_scene(Work& work, study::DreamView& view, Telling& telling, const std::atomic<bool>& stop) {
  if (!work.what.scene) throw JobError(work.what.problem);
  const Scene& scene = *work.what.scene;
  const auto end_if_asked = [&stop] {
    if (stop) throw Interrupted("the studio ends");
  };
  if (scene.frames > 1) {
    const auto count = [&](std::int64_t done) {
      end_if_asked();
      telling.count(done, scene.frames);
    };
    return telling.show_loop(
        view.dream_loop(scene.job, scene.frame, scene.frames, scene.longest_side, count, interrupt_));
  }
  const auto grow = [&](const study::DreamProgress& progress) {
    end_if_asked();
    telling.grow(progress);
  };
  telling.show(view.dream(scene.job, scene.frame, scene.longest_side, grow, interrupt_), "whole");
}

void Engine::make(Work& work, study::DreamView& view, const std::atomic<bool>& stop) {
  Telling telling(*this, work);
  try {
    if (work.kind == Kind::atlas)
      telling.show_atlas(atlas_.make(work.wish, interrupt_));
    else
      make_scene(work, view, telling, stop);
  } catch (const Interrupted&) {
    if (work.kind != Kind::preview && is_wanted(work))
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
