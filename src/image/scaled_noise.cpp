#include "dreamreel/image/scaled_noise.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "dreamreel/image/pyramid.h"

namespace dreamreel::image {
namespace {

constexpr double kBase = 256;  // shorter side of the frame in which every pixel has a value of its own

// Independent normal values, (3,H,W). Each row is drawn by itself, so the numbers of a wider or higher grid
// begin with the numbers of a smaller one.
at::Tensor white_grid(Size size, RandomKey key, Purpose purpose, int level) {
  const std::int64_t values = size.width * 3;
  at::Tensor grid = at::empty({size.height, size.width, 3}, at::kFloat);
  key.octave += level;
  for (std::int64_t row = 0; row < size.height; ++row) {
    key.iteration = static_cast<std::int32_t>(row);
    fill_normal({grid.data_ptr<float>() + row * values, static_cast<std::size_t>(values)}, key, purpose);
  }
  return grid.permute({2, 0, 1}).contiguous();
}

// The shorter side of the coarsest grid for a frame. Ribbons have fewer values across, or their grids would
// be many times as large as they are.
double base_of(double shorter, double longer) {
  constexpr double kMostAspect = 8;
  return kBase * std::min(1.0, kMostAspect * shorter / longer);
}

// The coarsest grid for a frame. The longer side is rounded, so that frames share a grid if they are of one
// aspect but for a pixel, as after scaling. The noise is stretched by at most 4 % for it.
Size coarsest_grid(std::int64_t height, std::int64_t width) {
  constexpr double kMultiple = 20;  // with which no usual aspect is near a limit of the rounding
  const auto shorter = static_cast<double>(std::min(height, width));
  const auto longer = static_cast<double>(std::max(height, width));
  const double base = base_of(shorter, longer);
  const auto across = std::max<std::int64_t>(1, std::llround(base));
  const auto along = static_cast<std::int64_t>(std::round(longer / shorter * base / kMultiple) * kMultiple);
  return height < width ? Size{across, along} : Size{along, across};
}

}  // namespace

at::Tensor scaled_noise_frame(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose,
                              double sigma) {
  if (height <= 0 || width <= 0)
    throw std::invalid_argument(
        fmt::format("scaled_noise_frame: expected a positive size, got {}x{}", width, height));
  const at::NoGradGuard no_grad;
  const auto shorter = static_cast<double>(std::min(height, width));
  const double ratio = shorter / base_of(shorter, static_cast<double>(std::max(height, width)));
  // The grid may have up to the square root of 2 more or fewer values than the frame has pixels on a side.
  const int levels = ratio > 1 ? static_cast<int>(std::lround(std::log2(ratio))) : 0;
  Size size = coarsest_grid(height, width);
  at::Tensor noise = white_grid(size, key, purpose, 0);
  for (int level = 1; level <= levels; ++level) {
    const Size finer{2 * size.height, 2 * size.width};
    at::Tensor detail = white_grid(finer, key, purpose, level);
    detail.sub_(resize(resize(detail, size), finer));
    noise = resize(noise, finer).add_(detail);
    size = finer;
  }
  return resize(noise, Size{height, width}).mul(sigma).add_(0.5).clamp_(0, 1);
}

}  // namespace dreamreel::image
