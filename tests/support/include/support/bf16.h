// Skips a test that needs a processor that multiplies bf16. On other processors another executor would run,
// and the test would not test the one that it is for. scripts/check_skips.py reads the reason.
#pragma once

#include <gtest/gtest.h>

#include "dreamreel/network/network.h"

#define DREAMREEL_NEEDS_BF16(what) \
  if (!::dreamreel::network::has_bf16(at::kCPU)) GTEST_SKIP() << "needs avx512_bf16: " << (what)
