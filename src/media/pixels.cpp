#include "pixels.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include "chroma.h"
#include "colour.h"

namespace dreamreel::media {
namespace {

constexpr int kBayerSide = 8;

int component_bytes(const AVComponentDescriptor& component) {
  return component.shift + component.depth > 8 ? 2 : 1;
}

bool is_plain_component(const AVComponentDescriptor& component) {
  const int bytes = component_bytes(component);
  return component.depth >= 8 && component.shift + component.depth <= 16 && component.offset % bytes == 0 &&
         component.step % bytes == 0;
}

// One component of a frame's format: where its samples are and how they are packed.
struct Component {
  Component(const AVFrame& frame, int number)
      : descriptor(av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))),
        part(descriptor->comp[number]) {
    chroma = (number == 1 || number == 2) && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) == 0 &&
             descriptor->nb_components >= 3;
    width = chroma ? AV_CEIL_RSHIFT(frame.width, descriptor->log2_chroma_w) : frame.width;
    height = chroma ? AV_CEIL_RSHIFT(frame.height, descriptor->log2_chroma_h) : frame.height;
    data = frame.data[part.plane] + part.offset;
    line = frame.linesize[part.plane];
    bytes = component_bytes(part);
    const bool big = (descriptor->flags & AV_PIX_FMT_FLAG_BE) != 0;
    swapped = bytes == 2 && big == (std::endian::native == std::endian::little);
  }

  std::uint8_t* row(int y) const { return data + static_cast<std::ptrdiff_t>(y) * line; }

  const AVPixFmtDescriptor* descriptor;
  AVComponentDescriptor part;
  int width = 0, height = 0, bytes = 1;
  std::ptrdiff_t line = 0;
  bool swapped = false;
  bool chroma = false;
  std::uint8_t* data = nullptr;
};

std::uint16_t swap_bytes(std::uint16_t value) {
  return static_cast<std::uint16_t>((value << 8) | (value >> 8));
}

// kDense: the samples lie side by side. The compiler can vectorise only with that known in advance.
template <typename Sample, bool kDense>
void read_samples(const Component& component, int y, Quantiser quantiser, float* out) {
  const auto* in = reinterpret_cast<const Sample*>(component.row(y));
  const std::ptrdiff_t stride = kDense ? 1 : component.part.step / component.bytes;
  const int shift = component.part.shift;
  const auto mask = static_cast<unsigned>((1U << component.part.depth) - 1);
  const float scale = 1 / quantiser.scale;
  for (int x = 0; x < component.width; ++x) {
    Sample sample = in[x * stride];
    if constexpr (sizeof(Sample) == 2) {
      if (component.swapped) sample = swap_bytes(sample);
    }
    const auto code = (static_cast<unsigned>(sample) >> shift) & mask;
    out[x] = (static_cast<float>(code) - quantiser.offset) * scale;
  }
}

void read_row(const Component& component, int y, Quantiser quantiser, float* out) {
  const bool dense = component.part.step == component.bytes;
  if (component.bytes == 1) {
    dense ? read_samples<std::uint8_t, true>(component, y, quantiser, out)
          : read_samples<std::uint8_t, false>(component, y, quantiser, out);
  } else {
    dense ? read_samples<std::uint16_t, true>(component, y, quantiser, out)
          : read_samples<std::uint16_t, false>(component, y, quantiser, out);
  }
}

// Thresholds of ordered dithering in (0,1), row by row: Bayer's recursive matrix.
std::array<std::array<float, kBayerSide>, kBayerSide> bayer_thresholds() {
  std::array<std::array<float, kBayerSide>, kBayerSide> thresholds{};
  for (int y = 0; y < kBayerSide; ++y) {
    for (int x = 0; x < kBayerSide; ++x) {
      int rank = 0;
      for (int bit = 0; bit < 3; ++bit) {
        const int pair = (((x ^ y) >> bit & 1) << 1) | (y >> bit & 1);
        rank |= pair << (2 * (2 - bit));
      }
      thresholds[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] =
          (static_cast<float>(rank) + 0.5F) / (kBayerSide * kBayerSide);
    }
  }
  return thresholds;
}

