// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy
// as 1, 2, 3", SC 2011). A random number depends only on its purpose and place, never on earlier draws. So
// any frame can be computed anywhere and gives the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace dreamreel {

/// The purpose of a draw. The values are part of every rendered picture: never renumber them, only add new
/// ones.
enum class Purpose : std::uint32_t {
  jitter_x = 1,
  jitter_y = 2,
  start_noise = 3,   ///< the first frame of a noise job
  fresh_noise = 4,   ///< noise mixed into a pure-feedback frame
  border_noise = 5,  ///< pixels that the camera uncovers with border: noise
  view_scale = 10,   ///< how large a step sees the picture
  view_angle = 11,   ///< the channels of a random lesion; depends on the layer, not on a frame
  lesion = 12,       ///< which channels a random lesion takes; depends on the layer, not on a frame
  tiles_y = 13,      ///< places of the borders between tiles, without jitter
  tiles_x = 14,
  carried_noise = 21,  ///< noise that moves with the picture, where it begins
  warped_noise = 22,   ///< its new detail, and what comes in
};

/// The place of a draw in a render. `frame` is the absolute frame number of the job; octave and iteration are
/// in [0, 65535].
struct RandomKey {
  std::uint64_t seed = 0;
  std::int64_t frame = 0;
  std::int32_t octave = 0;
  std::int32_t iteration = 0;
};

/// The raw generator: ten rounds of Philox4x32 on a 128-bit counter with a 64-bit key.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// The `index`-th number for (key, purpose), uniform over all 32-bit values.
std::uint32_t random_u32(const RandomKey& key, Purpose purpose, std::uint32_t index = 0);

/// Uniform integer in [low, high], both included; low <= high.
std::int64_t random_int(const RandomKey& key, Purpose purpose, std::int64_t low, std::int64_t high,
                        std::uint32_t index = 0);

/// Fills `out` with uniform values in [0, 1).
void fill_uniform(std::span<float> out, const RandomKey& key, Purpose purpose);

/// Fills `out` with standard normal values (Box-Muller).
void fill_normal(std::span<float> out, const RandomKey& key, Purpose purpose);

}  // namespace dreamreel
