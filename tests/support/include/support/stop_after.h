// Interrupts a render at an exact frame.
#pragma once

#include <cstdint>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/report/progress.h"

namespace dreamreel::test {

/// Interrupts a render right after some frames. A flag would be seen some frames later, so a short render
/// could reach its end.
class StopAfter : public report::ProgressSink {
 public:
  explicit StopAfter(std::int64_t frames) : left_(frames) {}
  void activity(const std::string&) override {}
  void start(const report::RenderStart&) override {}
  void frame(const report::FrameProgress&) override {
    if (--left_ == 0) throw Interrupted("stopped by the test");
  }
  void finish(const std::string&, std::int64_t, double) override {}

 private:
  std::int64_t left_;
};

}  // namespace dreamreel::test
