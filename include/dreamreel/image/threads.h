// LibTorch's pool of threads, and the pipeline's own threads beside it.
#pragma once

namespace dreamreel::image {

/// Sets the size of LibTorch's only thread pool, because Debian's starts with a single thread. 0 stands for
/// every core that this process may use. Returns the number set. Must be called once, before any other work.
int set_threads(int threads);

/// Must be called first in a pipeline thread. Tensor operations started from the thread then stay on it.
/// Otherwise they would start a second pool, which takes cores from the ascent.
void keep_this_thread_single();

}  // namespace dreamreel::image
