// Puts libavfilter between decoder and conversion: filters that turn the picture upright, the user's chain,
// square pixels, a plain pixel format.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "libav.h"

namespace dreamreel::media {

/// The frames that come in, and the wanted filters.
struct FilterInput {
  int width = 0, height = 0;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  AVRational time_base{1, 1};
  AVRational frame_rate{0, 1};  ///< 0/1 if unknown
  AVRational sample_aspect{0, 1};
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  std::string upright;                          ///< filters that turn the picture upright, "" for none
  std::string user;                             ///< the user's chain, "" for none
  int longest_side = 0;                         ///< reduce to this after these filters; 0: do not reduce
  std::optional<std::pair<int, int>> out_size;  ///< scale to this at the end, if the input changed its size
};

/// How pictures are scaled: as exactly as libswscale can.
constexpr const char* kAccurate = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";

/// The arguments of a "buffer" filter that gives frames with the properties of `input`.
std::string source_arguments(const FilterInput& input);

/// The filters that apply a 3x3 display matrix in the form of ISO 14496-12 (x' = m0 x + m3 y, y' = m1 x + m4
/// y): "transpose=clock", "hflip,vflip", ... "" if no filter is needed.
std::string upright_filters(const std::int32_t* matrix);
/// The same for an Exif orientation, 1 to 8.
std::string upright_filters_for_exif(int orientation);

/// Limits that are watched while frames go through a chain; see filter_check.h.
struct ChainLimits {
  double fill_rate = 0;                ///< frames a second that fill gaps; 0: gaps are not filled
  double time_scale = 1;               ///< times are stretched by this before gaps are filled
  bool holds = false;                  ///< the chain may hold back every frame that it was given
  bool comes_late = false;             ///< frames may be held back although others come out
  std::optional<double> fill_start{};  ///< a gap before the first frame is filled from this second on
  std::int64_t frame_bytes = 0;        ///< bytes of the largest frame between its filters
};

class FilterChain {
 public:
  /// JobError if a job may not have the user's chain (filter_check.h), or libavfilter refuses it. InputError
  /// if pictures would be too large with square pixels.
  explicit FilterChain(const FilterInput& input);

  /// Takes over the frame's content; nullptr stands for the end. JobError if a filter would fill too long a
  /// gap before the frame, or holds back too much.
  void push(AVFrame* frame);
  /// The next finished frame into `out`; false if more input is needed or the end is reached.
  bool pull(AVFrame& out);

  int width() const { return av_buffersink_get_w(sink_); }
  int height() const { return av_buffersink_get_h(sink_); }
  AVPixelFormat format() const { return static_cast<AVPixelFormat>(av_buffersink_get_format(sink_)); }
  AVRational time_base() const { return av_buffersink_get_time_base(sink_); }
  AVRational frame_rate() const { return av_buffersink_get_frame_rate(sink_); }
  /// Whether a frame of these properties may be pushed.
  bool takes(const AVFrame& frame) const;

 private:
  AVFilterContext* add(const char* filter, const std::string& args);
  void append(const char* filter, const std::string& args);
  void append_chain(const std::string& chain);
  void watch(const AVFrame& frame);
  static void check_square(const AVFilterContext& square);

  FilterInput input_;
  ChainLimits limits_;
  std::optional<std::int64_t> last_pts_;  // pts of the last pushed frame
  std::int64_t waiting_ = 0;              // frames pushed since the last one came out
  GraphPtr graph_;
  AVFilterContext* source_ = nullptr;  // owned by the graph, as all of these are
  AVFilterContext* last_ = nullptr;
  AVFilterContext* sink_ = nullptr;
  unsigned last_pad_ = 0;
};

}  // namespace dreamreel::media
