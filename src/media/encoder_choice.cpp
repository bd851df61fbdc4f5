#include "encoder_choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "colour.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/core/trust.h"
#include "linear_light.h"
#include "pattern.h"
#include "pixels.h"

namespace dreamreel::media {
namespace {

constexpr int kMpeg4HighestDenominator = 65535;  // the standard's limit for a time base
constexpr int kFixedRateDenominator = 1000;  // finest unit in a container that fills gaps with empty frames

std::vector<std::string> video_encoder_names() {
  std::vector<std::string> names;
  void* state = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&state))
    if (av_codec_is_encoder(codec) != 0 && codec->type == AVMEDIA_TYPE_VIDEO) names.emplace_back(codec->name);
  return names;
}

std::vector<std::string> pixel_format_names() {
  std::vector<std::string> names;
  const AVPixFmtDescriptor* descriptor = nullptr;
  while ((descriptor = av_pix_fmt_desc_next(descriptor)) != nullptr) names.emplace_back(descriptor->name);
  return names;
}

// The first encoder that libav has for a codec. WebP has two; this takes the one that makes a picture of each
// frame.
const AVCodec* usual_encoder(AVCodecID id, const AVOutputFormat& container) {
  const bool single = id == AV_CODEC_ID_WEBP && std::string_view(container.name) == "image2";
  const AVCodec* codec = single ? avcodec_find_encoder_by_name("libwebp") : nullptr;
  return codec != nullptr ? codec : avcodec_find_encoder(id);
}

int depth_of(AVPixelFormat format) {
  return av_pix_fmt_desc_get(format)->comp[0].depth;
}

bool is_420(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor->nb_components >= 3 && descriptor->log2_chroma_w == 1 && descriptor->log2_chroma_h == 1;
}

bool is_444(AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return descriptor->nb_components >= 3 && descriptor->log2_chroma_w == 0 && descriptor->log2_chroma_h == 0 &&
         !is_rgb(format);
}

bool is_planar(AVPixelFormat format) {
  return av_pix_fmt_count_planes(format) == av_pix_fmt_desc_get(format)->nb_components;
}

bool is_writable(AVPixelFormat format) {
  return is_plain(format) || is_linear_format(format);
}

std::vector<AVPixelFormat> writable_formats(const AVCodec& codec) {
  auto formats = pixel_formats_of(codec);
  std::erase_if(formats, [](AVPixelFormat format) { return !is_writable(format); });
  return formats;
}

// H.265 has alpha as a second picture that FFmpeg does not read, and Apple knows no ProRes 422 with alpha.
bool may_hold_alpha(const WriterOptions& options, const AVCodec& codec) {
  constexpr std::array<std::string_view, 8> kProresWithout{"proxy", "lt", "standard", "hq",
                                                           "0",     "1",  "2",        "3"};
  if (codec.id == AV_CODEC_ID_HEVC) return false;
  if (codec.id != AV_CODEC_ID_PRORES) return true;
  const auto profile = options.options.find("profile");
  return profile == options.options.end() ||
         std::ranges::find(kProresWithout, std::string_view(profile->second)) == kProresWithout.end();
}

std::vector<AVPixelFormat> only(bool with_alpha, std::vector<AVPixelFormat> formats) {
  std::erase_if(formats, [&](AVPixelFormat format) { return has_alpha(format) != with_alpha; });
  return formats;
}

// Whether a codec is made for watching rather than for storing. For these, 4:2:0 plays everywhere.
bool is_delivery_codec(const AVCodec& codec) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec.id);
  return descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) == 0 &&
         (descriptor->props & AV_CODEC_PROP_LOSSY) != 0;
}

// Where alpha is not kept, a format that has it would only hold what the encoder drops.
std::vector<AVPixelFormat> opaque_formats(const VideoInfo& source, const AVCodec& codec) {
  const auto all = writable_formats(codec);
  const auto opaque = only(false, all);
  return source.keeps_alpha() && !opaque.empty() ? opaque : all;
}

// The formats that hold the source's alpha; none if it has no alpha, or the encoder has no such format.
std::vector<AVPixelFormat> formats_with_alpha(const WriterOptions& options, const VideoInfo& source,
                                              const AVCodec& codec) {
  if (!source.keeps_alpha() || !may_hold_alpha(options, codec)) return {};
  // For watching, an alpha that is opaque would only cost: a second stream, and 8 bits in place of 10.
  if (is_delivery_codec(codec) && !source.shows_alpha) return {};
  return only(true, writable_formats(codec));
}

