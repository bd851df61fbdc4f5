#include "dreamreel/core/random.h"

#include <cmath>
#include <numbers>

namespace dreamreel {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53U;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9U;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85U;
constexpr int kRounds = 10;

std::array<std::uint32_t, 4> draw(const RandomKey& key, Purpose purpose, std::uint32_t block) {
  const auto frame = static_cast<std::uint64_t>(key.frame);
  const auto octave = static_cast<std::uint32_t>(key.octave) & 0xFFFFU;
  const auto iteration = static_cast<std::uint32_t>(key.iteration) & 0xFFFFU;
  const auto frame_high = static_cast<std::uint32_t>(frame >> 32U) & 0xFFFFFFU;
  return philox4x32({block, static_cast<std::uint32_t>(frame), (octave << 16U) | iteration,
                     static_cast<std::uint32_t>(purpose) | (frame_high << 8U)},
                    {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32U)});
}

// The top 24 bits: every value is exact in a float and below 1.
float unit_float(std::uint32_t bits) {
  return static_cast<float>(bits >> 8U) * 0x1p-24F;
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::uint32_t random_u32(const RandomKey& key, Purpose purpose, std::uint32_t index) {
  return draw(key, purpose, index / 4)[index % 4];
}

std::int64_t random_int(const RandomKey& key, Purpose purpose, std::int64_t low, std::int64_t high,
                        std::uint32_t index) {
  const auto count = static_cast<std::uint64_t>(high - low) + 1;
  // Multiply-shift instead of a remainder: the bias is below count / 2^32.
  const std::uint64_t scaled = (std::uint64_t{random_u32(key, purpose, index)} * count) >> 32U;
  return low + static_cast<std::int64_t>(scaled);
}

void fill_uniform(std::span<float> out, const RandomKey& key, Purpose purpose) {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const auto block = draw(key, purpose, static_cast<std::uint32_t>(i / 4));
    for (std::size_t lane = 0; lane < 4 && i + lane < out.size(); ++lane)
      out[i + lane] = unit_float(block[lane]);
  }
}

void fill_normal(std::span<float> out, const RandomKey& key, Purpose purpose) {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const auto block = draw(key, purpose, static_cast<std::uint32_t>(i / 4));
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const float radius =
          std::sqrt(-2.0F * std::log(1.0F - unit_float(block[2 * pair])));  // 1 - u is in (0, 1]
      const float angle = 2.0F * std::numbers::pi_v<float> * unit_float(block[2 * pair + 1]);
      const std::size_t at = i + 2 * pair;
      if (at < out.size()) out[at] = radius * std::cos(angle);
      if (at + 1 < out.size()) out[at + 1] = radius * std::sin(angle);
    }
  }
}

}  // namespace dreamreel