// The numbers to add before rounding down: half a step, or the thresholds of dithering. Chroma is not
// dithered, because the eye sees no bands in it.
std::array<float, kBayerSide> rounding_row(const Component& component, int y, Rounding rounding) {
  static const auto thresholds = bayer_thresholds();
  if (rounding == Rounding::ordered && component.part.depth <= 8 && !component.chroma)
    return thresholds[static_cast<std::size_t>(y % kBayerSide)];
  std::array<float, kBayerSide> half{};
  half.fill(0.5F);
  return half;
}

template <typename Sample>
void write_samples(const Component& component, int y, Quantiser quantiser, Rounding rounding,
                   const float* in) {
  auto* out = reinterpret_cast<Sample*>(component.row(y));
  const std::ptrdiff_t stride = component.part.step / component.bytes;
  const auto thresholds = rounding_row(component, y, rounding);
  const auto highest = static_cast<float>((1 << component.part.depth) - 1);
  for (int x = 0; x < component.width; ++x) {
    const float value = in[x] * quantiser.scale + quantiser.offset;
    const float rounded =
        std::clamp(value + thresholds[static_cast<std::size_t>(x % kBayerSide)], 0.0F, highest);
    auto sample = static_cast<Sample>(static_cast<unsigned>(rounded) << component.part.shift);
    if constexpr (sizeof(Sample) == 2) {
      if (component.swapped) sample = swap_bytes(sample);
    }
    out[x * stride] = sample;
  }
}

void write_row(const Component& component, int y, Quantiser quantiser, Rounding rounding, const float* in) {
  if (component.bytes == 1) {
    write_samples<std::uint8_t>(component, y, quantiser, rounding, in);
  } else {
    write_samples<std::uint16_t>(component, y, quantiser, rounding, in);
  }
}

// `values`: the rows of the picture's alpha, or nullptr for an opaque picture.
void write_alpha(const float* values, AVFrame& frame, const AVPixFmtDescriptor& descriptor) {
  if ((descriptor.flags & AV_PIX_FMT_FLAG_ALPHA) == 0) return;
  const Component alpha(frame, descriptor.nb_components - 1);
  const std::vector<float> ones(static_cast<std::size_t>(frame.width), 1.0F);
  for (int y = 0; y < frame.height; ++y) {
    const float* row =
        values == nullptr ? ones.data() : values + static_cast<std::ptrdiff_t>(y) * frame.width;
    write_row(alpha, y, luma_quantiser(alpha.part.depth, true), Rounding::nearest, row);
  }
}

// A plane of floats.
struct Plane {
  Plane(int plane_width, int plane_height)
      : width(plane_width),
        height(plane_height),
        values(static_cast<std::size_t>(plane_width) * static_cast<std::size_t>(plane_height)) {}
  float* row(int y) { return values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width); }
  const float* row(int y) const {
    return values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
  int width, height;
  std::vector<float> values;
};

Plane resample_columns(const Plane& in, const AxisFilter& filter, int width) {
  Plane out(width, in.height);
  for (int y = 0; y < in.height; ++y) {
    const float* source = in.row(y);
    float* target = out.row(y);
    const int* index = filter.index.data();
    const float* weight = filter.weights.data();
    for (int x = 0; x < width; ++x, index += filter.taps, weight += filter.taps) {
      float sum = 0;
      for (int k = 0; k < filter.taps; ++k) sum += weight[k] * source[index[k]];
      target[x] = sum;
    }
  }
  return out;
}

// Row y of the vertically resampled plane.
void resample_row(const Plane& in, const AxisFilter& filter, int y, float* out) {
  std::fill_n(out, in.width, 0.0F);
  for (int k = 0; k < filter.taps; ++k) {
    const auto at =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(filter.taps) + static_cast<std::size_t>(k);
    const float weight = filter.weights[at];
    if (weight == 0) continue;
    const float* source = in.row(filter.index[at]);
    for (int x = 0; x < in.width; ++x) out[x] += weight * source[x];
  }
}

Plane read_plane(const Component& component, Quantiser quantiser) {
  Plane plane(component.width, component.height);
  for (int y = 0; y < plane.height; ++y) read_row(component, y, quantiser, plane.row(y));
  return plane;
}

