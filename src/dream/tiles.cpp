#include "tiles.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "dreamreel/dream/targets.h"
#include "windows.h"

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kLeastCore = 32;   // px; smaller ones would be nearly all halo
constexpr std::int64_t kMostTiles = 256;  // along an axis
constexpr double kNearlyEnough = 0.98;    // a guess by area may be a few percent too high

// `radius`: how far the layers see, px. `least`: how far a window has to reach at least, so that its map
// contains every position of its core, px. `spread`: how much further pixels still change last bits, px.
struct Reach {
  double radius = 0, least = 0, spread = 0;

  Reach(const std::vector<network::LayerField>& fields, const std::vector<bool>& needed, std::int64_t height,
        std::int64_t width) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!needed[i]) continue;
      for (const auto& [axis, length] : {std::pair{fields[i].y, height}, std::pair{fields[i].x, width}}) {
        const auto covered = static_cast<double>(length - axis.positions * axis.stride);
        radius = std::max(radius, axis.radius());
        spread = std::max(spread, static_cast<double>(axis.spread));
        least = std::max({least, axis.centre(), covered - axis.centre()});
      }
    }
  }

  static std::int64_t pixels(double reach) { return static_cast<std::int64_t>(std::ceil(reach)) + 1; }
  std::int64_t exact() const { return pixels(std::max(least, 2 * (radius + spread))); }
  std::int64_t for_sums() const { return pixels(std::max(least, radius)); }
};

// The size of `count` equal windows, px. They overlap by twice the reach, plus a stride for rounding their
// places. nullopt if a window would be no smaller than the whole.
std::optional<std::int64_t> window_size(std::int64_t length, std::int64_t count, std::int64_t reach,
                                        std::int64_t stride, std::int64_t min_side) {
  const auto overlap = 2 * reach + stride;
  auto size = std::max({min_side, overlap, (length + (count - 1) * overlap + count - 1) / count});
  if (size >= length) return {};
  size = length - (length - size) / stride * stride;
  return size < length ? std::optional(size) : std::nullopt;
}

struct Cut {
  std::int64_t count = 1, size = 0;
};

struct Candidate {
  Cut rows, columns;
  std::int64_t window() const { return rows.size * columns.size; }
  std::int64_t cost() const { return window() * rows.count * columns.count; }
};

struct Room {
  std::int64_t height, width, reach, stride, min_side;

  std::vector<Cut> along(std::int64_t length) const {
    std::vector<Cut> cuts{{1, length}};
    for (std::int64_t count = 2; count <= std::min(kMostTiles, length / kLeastCore); ++count) {
      const auto size = window_size(length, count, reach, stride, min_side);
      if (size && *size < cuts.back().size) cuts.push_back({count, *size});
    }
    return cuts;
  }

  // The cheapest first.
  std::vector<Candidate> candidates() const {
    std::vector<Candidate> all;
    const auto columns = along(width);
    for (const auto& row : along(height))
      for (const auto& column : columns) all.push_back({row, column});
    std::ranges::stable_sort(all, {}, &Candidate::cost);
    return all;
  }
};

void refuse_what_sees_all(const network::Network& network, const std::vector<network::LayerField>& fields,
                          const std::vector<bool>& needed, const TooLittleMemory& too_little) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (needed[i] && !fields[i].blocker.empty())
      throw TooLittleMemory(
          fmt::format("layer '{}' cannot be computed in tiles, because {} looks at the whole picture at once",
                      network.layers()[i], fields[i].blocker),
          too_little.needed_bytes, false);
}

Tiling whole(std::int64_t height, std::int64_t width) {
  return {{{0, height, -kFar, kFar}}, {{0, width, -kFar, kFar}}, {}};
}

class TilingSearch {
 public:
  TilingSearch(const network::Network& network, std::vector<bool> needed, std::int64_t height,
               std::int64_t width, std::int64_t bytes)
      : network_(network),
        needed_(std::move(needed)),
        height_(height),
        width_(width),
        bytes_(bytes),
        whole_bytes_(network.pass_bytes(height, width, needed_)),
        density_(static_cast<double>(whole_bytes_) / static_cast<double>(height * width)) {}

