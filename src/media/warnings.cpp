#include "dreamreel/media/warnings.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "colour.h"
#include "colour_profile.h"
#include "encoder_choice.h"
#include "hdr_metadata.h"
#include "interlace.h"
#include "pixels.h"

namespace dreamreel::media {
namespace {

// In PQ and HLG, the white of ordinary pictures is at 203 cd/m^2 (ITU-R BT.2408).
constexpr const char* kToSdr =
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r="
    "tv";

struct Target {
  std::string extension;
  const AVOutputFormat& container;
  const AVCodec& codec;
};

Target target_of(const WriterOptions& output) {
  const AVOutputFormat& container = container_for(output.path);
  return {output.path.extension().string(), container, choose_encoder(output, container)};
}

bool has_place_for_colours(const AVOutputFormat& container) {
  constexpr std::array<std::string_view, 7> kNames{"mov", "mp4", "ipod", "matroska", "webm", "avif", "mxf"};
  return std::ranges::find(kNames, std::string_view(container.name)) != kNames.end();
}

// Whether a codec's own bit stream stores primaries and transfer function, including PQ and HLG.
bool says_colours(const AVCodec& codec) {
  constexpr std::array<AVCodecID, 4> kCodecs{AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1,
                                             AV_CODEC_ID_PRORES};
  return std::ranges::find(kCodecs, codec.id) != kCodecs.end();
}

std::string words_for(const ColourTags& colour) {
  if (colour.transfer == AVCOL_TRC_SMPTE2084) return "HDR (PQ)";
  if (colour.transfer == AVCOL_TRC_ARIB_STD_B67) return "HDR (HLG)";
  return fmt::format("wide colours ({})",
                     av_color_primaries_name(static_cast<AVColorPrimaries>(colour.primaries)));
}

// False if the output cannot keep the colours; then a warning is added.
bool keeps_colours(const std::string& name, const ColourTags& colour, const Target& target,
                   std::vector<std::string>& warnings) {
  const bool hdr = is_hdr(colour.transfer);
  if ((!hdr && !wide_primaries(colour.primaries)) || has_place_for_colours(target.container) ||
      says_colours(target.codec) || target.codec.id == AV_CODEC_ID_EXR)  // linear, with its primaries
    return true;
  const std::string png = target.codec.id == AV_CODEC_ID_PNG
                              ? " in a way that most programs read (it gets a cICP chunk, which some do)"
                              : "";
  warnings.push_back(
      fmt::format("{} is {}, and {} cannot say so{}: it will look {}. Write .mp4, .mov or .mkv, or convert "
                  "it with input.filter: {}",
                  name, words_for(colour), target.extension, png, hdr ? "grey and flat" : "pale",
                  hdr ? std::string(kToSdr) : "zscale=p=bt709"));
  return false;
}

void warn_of_levels(const std::string& name, const VideoInfo& info, const Target& target, bool keeps,
                    std::vector<std::string>& warnings) {
  const HdrMetadata& hdr = info.hdr;
  const bool has_levels = hdr.mastering_display || hdr.content_light;
  if (keeps && has_levels && !has_place_for_colours(target.container) && !encoder_writes_levels(target.codec))
    warnings.push_back(
        fmt::format("{}: its HDR light levels (mastering display, MaxCLL) are lost, because neither {} nor "
                    "the encoder {} keeps them",
                    name, target.extension, target.codec.name));
  if (hdr.has_hdr10_plus)
    warnings.push_back(
        name + ": its HDR10+ metadata, which changes from frame to frame, is lost; what is left is HDR10");
  if (!hdr.dolby_vision_profile) return;
  if (*hdr.dolby_vision_profile == 5)
    warnings.push_back(
        name +
        ": it is Dolby Vision of profile 5, whose colours are wrong (green and purple) without its "
        "metadata, which FFmpeg's decoder does not apply; convert it to HDR10 or SDR first");
  else
    warnings.push_back(
        name + ": its Dolby Vision metadata is lost; the picture below it, HDR10, HLG or SDR, is kept");
}

// The advice for an encoder or pixel format that holds no alpha.
std::string how_to_keep_alpha(const WriterOptions& output, const VideoInfo& info, const AVCodec& codec) {
  WriterOptions unnamed = output;
  unnamed.pixel_format.clear();
  const auto usual = choose_pixel_formats(unnamed, info, codec, is_picture_path(output.path)).front();
  if (has_alpha(usual))
    return fmt::format("name a pixel format with alpha, such as {}, or leave output.video.pixel_format out",
                       av_get_pix_fmt_name(usual));
  return "write numbered .png or .exr pictures, or choose output.preset: prores_4444 (.mov) or archive "
         "(.mkv), "
         "or write .webm";
}

void warn_of_alpha(const std::string& name, const VideoInfo& info, const WriterOptions& output,
                   const AVCodec& codec, std::vector<std::string>& warnings) {
  if (!info.keeps_alpha() || (info.is_still && !info.shows_alpha)) return;
  const std::string which = info.shows_alpha ? "" : " (the first frame is opaque; later ones may not be)";
  const auto format = choose_pixel_formats(output, info, codec, is_picture_path(output.path)).front();
  if (format == AV_PIX_FMT_PAL8)
    warnings.push_back(
        fmt::format("{}: its alpha is kept in two steps, because the pixels of a {} are transparent or "
                    "opaque: below one half they become transparent",
                    name, output.path.extension().string()));
  else if (!has_alpha(format))
    warnings.push_back(fmt::format(
        "{}: its alpha{} is lost, because {} with the pixel format {} holds none: the output is opaque, and "
        "shows the colours beneath. To keep it, {}",
        name, which, codec.name, av_get_pix_fmt_name(format), how_to_keep_alpha(output, info, codec)));
  else if (const int depth = av_pix_fmt_desc_get(format)->comp[0].depth; depth < info.bit_depth)
    warnings.push_back(fmt::format("{}: {} holds alpha with {} bits alone, and the source has {}", name,
                                   codec.name, depth, info.bit_depth));
}

std::string rounded_rate(double rate) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.5g", rate);
  return text.data();
}

}  // namespace

std::vector<std::string> source_warnings(const ReaderOptions& options, const VideoInfo& info) {
  if (info.is_still || deinterlaces(options.filter) || !is_interlaced(options)) return {};
  const double rate = info.frame_rate.value();
  return {
      fmt::format("{} is interlaced: each frame holds two moments, and the network would take their combs "
                  "for texture. Set input.filter: bwdif ({} frames a second) or bwdif=mode=send_frame ({})",
                  options.path.string(), rounded_rate(2 * rate), rounded_rate(rate))};
}

std::vector<std::string> output_warnings(const ReaderOptions& source, const VideoInfo& info,
                                         const WriterOptions& output) {
  std::vector<std::string> warnings;
  const Target target = target_of(output);
  const bool keeps = keeps_colours(source.path.string(), info.colour, target, warnings);
  warn_of_levels(source.path.string(), info, target, keeps, warnings);
  warn_of_alpha(source.path.string(), info, output, target.codec, warnings);
  return warnings;
}

}  // namespace dreamreel::media
