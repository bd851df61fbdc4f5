#include "palette.h"

#include <fmt/core.h>

#include <new>
#include <string>

#include "dreamreel/core/error.h"

namespace dreamreel::media {
namespace {

// The filters behind the source, without and with alpha.
constexpr const char* kChain =
    ",split[plain][counted];[counted]palettegen=stats_mode=single:reserve_transparent=0[colours];"
    "[plain][colours]paletteuse=dither=sierra2_4a,buffersink@out";
constexpr const char* kChainWithAlpha =
    ",split[plain][counted];[counted]palettegen=stats_mode=single:reserve_transparent=1[colours];"
    "[plain][colours]paletteuse=dither=sierra2_4a:alpha_threshold=128,buffersink@out";

std::string graph_for(const AVFrame& picture) {
  const bool has_alpha = picture.format == AV_PIX_FMT_RGBA;
  std::string text = "buffer@in=video_size=";
  text.append(std::to_string(picture.width)).append("x").append(std::to_string(picture.height));
  text.append(has_alpha ? ":pix_fmt=rgba" : ":pix_fmt=rgb24").append(":time_base=1/1:pixel_aspect=1/1");
  return text.append(has_alpha ? kChainWithAlpha : kChain);
}

void expect(int error, const char* what) {
  if (error < 0)
    throw RenderError(fmt::format("cannot find 256 colours for a frame: {}: {}", what, libav_text(error)));
}

}  // namespace

FramePtr in_256_colours(const AVFrame& picture) {
  // Each picture has a graph of its own, because the filters would hold it back until the next picture comes.
  const LibavErrors quiet;
  const GraphPtr graph(avfilter_graph_alloc());
  const FramePtr in(av_frame_clone(&picture));
  FramePtr out = new_frame();
  if (!graph || !in) throw std::bad_alloc();
  graph->nb_threads = 1;
  const std::string text = graph_for(picture);
  AVFilterInOut* inputs = nullptr;
  AVFilterInOut* outputs = nullptr;
  expect(avfilter_graph_parse2(graph.get(), text.c_str(), &inputs, &outputs), "the filters");
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  expect(avfilter_graph_config(graph.get(), nullptr), "the graph");
  AVFilterContext* const source = avfilter_graph_get_filter(graph.get(), "buffer@in");
  AVFilterContext* const sink = avfilter_graph_get_filter(graph.get(), "buffersink@out");
  if (source == nullptr || sink == nullptr)
    throw RenderError("this FFmpeg's filters have other names than expected");
  in->pts = 0;
  expect(av_buffersrc_add_frame(source, in.get()), "a picture");
  expect(av_buffersrc_add_frame(source, nullptr), "the end");
  expect(av_buffersink_get_frame(sink, out.get()), "the result");
  expect(av_frame_copy_props(out.get(), &picture), "the times");
  return out;
}

}  // namespace dreamreel::media
