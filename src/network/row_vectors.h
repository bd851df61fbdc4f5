// Vectors of 16 numbers for the sources of inner loops (fused_rows.h, activation_rows.h, depthwise_rows.h,
// map_rows.h). Only these sources may include this header: they are compiled for newer processors than the
// rest. Everything here has internal linkage, so that no code for newer processors gets into other sources.
#pragma once

#include <immintrin.h>
#include <stdint.h>

#include "fused_rows.h"

namespace dreamreel::network::rows {
namespace {

constexpr int64_t kLanes = 16;

[[maybe_unused]] __mmask16 lanes(int64_t count) {
  return count >= kLanes ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << count) - 1);
}

[[maybe_unused]] __m512 load(const float* from, __mmask16 mask) {
  return _mm512_maskz_loadu_ps(mask, from);
}

[[maybe_unused]] __m512 load(const Bf16* from, __mmask16 mask) {
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, from)), 16));
}

[[maybe_unused]] void store(float* to, __mmask16 mask, __m512 value) {
  _mm512_mask_storeu_ps(to, mask, value);
}

[[maybe_unused]] void store(Bf16* to, __mmask16 mask, __m512 value) {
  _mm256_mask_storeu_epi16(to, mask, reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
}

/// Calls action(offset, mask) for runs of up to 16 numbers.
template <typename Action>
void each_run(int64_t count, const Action& action) {
  for (int64_t i = 0; i < count; i += kLanes) action(i, lanes(count - i));
}

/// `value`, added to what is there if `accumulate`.
template <typename T>
__m512 add_to(const T* there, __mmask16 mask, __m512 value, bool accumulate) {
  return accumulate ? _mm512_add_ps(load(there, mask), value) : value;
}

}  // namespace
}  // namespace dreamreel::network::rows
