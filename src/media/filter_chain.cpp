#include "filter_chain.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include "bounds.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/trust.h"
#include "filter_check.h"
#include "pixels.h"

namespace dreamreel::media {
namespace {

// The largest ratio between the sides of a pixel. No camera goes beyond 4. A file with a larger ratio is
// damaged, or was made to take memory.
constexpr double kMostPixelAspect = 16;

// Makes pixels square by enlarging, so that no detail is lost. `sar` is 1 if it is unknown. Pixels are square
// already where one side would change by a pixel at most: a filter such as scale=480:-2 rounds a side to an
// even number, and states the rest of the rounding as the pixels' aspect.
constexpr const char* kSquare =
    "w='if(gt(sar,1)*lte(sar,16)*gt(min(abs(iw*sar-iw),abs(ih/sar-ih)),1.01),max(1,round(iw*sar)),iw)'"
    ":h='if(lt(sar,1)*gte(sar,1/16)*gt(min(abs(iw*sar-iw),abs(ih/sar-ih)),1.01),max(1,round(ih/sar)),ih)'"
    ":flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";

struct FreeEnds {
  void operator()(AVFilterInOut* ends) const { avfilter_inout_free(&ends); }
};
using EndsPtr = std::unique_ptr<AVFilterInOut, FreeEnds>;

std::string ratio(AVRational value) {
  return fmt::format("{}/{}", value.num, value.den);
}

EndsPtr open_end(const char* name, AVFilterContext* filter, int pad) {
  EndsPtr end(avfilter_inout_alloc());
  if (!end) throw std::bad_alloc();
  end->name = av_strdup(name);
  end->filter_ctx = filter;
  end->pad_idx = pad;
  end->next = nullptr;
  return end;
}

std::string size_arguments(const std::pair<int, int>& size) {
  std::string text = "w=";
  text.append(std::to_string(size.first)).append(":h=").append(std::to_string(size.second));
  return text.append(":").append(kAccurate);
}

std::string thumbnail_arguments(int longest_side) {
  const std::string factor = fmt::format("min(1,{}/max(iw,ih))", longest_side);
  return fmt::format("w='max(1,round(iw*{}))':h='max(1,round(ih*{}))':flags=area", factor, factor);
}

[[noreturn]] void throw_refused(const FilterInput& input, const LibavErrors& errors, int error) {
  if (input.user.empty()) throw RenderError(errors.describe("cannot set up the conversion of frames", error));
  throw_filter_refused(input.user, errors.describe("it cannot be set up", error));
}

}  // namespace

std::string source_arguments(const FilterInput& input) {
  std::string text = "video_size=";
  text.append(std::to_string(input.width)).append("x").append(std::to_string(input.height));
  text.append(":pix_fmt=").append(av_get_pix_fmt_name(input.format));
  text.append(":time_base=").append(ratio(input.time_base));
  text.append(":pixel_aspect=").append(input.sample_aspect.den > 0 ? ratio(input.sample_aspect) : "0/1");
  if (input.frame_rate.num > 0) text.append(":frame_rate=").append(ratio(input.frame_rate));
  return text.append(buffer_colour_arguments(input.matrix, input.range));
}

std::string upright_filters(const std::int32_t* matrix) {
  if (matrix == nullptr) return "";
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  const double along = std::abs(a) + std::abs(d);
  const double across = std::abs(b) + std::abs(c);
  constexpr double kRightAngle = 0.02;  // share of the other axis; about one degree
  if (across <= kRightAngle * along) {
    const std::string flips = a < 0 ? "hflip" : "";
    if (d >= 0) return flips;
    return flips.empty() ? "vflip" : flips + ",vflip";
  }
  if (along <= kRightAngle * across) {
    if (c < 0) return b < 0 ? "transpose=clock_flip" : "transpose=clock";
    return b < 0 ? "transpose=cclock" : "transpose=cclock_flip";
  }
  return fmt::format("rotate={:f}", std::atan2(b, a));
}

std::string upright_filters_for_exif(int orientation) {
  static const std::vector<std::string> filters{"",
                                                "hflip",
                                                "hflip,vflip",
                                                "vflip",
                                                "transpose=cclock_flip",
                                                "transpose=clock",
                                                "transpose=clock_flip",
                                                "transpose=cclock"};
  if (orientation < 1 || orientation > static_cast<int>(filters.size())) return "";
  return filters[static_cast<std::size_t>(orientation - 1)];
}

FilterChain::FilterChain(const FilterInput& input)
    : input_(input), limits_(check_filters(input)), graph_(avfilter_graph_alloc()) {
  if (!graph_) throw std::bad_alloc();
  const LibavErrors errors;
  graph_->scale_sws_opts = av_strdup(kAccurate);
  source_ = last_ = add("buffer", source_arguments(input));
  append_chain(input.upright);
  append_chain(input.user);
  append("scale", kSquare);
  const AVFilterContext* const square = last_;
  append("setsar", "1");
  if (input.longest_side > 0) append("scale", thumbnail_arguments(input.longest_side));
  if (input.out_size) append("scale", size_arguments(*input.out_size));
  append("format", "pix_fmts=" + plain_format_names());
  append("buffersink", "");
  sink_ = last_;
  if (const int error = avfilter_graph_config(graph_.get(), nullptr); error < 0)
    throw_refused(input_, errors, error);
  check_square(*square);
}

void FilterChain::check_square(const AVFilterContext& square) {
  const AVFilterLink &in = *square.inputs[0], &out = *square.outputs[0];
  const double aspect = in.sample_aspect_ratio.num > 0 ? av_q2d(in.sample_aspect_ratio) : 1;
  if (aspect > kMostPixelAspect || aspect < 1 / kMostPixelAspect)
    log_warning_once(
        fmt::format("the pictures say that their pixels are {}:{} as wide as high, which cannot be right; "
                    "the pixels are taken for square",
                    in.sample_aspect_ratio.num, in.sample_aspect_ratio.den));
  if (std::int64_t{out.w} * out.h > kMostPixels)
    throw InputError(
        fmt::format("with square pixels the pictures are {}x{}; at most {} pixels are taken; set "
                    "input.filter: setsar=1, or scale the pictures down first",
                    out.w, out.h, kMostPixels));
}

AVFilterContext* FilterChain::add(const char* filter, const std::string& args) {
  const LibavErrors errors;
  AVFilterContext* context = nullptr;
  const int error =
      avfilter_graph_create_filter(&context, avfilter_get_by_name(filter), nullptr,
                                   args.empty() ? nullptr : args.c_str(), nullptr, graph_.get());
  if (error < 0) throw RenderError(errors.describe(std::string("cannot create the filter ") + filter, error));
  return context;
}

void FilterChain::append(const char* filter, const std::string& args) {
  AVFilterContext* context = add(filter, args);
  if (const int error = avfilter_link(last_, last_pad_, context, 0); error < 0)
    throw RenderError(fmt::format("cannot link the filter {}: {}", filter, libav_text(error)));
  last_ = context;
  last_pad_ = 0;
}

// Parses a chain and appends it to the present filters. Its open ends may be labelled [in] and [out], as in
// the examples of ffmpeg.
void FilterChain::append_chain(const std::string& chain) {
  if (chain.empty()) return;
  const LibavErrors errors;
  // libav names the ends as seen from outside: our "in" is the open output of the filter before.
  EndsPtr in = open_end("in", last_, static_cast<int>(last_pad_));
  AVFilterContext* behind = add("null", "");
  EndsPtr out = open_end("out", behind, 0);
  AVFilterInOut* open_inputs = out.release();
  AVFilterInOut* open_outputs = in.release();
  const int error =
      avfilter_graph_parse_ptr(graph_.get(), chain.c_str(), &open_inputs, &open_outputs, nullptr);
  const EndsPtr left_inputs(open_inputs);
  const EndsPtr left_outputs(open_outputs);
  if (error < 0) throw_refused(input_, errors, error);
  if (left_inputs || left_outputs)
    throw JobError(
        fmt::format("the filter \"{}\" must have exactly one video input and one video output", chain));
  last_ = behind;
  last_pad_ = 0;
}

// Checks the limits that only the frames themselves can show: their times, and how many go in before one
// comes out.
void FilterChain::watch(const AVFrame& frame) {
  ++waiting_;
  if (limits_.holds && waiting_ > kMostHeldBytes / std::max<std::int64_t>(1, limits_.frame_bytes))
    throw JobError(
        fmt::format("the filter \"{}\" holds back more than {} GiB of frames ({}); trim the input, or scale "
                    "it down first; {}",
                    input_.user, kMostHeldBytes >> 30, waiting_, kHowToTrust));
  const double tick = av_q2d(input_.time_base);
  double gap = last_pts_ ? static_cast<double>(frame.pts - *last_pts_) * tick : 0;
  if (!last_pts_ && limits_.fill_start) gap = static_cast<double>(frame.pts) * tick - *limits_.fill_start;
  last_pts_ = frame.pts;
  const double filled = gap * limits_.time_scale * limits_.fill_rate;
  if (filled > kMostFilledFrames)
    throw JobError(fmt::format(
        "the filter \"{}\" would fill a gap of {:.1f} s between two frames with {:.0f} frames; at most "
        "{} are allowed; {}",
        input_.user, gap, filled, static_cast<std::int64_t>(kMostFilledFrames), kHowToTrust));
}

void FilterChain::push(AVFrame* frame) {
  if (frame != nullptr) watch(*frame);
  const LibavErrors errors;
  const int error = av_buffersrc_add_frame_flags(source_, frame, 0);
  if (error < 0 && error != AVERROR_EOF) throw RenderError(errors.describe("the filter chain failed", error));
}

bool FilterChain::pull(AVFrame& out) {
  const LibavErrors errors;
  const int error = av_buffersink_get_frame(sink_, &out);
  if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return false;
  if (error < 0) throw RenderError(errors.describe("the filter chain failed", error));
  if (!limits_.comes_late) waiting_ = 0;
  return true;
}

bool FilterChain::takes(const AVFrame& frame) const {
  return frame.width == input_.width && frame.height == input_.height && frame.format == input_.format;
}

}  // namespace dreamreel::media
