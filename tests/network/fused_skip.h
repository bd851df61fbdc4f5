// Skips tests of the fused executor on a processor that cannot run it. scripts/check_skips.py reads the
// reason.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "fused_executor.h"

#define DREAMREEL_NEEDS_FUSED(what) DREAMREEL_NEEDS_FUSED_IN(at::kFloat, what)

/// As above, for maps of float32 or bfloat16.
#define DREAMREEL_NEEDS_FUSED_IN(type, what)             \
  if (!network::FusedExecutor::supports(at::kCPU, type)) \
  GTEST_SKIP() << ::dreamreel::network::missing_for_fused(type) << ": " << (what)

namespace dreamreel::network {

/// "needs FLAG", and the limit that may hide this flag of the processor.
inline std::string missing_for_fused(at::ScalarType type) {
  const std::string flag = type == at::kBFloat16 ? "avx512_bf16" : "avx2";
  const char* const limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  return "needs " + flag + (limit == nullptr ? "" : ", under ONEDNN_MAX_CPU_ISA=" + std::string(limit));
}

}  // namespace dreamreel::network
