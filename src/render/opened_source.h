// The source of a render, opened when it is first needed, with what follows from it: the time of each frame,
// and the keys of all frames.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/schedule/script.h"

namespace dreamreel::render {

/// One thread, but any thread may read the keys. All members but open() throw what opening a source throws.
class OpenedSource {
 public:
  /// References must outlive the object; `stop` may be null.
  OpenedSource(const job::Job& job, const schedule::Plan& plan, const std::atomic<bool>* stop);

  /// The keys of the plan's frames. The first call opens the source, so a render with nothing to do opens
  /// none.
  const schedule::FrameKeys& keys();

  /// Sets the source to the first frame of a run. The source that keys() opened serves the first run, because
  /// nothing has been read from it. Only pure feedback is opened again, because its picture has to come at
  /// the run's first frame.
  void begin(const schedule::Run& run);

  /// Valid after begin().
  footage::FrameSource& source() const { return *source_; }
  const media::VideoInfo& info() const { return source_->info(); }
  const footage::Timeline& timeline() const { return *timeline_; }

  /// Opens the source once more, for a reader of its own.
  std::unique_ptr<footage::FrameSource> open(std::int64_t first_frame) const;

 private:
  const job::Job& job_;
  const schedule::Plan& plan_;
  const std::atomic<bool>* const stop_;
  std::unique_ptr<footage::FrameSource> source_;
  bool is_used_ = false;  // a run has begun with source_
  std::optional<footage::Timeline> timeline_;
  std::optional<schedule::FrameKeys> keys_;  // refers to timeline_
};

}  // namespace dreamreel::render