  Tiling find(std::int64_t slack) {
    Tiling tiling = whole(height_, width_);
    if (whole_bytes_ <= bytes_) return tiling;
    tiling.fields = network_.receptive_fields(height_, width_);
    refuse_what_sees_all(network_, tiling.fields, needed_, {"", whole_bytes_, false});
    const Reach reach(tiling.fields, needed_, height_, width_);
    tiling.is_exact = true;
    tiling.halo = reach.exact();
    if (cut(tiling, kMostExactCost * static_cast<double>(height_ * width_))) return tiling;
    tiling.is_exact = false;
    tiling.halo = reach.for_sums();
    tiling.slack = slack;
    if (cut(tiling, kFar)) return tiling;
    const auto candidates = room(tiling).candidates();
    const auto& smallest = *std::ranges::min_element(candidates, {}, &Candidate::window);
    if (bytes_of(smallest) > bytes_)
      throw TooLittleMemory(
          fmt::format("not even a tile of {}x{} px fits", smallest.columns.size, smallest.rows.size),
          bytes_of(smallest), true);
    place(tiling, smallest);
    return tiling;
  }

 private:
  Room room(const Tiling& tiling) const {
    return {height_, width_, tiling.halo + tiling.slack,
            tiling.is_exact ? alignment(tiling.fields) : common_period(tiling.fields),
            network_.min_input_side()};
  }

  std::int64_t bytes_of(const Candidate& candidate) const {
    return network_.pass_bytes(candidate.rows.size, candidate.columns.size, needed_);
  }

  // Uses the cheapest candidate that fits, if it costs at most this many pixels.
  bool cut(Tiling& tiling, double most_cost) {
    const auto space = room(tiling);
    for (const auto& candidate : space.candidates()) {
      if (static_cast<double>(candidate.cost()) > most_cost) return false;
      const double guess = density_ * static_cast<double>(candidate.window());
      if (guess * kNearlyEnough > static_cast<double>(bytes_)) continue;
      const auto bytes = bytes_of(candidate);
      density_ = std::max(density_, static_cast<double>(bytes) / static_cast<double>(candidate.window()));
      if (bytes > bytes_) continue;
      place(tiling, candidate);
      return true;
    }
    return false;
  }

  void place(Tiling& tiling, const Candidate& candidate) const {
    const auto space = room(tiling);
    tiling.rows = spans(height_, candidate.rows.count, space.reach, space.stride, space.min_side);
    tiling.columns = spans(width_, candidate.columns.count, space.reach, space.stride, space.min_side);
  }

  const network::Network& network_;
  const std::vector<bool> needed_;
  const std::int64_t height_, width_, bytes_, whole_bytes_;
  double density_;  // bytes a pixel, the most seen so far
};

Tiling windows_for(const network::Network& network, const network::PictureSize& seen,
                   const std::vector<bool>& needed, std::int64_t height, std::int64_t width,
                   const PassLimit& limit) {
  const bool is_used = std::ranges::find(needed, true) != needed.end();
  const auto bytes = limit.bytes > 0 && is_used ? network.pass_bytes(seen.height, seen.width, needed) : 0;
  if (bytes > limit.bytes)
    throw TooLittleMemory(
        fmt::format("a pass through the network, which sees windows of {}x{} px, does not fit", seen.width,
                    seen.height),
        bytes, false);
  return place_windows(seen, height, width, 0, 0);
}

Tiling tiling_for(const network::Network& network, const std::vector<bool>& needed, std::int64_t height,
                  std::int64_t width, const PassLimit& limit, std::int64_t slack) {
  if (network.only_size()) return windows_for(network, *network.only_size(), needed, height, width, limit);
  if (limit.bytes <= 0 || std::ranges::find(needed, true) == needed.end()) return whole(height, width);
  return TilingSearch(network, needed, height, width, limit.bytes).find(slack);
}

}  // namespace

std::vector<bool> layers_with_weight(const network::Network& network, std::size_t index,
                                     const std::vector<Objective>& objectives) {
  std::vector<bool> needed(network.layers().size(), false);
  for (const auto& objective : objectives)
    if (objective.network == index && objective.weight != 0) needed.at(objective.layer) = true;
  return needed;
}

