#include "dreamreel/image/warped_noise.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "dreamreel/image/frame.h"

namespace dreamreel::image {
namespace {

// A larger cell would average so many pixels that nothing of their noise could be told apart.
constexpr float kLargestSide = 8;           // px
constexpr float kSmallestSide = 1.0F / 64;  // a picture that stands at one position asks for a little, too
constexpr float kLeastArea = 1e-6F;         // of an old pixel; less is rounding

// The part of an old pixel that a new one asks for.
struct Share {
  std::size_t place = 0;  // of the old pixel, counted by rows
  float area = 0;
};

// What the pixels of one row ask for.
struct RowOfShares {
  std::vector<Share> shares;
  std::vector<std::size_t> ends;  // pixel x has the shares from ends[x - 1] to ends[x]
  std::size_t without = 0;        // pixels that get nothing
};

struct Vector {
  float x = 0, y = 0;
};

Vector smaller(const Vector& a, const Vector& b) {
  return a.x * a.x + a.y * a.y <= b.x * b.x + b.y * b.y ? a : b;
}

// The new frame's pixels as cells in the old frame.
class Cells {
 public:
  Cells(const at::Tensor& positions, const std::optional<at::Tensor>& uncovered)
      : positions_(positions.cpu().contiguous()),
        height_(positions.size(1)),
        width_(positions.size(2)),
        x_(positions_.data_ptr<float>()),
        y_(x_ + height_ * width_) {
    if (!uncovered) return;
    uncovered_ = uncovered->cpu().contiguous();
    is_uncovered_ = uncovered_.data_ptr<float>();
  }

  std::int64_t height() const { return height_; }
  std::int64_t width() const { return width_; }

  void collect(std::int64_t y, RowOfShares& row) const {
    row.shares.clear();
    row.ends.clear();
    row.without = 0;
    for (std::int64_t x = 0; x < width_; ++x) {
      const std::size_t before = row.shares.size();
      if (is_uncovered_ == nullptr || !(is_uncovered_[y * width_ + x] > 0.5F)) add_shares(x, y, row.shares);
      if (row.shares.size() == before) ++row.without;
      row.ends.push_back(row.shares.size());
    }
  }

 private:
  // The pixels that an interval of the old frame touches: half-open. Pixel i spans [i - 0.5, i + 0.5].
  struct Interval {
    Interval(float middle, float side, std::int64_t length)
        : from(std::max(middle - side / 2, -0.5F)),
          to(std::min(middle + side / 2, static_cast<float>(length) - 0.5F)) {
      if (!(from < to)) return;  // outside, or not a number
      begin = static_cast<std::int64_t>(from + 0.5F);
      end = std::min(static_cast<std::int64_t>(std::ceil(to + 0.5F)), length);
    }
    float overlap(std::int64_t pixel) const {
      const auto centre = static_cast<float>(pixel);
      return std::min(to, centre + 0.5F) - std::max(from, centre - 0.5F);
    }
    float from, to;
    std::int64_t begin = 0, end = 0;
  };

  Vector step(std::int64_t from, std::int64_t to) const { return {x_[to] - x_[from], y_[to] - y_[from]}; }

  // How far the position moves over one pixel. At an edge of motion, the step to one side leads to another
  // thing, so the smaller step counts.
  Vector step_along(std::int64_t coordinate, std::int64_t length, std::int64_t place, std::int64_t stride,
                    const Vector& alone) const {
    const bool has_next = coordinate + 1 < length, has_last = coordinate > 0;
    if (!has_next && !has_last) return alone;
    if (!has_next) return step(place - stride, place);
    if (!has_last) return step(place, place + stride);
    return smaller(step(place - stride, place), step(place, place + stride));
  }

  void add_shares(std::int64_t x, std::int64_t y, std::vector<Share>& shares) const {
    const std::int64_t place = y * width_ + x;
    const Vector along = step_along(x, width_, place, 1, {1, 0}),
                 down = step_along(y, height_, place, width_, {0, 1});
    const auto side = [](float a, float b) {
      return std::clamp(std::sqrt(a * a + b * b), kSmallestSide, kLargestSide);
    };
    const Interval columns(x_[place], side(along.x, down.x), width_);
    const Interval rows(y_[place], side(along.y, down.y), height_);
    for (std::int64_t row = rows.begin; row < rows.end; ++row)
      for (std::int64_t column = columns.begin; column < columns.end; ++column) {
        const float area = rows.overlap(row) * columns.overlap(column);
        if (area > kLeastArea) shares.push_back({static_cast<std::size_t>(row * width_ + column), area});
      }
  }