// How to interpret the samples of a Y'CbCr frame.
struct YccFrame {
  explicit YccFrame(const AVFrame& frame)
      : format(static_cast<AVPixelFormat>(frame.format)),
        descriptor(av_pix_fmt_desc_get(format)),
        full_range(is_full_range(format, frame.color_range)),
        matrix(resolved_matrix(frame.colorspace, frame.height)),
        luma(luma_quantiser(descriptor->comp[0].depth, full_range)),
        site(chroma_site(format, frame.chroma_location, full_range)) {}
  Quantiser chroma() const { return chroma_quantiser(descriptor->comp[1].depth, full_range); }
  int step_x() const { return 1 << descriptor->log2_chroma_w; }
  int step_y() const { return 1 << descriptor->log2_chroma_h; }

  AVPixelFormat format;
  const AVPixFmtDescriptor* descriptor;
  bool full_range;
  int matrix;
  Quantiser luma;
  ChromaSite site;
};

// Chroma at full width. Its rows are interpolated later, one by one.
Plane wide_chroma(const AVFrame& frame, const YccFrame& ycc, int number) {
  Plane plane = read_plane(Component(frame, number), ycc.chroma());
  if (ycc.step_x() == 1) return plane;
  return resample_columns(plane, upsampling(plane.width, frame.width, ycc.step_x(), ycc.site.x), frame.width);
}

void rgb_rows(const Matrix3& matrix, const float* luma, const float* cb, const float* cr, int width,
              const std::array<float*, 3>& out) {
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [y_weight, cb_weight, cr_weight] = matrix[c];
    for (int x = 0; x < width; ++x)
      out[c][x] = std::clamp(y_weight * luma[x] + cb_weight * cb[x] + cr_weight * cr[x], 0.0F, 1.0F);
  }
}

void read_ycc(const AVFrame& frame, float* out) {
  const YccFrame ycc(frame);
  const Component luma(frame, 0);
  const Plane cb = wide_chroma(frame, ycc, 1);
  const Plane cr = wide_chroma(frame, ycc, 2);
  const auto filter = upsampling(cb.height, frame.height, ycc.step_y(), ycc.step_y() == 1 ? 0 : ycc.site.y);
  const auto matrix = rgb_from_ycc(ycc.matrix);
  Plane rows(frame.width, 3);
  const auto plane_size = static_cast<std::ptrdiff_t>(frame.width) * frame.height;
  for (int y = 0; y < frame.height; ++y) {
    read_row(luma, y, ycc.luma, rows.row(0));
    resample_row(cb, filter, y, rows.row(1));
    resample_row(cr, filter, y, rows.row(2));
    float* first = out + static_cast<std::ptrdiff_t>(y) * frame.width;
    rgb_rows(matrix, rows.row(0), rows.row(1), rows.row(2), frame.width,
             {first, first + plane_size, first + 2 * plane_size});
  }
}

void read_rgb(const AVFrame& frame, float* out) {
  for (int c = 0; c < 3; ++c) {
    const Component component(frame, c);
    const auto quantiser = luma_quantiser(component.part.depth, true);
    for (int y = 0; y < frame.height; ++y, out += frame.width) read_row(component, y, quantiser, out);
  }
}

void read_grey(const AVFrame& frame, float* out) {
  const YccFrame ycc(frame);
  const Component component(frame, 0);
  const auto plane_size = static_cast<std::ptrdiff_t>(frame.width) * frame.height;
  for (int y = 0; y < frame.height; ++y) {
    float* row = out + static_cast<std::ptrdiff_t>(y) * frame.width;
    read_row(component, y, ycc.luma, row);
    for (int x = 0; x < frame.width; ++x) row[x] = std::clamp(row[x], 0.0F, 1.0F);
    std::copy_n(row, frame.width, row + plane_size);
    std::copy_n(row, frame.width, row + 2 * plane_size);
  }
}

void ycc_row(const std::array<float, 3>& weights, const std::array<const float*, 3>& rgb, int width,
             float* out) {
  const auto [red, green, blue] = weights;
  for (int x = 0; x < width; ++x) out[x] = red * rgb[0][x] + green * rgb[1][x] + blue * rgb[2][x];
}

void write_chroma(AVFrame& frame, const YccFrame& ycc, int number, const Plane& plane) {
  const Component component(frame, number);
  const Plane narrow =
      ycc.step_x() == 1
          ? plane
          : resample_columns(plane, downsampling(plane.width, component.width, ycc.step_x(), ycc.site.x),
                             component.width);
  const auto filter =
      downsampling(plane.height, component.height, ycc.step_y(), ycc.step_y() == 1 ? 0 : ycc.site.y);
  std::vector<float> row(static_cast<std::size_t>(component.width));
  for (int y = 0; y < component.height; ++y) {
    resample_row(narrow, filter, y, row.data());
    write_row(component, y, ycc.chroma(), Rounding::nearest, row.data());
  }
}

