#include "picture_colour.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <utility>
#include <vector>

#include "colour.h"
#include "dreamreel/core/log.h"

namespace dreamreel::media {
namespace {

constexpr double kSrgbGamma = 2.2;
// Gammas in PNG files between these limits mean display values. They go from 1.92, which ffmpeg writes for
// the 1.961 of video, to 2.4.
constexpr double kLowestDisplayGamma = 1.85, kHighestDisplayGamma = 2.45;
constexpr double kSameColour = 0.03;       // x or y of primaries; SD video's are closer to sRGB's than this
constexpr double kManyHighlights = 0.001;  // the share of samples from which on a warning is given
constexpr float kLargestHalf = 65504;      // stands for infinity

bool is_float(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor != nullptr && (descriptor->flags & AV_PIX_FMT_FLAG_FLOAT) != 0 &&
         descriptor->comp[0].depth == 32;
}

bool is_linear(const AVFrame& frame, AVCodecID codec) {
  if (codec == AV_CODEC_ID_DPX) return false;
  if (frame.color_trc == AVCOL_TRC_LINEAR) return true;
  return is_float(static_cast<AVPixelFormat>(frame.format)) && frame.color_trc == AVCOL_TRC_UNSPECIFIED;
}

bool same_primaries(const Chromaticities& a, const Chromaticities& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) < kSameColour)) return false;
  return true;
}

// Reads one row of one component as floats, and writes it back.
class FloatRow {
 public:
  FloatRow(const AVFrame& frame, int component, int y) {
    const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
    const AVComponentDescriptor& part = descriptor->comp[component];
    const bool big = (descriptor->flags & AV_PIX_FMT_FLAG_BE) != 0;
    swapped_ = big == (std::endian::native == std::endian::little);
    data_ =
        frame.data[part.plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[part.plane] + part.offset;
    step_ = part.step;
  }

  void read(std::vector<float>& values) const {
    for (std::size_t x = 0; x < values.size(); ++x) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, data_ + static_cast<std::ptrdiff_t>(x) * step_, sizeof bits);
      const auto value = std::bit_cast<float>(swapped_ ? __builtin_bswap32(bits) : bits);
      values[x] = std::isnan(value) ? 0 : std::clamp(value, -kLargestHalf, kLargestHalf);
    }
  }

  void write(const std::vector<float>& values) const {
    for (std::size_t x = 0; x < values.size(); ++x) {
      auto bits = std::bit_cast<std::uint32_t>(values[x]);
      if (swapped_) bits = __builtin_bswap32(bits);
      std::memcpy(data_ + static_cast<std::ptrdiff_t>(x) * step_, &bits, sizeof bits);
    }
  }

 private:
  std::uint8_t* data_;
  int step_;
  bool swapped_;
};

// Light that is fully transparent, such as a glow, stays as it is.
void divide(std::vector<float>& values, const std::vector<float>& alpha) {
  for (std::size_t x = 0; x < values.size(); ++x)
    if (alpha[x] > 0 && alpha[x] < 1)
      values[x] = std::clamp(values[x] / alpha[x], -kLargestHalf, kLargestHalf);
}

std::vector<std::uint8_t> profile_of(const AVStream& stream, const AVFrame& frame) {
  if (const auto* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_ICC_PROFILE))
    return {data->data, data->data + data->size};
  const auto data = stream_side_data(stream, AV_PKT_DATA_ICC_PROFILE);
  return {data.begin(), data.end()};
}

// Logs a message only once, although a render opens its source several times and a sequence has many
// pictures.
void say_once(const std::string& message) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard lock(mutex);
  if (said.insert(message).second) log_info(message);
}

}  // namespace

