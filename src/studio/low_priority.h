// Runs long work beside the page's previews, without slowing them down.
#pragma once

#include <sys/resource.h>

#include <future>
#include <utility>

namespace dreamreel::studio {

/// Returns or throws what `work` returns or throws. `work` runs on a thread of its own, and so do the threads
/// that it starts. Where the processors are busy, the system gives each of them a third of what it gives to
/// other threads (nice). With less they would stand still beside a render.
template <typename Work>
auto at_low_priority(Work work) {
  return std::async(std::launch::async,
                    [&work] {
                      constexpr int kNice = 5;
                      setpriority(PRIO_PROCESS, 0, kNice);  // on Linux, of this thread alone
                      return work();
                    })
      .get();
}

}  // namespace dreamreel::studio