// Among the formats that satisfy `wanted`: the shallowest with at least `depth` bits, or else the deepest.
// Planar formats come before packed ones.
template <typename Wanted>
AVPixelFormat nearest_depth(const std::vector<AVPixelFormat>& formats, int depth, Wanted wanted) {
  AVPixelFormat best = AV_PIX_FMT_NONE;
  const auto rank = [&](AVPixelFormat format) {
    const int have = depth_of(format);
    const int distance = have >= depth ? have - depth : 100 + depth - have;
    return 2 * distance + (is_planar(format) ? 0 : 1);
  };
  for (const AVPixelFormat format : formats)
    if (wanted(format) && (best == AV_PIX_FMT_NONE || rank(format) < rank(best))) best = format;
  return best;
}

AVPixelFormat nearest_to(const std::vector<AVPixelFormat>& formats, AVPixelFormat wanted) {
  std::vector<AVPixelFormat> list = formats;
  list.push_back(AV_PIX_FMT_NONE);
  return avcodec_find_best_pix_fmt_of_list(list.data(), wanted, 0, nullptr);
}

AVPixelFormat named_format(const std::string& name, const AVCodec& codec) {
  const AVPixelFormat format = av_get_pix_fmt(name.c_str());
  if (format == AV_PIX_FMT_NONE)
    throw JobError(
        fmt::format("unknown pixel format '{}'{}", name, did_you_mean(name, pixel_format_names())));
  const auto takes = pixel_formats_of(codec);
  const bool taken = takes.empty() || std::ranges::find(takes, format) != takes.end();
  if (taken && is_writable(format)) return format;
  std::string list;
  for (const AVPixelFormat one : writable_formats(codec))
    list += (list.empty() ? "" : ", ") + std::string(av_get_pix_fmt_name(one));
  throw JobError(
      fmt::format("the encoder {} does not take the pixel format '{}'; it takes {}", codec.name, name, list));
}

// The format that the job names. Of two, such as "gbrp16le/gbrap16le", the second is for a source with alpha.
AVPixelFormat asked_format(const WriterOptions& options, const VideoInfo& source, const AVCodec& codec) {
  const std::string& text = options.pixel_format;
  const auto slash = text.find('/');
  const AVPixelFormat opaque = named_format(text.substr(0, slash), codec);
  if (slash == std::string::npos) return opaque;
  const AVPixelFormat transparent = named_format(text.substr(slash + 1), codec);
  if (has_alpha(opaque) || !has_alpha(transparent))
    throw JobError(
        fmt::format("the second of two pixel formats is for a source with alpha, and the first is not; '{}' "
                    "is no such pair",
                    text));
  return source.keeps_alpha() ? transparent : opaque;
}

AVPixelFormat default_format(const WriterOptions& options, const VideoInfo& source, const AVCodec& codec,
                             bool pictures) {
  auto formats = formats_with_alpha(options, source, codec);
  const bool with_alpha = !formats.empty();
  if (!with_alpha) formats = opaque_formats(source, codec);
  AVPixelFormat chosen = AV_PIX_FMT_NONE;
  if (codec.id == AV_CODEC_ID_MJPEG) {
    chosen = nearest_depth(formats, 8, is_444);
  } else if (pictures) {
    chosen = nearest_to(formats, with_alpha ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGB48);
  } else if (is_delivery_codec(codec)) {
    chosen = nearest_depth(only(with_alpha, formats), source.bit_depth, is_420);
  }
  if (chosen != AV_PIX_FMT_NONE) return chosen;
  const AVPixelFormat own = av_get_pix_fmt(source.pixel_format.c_str());
  chosen = nearest_to(formats, own != AV_PIX_FMT_NONE && is_plain(own) ? own : AV_PIX_FMT_RGB24);
  if (chosen != AV_PIX_FMT_NONE) return chosen;
  throw JobError(
      fmt::format("the encoder {} takes no pixel format that dreamreel writes; choose another", codec.name));
}

bool fits(AVPixelFormat format, const VideoInfo& source) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  return is_rgb(format) || (source.width % (1 << descriptor->log2_chroma_w) == 0 &&
                            source.height % (1 << descriptor->log2_chroma_h) == 0);
}

