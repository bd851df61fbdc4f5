#include "dreamreel/image/threads.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <string>
#include <thread>

#include "dreamreel/core/log.h"

namespace dreamreel::image {
namespace {

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

int set_threads(int threads) {
  const int cores = usable_cores(), count = threads > 0 ? threads : cores;
  if (count > cores)
    log_warning_once(
        fmt::format("{} threads on {}{} wait for one another, which takes far longer; without --threads, "
                    "there is one for each core",
                    count, cores, cores == 1 ? " core" : " cores"));
  at::set_num_threads(count);
  return count;
}

void keep_this_thread_single() {
  // Must come first: it runs once per thread, and would undo the next line.
  at::internal::lazy_init_num_threads();
  omp_set_num_threads(1);  // affects only teams of this thread
}

}  // namespace dreamreel::image
