// Lists the shots of jobs that a user is still writing, and shows small pictures of their frames. To be
// quick, it keeps the shots of the latest sources, and one opened source, for the next call.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::study {

struct ShotList {
  std::vector<schedule::Shot> shots;  ///< of all frames of the job, in order; at least one
  /// A short text. Jobs with the same text have the same source frames.
  std::string source;
};

/// Any thread may call it; calls of the same function wait for each other.
class ShotView {
 public:
  ShotView();
  ~ShotView();
  ShotView(const ShotView&) = delete;
  ShotView& operator=(const ShotView&) = delete;

  /// The shots that a render of the whole job has. The first call for a clip reads all its frames, unless a
  /// render or a check has done so before. Throws what footage::open_source() and footage::find_shots()
  /// throw, and Interrupted once `stop` is set.
  ShotList shots(const job::Job& job, const std::atomic<bool>& stop);

  /// A source frame, as SourceView::frame() gives it. It has a source of its own, so it does not disturb a
  /// SourceView that shows larger frames.
  at::Tensor picture(const job::Job& job, std::int64_t frame, int longest_side);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::study
