#include "dreamreel/render/threads.h"

#include <ATen/Parallel.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <thread>

namespace dreamreel::render {
namespace {

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

int set_threads(int threads) {
  const int count = threads > 0 ? threads : usable_cores();
  at::set_num_threads(count);
  return count;
}

void keep_this_thread_single() {
  at::internal::lazy_init_num_threads();  // once per thread: would undo the next line if it came later
  omp_set_num_threads(1);                 // of this thread's own teams only
}

}  // namespace dreamreel::render
