// How a source of inner loops calls the functions that it is compiled to. Included once, behind HWY_ONCE.
#pragma once

#include "highway_targets.h"
// Which tells Highway the targets.
#include <hwy/highway.h>

#include "kernels.h"

#if defined(__x86_64__)
// Without one of the two (a build for newer processors alone), it is never chosen: best_kernels() knows.
#if !(HWY_TARGETS & HWY_AVX2)
#define DREAMREEL_KERNEL(function) (&N_AVX3::function)
#elif !(HWY_TARGETS & HWY_AVX3)
#define DREAMREEL_KERNEL(function) (&N_AVX2::function)
#else
#define DREAMREEL_KERNEL(function)                                                               \
  (dreamreel::network::chosen_kernels() == dreamreel::network::Kernels::avx2 ? &N_AVX2::function \
                                                                             : &N_AVX3::function)
#endif
#else
/// The chosen one of a function's targets.
#define DREAMREEL_KERNEL(function) (&HWY_STATIC_DISPATCH(function))
#endif
