// The processors that the inner loops are compiled for (Highway's "targets"). Every source that includes Highway
// includes this header first.
#pragma once

#if defined(__x86_64__)
// What an x86-64 compiler may count on anyway has no fused multiplications, so loops for it would not pay.
// Highway insists on one such target; the sources leave it empty.
#define HWY_DISABLED_TARGETS (~(HWY_AVX2 | HWY_AVX3 | HWY_EMU128 | HWY_SCALAR))
#else
// Every arm64 processor has NEON. Vectors of SVE have no fixed size, which arrays of vectors need.
#define HWY_COMPILE_ONLY_STATIC
#endif

/// Whether code is compiled for the target that is being included.
#define DREAMREEL_IS_TARGET (HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR)
