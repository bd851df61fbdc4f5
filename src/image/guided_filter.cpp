#include "dreamreel/image/guided_filter.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <stdexcept>
#include <vector>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::image {
namespace {

// The mean over the part of each pixel's window that lies in the picture: first along one axis, then along
// the other.
at::Tensor window_means(const at::Tensor& maps, std::int64_t radius) {
  const std::int64_t side = 2 * radius + 1;
  const auto along = [&](const at::Tensor& tensor, const std::vector<std::int64_t>& kernel,
                         const std::vector<std::int64_t>& pad) {
    return at::avg_pool2d(tensor, kernel, {1, 1}, pad, /*ceil_mode=*/false, /*count_include_pad=*/false);
  };
  return along(along(maps, {1, side}, {0, radius}), {side, 1}, {radius, 0});
}

// Solves (S + e I) a = c for a in every window, by cofactors. S is the symmetric 3x3 matrix with the rows (rr
// rg rb), (rg gg gb), (rb gb bb), and c is a vector. Uses float64, because S is nearly singular where a
// window has one colour.
at::Tensor solved(const at::Tensor& s, const at::Tensor& c) {
  const auto rr = s[0], rg = s[1], rb = s[2], gg = s[3], gb = s[4], bb = s[5];
  const auto c_rr = gg * bb - gb * gb, c_rg = rb * gb - rg * bb, c_rb = rg * gb - rb * gg;
  const auto c_gg = rr * bb - rb * rb, c_gb = rb * rg - rr * gb, c_bb = rr * gg - rg * rg;
  const auto determinant = rr * c_rr + rg * c_rg + rb * c_rb;
  return at::stack({c_rr * c[0] + c_rg * c[1] + c_rb * c[2], c_rg * c[0] + c_gg * c[1] + c_gb * c[2],
                    c_rb * c[0] + c_gb * c[1] + c_bb * c[2]}) /
         determinant;
}

// The products of channels that a covariance needs: rr rg rb gg gb bb.
at::Tensor products(const at::Tensor& picture) {
  const auto r = picture[0], g = picture[1], b = picture[2];
  return at::stack({r * r, r * g, r * b, g * g, g * b, b * b});
}

// (4,h,w) float32. Each window has a linear function with the coefficients a_r, a_g, a_b and a constant. The
// result has, for every pixel, the means of these four over the windows that contain the pixel.
at::Tensor fitted(const at::Tensor& map, const at::Tensor& guide, const GuidedFilter& filter) {
  const at::Tensor picture = guide.to(at::kDouble), wanted = map.to(at::kDouble);
  const at::Tensor means =
      window_means(at::cat({picture, wanted, products(picture), picture * wanted}), filter.radius_px);
  const at::Tensor colour = means.slice(0, 0, 3), level = means.slice(0, 3, 4);
  at::Tensor covariance = means.slice(0, 4, 10) - products(colour);
  for (const std::int64_t diagonal : {0, 3, 5}) covariance[diagonal].add_(filter.flatness);
  const at::Tensor slope = solved(covariance, means.slice(0, 10, 13) - colour * level);
  const at::Tensor constant = level - (slope * colour).sum(0, /*keepdim=*/true);
  return window_means(at::cat({slope, constant}), filter.radius_px).to(at::kFloat);
}

}  // namespace

at::Tensor guided_filter(const at::Tensor& map, const at::Tensor& picture, const GuidedFilter& filter) {
  expect_chw(map, 1, "guided_filter: the map");
  expect_chw(picture, 3, "guided_filter: the picture");
  if (map.size(1) > picture.size(1) || map.size(2) > picture.size(2) || filter.radius_px < 1 ||
      !(filter.flatness > 0))
    throw std::invalid_argument(
        "guided_filter: expected a map no larger than the picture, a radius of at least 1 and a flatness "
        "above 0");
  const at::NoGradGuard no_grad;
  const at::Tensor fits = fitted(map, resize(picture, Size{map.size(1), map.size(2)}), filter);
  const at::Tensor at_size = resize(fits, Size{picture.size(1), picture.size(2)});
  return (at_size.slice(0, 0, 3) * picture).sum(0, /*keepdim=*/true) + at_size.slice(0, 3, 4);
}

}  // namespace dreamreel::image
