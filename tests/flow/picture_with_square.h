// Pictures of one size in which a square hides something.
#pragma once

#include <ATen/ATen.h>

#include "support/scenes.h"

namespace dreamreel::flow {

inline constexpr std::int64_t kPictureHeight = 200, kPictureWidth = 300;
inline constexpr std::int64_t kSquareTop = 60, kSquareLeft = 100, kSquareSide = 70;

/// Draws the square over the picture itself, which it returns.
inline at::Tensor with_square(at::Tensor picture, std::int64_t left) {
  picture.narrow(1, kSquareTop, kSquareSide)
      .narrow(2, left, kSquareSide)
      .copy_(test::wave_texture(kSquareSide, kSquareSide, 0, 0, 9));
  return picture;
}

}  // namespace dreamreel::flow
