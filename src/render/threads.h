// Threads of the pipeline beside LibTorch's one pool.
#pragma once

namespace dreamreel::render {

/// Call first in a pipeline thread: tensor operations started from it stay on it, so that they do not take the cores
/// from the ascent with a second pool.
void keep_this_thread_single();

}  // namespace dreamreel::render
