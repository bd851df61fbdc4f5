// The interface through which a render reports its progress. Modules that work on a render call it, from
// footage upward. The caller of the render decides how progress looks.
#pragma once

#include <cstdint>
#include <string>

namespace dreamreel::report {

/// Facts known before the first frame.
struct RenderStart {
  std::string output;
  std::int64_t first_frame = 0;  ///< absolute number of the first frame to render
  std::int64_t frame_count = 0;  ///< frames of the whole job, including frames of earlier runs
  bool frame_count_is_exact = false;
  int width = 0, height = 0;
  std::string device, precision;
  std::string kernels;  ///< result of network::kernels_of()
  int threads = 0;
};

/// One finished frame.
struct FrameProgress {
  std::int64_t frame = 0;        ///< absolute number
  std::int64_t done = 0;         ///< finished frames, including frames of earlier runs
  std::int64_t total = 0;        ///< RenderStart::frame_count
  int shot = 0;                  ///< counted from 0
  double objective = 0;          ///< value before the last step of the finest octave
  double seconds_per_frame = 0;  ///< mean over the last frames
  double eta_seconds = 0;        ///< 0 if unknown
};

/// All calls come from the thread that called render(). Only activity() may come from any thread.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// A text about work before or after the frames, e.g. "loading network inception_v3".
  virtual void activity(const std::string& text) = 0;
  virtual void start(const RenderStart& start) = 0;
  virtual void frame(const FrameProgress& progress) = 0;
  virtual void finish(const std::string& output, std::int64_t frames, double seconds) = 0;
};

}  // namespace dreamreel::report
