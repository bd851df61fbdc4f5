#include "pyramid_steps.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <vector>

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kTaps = 5, kBefore = 2;
constexpr std::int64_t kGrainRows = 16;  // the least rows for a thread

float weight(std::int64_t row, std::int64_t column, float factor) {
  return kPyramidLine[row] * kPyramidLine[column] * factor;
}

/// sums <- x * weight + sums, rounded once.
[[gnu::always_inline]] inline void add_fused(float* sums, const float* x, float weight, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] = __builtin_fmaf(x[i], weight, sums[i]);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void add_fused_quickly(float* sums, const float* x, float weight,
                                                   std::int64_t count) {
  add_fused(sums, x, weight, count);
}
#endif

void add_product_fused(float* sums, const float* x, float weight, std::int64_t count) {
#if defined(__x86_64__)
  static const bool is_quick = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (is_quick) return add_fused_quickly(sums, x, weight, count);
#endif
  add_fused(sums, x, weight, count);
}

/// sums <- (x * weight) + sums, rounded twice. Compiler flags of this source forbid fusing the two.
void add_product(float* sums, const float* x, float weight, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += x[i] * weight;
}

/// Column c of sums <- column c + shift of x, if it exists, combined by `add`.
template <typename Add>
void add_shifted(std::vector<float>& sums, const std::vector<float>& x, std::int64_t shift, float weight,
                 const Add& add) {
  const auto first = std::max<std::int64_t>(0, -shift);
  const auto end =
      std::min(static_cast<std::int64_t>(sums.size()), static_cast<std::int64_t>(x.size()) - shift);
  if (end > first) add(sums.data() + first, x.data() + first + shift, weight, end - first);
}

/// The even and the odd columns of a row.
struct Columns {
  explicit Columns(std::int64_t width)
      : even(static_cast<std::size_t>((width + 1) / 2)), odd(static_cast<std::size_t>(width / 2)) {}
  void take(const float* row) {
    for (std::size_t i = 0; i < even.size(); ++i) even[i] = row[2 * i];
    for (std::size_t i = 0; i < odd.size(); ++i) odd[i] = row[2 * i + 1];
  }
  void give(float* row) const {
    for (std::size_t i = 0; i < even.size(); ++i) row[2 * i] = even[i];
    for (std::size_t i = 0; i < odd.size(); ++i) row[2 * i + 1] = odd[i];
  }
  std::vector<float> even, odd;
};

/// Computes row `y` of half a plane; the plane has `height` rows.
void halve_row(const float* plane, std::int64_t height, std::int64_t width, std::int64_t y, Columns& columns,
               std::vector<float>& sums) {
  std::ranges::fill(sums, 0.0F);
  for (std::int64_t tap = 0; tap < kTaps; ++tap) {
    const auto from = 2 * y - kBefore + tap;
    if (from < 0 || from >= height) continue;
    columns.take(plane + from * width);
    for (std::int64_t k = 0; k < kTaps; ++k)
      add_shifted(sums, k % 2 == 0 ? columns.even : columns.odd, k / 2 - 1, weight(tap, k, 1),
                  add_product_fused);
  }
}

/// Adds a row of the half to a row of the whole. The two meet at row `tap` of the kernel.
void double_row(const std::vector<float>& half, std::int64_t tap, Columns& columns) {
  for (std::int64_t k = 0; k < kTaps; ++k)
    add_shifted(k % 2 == 0 ? columns.even : columns.odd, half, 1 - k / 2, weight(tap, k, 4), add_product);
}

}  // namespace

at::Tensor halved_on_cpu(const at::Tensor& picture) {
  const auto source = picture.contiguous();
  const auto height = source.size(2), width = source.size(3);
  const auto rows = (height + 1) / 2, half_width = (width + 1) / 2;
  auto result = at::empty({1, source.size(1), rows, half_width}, source.options());
  const float* const from = source.data_ptr<float>();
  float* const to = result.data_ptr<float>();
  at::parallel_for(0, source.size(1) * rows, kGrainRows, [&](std::int64_t begin, std::int64_t end) {
    Columns columns(width);
    std::vector<float> sums(static_cast<std::size_t>(half_width));
    for (auto i = begin; i < end; ++i) {
      halve_row(from + i / rows * height * width, height, width, i % rows, columns, sums);
      std::ranges::copy(sums, to + i * half_width);
    }
  });
  return result;
}

at::Tensor doubled_on_cpu(const at::Tensor& picture, std::int64_t height, std::int64_t width) {
  const auto source = picture.contiguous();
  const auto rows = source.size(2), half_width = source.size(3);
  auto result = at::empty({1, source.size(1), height, width}, source.options());
  const float* const from = source.data_ptr<float>();
  float* const to = result.data_ptr<float>();
  at::parallel_for(0, source.size(1) * height, kGrainRows, [&](std::int64_t begin, std::int64_t end) {
    Columns columns(width);
    std::vector<float> half(static_cast<std::size_t>(half_width));
    for (auto i = begin; i < end; ++i) {
      std::ranges::fill(columns.even, 0.0F);
      std::ranges::fill(columns.odd, 0.0F);
      const auto y = i % height;
      for (auto tap = y % 2; tap < kTaps; tap += 2) {
        const auto row = (y + kBefore - tap) / 2;
        if (row < 0 || row >= rows) continue;
        std::copy_n(from + (i / height * rows + row) * half_width, half_width, half.begin());
        double_row(half, tap, columns);
      }
      columns.give(to + i * width);
    }
  });
  return result;
}

}  // namespace dreamreel::dream
