// Facts about sources that are known after opening them, for views that are asked again and again.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::study {

/// The keys of a job that its source frames depend on, and the source's time of change. Equal texts mean
/// equal frames.
std::string source_key(const job::Job& job);

struct Facts {
  media::VideoInfo info;
  schedule::Loop loop;
};

/// Keeps the facts of the latest sources, because finding a loop decodes the whole source. One thread.
class FactsOfSources {
 public:
  /// Throws the errors of footage::open_source().
  Facts of(const job::Job& job);

 private:
  static constexpr std::size_t kMost = 16;
  std::deque<std::pair<std::string, Facts>> kept_;
};

}  // namespace dreamreel::study