// Whether a container counts frames instead of storing their times. Such a container fills a gap with empty
// frames.
bool has_fixed_rate(const AVOutputFormat& container) {
  constexpr std::array<std::string_view, 5> kNames{"avi", "mxf", "gxf", "dv", "yuv4mpegpipe"};
  return std::ranges::find(kNames, std::string_view(container.name)) != kNames.end();
}

// JPEGs have full range because JFIF knows no other. In a film made of them, the usual range of films shows
// right in every player.
bool source_is_full_range_ycc(const VideoInfo& source) {
  const AVPixelFormat own = av_get_pix_fmt(source.pixel_format.c_str());
  return source.colour.full_range && !source.is_still && source.codec != "mjpeg" && own != AV_PIX_FMT_NONE &&
         !is_rgb(own) && !is_grey(own);
}

// Whether a container writes only the file that it is given. Lists of pieces (hls, dash, segment), copies
// (tee) and network streams open further files or connections themselves.
bool is_one_file(const AVOutputFormat& format) {
  constexpr std::array<std::string_view, 12> kSeveral{
      "hls",  "dash", "segment", "stream_segment,ssegment", "tee", "hds",
      "fifo", "rtp",  "rtsp",    "smoothstreaming",         "sap", "webm_chunk"};
  const std::string_view name = format.name;
  if (name == "image2") return true;
  return (format.flags & AVFMT_NOFILE) == 0 && std::ranges::find(kSeveral, name) == kSeveral.end();
}

// libav would write any codec's packets into any picture file.
bool fits_picture(const std::filesystem::path& path, const AVOutputFormat& container, AVCodecID codec) {
  if (std::string_view(container.name) != "image2") return true;
  const AVCodecID usual = av_guess_codec(&container, nullptr, path.c_str(), nullptr, AVMEDIA_TYPE_VIDEO);
  const bool is_jpeg = usual == AV_CODEC_ID_MJPEG && codec == AV_CODEC_ID_LJPEG;
  return usual == AV_CODEC_ID_NONE || usual == codec || is_jpeg;
}

}  // namespace

bool is_picture_path(const std::filesystem::path& path) {
  const AVOutputFormat* format = av_guess_format(nullptr, path.c_str(), nullptr);
  if (format != nullptr && std::string_view(format->name) == "image2") return true;
  if (!NumberPattern::parse(path)) return false;
  // The name is numbered. Some picture formats, such as WebP, also have a container of their own.
  const AVOutputFormat* pictures = av_guess_format("image2", nullptr, nullptr);
  return av_guess_codec(pictures, nullptr, path.c_str(), nullptr, AVMEDIA_TYPE_VIDEO) != AV_CODEC_ID_NONE &&
         format != nullptr && format->audio_codec == AV_CODEC_ID_NONE;
}