void write_ycc(const float* in, Rounding rounding, AVFrame& frame) {
  const YccFrame ycc(frame);
  const auto matrix = ycc_from_rgb(ycc.matrix);
  const auto plane_size = static_cast<std::ptrdiff_t>(frame.width) * frame.height;
  for (int number = 0; number < (is_grey(ycc.format) ? 1 : 3); ++number) {
    const Component component(frame, number);
    Plane plane(frame.width, frame.height);
    for (int y = 0; y < frame.height; ++y) {
      const float* first = in + static_cast<std::ptrdiff_t>(y) * frame.width;
      ycc_row(matrix[static_cast<std::size_t>(number)], {first, first + plane_size, first + 2 * plane_size},
              frame.width, plane.row(y));
      if (number == 0) write_row(component, y, ycc.luma, rounding, plane.row(y));
    }
    if (number > 0) write_chroma(frame, ycc, number, plane);
  }
}

void write_rgb(const float* in, Rounding rounding, AVFrame& frame) {
  for (int c = 0; c < 3; ++c) {
    const Component component(frame, c);
    const auto quantiser = luma_quantiser(component.part.depth, true);
    for (int y = 0; y < frame.height; ++y, in += frame.width)
      write_row(component, y, quantiser, rounding, in);
  }
}

}  // namespace

bool is_plain(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  constexpr std::uint64_t kNotPlain = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL |
                                      AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BAYER |
                                      AV_PIX_FMT_FLAG_FLOAT;
  if (descriptor == nullptr || (descriptor->flags & kNotPlain) != 0 || descriptor->nb_components < 1)
    return false;
  if (std::string_view(descriptor->name).starts_with("xyz")) return false;
  return std::all_of(descriptor->comp, descriptor->comp + descriptor->nb_components, is_plain_component);
}

const std::string& plain_format_names() {
  static const std::string names = [] {
    std::string list;
    const AVPixFmtDescriptor* descriptor = nullptr;
    while ((descriptor = av_pix_fmt_desc_next(descriptor)) != nullptr) {
      if (!is_plain(av_pix_fmt_desc_get_id(descriptor))) continue;
      if (!list.empty()) list += '|';
      list += descriptor->name;
    }
    return list;
  }();
  return names;
}

at::Tensor tensor_from_frame(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!is_plain(format)) throw std::invalid_argument("tensor_from_frame: not a plain pixel format");
  at::Tensor rgb = at::empty({3, frame.height, frame.width}, at::kFloat);
  float* out = rgb.data_ptr<float>();
  if (is_rgb(format)) {
    read_rgb(frame, out);
  } else if (is_grey(format)) {
    read_grey(frame, out);
  } else {
    read_ycc(frame, out);
  }
  return rgb;
}

bool has_alpha(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && (descriptor->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

at::Tensor alpha_from_frame(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!is_plain(format) || !has_alpha(format))
    throw std::invalid_argument("alpha_from_frame: not a plain pixel format with alpha");
  const Component component(frame, av_pix_fmt_desc_get(format)->nb_components - 1);
  const auto quantiser = luma_quantiser(component.part.depth, true);  // full range in every format
  at::Tensor alpha = at::empty({1, frame.height, frame.width}, at::kFloat);
  float* out = alpha.data_ptr<float>();
  for (int y = 0; y < frame.height; ++y, out += frame.width) read_row(component, y, quantiser, out);
  return alpha;
}

void frame_from_tensor(const at::Tensor& rgb, Rounding rounding, AVFrame& frame, const at::Tensor& alpha) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!is_plain(format)) throw std::invalid_argument("frame_from_tensor: not a plain pixel format");
  const at::Tensor dense = rgb.contiguous();
  const float* in = dense.data_ptr<float>();
  if (is_rgb(format)) {
    write_rgb(in, rounding, frame);
  } else {
    write_ycc(in, rounding, frame);
  }
  const at::Tensor dense_alpha = alpha.defined() ? alpha.contiguous() : at::Tensor();
  write_alpha(alpha.defined() ? dense_alpha.data_ptr<float>() : nullptr, frame, *av_pix_fmt_desc_get(format));
}

}  // namespace dreamreel::media
