// Pictures' own colours made into what everything behind the Reader expects: display light of sRGB. Linear
// light (EXR, PFM) is converted before the user's filters, profiles and wide primaries on the finished
// tensor.
//
// Clips are left alone: their colours are tags, which the output keeps.
#pragma once

#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "colour_profile.h"
#include "dreamreel/media/video.h"
#include "libav.h"
#include "picture_headers.h"

namespace dreamreel::media {

class PictureColours {
 public:
  /// `first` is the first frame as decoded. `is_picture`: stills and numbered sequences; else only linear
  /// light is looked at. Says in the log, once, what is converted and what cannot be.
  PictureColours(const std::string& name, const AVStream& stream, const AVFrame& first,
                 const PictureHeaders& headers, bool is_picture);

  /// Linear floats to display light, in place, values above white included. A frame that has no tags gets
  /// those of the picture's header.
  void before_filters(AVFrame& frame);
  /// What is left to do, in place. `rgb`: float32 (3,H,W), CPU, contiguous; `primaries`: of the frame behind
  /// the filters, because a filter may have converted it already.
  void finish(at::Tensor& rgb, int primaries) const;
  /// The tags of what finish() leaves.
  void apply_to(ColourTags& tags) const;

 private:
  void choose_linear(const AVFrame& first, const PictureHeaders& headers, bool is_picture);
  void choose(const AVStream& stream, const AVFrame& first, const PictureHeaders& headers);
  bool choose_profile(const AVStream& stream, const AVFrame& first, const PictureHeaders& headers);
  void use(std::optional<ToSrgb> conversion, const std::string& what);
  void convert_linear(AVFrame& frame);
  void warn_of_highlights(std::int64_t clipped, std::int64_t all);

  std::string name_;
  std::optional<ToSrgb> linear_, conversion_;  // before filters, on the tensor
  std::optional<int> converted_primaries_;     // the code point that conversion_ is from
  std::optional<CodePoints> stated_;           // by the picture's own header
  bool says_linear_falsely_ = false;
};

}  // namespace dreamreel::media
