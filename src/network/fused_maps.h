// Activation maps of one picture in the fused executor's memory layouts, and operations on whole maps, spread
// over ATen's threads. fused_rows.h has the kernels for single rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "fused_rows.h"
#include "fused_taps.h"
#include "sliding_window.h"

namespace dreamreel::network {

/// How the numbers of a map (C,H,W) lie in memory. A map has ceil(C / block) outer planes of [H][W][block].
/// The channels that fill up the last block exist and are 0.
enum class Format {
  planar,         ///< block 1: plain (C,H,W), for pictures
  channels_last,  ///< block C: fastest for oneDNN on a processor with AMX
  /// Block 16 or 8, see block_channels(): oneDNN's nChw16c and nChw8c. A block of channels is one piece of
  /// memory, so that a concatenation along channels costs nothing.
  blocked,
};

struct Map {
  std::int64_t channels = 0, height = 0, width = 0;
  Format format = Format::blocked;
  at::ScalarType type = at::kFloat;  ///< float32 or bfloat16

  std::int64_t block() const;
  std::int64_t outer() const { return (channels + block() - 1) / block(); }
  std::int64_t numbers() const { return outer() * block() * height * width; }
  std::int64_t bytes() const;
  /// Bytes from the map's first channel to `channel`, which has to be the first of a block.
  std::int64_t byte_offset(std::int64_t channel) const;
  bool is_padded() const { return channels % block() != 0; }
};

struct MapView {
  Map map;
  void* data = nullptr;
};

/// A tensor (1,C,H,W), channels-last, as a map.
MapView view_of(const at::Tensor& tensor);

/// Copies `count` channels of src, from channel `from` on, to dst, from channel `to` on. With `accumulate`,
/// adds them instead. Position (y, x) of src goes to (y * step_y + y0, x * step_x + x0) of dst; positions
/// outside dst are left out.
struct Spread {
  std::int64_t step_y = 1, step_x = 1, y0 = 0, x0 = 0;
};
void copy_channels(const MapView& dst, std::int64_t to, const MapView& src, std::int64_t from,
                   std::int64_t count, bool accumulate, const Spread& spread = {});

void fill_zero(const MapView& map);
/// Sets the unused channels of the last block to 0. They have to be 0, and no kernel writes them.
void fill_padding(const MapView& map);
/// Copies all of `src`, and fills dst's unused channels.
void copy_map(const MapView& dst, const MapView& src, bool accumulate);
void relu(const MapView& y, const MapView& x);
void clip(const MapView& y, const MapView& x, float low, float high);
void add(const MapView& y, const MapView& a, const MapView& b, bool relu);
/// `scale` and `shift` have one number for each channel, padded with zeros to whole blocks. `shift` may be
/// nullptr.
void scale_shift(const MapView& y, const MapView& x, const float* scale, const float* shift, bool relu);
/// The gradient of max(x, 0), in place, computed from the result y.
void mask_nonzero(const MapView& g, const MapView& y);
/// The gradient of clip(), in place, computed from the result y.
void mask_between(const MapView& g, const MapView& y, float low, float high);

/// A pooling for one size of input.
class Pooling {
 public:
  Pooling(const AxisWindows& rows, const AxisWindows& columns, std::int64_t height, std::int64_t width,
          bool include_padding);
  Pooling(const Pooling&) = delete;
  Pooling& operator=(const Pooling&) = delete;

  /// `index` has a byte for each number of y, or is nullptr.
  void max(const MapView& x, const MapView& y, std::uint8_t* index) const;
  void max_gradient(const MapView& gy, const std::uint8_t* index, const MapView& gx, bool accumulate) const;
  void average(const MapView& x, const MapView& y) const;
  void average_gradient(const MapView& gy, const MapView& gx, bool accumulate) const;

 private:
  WindowTaps rows_, columns_;
  rows::Pool pool_;
};

}  // namespace dreamreel::network