  const at::Tensor positions_;
  at::Tensor uncovered_;
  const std::int64_t height_, width_;
  const float *x_, *y_;
  const float* is_uncovered_ = nullptr;
};

// How often each old pixel is asked for: the sum of all shares of it.
std::vector<float> demand_of(const Cells& cells) {
  std::vector<float> demand(static_cast<std::size_t>(cells.height() * cells.width()), 0.0F);
  RowOfShares row;
  for (std::int64_t y = 0; y < cells.height(); ++y) {
    cells.collect(y, row);
    for (const auto& share : row.shares) demand[share.place] += share.area;
  }
  return demand;
}

// What is left of the old pixels of one channel.
class Stock {
 public:
  Stock(const float* noise, const std::vector<float>& demand)
      : mass_(noise, noise + demand.size()), area_(demand.size(), 1.0F), demand_(demand) {}

  struct Part {
    float mass, area;
  };
  // Takes a part. The rest knows what was taken, so that all parts add up to the pixel's noise. `normal` is
  // a standard normal number.
  Part take(const Share& share, float normal) {
    float& mass = mass_[share.place];
    float& area = area_[share.place];
    const float wanted = std::min(share.area / std::max(demand_[share.place], 1.0F), area);
    const float part = area > 0 ? wanted / area : 0;
    const float taken = mass * part + normal * std::sqrt(wanted * (1 - part));
    mass -= taken;
    area -= wanted;
    return {taken, wanted};
  }

 private:
  std::vector<float> mass_, area_;
  const std::vector<float>& demand_;
};

// One channel. The order of the pixels matters, so a channel is one thread's work.
void warp_channel(const Cells& cells, const std::vector<float>& demand, const float* noise, RandomKey key,
                  Purpose purpose, float* warped) {
  Stock stock(noise, demand);
  RowOfShares row;
  std::vector<float> normals;
  for (std::int64_t y = 0; y < cells.height(); ++y) {
    cells.collect(y, row);
    normals.resize(row.shares.size() + row.without);
    key.octave = static_cast<std::int32_t>(y);
    fill_normal(normals, key, purpose);
    auto normal = normals.begin();
    auto share = row.shares.begin();
    for (const std::size_t end : row.ends) {
      float mass = 0, area = 0, fresh = 0;
      const bool has_shares = share != row.shares.begin() + static_cast<std::ptrdiff_t>(end);
      for (; share != row.shares.begin() + static_cast<std::ptrdiff_t>(end); ++share) {
        fresh = *normal++;
        const Stock::Part part = stock.take(*share, fresh);
        mass += part.mass;
        area += part.area;
      }
      if (!has_shares) fresh = *normal++;
      // Where very many pixels ask for one old pixel, rounding can leave nothing for the last of them.
      *warped++ = area > 0 ? mass / std::sqrt(area) : fresh;
    }
  }
}

}  // namespace

at::Tensor white_noise(std::int64_t channels, std::int64_t height, std::int64_t width, const RandomKey& key,
                       Purpose purpose) {
  if (channels <= 0 || height <= 0 || width <= 0)
    throw std::invalid_argument(
        fmt::format("white_noise: expected a positive size, got {}x{}", width, height));
  at::Tensor noise = at::empty({channels, height, width}, at::kFloat);
  fill_normal({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())}, key, purpose);
  return noise;
}

at::Tensor warped_noise(const at::Tensor& noise, const at::Tensor& positions, const RandomKey& key,
                        Purpose purpose, const std::optional<at::Tensor>& uncovered) {
  expect_chw(noise, "warped_noise: noise");
  expect_chw(positions, 2, "warped_noise: positions");
  const std::int64_t channels = noise.size(0), height = noise.size(1), width = noise.size(2);
  const auto fits = [&](const at::Tensor& map) { return map.size(1) == height && map.size(2) == width; };
  if (uncovered) expect_chw(*uncovered, 1, "warped_noise: uncovered");
  if (!fits(positions) || (uncovered && !fits(*uncovered)))
    throw std::invalid_argument("warped_noise: noise, positions and uncovered differ in size");
  const at::NoGradGuard no_grad;
  const Cells cells(positions, uncovered);
  const std::vector<float> demand = demand_of(cells);
  const at::Tensor old = noise.cpu().contiguous();
  at::Tensor warped = at::empty({channels, height, width}, at::kFloat);
  const float* const from = old.data_ptr<float>();
  float* const to = warped.data_ptr<float>();
  at::parallel_for(0, channels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t channel = begin; channel < end; ++channel) {
      RandomKey own = key;
      own.iteration = static_cast<std::int32_t>(channels * key.iteration + channel);
      warp_channel(cells, demand, from + channel * height * width, own, purpose,
                   to + channel * height * width);
    }
  });
  return warped;
}

}  // namespace dreamreel::image