Positions core_positions(const network::AxisField& field, const Span& span) {
  const auto first_from = [&](double pixel) {
    if (pixel == kFar) return field.positions;
    if (pixel == -kFar) return std::int64_t{0};
    const double position = std::ceil((pixel - field.centre()) / static_cast<double>(field.stride));
    return std::clamp(static_cast<std::int64_t>(position), std::int64_t{0}, field.positions);
  };
  const auto begin = first_from(span.core_begin);
  return {begin, first_from(span.core_end) - begin, begin - span.begin / field.stride};
}

Positions window_positions(const network::AxisField& field, const Span& span, std::int64_t length) {
  return {span.begin / field.stride, field.positions - (length - span.size()) / field.stride, 0};
}

std::pair<std::int64_t, std::int64_t> core_pixels(const Span& span) {
  const auto pixel = [](double border, std::int64_t otherwise) {
    return std::isinf(border) ? otherwise : static_cast<std::int64_t>(std::ceil(border));
  };
  return {pixel(span.core_begin, span.begin), pixel(span.core_end, span.end)};
}

std::int64_t alignment(const std::vector<network::LayerField>& fields) {
  std::int64_t common = 1;
  for (const auto& field : fields)
    if (field.blocker.empty()) common = std::lcm(common, std::lcm(field.y.alignment, field.x.alignment));
  return common;
}

std::int64_t common_period(const std::vector<network::LayerField>& fields) {
  std::int64_t common = 1;
  for (const auto& field : fields)
    if (field.blocker.empty()) common = std::lcm(common, std::lcm(field.y.period, field.x.period));
  return common;
}

std::vector<Span> spans(std::int64_t length, std::int64_t count, std::int64_t reach, std::int64_t stride,
                        std::int64_t min_side) {
  if (count == 1) return {{0, length, -kFar, kFar}};
  const auto size = window_size(length, count, reach, stride, min_side);
  if (!size) return {};
  const auto steps = (length - *size) / stride;  // from the first window to the last
  std::vector<Span> all;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto begin = stride * ((2 * i * steps + count - 1) / (2 * (count - 1)));
    all.push_back({begin, begin + *size, -kFar, kFar});
  }
  for (std::size_t i = 1; i < all.size(); ++i)
    all[i - 1].core_end = all[i].core_begin = static_cast<double>(all[i].begin + all[i - 1].end) / 2;
  return all;
}

Tilings plan_tiles(const Networks& networks, const std::vector<Objective>& objectives, std::int64_t height,
                   std::int64_t width, const PassLimit& limit, std::int64_t slack) {
  Tilings tilings;
  for (std::size_t i = 0; i < networks.size(); ++i)
    tilings.push_back(
        tiling_for(networks[i], layers_with_weight(networks[i], i, objectives), height, width, limit, slack));
  return tilings;
}

Tiling moved(Tiling tiling, std::int64_t down, std::int64_t right) {
  for (const auto& [spans_of_axis, by] : {std::pair{&tiling.rows, down}, std::pair{&tiling.columns, right}})
    for (auto& span : *spans_of_axis) {
      span.core_begin += static_cast<double>(by);
      span.core_end += static_cast<double>(by);
    }
  return tiling;
}

at::Tensor activation_of(const network::Network& network, std::size_t layer, const at::Tensor& picture,
                         const Tiling& tiling) {
  if (tiling.is_whole()) return content_target(network, layer, picture);
  const at::NoGradGuard no_grad;
  std::vector<bool> needed(network.layers().size(), false);
  needed.at(layer) = true;
  const auto& field = tiling.fields.at(layer);
  at::Tensor whole_map;
  for (const auto& rows : tiling.rows)
    for (const auto& columns : tiling.columns) {
      const at::Tensor window =
          picture.narrow(1, rows.begin, rows.size()).narrow(2, columns.begin, columns.size());
      const at::Tensor map = network.forward(window.unsqueeze(0).contiguous(), needed)[layer];
      if (!whole_map.defined())
        whole_map = at::empty({1, map.size(1), field.y.positions, field.x.positions}, map.options(),
                              at::MemoryFormat::ChannelsLast);
      const auto y = core_positions(field.y, rows), x = core_positions(field.x, columns);
      whole_map.narrow(2, y.begin, y.count)
          .narrow(3, x.begin, x.count)
          .copy_(map.narrow(2, y.offset, y.count).narrow(3, x.offset, x.count));
    }
  return whole_map;
}

}  // namespace dreamreel::dream
