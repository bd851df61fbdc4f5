// Converts a picture's own colours to sRGB. The networks were trained on sRGB, and an output without tags is
// understood as sRGB. LittleCMS reads the profiles and converts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>

#include "picture_headers.h"

namespace dreamreel::media {

/// A conversion to sRGB. One thread at a time.
class ToSrgb {
 public:
  /// A conversion by an ICC profile of R'G'B' or grey. nullopt for another kind of profile, or a damaged one;
  /// `why` then has the reason.
  static std::optional<ToSrgb> from_profile(std::span<const std::uint8_t> icc, std::string& why);
  /// A conversion by primaries and a power law. A gamma of 1 means linear light; without a gamma, the curve
  /// of sRGB is used. nullopt for values that no real colours have.
  static std::optional<ToSrgb> from_primaries(const Chromaticities& primaries, std::optional<double> gamma);

  /// Whether the conversion changes no colour by more than a step of 8 bits, so that pixels can be left
  /// alone.
  bool is_identity() const;
  /// The profile's own name, "" if it has none.
  const std::string& name() const { return name_; }

  /// `count` pixels of red, green and blue, in place. Results lie outside [0,1] where sRGB has no such
  /// colour.
  void row(float* red, float* green, float* blue, int count) const;
  /// float32 (3,H,W), CPU, contiguous; in place, clamped to [0,1].
  void picture(at::Tensor& rgb) const;

 private:
  struct Free {
    void operator()(void* transform) const;
  };
  ToSrgb(void* transform, bool is_grey, std::string name);

  std::unique_ptr<void, Free> transform_;  // a cmsHTRANSFORM
  bool is_grey_;
  std::string name_;
};

/// The primaries of ITU-T H.273 code points that sRGB cannot show (BT.2020, DCI-P3, Display P3); nullopt for
/// all others.
std::optional<Chromaticities> wide_primaries(int code_point);
/// The primaries of BT.709 and sRGB.
const Chromaticities& srgb_primaries();

}  // namespace dreamreel::media
