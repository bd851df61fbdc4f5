// Runs long work beside the page's previews, without slowing them down.
#pragma once

#include <sys/resource.h>

#include <future>
#include <utility>

namespace dreamreel::studio {

/// Returns or throws what `work` returns or throws. `work` runs on a thread of its own, and so do the threads
/// that it starts. The system gives them the processor after everything else (nice).
template <typename Work>
auto at_low_priority(Work work) {
  return std::async(std::launch::async,
                    [&work] {
                      constexpr int kNice = 15;
                      setpriority(PRIO_PROCESS, 0, kNice);  // on Linux, of this thread alone
                      return work();
                    })
      .get();
}

}  // namespace dreamreel::studio
