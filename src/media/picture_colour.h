// Converts the colours of pictures to sRGB display values, which everything behind the Reader expects. Linear
// light (EXR, PFM) is converted before the user's filters. Profiles and wide primaries are converted in the
// finished tensor.
//
// Clips are not converted: their colours are tags, which the output keeps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "colour_profile.h"
#include "dreamreel/media/video.h"
#include "libav.h"
#include "picture_headers.h"

namespace dreamreel::media {

class PictureColours {
 public:
  /// `first` is the first frame as decoded. `is_picture` is true for stills and numbered sequences; for clips
  /// only linear light is checked. Logs once what is converted, and what cannot be converted.
  PictureColours(const std::string& name, const AVStream& stream, const AVFrame& first,
                 const PictureHeaders& headers, bool is_picture);

  /// Converts linear floats to display values, in place, including values above white. A frame without tags
  /// gets the tags of the picture's header.
  void before_filters(AVFrame& frame);
  /// Does the rest of the conversion, in place. `rgb`: float32 (3,H,W), CPU, contiguous. `primaries`: the
  /// frame's primaries behind the filters, because a filter may have converted the frame already.
  void finish(at::Tensor& rgb, int primaries) const;
  /// Sets the tags of the result of finish().
  void apply_to(ColourTags& tags) const;

 private:
  void choose_linear(const AVFrame& first, const PictureHeaders& headers, bool is_picture);
  void choose(const AVStream& stream, const AVFrame& first, const PictureHeaders& headers);
  bool choose_profile(const AVStream& stream, const AVFrame& first, const PictureHeaders& headers);
  void use(std::optional<ToSrgb> conversion, const std::string& what);
  void convert_linear(AVFrame& frame);
  std::vector<float> associated_alpha(const AVFrame& frame, int y) const;
  void warn_of_highlights(std::int64_t clipped, std::int64_t all);

  std::string name_;
  std::optional<ToSrgb> linear_, conversion_;  // before filters, on the tensor
  std::optional<int> converted_primaries_;     // the code point that conversion_ is from
  std::optional<CodePoints> stated_;           // stated by the picture's own header
  bool says_linear_falsely_ = false;
  bool is_exr_ = false;  // whose colours are multiplied by alpha
};

}  // namespace dreamreel::media
