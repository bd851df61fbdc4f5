// What is rendered of a job: which frames, whether a render would keep them, and their pictures.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "dreamreel/job/job.h"
#include "dreamreel/work/rendered.h"
#include "pictures.h"

namespace dreamreel::studio {

/// Where rendered frames may be looked for.
struct Lookout {
  /// Whether a file may be opened: a link in an output's folder may lead elsewhere.
  std::function<bool(const std::filesystem::path&)> may_read;
  /// Number of frames of the whole job. A film with another number shows an excerpt (--frames), and which one
  /// is not known. nullopt: unknown.
  std::optional<std::int64_t> frames;
};

/// Ranges of frames with their states, and what the next render does; docs/studio.md lists the keys.
/// `seconds_per_frame` is how long a frame took in the last render. Looks for cuts, if no earlier scan is
/// kept. Throws what prepare::forecast() throws, and Interrupted once `stop` is set.
nlohmann::json rendered_state(const job::Job& job, const Lookout& lookout,
                              const std::optional<double>& seconds_per_frame, const std::atomic<bool>& stop);

/// Shows rendered frames, wherever they lie: in a part, stored singly, among numbered pictures or in the
/// finished film. It keeps an open decoder and the latest pictures, so that a playhead may be dragged. Any
/// thread may call it; calls wait for each other.
class RenderedView {
 public:
  /// JPEG with no side longer than `longest_side`; nullopt where the frame is not rendered. Throws InputError
  /// and DataError for a damaged file.
  std::optional<std::string> picture(const job::Job& job, const Lookout& lookout, std::int64_t frame,
                                     int longest_side);

 private:
  // A file with rendered frames.
  struct Place {
    std::filesystem::path file;
    std::int64_t first = 0;  // the number of its first frame
    bool is_part = false;
  };
  // An open file.
  struct Frames {
    std::string key;
    std::int64_t next = 0;  // the number of the frame that read() gives
    std::function<std::optional<at::Tensor>()> read;
    std::function<std::int64_t(std::int64_t)> skip;
  };
  std::optional<Place> find(const job::Job& job, const Lookout& lookout, std::int64_t frame);
  bool is_whole_film(const std::filesystem::path& film, const Lookout& lookout);
  const work::Rendered& stored_in(const work::WorkFolder& work);
  std::optional<std::string> read(const Place& place, std::int64_t frame, int longest_side);
  static Frames open(const Place& place, int longest_side);

  std::mutex mutex_;
  std::string stored_key_;
  work::Rendered stored_;
  std::string film_key_;
  std::int64_t film_frames_ = 0;
  std::optional<Frames> open_;
  Pictures pictures_;
};

}  // namespace dreamreel::studio
