#include "colour_profile.h"

#include <fmt/core.h>
#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

extern "C" {
#include <libavutil/pixfmt.h>
}

namespace dreamreel::media {
namespace {

constexpr float kStep = 1.0F / 255;
constexpr int kSamples = 9;  // a side of the cube that is_identity() looks at
constexpr std::size_t kLongestProfileName = 80;

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

constexpr cmsUInt32Number kGreyFloat = TYPE_GRAY_FLT, kRgbFloat = TYPE_RGB_FLT;

void* transform_to_srgb(const Profile& from, bool is_grey) {
  const Profile srgb(cmsCreate_sRGBProfile());
  return cmsCreateTransform(from.get(), is_grey ? kGreyFloat : kRgbFloat, srgb.get(), kRgbFloat,
                            INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION);
}

std::string name_of(const Profile& profile) {
  std::array<char, kLongestProfileName> name{};
  cmsGetProfileInfoASCII(profile.get(), cmsInfoDescription, "en", "US", name.data(), name.size());
  std::string text = name.data();
  // Only printable characters, because a stranger's text may reach a terminal.
  std::erase_if(text, [](unsigned char c) { return c < 0x20 || c > 0x7E; });
  return text;
}

// The name of a colour space in messages, by its signature.
std::string space_name(cmsColorSpaceSignature space) {
  if (space == cmsSigCmykData) return "CMYK (ink)";
  if (space == cmsSigLabData) return "Lab";
  return "another colour space";
}

bool is_possible(const Chromaticities& values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v) && std::abs(v) < 10; }) &&
         values[7] > 0 && values[1] != 0 && values[5] != 0;
}

}  // namespace

void ToSrgb::Free::operator()(void* transform) const {
  cmsDeleteTransform(transform);
}

ToSrgb::ToSrgb(void* transform, bool is_grey, std::string name)
    : transform_(transform), is_grey_(is_grey), name_(std::move(name)) {}

std::optional<ToSrgb> ToSrgb::from_profile(std::span<const std::uint8_t> icc, std::string& why) {
  const Profile profile(cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())));
  if (!profile) {
    why = "is damaged";
    return {};
  }
  const auto space = cmsGetColorSpace(profile.get());
  if (space != cmsSigRgbData && space != cmsSigGrayData) {
    why = fmt::format("is one of {}, which the decoded pixels are not in any more", space_name(space));
    return {};
  }
  void* transform = transform_to_srgb(profile, space == cmsSigGrayData);
  if (transform == nullptr) {
    why = "cannot be followed";
    return {};
  }
  return ToSrgb(transform, space == cmsSigGrayData, name_of(profile));
}

std::optional<ToSrgb> ToSrgb::from_primaries(const Chromaticities& values, std::optional<double> gamma) {
  if (!is_possible(values) || (gamma && (!std::isfinite(*gamma) || *gamma < 0.1 || *gamma > 10))) return {};
  // sRGB's own curve: IEC 61966-2-1.
  const std::array<cmsFloat64Number, 5> srgb{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  const std::array<cmsFloat64Number, 1> power{gamma.value_or(1)};
  const std::unique_ptr<cmsToneCurve, FreeCurve> curve(
      gamma ? cmsBuildParametricToneCurve(nullptr, 1, power.data())
            : cmsBuildParametricToneCurve(nullptr, 4, srgb.data()));
  if (!curve) return {};
  const cmsCIExyY white{values[6], values[7], 1};
  const cmsCIExyYTRIPLE primaries{
      {values[0], values[1], 1}, {values[2], values[3], 1}, {values[4], values[5], 1}};
  const std::array<cmsToneCurve*, 3> curves{curve.get(), curve.get(), curve.get()};
  const Profile profile(cmsCreateRGBProfile(&white, &primaries, curves.data()));
  void* transform = profile ? transform_to_srgb(profile, false) : nullptr;
  if (transform == nullptr) return {};
  return ToSrgb(transform, false, "");
}

void ToSrgb::row(float* red, float* green, float* blue, int count) const {
  const auto pixels = static_cast<std::size_t>(count);
  std::vector<float> in(pixels * (is_grey_ ? 1 : 3)), out(pixels * 3);
  for (std::size_t i = 0; i < pixels; ++i) {
    if (is_grey_) {
      in[i] = red[i];
      continue;
    }
    in[3 * i] = red[i];
    in[3 * i + 1] = green[i];
    in[3 * i + 2] = blue[i];
  }
  cmsDoTransform(transform_.get(), in.data(), out.data(), static_cast<cmsUInt32Number>(count));
  for (std::size_t i = 0; i < pixels; ++i) {
    red[i] = out[3 * i];
    green[i] = out[3 * i + 1];
    blue[i] = out[3 * i + 2];
  }
}

void ToSrgb::picture(at::Tensor& rgb) const {
  const auto width = rgb.size(2), plane = rgb.size(1) * width;
  float* first = rgb.data_ptr<float>();
  for (std::int64_t y = 0; y < rgb.size(1); ++y) {
    float* red = first + y * width;
    row(red, red + plane, red + 2 * plane, static_cast<int>(width));
    for (int c = 0; c < 3; ++c)
      for (std::int64_t x = 0; x < width; ++x)
        red[c * plane + x] = std::clamp(red[c * plane + x], 0.0F, 1.0F);
  }
}

bool ToSrgb::is_identity() const {
  float largest = 0;
  for (int r = 0; r < kSamples; ++r)
    for (int g = 0; g < kSamples; ++g)
      for (int b = 0; b < kSamples; ++b) {
        if (is_grey_ && (g != r || b != r)) continue;
        const std::array<float, 3> from{static_cast<float>(r) / (kSamples - 1),
                                        static_cast<float>(g) / (kSamples - 1),
                                        static_cast<float>(b) / (kSamples - 1)};
        auto to = from;
        row(&to[0], &to[1], &to[2], 1);
        for (std::size_t c = 0; c < 3; ++c) largest = std::max(largest, std::abs(to[c] - from[c]));
      }
  return largest < kStep;
}

const Chromaticities& srgb_primaries() {
  static const Chromaticities values{0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290};
  return values;
}

std::optional<Chromaticities> wide_primaries(int code_point) {
  switch (code_point) {
    case AVCOL_PRI_BT2020:
      return Chromaticities{0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290};
    case AVCOL_PRI_SMPTE431:
      return Chromaticities{0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351};
    case AVCOL_PRI_SMPTE432:
      return Chromaticities{0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290};
    default:
      return {};
  }
}

}  // namespace dreamreel::media
