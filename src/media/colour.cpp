#include "colour.h"

#include <string_view>

namespace dreamreel::media {
namespace {

constexpr int kHdRows = 720;

// Weights of red and blue in luma.
struct LumaWeights {
  double red, blue;
};

LumaWeights luma_weights(int matrix) {
  switch (matrix) {
    case AVCOL_SPC_BT709:
      return {0.2126, 0.0722};
    case AVCOL_SPC_FCC:
      return {0.30, 0.11};
    case AVCOL_SPC_SMPTE240M:
      return {0.212, 0.087};
    case AVCOL_SPC_BT2020_NCL:
      return {0.2627, 0.0593};
    default:
      return {0.299, 0.114};  // BT.601, both systems
  }
}

// The YCgCo transform is not of the luma-weights kind; libav stores Cg in the Cb plane and Co in the Cr
// plane.
constexpr Matrix3 kRgbFromYcgco = {{{1, -1, 1}, {1, 1, 0}, {1, -1, -1}}};
constexpr Matrix3 kYcgcoFromRgb = {{{0.25F, 0.5F, 0.25F}, {-0.25F, 0.5F, -0.25F}, {0.5F, 0, -0.5F}}};

}  // namespace

int resolved_matrix(int tagged, int height) {
  switch (tagged) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_YCGCO:
    case AVCOL_SPC_BT2020_NCL:
      return tagged;
    case AVCOL_SPC_BT2020_CL:
    case AVCOL_SPC_CHROMA_DERIVED_NCL:
    case AVCOL_SPC_CHROMA_DERIVED_CL:
    case AVCOL_SPC_ICTCP:
      return AVCOL_SPC_BT2020_NCL;
    default:
      return height >= kHdRows ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  }
}

Matrix3 rgb_from_ycc(int matrix) {
  if (matrix == AVCOL_SPC_YCGCO) return kRgbFromYcgco;
  const auto [kr, kb] = luma_weights(matrix);
  const double kg = 1 - kr - kb;
  const auto red_cr = static_cast<float>(2 * (1 - kr));
  const auto blue_cb = static_cast<float>(2 * (1 - kb));
  const auto green_cb = static_cast<float>(-2 * (1 - kb) * kb / kg);
  const auto green_cr = static_cast<float>(-2 * (1 - kr) * kr / kg);
  return {{{1, 0, red_cr}, {1, green_cb, green_cr}, {1, blue_cb, 0}}};
}

Matrix3 ycc_from_rgb(int matrix) {
  if (matrix == AVCOL_SPC_YCGCO) return kYcgcoFromRgb;
  const auto [kr, kb] = luma_weights(matrix);
  const double kg = 1 - kr - kb;
  const double cb = 0.5 / (1 - kb);
  const double cr = 0.5 / (1 - kr);
  const auto f = [](double value) { return static_cast<float>(value); };
  return {{{f(kr), f(kg), f(kb)}, {f(-kr * cb), f(-kg * cb), 0.5F}, {0.5F, f(-kg * cr), f(-kb * cr)}}};
}

Quantiser luma_quantiser(int depth, bool full_range) {
  if (full_range) return {static_cast<float>((1 << depth) - 1), 0};
  const auto unit = static_cast<float>(1 << (depth - 8));
  return {219 * unit, 16 * unit};
}

Quantiser chroma_quantiser(int depth, bool full_range) {
  const auto middle = static_cast<float>(1 << (depth - 1));
  if (full_range) return {static_cast<float>((1 << depth) - 1), middle};
  return {224 * static_cast<float>(1 << (depth - 8)), middle};
}

bool is_hdr(int transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

bool is_rgb(AVPixelFormat format) {
  return (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

bool is_grey(AVPixelFormat format) {
  return av_pix_fmt_desc_get(format)->nb_components <= 2;
}

bool is_full_range(AVPixelFormat format, AVColorRange tagged) {
  if (is_rgb(format)) return true;
  const bool named_full = std::string_view(av_get_pix_fmt_name(format)).starts_with("yuvj");
  if (named_full || tagged == AVCOL_RANGE_JPEG) return true;
  return is_grey(format) && tagged != AVCOL_RANGE_MPEG;
}

}  // namespace dreamreel::media
