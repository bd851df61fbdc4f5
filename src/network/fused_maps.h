// Activation maps of one picture as the fused executor holds them, and what is done to whole maps on ATen's threads.
// Kernels of one row: fused_rows.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "fused_rows.h"
#include "fused_taps.h"
#include "window.h"

namespace dreamreel::network {

/// How the numbers of a map (C,H,W) lie in memory. A map of C channels has ceil(C / block) outer planes of
/// [H][W][block]; channels past the last are there, and 0.
enum class Format {
  planar,         ///< block 1: (C,H,W) as it stands; of pictures
  channels_last,  ///< block C: what oneDNN wants where it has AMX
  blocked,  ///< block 16 or 8 (block_channels()): oneDNN's nChw16c and nChw8c. A block of channels is a map in one
            ///< piece of memory, so that a concatenation along channels costs nothing
};

struct Map {
  std::int64_t channels = 0, height = 0, width = 0;
  Format format = Format::blocked;
  at::ScalarType type = at::kFloat;  ///< float32 or bfloat16

  std::int64_t block() const;
  std::int64_t outer() const { return (channels + block() - 1) / block(); }
  std::int64_t numbers() const { return outer() * block() * height * width; }
  std::int64_t bytes() const;
  /// Of a channel at which a block begins, from the map's first.
  std::int64_t byte_offset(std::int64_t channel) const;
  bool is_padded() const { return channels % block() != 0; }
};

struct MapView {
  Map map;
  void* data = nullptr;
};

/// A tensor (1,C,H,W), channels-last, as a map.
MapView view_of(const at::Tensor& tensor);

/// `count` channels of src from `from` on become those of dst from `to` on, or are added to them. Positions: as many
/// as src has, at dst's (y * step_y + y0, x * step_x + x0), those outside dst left out.
struct Spread {
  std::int64_t step_y = 1, step_x = 1, y0 = 0, x0 = 0;
};
void copy_channels(const MapView& dst, std::int64_t to, const MapView& src, std::int64_t from,
                   std::int64_t count, bool accumulate, const Spread& spread = {});

void fill_zero(const MapView& map);
/// The last block, if it holds channels past the last one: those have to be 0, and nobody else writes them.
void fill_padding(const MapView& map);
/// All of `src`, with what pads dst's last block.
void copy_map(const MapView& dst, const MapView& src, bool accumulate);
void relu(const MapView& y, const MapView& x);
void clip(const MapView& y, const MapView& x, float low, float high);
void add(const MapView& y, const MapView& a, const MapView& b, bool relu);
/// `scale`, `shift` (may be nullptr): one number for each channel, padded with zeros to whole blocks.
void scale_shift(const MapView& y, const MapView& x, const float* scale, const float* shift, bool relu);
/// The gradient of max(x, 0) in place, from its result y.
void mask_nonzero(const MapView& g, const MapView& y);
/// That of clip().
void mask_between(const MapView& g, const MapView& y, float low, float high);

/// A pooling at one size of input.
class Pooling {
 public:
  Pooling(const AxisWindows& rows, const AxisWindows& columns, std::int64_t height, std::int64_t width,
          bool include_padding);
  Pooling(const Pooling&) = delete;
  Pooling& operator=(const Pooling&) = delete;

  /// index: a byte for each number of y, or nullptr.
  void max(const MapView& x, const MapView& y, std::uint8_t* index) const;
  void max_gradient(const MapView& gy, const std::uint8_t* index, const MapView& gx, bool accumulate) const;
  void average(const MapView& x, const MapView& y) const;
  void average_gradient(const MapView& gy, const MapView& gx, bool accumulate) const;

 private:
  WindowTaps rows_, columns_;
  rows::Pool pool_;
};

}  // namespace dreamreel::network
