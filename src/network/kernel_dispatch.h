// How code outside calls an inner loop that is compiled for several targets. Included once, behind HWY_ONCE.
#pragma once

#include "highway_targets.h"
// This header tells Highway the targets.
#include <hwy/highway.h>

#include "kernels.h"

#if defined(__x86_64__)
// A build for newer processors alone lacks one of the two targets. best_kernels() never chooses such a
// target.
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
/// The version of the function for the chosen target.
#define DREAMREEL_KERNEL(function) (&HWY_STATIC_DISPATCH(function))
#endif
