// Skips, aloud, what needs the fused executor on a processor that cannot run it. scripts/check_skips.py reads
// the reason.
#pragma once

#include <gtest/gtest.h>

#include "fused_executor.h"

#define DREAMREEL_NEEDS_FUSED(what) \
  if (!network::FusedExecutor::supports(at::kCPU, at::kFloat)) GTEST_SKIP() << "needs avx512_bf16: " << (what)
