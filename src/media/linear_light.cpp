#include "linear_light.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "colour.h"

namespace dreamreel::media {
namespace {

// value = slope * light up to the value `straight_to`, and (1 + offset) * light^(1 / power) - offset above.
struct TransferCurve {
  double straight_to, slope, offset, power;
};
constexpr TransferCurve kSrgb{0.04045, 12.92, 0.055, 2.4};
constexpr TransferCurve kBt709{0.081, 4.5, 0.099, 1 / 0.45};
constexpr TransferCurve kBt2020TwelveBits{0.08145, 4.5, 0.0993, 1 / 0.45};
constexpr TransferCurve kSmpte240{0.0913, 4, 0.1115, 1 / 0.45};

double light_by(const TransferCurve& curve, double value) {
  if (value <= curve.straight_to) return value / curve.slope;
  return std::pow((value + curve.offset) / (1 + curve.offset), curve.power);
}

constexpr double kReferenceWhite = 203;  // cd/m^2
constexpr double kHlgWhite = 0.75;       // of the signal

// SMPTE ST 2084, relative to reference white.
double light_of_pq(double value) {
  constexpr double kM1 = 2610.0 / 16384, kM2 = 2523.0 / 4096 * 128;
  constexpr double kC1 = 3424.0 / 4096, kC2 = 2413.0 / 4096 * 32, kC3 = 2392.0 / 4096 * 32;
  constexpr double kPeak = 10'000;  // cd/m^2
  const double root = std::pow(value, 1 / kM2);
  return kPeak / kReferenceWhite * std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
}

// ARIB STD-B67: light of the scene.
double light_of_hlg(double value) {
  constexpr double kA = 0.17883277, kB = 1 - 4 * kA;
  const double c = 0.5 - kA * std::log(4 * kA);
  return value <= 0.5 ? value * value / 3 : (std::exp((value - c) / kA) + kB) / 12;
}

double light_of_code(double value, int transfer) {
  switch (transfer) {
    case AVCOL_TRC_BT709:
    case AVCOL_TRC_SMPTE170M:
    case AVCOL_TRC_IEC61966_2_4:
    case AVCOL_TRC_BT1361_ECG:
    case AVCOL_TRC_BT2020_10:
      return light_by(kBt709, value);
    case AVCOL_TRC_BT2020_12:
      return light_by(kBt2020TwelveBits, value);
    case AVCOL_TRC_GAMMA22:
      return std::pow(value, 2.2);
    case AVCOL_TRC_GAMMA28:
      return std::pow(value, 2.8);
    case AVCOL_TRC_SMPTE240M:
      return light_by(kSmpte240, value);
    case AVCOL_TRC_LINEAR:
      return value;
    case AVCOL_TRC_LOG:
      return value <= 0 ? 0 : std::pow(10, 2 * (value - 1));
    case AVCOL_TRC_LOG_SQRT:
      return value <= 0 ? 0 : std::pow(10, 2.5 * (value - 1));
    case AVCOL_TRC_SMPTE2084:
      return light_of_pq(value);
    case AVCOL_TRC_SMPTE428:
      return std::pow(value, 2.6) * 52.37 / 48;
    case AVCOL_TRC_ARIB_STD_B67:
      return light_of_hlg(value) / light_of_hlg(kHlgWhite);
    default:
      return light_by(kSrgb, value);
  }
}

// The numbers that a render writes are levels of 16 bits, so almost every value is looked up.
class LightTable {
 public:
  explicit LightTable(int transfer) : transfer_(transfer), levels_(kLevels + 1) {
    for (std::size_t i = 0; i < levels_.size(); ++i)
      levels_[i] = light_of(static_cast<float>(i) / kLevels, transfer);
  }

  float at(float value) const {
    const float level = std::clamp(value, 0.0F, 1.0F) * kLevels;
    const float nearest = std::round(level);
    if (std::abs(level - nearest) > kSameLevel) return light_of(value, transfer_);
    return levels_[static_cast<std::size_t>(nearest)];
  }