namespace {

// FFmpeg would write such a file, with the film as the picture of its cover.
bool names_sound(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 12> kEndings{".mp3", ".m4a",  ".m4b", ".aac",  ".flac", ".wav",
                                                      ".oga", ".opus", ".wma", ".aiff", ".aif",  ".ac3"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

}  // namespace

const AVOutputFormat& container_for(const std::filesystem::path& path) {
  const AVOutputFormat* format = is_picture_path(path) ? av_guess_format("image2", nullptr, nullptr)
                                                       : av_guess_format(nullptr, path.c_str(), nullptr);
  if (names_sound(path))
    throw JobError(path.string() +
                   " is a name for sound alone; use an extension of films such as .mp4, .mov, .mkv or .webm");
  if (format == nullptr || format->video_codec == AV_CODEC_ID_NONE)
    throw JobError(fmt::format(
        "cannot tell the format of {} by its extension; use one such as .mp4, .mov, .mkv or .webm for a "
        "film, .png, .jpg or .tif for a picture, and a pattern such as NAME_%06d.png for numbered pictures",
        path.string()));
  if (!is_one_file(*format) && !trusts_ffmpeg())
    throw JobError(
        fmt::format("output.path: {} would be written in FFmpeg's format '{}', which writes more than that "
                    "one file; use an extension such as .mp4, .mkv, .mov or .webm; {}",
                    path.string(), format->name, kHowToTrust));
  return *format;
}

const AVCodec& choose_encoder(const WriterOptions& options, const AVOutputFormat& container) {
  const AVCodec* codec = nullptr;
  if (!options.codec.empty()) {
    codec = avcodec_find_encoder_by_name(options.codec.c_str());
    if (codec == nullptr) {
      const AVCodecDescriptor* descriptor = avcodec_descriptor_get_by_name(options.codec.c_str());
      if (descriptor != nullptr) codec = avcodec_find_encoder(descriptor->id);
    }
    if (codec == nullptr || codec->type != AVMEDIA_TYPE_VIDEO)
      throw JobError(fmt::format("unknown video encoder '{}'{}", options.codec,
                                 did_you_mean(options.codec, video_encoder_names())));
  } else {
    const AVCodecID id =
        av_guess_codec(&container, nullptr, options.path.c_str(), nullptr, AVMEDIA_TYPE_VIDEO);
    codec = usual_encoder(id, container);
    if (codec == nullptr)
      throw JobError(fmt::format(
          "this FFmpeg has no encoder for {}, the usual codec of {}; name one in output.video.codec",
          avcodec_get_name(id), options.path.extension().string()));
  }
  if (avformat_query_codec(&container, codec->id, FF_COMPLIANCE_EXPERIMENTAL) == 0 ||
      !fits_picture(options.path, container, codec->id))
    throw JobError(
        fmt::format("a {} file cannot hold {} (encoder {}); choose another encoder or another extension",
                    options.path.extension().string(), avcodec_get_name(codec->id), codec->name));
  return *codec;
}

std::vector<AVPixelFormat> choose_pixel_formats(const WriterOptions& options, const VideoInfo& source,
                                                const AVCodec& codec, bool pictures) {
  if (codec.id == AV_CODEC_ID_GIF && options.pixel_format.empty()) return {AV_PIX_FMT_PAL8};
  const AVPixelFormat first = options.pixel_format.empty() ? default_format(options, source, codec, pictures)
                                                           : asked_format(options, source, codec);
  std::vector<AVPixelFormat> formats{first};
  if (fits(first, source)) return formats;
  const auto siblings = only(has_alpha(first), writable_formats(codec));
  const AVPixelFormat full = nearest_depth(siblings, depth_of(first), is_444);
  if (full != AV_PIX_FMT_NONE && full != first) formats.push_back(full);
  return formats;
}

ColourTags choose_colours(const VideoInfo& source, const AVCodec& codec, AVPixelFormat format) {
  ColourTags tags = source.colour;
  if (is_rgb(format) || format == AV_PIX_FMT_PAL8) {
    tags.matrix = AVCOL_SPC_RGB;
    tags.full_range = true;
    if (is_linear_format(format)) tags.transfer = AVCOL_TRC_LINEAR;
    return tags;
  }
  tags.matrix = resolved_matrix(source.colour.matrix, source.height);
  tags.full_range =
      is_full_range(format, source_is_full_range_ycc(source) ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
  if (codec.id == AV_CODEC_ID_MJPEG) {  // the only colours that JFIF has
    tags.matrix = AVCOL_SPC_BT470BG;
    tags.full_range = true;
  }
  return tags;
}

AVRational choose_time_base(const VideoInfo& source, const AVCodec& codec, const AVOutputFormat& container) {
  const AVRational unit = to_av(source.time_base);
  const bool fixed_rate = has_fixed_rate(container);
  const bool too_fine = codec.id == AV_CODEC_ID_MPEG4 && unit.den > kMpeg4HighestDenominator;
  if (!fixed_rate && !too_fine && frame_rates_of(codec).empty()) return unit;
  if (!source.variable_rate) return av_inv_q(to_av(source.frame_rate));
  const int finest = fixed_rate ? kFixedRateDenominator : kMpeg4HighestDenominator;
  if (unit.den <= finest * static_cast<std::int64_t>(unit.num)) return unit;
  log_warning_once(fmt::format("the frame times vary; {} holds them rounded to 1/{} s only",
                               fixed_rate ? container.name : codec.name, finest));
  return {1, finest};
}

AVRational nearest_codec_time_base(AVRational wanted, const AVCodec& codec) {
  const auto rates = frame_rates_of(codec);
  if (!rates.empty()) {
    const AVRational rate = av_inv_q(wanted);
    return av_inv_q(*std::ranges::min_element(
        rates, {}, [&](AVRational one) { return std::abs(av_q2d(one) - av_q2d(rate)); }));
  }
  if (codec.id != AV_CODEC_ID_MPEG4) return wanted;
  AVRational nearest = wanted;
  av_reduce(&nearest.num, &nearest.den, wanted.num, wanted.den, kMpeg4HighestDenominator);
  return nearest;
}

}  // namespace dreamreel::media
