// The facts about a video that Reader and Writer exchange: geometry, timing, colour. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "dreamreel/core/time.h"

namespace dreamreel::media {

/// Colour tags as libav's code points (ITU-T H.273), 2 = unspecified; kept from the source to the output.
struct ColourTags {
  int primaries = 2, transfer = 2, matrix = 2;
  bool full_range = false;
};

/// The metadata of a clip of high dynamic range.
struct HdrMetadata {
  /// The display that it was graded on (SMPTE ST 2086): x, y of red, green, blue and white, then the highest
  /// and the lowest luminance in cd/m^2.
  std::optional<std::array<double, 10>> mastering_display;
  struct Light {
    int brightest_pixel = 0, brightest_average = 0;
  };
  std::optional<Light> content_light;  ///< MaxCLL and MaxFALL in cd/m^2
  /// Both kinds of metadata change from frame to frame and do not fit a dreamed frame, so they are lost.
  bool has_hdr10_plus = false;
  std::optional<int> dolby_vision_profile;

  /// The same without the levels, for a filter that has changed the picture.
  void without_levels() {
    mastering_display.reset();
    content_light.reset();
  }
};

struct VideoInfo {
  int width = 0,
      height = 0;  ///< size of the delivered frames: rotated upright, square pixels, after the filter chain
  Rational frame_rate{24, 1};  ///< nominal (average where it varies)
  Rational time_base{1, 24};   ///< unit of VideoFrame::pts
  bool variable_rate = false;  ///< known from the container's header, so it may be wrong
  bool is_still = false;       ///< one picture, no time line of its own
  int bit_depth = 8;           ///< bits of the source's samples
  std::string pixel_format;    ///< libav's name of the source's format, e.g. "yuv420p10le"
  std::string codec;           ///< e.g. "h264"
  bool has_alpha = false;      ///< the delivered frames have VideoFrame::alpha; only if it was asked for
  bool shows_alpha = false;    ///< the first of them is not opaque everywhere; only where has_alpha is set
  ColourTags colour;
  HdrMetadata hdr;
  std::optional<std::int64_t>
      frame_count;  ///< after trimming; exact if the container knows it, else estimated
  bool frame_count_is_exact = false;
  double duration_seconds = 0;  ///< after trimming; 0 if unknown
  double start_seconds = 0;     ///< place of pts 0 in the source, in seconds from the file's beginning
  int sound_tracks = 0;

  /// Whether an output should hold alpha. Palettes are decoded with an alpha channel even where every colour
  /// is opaque, so for them the first frame decides.
  bool keeps_alpha() const {
    return has_alpha && (shows_alpha || (codec != "gif" && pixel_format != "pal8"));
  }
};

/// One decoded frame.
struct VideoFrame {
  at::Tensor rgb;          ///< float32 (3,H,W), R'G'B' in [0,1], CPU, contiguous
  at::Tensor alpha;        ///< float32 (1,H,W), 0 transparent to 1 opaque, CPU; undefined without has_alpha
  std::int64_t index = 0;  ///< counted from 0 at the first frame after the trim
  std::int64_t pts = 0;  ///< in VideoInfo::time_base, exactly the source's, counted from the file's beginning
                         ///< or, where the start is trimmed, from the first selected frame
  std::int64_t duration = 0;  ///< same unit; 0 if unknown
  double seconds = 0;         ///< pts in seconds
};

}  // namespace dreamreel::media