 private:
  static constexpr float kLevels = 65535, kSameLevel = 0.01F;
  int transfer_;
  std::vector<float> levels_;
};

const LightTable& table_of(int transfer) {
  thread_local std::map<int, LightTable> tables;
  return tables.try_emplace(transfer, transfer).first->second;
}

float rounded(float value, bool is_half) {
  return is_half ? static_cast<float>(c10::Half(value)) : value;
}

// Reads pixels of `rgb` and `alpha`, of which the second may be null, and writes one row of the frame.
struct RowWriter {
  const LightTable& table;
  const LinearLight& light;
  int width;

  void colour(const float* in, const float* alpha, float* out) const {
    for (int x = 0; x < width; ++x) {
      const float amount = table.at(in[x]);
      const bool multiplies = light.is_associated && alpha != nullptr;
      out[x] = rounded(multiplies ? amount * alpha[x] : amount, light.is_half);
    }
  }

  void opacity(const float* alpha, float* out) const {
    for (int x = 0; x < width; ++x) out[x] = alpha == nullptr ? 1 : rounded(alpha[x], light.is_half);
  }
};

bool writes_halves(const AVCodecContext& codec) {
  constexpr std::int64_t kHalf = 1;
  std::int64_t format = 0;
  return codec.codec_id == AV_CODEC_ID_EXR && av_opt_get_int(codec.priv_data, "format", 0, &format) >= 0 &&
         format == kHalf;
}

}  // namespace

bool is_linear_format(AVPixelFormat format) {
  return format == AV_PIX_FMT_GBRPF32 || format == AV_PIX_FMT_GBRAPF32;
}

int resolved_transfer(const VideoInfo& source) {
  if (source.colour.transfer != AVCOL_TRC_UNSPECIFIED && source.colour.transfer != AVCOL_TRC_RESERVED0 &&
      source.colour.transfer != AVCOL_TRC_RESERVED)
    return source.colour.transfer;
  const AVPixelFormat format = av_get_pix_fmt(source.pixel_format.c_str());
  constexpr std::array<std::string_view, 12> kPictures{"mjpeg", "webp", "jpegxl", "jpeg2000", "tiff",  "png",
                                                       "bmp",   "pgm",  "pam",    "sgi",      "targa", "dpx"};
  const bool is_video = format != AV_PIX_FMT_NONE && format != AV_PIX_FMT_PAL8 && !is_rgb(format) &&
                        !source.is_still &&
                        std::ranges::find(kPictures, std::string_view(source.codec)) == kPictures.end();
  return is_video ? AVCOL_TRC_BT709 : AVCOL_TRC_IEC61966_2_1;
}

float light_of(float value, int transfer) {
  return static_cast<float>(light_of_code(std::clamp(static_cast<double>(value), 0.0, 1.0), transfer));
}

LinearLight linear_light_for(const VideoInfo& source, const AVCodecContext& codec) {
  return {resolved_transfer(source), codec.codec_id == AV_CODEC_ID_EXR, writes_halves(codec)};
}

void linear_frame_from_tensor(const at::Tensor& rgb, const at::Tensor& alpha, const LinearLight& light,
                              AVFrame& frame) {
  constexpr std::array<int, 3> kPlaneOf{2, 0, 1};  // red, green, blue
  const at::Tensor colours = rgb.contiguous();
  const at::Tensor opacity = alpha.defined() ? alpha.contiguous() : at::Tensor();
  const bool has_alpha = frame.format == AV_PIX_FMT_GBRAPF32;
  const float* const transparent = has_alpha && opacity.defined() ? opacity.data_ptr<float>() : nullptr;
  const RowWriter writer{table_of(light.transfer), light, frame.width};
  const auto row_of = [&](int plane, int y) {
    return reinterpret_cast<float*>(frame.data[plane] +
                                    static_cast<std::ptrdiff_t>(y) * frame.linesize[plane]);
  };
  for (int y = 0; y < frame.height; ++y) {
    const auto at = static_cast<std::ptrdiff_t>(y) * frame.width;
    const float* const a = transparent == nullptr ? nullptr : transparent + at;
    for (std::size_t c = 0; c < kPlaneOf.size(); ++c) {
      const auto plane = static_cast<std::ptrdiff_t>(c) * frame.width * frame.height;
      writer.colour(colours.data_ptr<float>() + plane + at, a, row_of(kPlaneOf[c], y));
    }
    if (has_alpha) writer.opacity(a, row_of(3, y));
  }
}

}  // namespace dreamreel::media
