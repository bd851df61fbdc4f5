// LibTorch's one pool of threads, and the pipeline's threads beside it.
#pragma once

namespace dreamreel::render {

/// Sets the size of LibTorch's one thread pool (Debian's starts with a single thread); 0: every core this
/// process may use. Returns the number set. Call once, before any other work.
int set_threads(int threads);

/// Call first in a pipeline thread: tensor operations started from it stay on it, so that they do not take the cores
/// from the ascent with a second pool.
void keep_this_thread_single();

}  // namespace dreamreel::render
