// What a render says about itself while it runs. The render module calls, the caller decides how it looks.
#pragma once

#include <cstdint>
#include <string>

namespace dreamreel::render {

/// Facts known before the first frame.
struct RenderStart {
  std::string output;
  std::int64_t first_frame = 0;  ///< absolute number of the first frame to render
  std::int64_t frame_count = 0;  ///< of the whole job, those of earlier runs included
  bool frame_count_is_exact = false;
  int width = 0, height = 0;
  std::string device, precision;
  std::string kernels;  ///< network::kernels_of()
  int threads = 0;
};

/// One finished frame.
struct FrameProgress {
  std::int64_t frame = 0;        ///< absolute number
  std::int64_t done = 0;         ///< frames finished, those of earlier runs included
  std::int64_t total = 0;        ///< RenderStart::frame_count
  int shot = 0;                  ///< counted from 0
  double objective = 0;          ///< before the last step of the finest octave
  double seconds_per_frame = 0;  ///< over the last frames
  double eta_seconds = 0;        ///< 0 if unknown
};

/// Calls come from the thread that called render(), except activity(), which may come from any.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// What is being done before or after the frames, e.g. "loading network inception_v3".
  virtual void activity(const std::string& text) = 0;
  virtual void start(const RenderStart& start) = 0;
  virtual void frame(const FrameProgress& progress) = 0;
  virtual void finish(const std::string& output, std::int64_t frames, double seconds) = 0;
};

}  // namespace dreamreel::render
