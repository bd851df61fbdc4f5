#include "dreamreel/dream/targets.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/floor_divide.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "term.h"
#include "windows.h"

namespace dreamreel::dream {
namespace {

at::ScalarType picture_type(const network::Network& network) {
  return network.precision() == network::Precision::fp64 ? at::kDouble : at::kFloat;
}

at::Tensor activation_at(const network::Network& network, std::size_t layer, const at::Tensor& picture) {
  if (layer >= network.layers().size()) throw std::invalid_argument("targets: no such layer");
  const at::NoGradGuard no_grad;
  return network.forward(picture.unsqueeze(0).to(network.device(), picture_type(network))).at(layer);
}

at::Tensor smallest_picture(const network::Network& network) {
  const auto side = network.min_input_side();
  const auto [height, width] = network.only_size().value_or(network::PictureSize{side, side});
  return at::zeros({3, height, width}, at::kFloat);
}

// All positions, or the allowed number of them at even distances.
at::Tensor thinned(const at::Tensor& rows, std::int64_t most) {
  const auto count = rows.size(0);
  if (count <= most) return rows;
  const at::Tensor chosen = at::arange(most, at::TensorOptions(at::kLong).device(rows.device())) * count;
  return rows.index_select(0, at::floor_divide(chosen, most));
}

void expect_pictures(const std::vector<at::Tensor>& pictures) {
  if (pictures.empty()) throw std::invalid_argument("targets: no picture");
}

}  // namespace

at::Tensor guide_target(const network::Network& network, std::size_t layer,
                        const std::vector<at::Tensor>& pictures, Match match) {
  expect_pictures(pictures);
  std::vector<at::Tensor> rows;
  const auto each = kMaxGuidePositions / static_cast<std::int64_t>(pictures.size());
  for (const auto& picture : pictures) {
    const at::Tensor all = rows_at(network, layer, picture);
    rows.push_back(match == Match::mean ? all : thinned(all, std::max<std::int64_t>(1, each)));
  }
  at::Tensor columns = at::cat(rows);
  if (match == Match::mean)
    columns = columns.to(accumulation_type(columns)).mean(0, true).to(columns.scalar_type());
  return columns.t().contiguous();
}

at::Tensor style_target(const network::Network& network, std::size_t layer,
                        const std::vector<at::Tensor>& pictures) {
  expect_pictures(pictures);
  at::Tensor sum;
  for (const auto& picture : pictures) {
    const at::Tensor found = rows_at(network, layer, picture);
    const at::Tensor rows = found.to(accumulation_type(found));
    const at::Tensor gram = product(rows.t(), rows) / static_cast<double>(rows.size(0));
    sum = sum.defined() ? sum + gram : gram;
  }
  return sum / static_cast<double>(pictures.size());
}

at::Tensor content_target(const network::Network& network, std::size_t layer, const at::Tensor& picture) {
  return activation_at(network, layer, picture);
}

at::Tensor direction_target(const network::Network& network, std::size_t layer,
                            const std::vector<double>& vector) {
  const auto channels = channels_of(network, layer);
  if (static_cast<std::int64_t>(vector.size()) != channels)
    throw std::invalid_argument(
        fmt::format("direction: expected {} numbers, one a channel, got {}", channels, vector.size()));
  const at::Tensor direction = at::tensor(at::ArrayRef<double>(vector), at::kDouble);
  const double length = direction.norm().item<double>();
  if (!(length > 0)) throw std::invalid_argument("direction: expected a number that is not 0");
  const at::NoGradGuard no_grad;
  const auto type = activation_at(network, layer, smallest_picture(network)).scalar_type();
  return (direction / length).unsqueeze(1).to(network.device(), type);
}

std::int64_t channels_of(const network::Network& network, std::size_t layer) {
  return activation_at(network, layer, smallest_picture(network)).size(1);
}

}  // namespace dreamreel::dream
