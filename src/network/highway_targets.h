// The processors that the inner loops are compiled for; Highway calls them targets. Every source that
// includes Highway includes this header first.
#pragma once

#if defined(__x86_64__)
// The x86-64 baseline has no fused multiply-add, so loops for it would not pay. Highway insists on one such
// target; the sources leave it empty.
#define HWY_DISABLED_TARGETS (~(HWY_AVX2 | HWY_AVX3 | HWY_EMU128 | HWY_SCALAR))
#else
// Every arm64 processor has NEON. SVE vectors have no fixed size, so there can be no arrays of them.
#define HWY_COMPILE_ONLY_STATIC
#endif

/// Whether code is compiled for the target that is being included.
#define DREAMREEL_IS_TARGET (HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR)
