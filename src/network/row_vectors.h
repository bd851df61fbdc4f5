// Vectors of float32 for the sources of inner loops (fused_rows.h, activation_rows.h, depthwise_rows.h,
// map_rows.h, winograd_tiles.h). Highway includes these sources, and this header, once for each target. A
// vector has as many lanes as the target.
//
// Every lane is computed alone and in one order, so that all targets give the same bits. The only exception
// is the maximum of 0 and -0: it is 0 on NEON and -0 elsewhere.
#include "highway_targets.h"

// This guard lets the header in once for each target, as in Highway's own headers.
#if defined(DREAMREEL_ROW_VECTORS_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DREAMREEL_ROW_VECTORS_H
#undef DREAMREEL_ROW_VECTORS_H
#else
#define DREAMREEL_ROW_VECTORS_H
#endif

#include <hwy/highway.h>
#include <cstdint>

#include "fused_rows.h"

HWY_BEFORE_NAMESPACE();
namespace dreamreel::network::rows::HWY_NAMESPACE {
#if DREAMREEL_IS_TARGET

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Words = hn::Rebind<uint32_t, Floats>;
using Halves = hn::Rebind<uint16_t, Floats>;
using Bytes = hn::Rebind<uint8_t, Floats>;
using Vector = hn::Vec<Floats>;
using Mask = hn::Mask<Floats>;

constexpr int64_t kLanes = HWY_MAX_BYTES / sizeof(float);
static_assert(kLanes <= 16);

/// Channels of a block (Format::blocked), as in oneDNN's layouts for such a processor.
constexpr int64_t kBlock = kLanes < 8 ? 8 : kLanes;

/// A whole vector, or only its first numbers.
struct Whole {};
struct Part {
  int64_t count;  ///< below kLanes
};

/// Whether a masked load or store leaves the memory beyond the first numbers untouched, for numbers of type
/// T.
template <typename T>
constexpr bool kMasksMemory = HWY_TARGET == HWY_AVX3 ||
                              (HWY_TARGET == HWY_AVX2 && sizeof(T) == sizeof(float));

template <typename Tag>
HWY_INLINE hn::Vec<Tag> load_part(Tag tag, const hn::TFromD<Tag>* from, int64_t count) {
  using T = hn::TFromD<Tag>;
  if constexpr (kMasksMemory<T>) {
    return hn::MaskedLoad(hn::FirstN(tag, static_cast<size_t>(count)), tag, from);
  } else {
    T numbers[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) numbers[i] = from[i];
    return hn::LoadU(tag, numbers);
  }
}

template <typename Tag>
HWY_INLINE void store_part(Tag tag, hn::TFromD<Tag>* to, hn::Vec<Tag> value, int64_t count) {
  using T = hn::TFromD<Tag>;
  if constexpr (kMasksMemory<T>) {
    hn::BlendedStore(value, hn::FirstN(tag, static_cast<size_t>(count)), tag, to);
  } else {
    T numbers[kLanes];
    hn::StoreU(value, tag, numbers);
    for (int64_t i = 0; i < count; ++i) to[i] = numbers[i];
  }
}

template <typename T>
HWY_INLINE auto load_raw(const T* from, Whole) {
  return hn::LoadU(hn::Rebind<T, Floats>(), from);
}
template <typename T>
HWY_INLINE auto load_raw(const T* from, Part part) {
  return load_part(hn::Rebind<T, Floats>(), from, part.count);
}
template <typename T, typename V>
HWY_INLINE void store_raw(T* to, Whole, V value) {
  hn::StoreU(value, hn::Rebind<T, Floats>(), to);
}
template <typename T, typename V>
HWY_INLINE void store_raw(T* to, Part part, V value) {
  store_part(hn::Rebind<T, Floats>(), to, value, part.count);
}

HWY_INLINE Vector zero() {
  return hn::Zero(Floats());
}
HWY_INLINE Vector all(float number) {
  return hn::Set(Floats(), number);
}

/// A bfloat16 is the upper half of a float32.
HWY_INLINE Vector widened(hn::Vec<Halves> bits) {
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(Words(), bits)));
}

/// Rounds to the nearest bfloat16; of two that are equally near, to the even one. Numbers too small for a
/// normal float32 become 0, as in AVX512-BF16's VCVTNEPS2BF16.
HWY_INLINE hn::Vec<Halves> rounded(Vector value) {
#if HWY_TARGET == HWY_AVX3
  // Highway 1.0 has no target with this instruction. Maps are bfloat16 only if the processor has it.
  hn::Vec<Halves> bits = hn::Undefined(Halves());
  __asm__("vcvtneps2bf16 %1, %0" : "=v"(bits.raw) : "v"(value.raw));
  return bits;
#else
  const Words words;
  const auto bits = hn::BitCast(words, value);
  const auto upper = hn::ShiftRight<16>(bits);
  const auto is_odd = hn::And(upper, hn::Set(words, 1));
  const auto nearest = hn::ShiftRight<16>(hn::Add(bits, hn::Add(is_odd, hn::Set(words, 0x7FFF))));
  const auto exponent = hn::And(bits, hn::Set(words, 0x7F800000));
  const auto is_nan = hn::RebindMask(words, hn::Not(hn::Eq(value, value)));
  const auto number =
      hn::IfThenElse(hn::Eq(exponent, hn::Zero(words)), hn::And(upper, hn::Set(words, 0x8000)), nearest);
  return hn::TruncateTo(Halves(), hn::IfThenElse(is_nan, hn::Or(upper, hn::Set(words, 0x40)), number));
#endif
}

/// `part` is Whole or Part. Numbers beyond a Part become 0.
template <typename P>
HWY_INLINE Vector load(const float* from, P part) {
  return load_raw(from, part);
}
template <typename P>
HWY_INLINE Vector load(const Bf16* from, P part) {
  return widened(load_raw(from, part));
}
template <typename T>
HWY_INLINE Vector load(const T* from) {
  return load(from, Whole());
}

template <typename P>
HWY_INLINE void store(float* to, P part, Vector value) {
  store_raw(to, part, value);
}
template <typename P>
HWY_INLINE void store(Bf16* to, P part, Vector value) {
  store_raw(to, part, rounded(value));
}
template <typename T>
HWY_INLINE void store(T* to, Vector value) {
  store(to, Whole(), value);
}

/// Calls action(offset, Whole or Part) for each vector of `count` numbers.
template <typename Action>
HWY_INLINE void each_run(int64_t count, const Action& action) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) action(i, Whole());
  if (i < count) action(i, Part{count - i});
}

/// Returns `value`; with `accumulate`, adds the numbers already there.
template <typename T, typename P>
HWY_INLINE Vector add_to(const T* there, P part, Vector value, bool accumulate) {
  return accumulate ? hn::Add(load(there, part), value) : value;
}

/// `mask ? value : 0`
HWY_INLINE Vector kept(Mask mask, Vector value) {
  return hn::IfThenElseZero(mask, value);
}

#endif  // DREAMREEL_IS_TARGET
}  // namespace dreamreel::network::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // the guard