PictureColours::PictureColours(const std::string& name, const AVStream& stream, const AVFrame& first,
                               const PictureHeaders& headers, bool is_picture)
    : name_(name),
      says_linear_falsely_(stream.codecpar->codec_id == AV_CODEC_ID_DPX),
      is_exr_(stream.codecpar->codec_id == AV_CODEC_ID_EXR) {
  if (is_linear(first, stream.codecpar->codec_id)) {
    choose_linear(first, headers, is_picture);
  } else if (is_picture) {
    choose(stream, first, headers);
  } else if (!profile_of(stream, first).empty()) {
    log_warning_once(
        name_ + ": the colour profile in this video is not kept, and its colours are not converted by it");
  }
}

// Samples in floating point are certainly linear. A clip's tag is not reliable: often it comes from DPX
// pictures, which FFmpeg itself marks as linear by mistake.
void PictureColours::choose_linear(const AVFrame& first, const PictureHeaders& headers, bool is_picture) {
  const bool floats = is_float(static_cast<AVPixelFormat>(first.format));
  if (!floats && !is_picture) {
    log_warning_once(
        name_ +
        ": its tag says linear light, which the network must not see; if that is true, convert it "
        "with input.filter: zscale=tin=linear:t=iec61966-2-1");
    return;
  }
  auto to_srgb = ToSrgb::from_primaries(headers.chromaticities.value_or(srgb_primaries()), 1);
  if (!to_srgb) to_srgb = ToSrgb::from_primaries(srgb_primaries(), 1);
  (floats ? linear_ : conversion_) = std::move(to_srgb);
  say_once(name_ + ": its values are linear light; they are converted to sRGB");
}

// A profile counts more than code points, and code points count more than gamma and primaries.
void PictureColours::choose(const AVStream& stream, const AVFrame& first, const PictureHeaders& headers) {
  if (headers.is_cmyk) {
    log_warning_once(name_ +
                     ": it holds ink (CMYK), which is turned into R'G'B' without its profile, so its colours "
                     "are approximate; convert it to sRGB in a picture editor for the right ones");
    return;
  }
  stated_ = headers.code_points;
  const int transfer = stated_ ? stated_->transfer : first.color_trc;
  if (is_hdr(transfer) || choose_profile(stream, first, headers)) return;
  const int primaries = stated_ ? stated_->primaries : first.color_primaries;
  const bool linear = stated_ && stated_->transfer == AVCOL_TRC_LINEAR;
  if (const auto wide = wide_primaries(primaries); wide || linear) {
    converted_primaries_ = primaries;
    const auto* name = av_color_primaries_name(static_cast<AVColorPrimaries>(primaries));
    return use(
        ToSrgb::from_primaries(wide.value_or(srgb_primaries()), linear ? std::optional(1.0) : std::nullopt),
        linear || name == nullptr ? "linear light" : name);
  }
  const double gamma = headers.gamma.value_or(kSrgbGamma);
  const bool usual_gamma = gamma > kLowestDisplayGamma && gamma < kHighestDisplayGamma;
  // ffmpeg writes primaries without a gamma beside PQ and HLG, because no gamma describes these.
  const auto chromaticities =
      headers.gamma ? headers.chromaticities.value_or(srgb_primaries()) : srgb_primaries();
  const bool usual_primaries = same_primaries(chromaticities, srgb_primaries());
  if (usual_gamma && usual_primaries) return;
  use(ToSrgb::from_primaries(usual_primaries ? srgb_primaries() : chromaticities,
                             usual_gamma ? std::nullopt : std::optional(gamma)),
      "the PNG's own gamma or primaries");
}

bool PictureColours::choose_profile(const AVStream& stream, const AVFrame& first,
                                    const PictureHeaders& headers) {
  auto icc = profile_of(stream, first);
  if (icc.empty()) icc = headers.icc;
  if (icc.empty()) return false;
  std::string why;
  auto conversion = ToSrgb::from_profile(icc, why);
  if (!conversion) {
    log_warning_once(fmt::format("{}: its colour profile {}; its colours are taken as sRGB", name_, why));
    return true;
  }
  const std::string profile = conversion->name();
  use(std::move(conversion), "the colour profile" + (profile.empty() ? "" : " \"" + profile + "\""));
  return true;
}

