// From a picture's own colours to sRGB, which the networks were trained on and every output is understood as
// where it says nothing else. Profiles are read and followed by LittleCMS.
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
  /// By an ICC profile of R'G'B' or of grey. nullopt where it is of another kind or damaged; `why` then has
  /// the reason.
  static std::optional<ToSrgb> from_profile(std::span<const std::uint8_t> icc, std::string& why);
  /// By primaries and a power law; gamma 1: linear light; nullopt: the curve of sRGB. nullopt for values that
  /// no colours have.
  static std::optional<ToSrgb> from_primaries(const Chromaticities& primaries, std::optional<double> gamma);

  /// Within a step of 8 bits everywhere: not worth touching a pixel for.
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
/// Those of BT.709 and sRGB.
const Chromaticities& srgb_primaries();

}  // namespace dreamreel::media
