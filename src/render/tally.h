// Counts the finished frames of a render, measures its speed, and tells both to people. It also ends the
// render when somebody has asked for that, because the message says how far the render has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/media/video.h"
#include "dreamreel/network/network.h"
#include "dreamreel/render/render.h"

namespace dreamreel::render {

/// Measures the speed over the last frames.
class Speedometer {
 public:
  void tick();
  double seconds_per_frame() const;  ///< 0 before the second tick

 private:
  std::deque<std::chrono::steady_clock::time_point> ticks_;
};

/// Belongs to the ascending thread.
class Tally {
 public:
  /// Earlier runs finished `done` of the `total` frames. `options` must outlive the object.
  Tally(std::int64_t total, std::int64_t done, const RenderOptions& options);

  /// For each dreamed frame, `dreams` frames are dreamed, because backward passes dream some as well.
  void set_dreams_per_frame(double dreams) { dreams_per_frame_ = dreams; }

  /// Reports the start of the render. The first frame that is made has the number `first_frame`.
  void report_start(const std::string& output, std::int64_t first_frame, const media::VideoInfo& info,
                    const network::Network& network) const;
  /// Counts a frame that was dreamed or filled in, and reports it with the value of its objective.
  void report_frame(const carry::AnalysedFrame& frame, double objective);
  /// Reports a frame of a backward pass, at most every other second.
  void report_backward(std::int64_t frame);
  void report_activity(const std::string& text) const;

  /// Throws Interrupted if the render is to stop.
  void stop_if_asked() const;
  /// An observer that calls stop_if_asked() at every step of an ascent. It refers to this object.
  dream::StepObserver stopping_observer() const;

  std::int64_t done() const { return done_; }

 private:
  const std::int64_t total_;
  std::int64_t done_;  // shown frames that are finished; earlier runs finished some of them
  const RenderOptions& options_;
  double dreams_per_frame_ = 1;
  Speedometer speed_;
  std::chrono::steady_clock::time_point backward_said_{};  // when report_backward() last said something
};

}  // namespace dreamreel::render