void PictureColours::use(std::optional<ToSrgb> conversion, const std::string& what) {
  if (!conversion || conversion->is_identity()) return;
  conversion_ = std::move(conversion);
  say_once(fmt::format("{}: its colours are converted from {} to sRGB; what sRGB cannot show is clipped",
                       name_, what));
}

void PictureColours::before_filters(AVFrame& frame) {
  if (stated_ && frame.color_trc == AVCOL_TRC_UNSPECIFIED) {
    frame.color_primaries = static_cast<AVColorPrimaries>(stated_->primaries);
    frame.color_trc = static_cast<AVColorTransferCharacteristic>(stated_->transfer);
  }
  if (linear_ && is_float(static_cast<AVPixelFormat>(frame.format))) convert_linear(frame);
}

// The row of alpha by which the colours have to be divided; empty if they need not be.
std::vector<float> PictureColours::associated_alpha(const AVFrame& frame, int y) const {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (!is_exr_ || (descriptor->flags & AV_PIX_FMT_FLAG_ALPHA) == 0) return {};
  std::vector<float> alpha(static_cast<std::size_t>(frame.width));
  FloatRow(frame, descriptor->nb_components - 1, y).read(alpha);
  return alpha;
}

void PictureColours::convert_linear(AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (av_frame_make_writable(&frame) < 0) throw std::bad_alloc();
  const bool grey = is_grey(format);
  std::array<std::vector<float>, 3> rgb;
  for (auto& values : rgb) values.resize(static_cast<std::size_t>(frame.width));
  std::int64_t clipped = 0;
  for (int y = 0; y < frame.height; ++y) {
    for (int c = 0; c < 3; ++c) FloatRow(frame, grey ? 0 : c, y).read(rgb[static_cast<std::size_t>(c)]);
    if (const auto alpha = associated_alpha(frame, y); !alpha.empty())
      for (auto& values : rgb) divide(values, alpha);
    linear_->row(rgb[0].data(), rgb[1].data(), rgb[2].data(), frame.width);
    for (int c = 0; c < (grey ? 1 : 3); ++c) {
      const auto& values = rgb[static_cast<std::size_t>(c)];
      FloatRow(frame, c, y).write(values);
      clipped += std::ranges::count_if(values, [](float value) { return value > 1.005F; });
    }
  }
  frame.color_trc = AVCOL_TRC_IEC61966_2_1;
  frame.color_primaries = AVCOL_PRI_BT709;
  warn_of_highlights(clipped, static_cast<std::int64_t>(frame.width) * frame.height * (grey ? 1 : 3));
}

void PictureColours::warn_of_highlights(std::int64_t clipped, std::int64_t all) {
  const double share = static_cast<double>(clipped) / static_cast<double>(all);
  if (share < kManyHighlights) return;
  log_warning_once(fmt::format(
      "{}: {:.1f} % of its samples are brighter than white and are clipped; input.filter can darken "
      "them first, such as zscale=t=linear,exposure=-1,zscale=t=iec61966-2-1",
      name_, 100 * share));
}

void PictureColours::finish(at::Tensor& rgb, int primaries) const {
  if (converted_primaries_ && *converted_primaries_ != primaries) return;
  if (conversion_) conversion_->picture(rgb);
}

void PictureColours::apply_to(ColourTags& tags) const {
  if (says_linear_falsely_ && tags.transfer == AVCOL_TRC_LINEAR) tags.transfer = AVCOL_TRC_UNSPECIFIED;
  if (!conversion_ && !linear_) return;
  tags.primaries = AVCOL_PRI_BT709;
  tags.transfer = AVCOL_TRC_IEC61966_2_1;
}

}  // namespace dreamreel::media
