// The one queue in front of the networks: a preview interrupts the preview before it; grids of small
// pictures wait for previews, and pictures of layers and classes wait for both. Renders are other processes
// (renders.h), and nothing here touches them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "atlas_pictures.h"
#include "dreamreel/job/job.h"
#include "events.h"
#include "pictures.h"

namespace dreamreel::study {
class DreamView;
}

namespace dreamreel::studio {

/// One frame of a job at the size of a preview; or several in a row, which are a loop to play.
struct Scene {
  job::Job job;
  std::int64_t frame = 0;
  int longest_side = 640;
  std::int64_t frames = 1;
};

/// One picture of a grid: its scene, or the problem that keeps it from being dreamed, as events report it.
struct GridTile {
  std::optional<Scene> scene;
  std::string problem;
};

/// All but run() may be called from any thread.
class Engine {
 public:
  Engine(Events& events, Pictures& pictures, const AtlasPictures& atlas)
      : events_(events), pictures_(pictures), atlas_(atlas) {}

  /// Returns the preview's number, which its events carry.
  std::int64_t preview(Scene scene);
  /// Returns the grid's number. The grid before it is given up.
  std::int64_t grid(std::vector<GridTile> tiles);
  /// Makes pictures of layers and classes. Returns the number under which events tell of them. Those that
  /// were asked for before are given up.
  std::int64_t draw_atlas(std::vector<AtlasWish> wishes);
  /// Cancels the preview, grid or atlas of this number, whether it is waiting or being made. Finished ones
  /// stay.
  void cancel(std::int64_t number);

  /// Dreams until `stop` is set. Must run on the main thread, because main() lets only that thread keep the
  /// memory that it has taken.
  void run(const std::atomic<bool>& stop);

 private:
  enum class Kind { preview, tile, atlas };
  struct Work {
    std::int64_t number = 0;
    Kind kind = Kind::preview;
    std::size_t tile = 0;  // its place in the list of the grid's tiles or of wishes
    GridTile what;
    AtlasWish wish{};
  };
  std::optional<Work> take(const std::atomic<bool>& stop);
  class Telling;
  void make(Work& work, study::DreamView& view, const std::atomic<bool>& stop);
  void make_scene(Work& work, study::DreamView& view, Telling& telling, const std::atomic<bool>& stop);
  void put_back(Work work);
  std::int64_t latest(Kind kind) const;  // with the mutex held
  bool is_wanted(const Work& work);

  Events& events_;
  Pictures& pictures_;
  const AtlasPictures& atlas_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Work> preview_;  // the next one
  std::deque<Work> tiles_;       // of the latest grid
  std::deque<Work> wishes_;      // for the latest pictures of an atlas
  std::optional<Work> at_work_;  // without its scene
  std::int64_t numbers_ = 0, latest_preview_ = 0, latest_grid_ = 0, latest_atlas_ = 0;
  std::atomic<bool> interrupt_{false};
};

}  // namespace dreamreel::studio
