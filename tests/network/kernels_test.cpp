// The fused executor's inner loops, as they are compiled for each kind of processor. All kinds that this
// processor can run must give the same bits. fused_test.cpp tests whether the numbers are correct.
#include "kernels.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "activation_rows.h"
#include "blocked_map.h"
#include "depthwise.h"
#include "fused_skip.h"
#include "map_rows.h"

namespace dreamreel::network {
namespace {

using rows::Bf16;

constexpr float kLow = -0.5F, kHigh = 1.5F, kSlope = 0.2F;

template <typename T>
constexpr at::ScalarType kTypeOf = sizeof(T) == sizeof(float) ? at::kFloat : at::kBFloat16;

/// Numbers, of which some are NaN, infinite, 0 with either sign, or exactly a limit.
template <typename T>
class Numbers {
 public:
  std::vector<T> make(std::int64_t count) {
    static const float kSpecial[] = {NAN, INFINITY, -INFINITY, 0, -0.0F, kLow, kHigh, 3, -3, 1, 6};
    std::vector<T> made(static_cast<std::size_t>(count));
    for (auto& number : made) {
      const bool is_special = generator_() % 8 == 0;
      number = as(is_special ? kSpecial[generator_() % std::size(kSpecial)] : normal_(generator_));
    }
    return made;
  }
  static T as(float number) {
    if constexpr (sizeof(T) == sizeof(float)) return number;
    const c10::BFloat16 half(number);
    return half.x;
  }

