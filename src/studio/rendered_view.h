// What is rendered of a job: which frames, whether a render would keep them, and their pictures.
#pragma once

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

/// Ranges of frames with their states, and what the next render does; docs/studio.md lists the keys.
/// `seconds_per_frame` is how long a frame took in the last render. Each call decodes the whole source to
/// look for cuts, unless `temporal.cuts` says where they are. Throws what render::forecast() throws.
nlohmann::json rendered_state(const job::Job& job, const std::optional<double>& seconds_per_frame);

/// Shows rendered frames, wherever they lie: in a part, stored singly, among numbered pictures or in the
/// finished film. It keeps an open decoder and the latest pictures, so that a playhead may be dragged. Any
/// thread may call it; calls wait for each other.
class RenderedView {
 public:
  /// JPEG with no side longer than `longest_side`; nullopt where the frame is not rendered. Throws InputError
  /// and DataError for a damaged file.
  std::optional<std::string> picture(const job::Job& job, std::int64_t frame, int longest_side);

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
  std::optional<Place> find(const job::Job& job, std::int64_t frame);
  const work::Rendered& stored_in(const work::WorkFolder& work);
  std::optional<std::string> read(const Place& place, std::int64_t frame, int longest_side);
  static Frames open(const Place& place, int longest_side);

  std::mutex mutex_;
  std::string stored_key_;
  work::Rendered stored_;
  std::optional<Frames> open_;
  Pictures pictures_;
};

}  // namespace dreamreel::studio