 private:
  std::mt19937 generator_{7};
  std::normal_distribution<float> normal_{0, 3};
};

/// The results of all functions for the same numbers, one after another.
class Record {
 public:
  template <typename T>
  void add(const std::vector<T>& made) {
    const auto* const bytes = reinterpret_cast<const char*>(made.data());
    bytes_.append(bytes, made.size() * sizeof(T));
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Element-wise functions. The counts cover every length of the rest after whole vectors.
template <typename T>
void run_along(Record& record) {
  Numbers<T> numbers;
  Numbers<float> floats;
  for (std::int64_t count = 1; count < 40; ++count) {
    const auto x = numbers.make(count), z = numbers.make(count), there = numbers.make(count);
    const auto scale = floats.make(count), shift = floats.make(count);
    const auto run = [&](const auto& function) {
      auto y = there;
      function(y.data(), x.data());
      record.add(y);
    };
    run([&](T* y, const T* in) { rows::relu(y, in, count); });
    run([&](T* y, const T* in) { rows::clip(y, in, count, kLow, kHigh); });
    run([&](T* y, const T* in) { rows::mask_nonzero(y, in, count); });
    run([&](T* y, const T* in) { rows::mask_between(y, in, count, kLow, kHigh); });
    run([&](T* y, const T* in) { rows::leaky_relu(y, in, count, kSlope); });
    run([&](T* y, const T* in) { rows::leaky_relu_gradient(y, in, count, kSlope); });
    run([&](T* y, const T* in) { rows::hard_swish(y, in, count); });
    run([&](T* y, const T* in) { rows::hard_swish_gradient(y, in, count); });
    run([&](T* y, const T* in) { rows::hard_sigmoid(y, in, 1, count, (count + 1) / 2, kSlope, 0.5F); });
    run([&](T* y, const T* in) { rows::hard_sigmoid_gradient(y, in, count, kSlope); });
    for (const bool flag : {false, true}) {
      run([&](T* y, const T* in) { rows::add(y, in, z.data(), count, flag); });
      run([&](T* y, const T* in) { rows::multiply(y, in, z.data(), count, flag); });
      run([&](T* y, const T* in) { rows::scale_shift(y, in, 1, count, scale.data(), shift.data(), flag); });
      run([&](T* y, const T* in) { rows::scale_shift(y, in, 1, count, scale.data(), nullptr, flag); });
      run([&](T* y, const T* in) { rows::copy_cells(y, count, in, count, 1, count, flag); });
    }
  }
}

/// Functions of some channels of a map's cells; also pools and resizing, over cells of several sizes.
template <typename T>
void run_over_maps(Record& record) {
  constexpr std::int64_t kHeight = 9, kWidth = 11, kOut = 14;
  Numbers<T> numbers;
  for (const std::int64_t inner : {1, 3, 8, 16, 21}) {
    const auto count = kHeight * kWidth * inner;
    const auto x = numbers.make(count), there = numbers.make(count);
    const rows::Cells cells{kHeight, kWidth, inner, std::min(inner, rows::kMostChannels)};
    auto y = numbers.make(kOut * kOut * inner);
    std::vector<std::uint8_t> index(y.size());
    for (const bool accumulate : {false, true}) {
      for (const T* const factor : {static_cast<const T*>(nullptr), there.data()}) {
        auto sums = there, scaled = there;
        rows::sum_cells(cells, sums.data(), x.data(), factor, 0.37F, accumulate);
        rows::scale_cells(cells, scaled.data(), factor, x.data(), 0.37F, accumulate);
        record.add(sums);
        record.add(scaled);
      }
      for (const std::int64_t stride : {1, 2}) {
        const AxisWindows windows{3, stride, 1, 1, 1, (kHeight - 1) / stride + 1};
        const AxisWindows wide{3, stride, 1, 1, 1, (kWidth - 1) / stride + 1};
        const WindowTaps vertical(windows, kHeight, false), horizontal(wide, kWidth, false);
        const rows::Pool pool{vertical.axis(), horizontal.axis(), inner};
        auto most = x, mean = x;
        for (std::int64_t row = 0; row < pool.rows.out; ++row) {
          rows::max_pool(pool, row, x.data(), y.data(), index.data());
          rows::average_pool(pool, row, x.data(), mean.data());
        }
        record.add(y);
        record.add(mean);
        for (std::int64_t row = 0; row < kHeight; ++row) {
          rows::max_pool_gradient(pool, row, y.data(), index.data(), most.data(), accumulate);
          rows::average_pool_gradient(pool, row, y.data(), mean.data(), accumulate);
        }
        record.add(index);
        record.add(most);
        record.add(mean);
      }
    }
  }
}

template <typename T>
class EveryProcessor : public testing::Test {};
using Types = testing::Types<float, Bf16>;
TYPED_TEST_SUITE(EveryProcessor, Types);

/// Skips unless at least two kinds of processors that run maps of type T can run here.
#define DREAMREEL_NEEDS_KINDS(T)                                                     \
  DREAMREEL_NEEDS_FUSED_IN(kTypeOf<T>, "loops for several kinds of processors");     \
  if (possible_kernels().size() < 2)                                                 \
  GTEST_SKIP() << (best_kernels() == Kernels::avx2 ? "needs avx512f" : "needs avx2") \
               << ": loops for several kinds of processors"

TYPED_TEST(EveryProcessor, GivesTheSameBits) {
  using T = TypeParam;
  DREAMREEL_NEEDS_KINDS(T);
  const auto made_by = [](Kernels kernels) {
    const KernelsForTest chosen(kernels);
    Record record;
    run_along<T>(record);
    run_over_maps<T>(record);
    return record.bytes();
  };
  const auto best = made_by(best_kernels());
  for (const auto kernels : possible_kernels()) EXPECT_TRUE(made_by(kernels) == best) << name_of(kernels);
}

TYPED_TEST(EveryProcessor, GivesTheSameGradientsOfDepthwiseConvolutions) {
  using T = TypeParam;
  DREAMREEL_NEEDS_KINDS(T);
  constexpr std::int64_t kChannels = 24, kSide = 13;
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
  for (const auto& [kernel, stride] : {std::pair{3, 1}, {5, 1}, {3, 2}, {5, 2}, {7, 3}}) {
    const AxisWindows axis{kernel, stride, 1, kernel / 2, kernel / 2, (kSide - 1) / stride + 1};
    const auto weight = at::randn({kChannels, 1, kernel, kernel}, generator, at::kFloat);
    const auto gy = at::randn({1, kChannels, axis.count, axis.count}, generator, at::kFloat);
    const auto y = at::randn(gy.sizes(), generator, at::kFloat).clamp(0, 1);
    const auto x = at::randn({1, kChannels, kSide, kSide}, generator, at::kFloat).clamp_min(0);
    const auto made_by = [&, &kernel = kernel](Kernels kernels) {
      const KernelsForTest chosen(kernels);
      const Map in{kChannels, kSide, kSide, Format::blocked, kTypeOf<T>};
      const Map out{kChannels, axis.count, axis.count, Format::blocked, kTypeOf<T>};
      const auto gradient =
          make_depthwise_gradient({in, out, axis, axis, kChannels}, depthwise_weights(weight), true);
      const auto from = blocked(gy, kTypeOf<T>), passed = blocked(y, kTypeOf<T>);
      const auto to = blocked(x, kTypeOf<T>), open = blocked(x, kTypeOf<T>);
      const auto scratch = at::empty({gradient->scratch_bytes() + kernel}, at::kByte);
      gradient->run(
          from.data_ptr(), to.data_ptr(), scratch.data_ptr(),
          {{passed.data_ptr(), {Epilogue::Kind::clip, 0, 1}}, {open.data_ptr(), {Epilogue::Kind::relu}}});
      return plain(to, kChannels);
    };
    const auto best = made_by(best_kernels());
    EXPECT_GT(best.count_nonzero().template item<std::int64_t>(), 0);
    for (const auto kernels : possible_kernels())
      EXPECT_TRUE(at::equal(made_by(kernels), best)) << name_of(kernels) << ", window " << kernel;
  }
}

// Processors that lack an instruction for this rounding do it with integer arithmetic.
TEST(RoundingToBfloat16, IsToTheNearest) {
  DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "rounding to bfloat16");
  std::vector<float> factors;
  for (int i = 0; i < 4096; ++i)
    factors.push_back(std::ldexp(1.0F + static_cast<float>(i) / 4096, i % 40 - 20));
  factors.insert(factors.end(), {INFINITY, -INFINITY, 0, 3.4e38F, -3.4e38F});
  const auto count = static_cast<std::int64_t>(factors.size());
  const std::vector<Bf16> ones(factors.size(), Numbers<Bf16>::as(1));
  for (const auto kernels : possible_kernels()) {
    const KernelsForTest chosen(kernels);
    std::vector<Bf16> found(factors.size());
    rows::scale_shift(found.data(), ones.data(), 1, count, factors.data(), nullptr, false);
    for (std::size_t i = 0; i < factors.size(); ++i)
      ASSERT_EQ(found[i], Numbers<Bf16>::as(factors[i])) << factors[i] << ", " << name_of(kernels);
  }
}

}  // namespace
}  // namespace dreamreel::network
