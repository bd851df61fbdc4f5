#include "encoder_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/core/trust.h"
#include "filter_list.h"

namespace dreamreel::media {
namespace {

constexpr std::int64_t kMostThreads = 64;

// The text options of any encoder that cannot name a file.
constexpr std::array<std::string_view, 14> kPlainTexts{
    "preset",  "tune",       "profile",      "level",         "wpredp", "psy-rd",      "psy_rd",
    "deblock", "partitions", "gop_timecode", "ts-parameters", "vendor", "layer_rates", "alpha_quality"};

// The allowed names in a text with a library's own options. "no-" may stand before each name. The list has no
// option that names a file or sets other options (stats, pass, qpfile, cqmfile, zones, csv, analysis-*,
// scaling-list, lambda-file, *-rpu, film-grain tables, vmaf models).
struct Nested {
  std::string_view option;
  std::string_view names;
};

constexpr std::string_view kX264Names =
    "8x8dct annexb aq-mode aq-strength aud b-adapt b-bias b-pyramid bframes bitrate bluray-compat cabac "
    "chroma-me chroma-qp-offset colormatrix colorprim constrained-intra cplxblur cplx-blur crf crf-max "
    "crop-rect dct-decimate deadzone-inter deadzone-intra deblock direct fast-pskip filler force-cfr "
    "frame-packing fullrange intra-refresh ip-factor ipratio keyint keyint-min level log log-level mbtree me "
    "merange me-range min-keyint mixed-refs mv-range mvrange mvrange-thread nal-hrd nf nr open-gop "
    "partitions analyse pb-factor pbratio pic-struct psnr psy psy-rd qblur qcomp qp qp-max qp-min qp-step "
    "qpmax qpmin qpstep range rc-lookahead ref scenecut slices slice-max-mbs slice-max-size slice-min-mbs "
    "ssim subme subq trellis transfer tune vbv-bufsize vbv-init vbv-maxrate videoformat weightb weightp";
constexpr std::string_view kX265Names =
    "allow-non-conformance amp aq-bias-strength aq-mode aq-motion aq-strength aud b-adapt b-intra b-pyramid "
    "bframe-bias bframes bitrate cbqpoffs chromaloc cll colormatrix colorprim const-vbv constrained-intra "
    "cplxblur crf crf-max crf-min crqpoffs ctu cu-lossless cutree deblock early-skip fades fast-intra "
    "frame-threads hdr10 hdr10-opt hevc-aq high-tier hist-scenecut hme hme-range hme-search hrd info "
    "intra-refresh ipratio keyint level-idc limit-modes limit-refs limit-sao limit-tu log-level "
    "lookahead-slices lookahead-threads lossless lowpass-dct master-display max-cll max-luma max-merge "
    "max-qp-delta max-tu-size mcstf me merange min-cu-size min-keyint min-luma nr-inter nr-intra open-gop "
    "pbratio pmode psnr psy-rd psy-rdoq qblur qcomp qg-size qp qpmax qpmin qpstep radl range rc-grain "
    "rc-lookahead rd rd-refine rdoq rdoq-level rdpenalty rect ref repeat-headers rskip rskip-edge-threshold "
    "sao sao-non-deblock sar sbrc scenecut scenecut-bias selective-sao signhide slices splitrd-skip ssim "
    "ssim-rd strict-cbr strong-intra-smoothing subme temporal-layers temporal-mvp transfer tskip tskip-fast "
    "tu-inter-depth tu-intra-depth uhd-bd vbv-bufsize vbv-end vbv-init vbv-maxrate videoformat weightb "
    "weightp wpp";
constexpr std::string_view kSvtAv1Names =
    "aq-mode bias-pct buf-initial-sz buf-optimal-sz buf-sz crf enable-cdef enable-dlf enable-overlays "
    "enable-qm enable-restoration enable-tf enable-variance-boost fast-decode film-grain film-grain-denoise "
    "gop-constraint-rc hierarchical-levels irefresh-type keyint lookahead max-qm-level max-qp min-qm-level "
    "min-qp mbr noise-norm-strength overshoot-pct pred-struct preset qm-max qm-min qp rc scd scm sharpness "
    "superres-denom superres-mode tbr tile-columns tile-rows tune undershoot-pct variance-boost-strength "
    "variance-octile";
constexpr std::string_view kAomNames =
    "aq-mode arnr-maxframes arnr-strength auto-alt-ref cq-level deltaq-mode deltaq-strength "
    "denoise-block-size denoise-noise-level disable-trellis-quant enable-cdef enable-chroma-deltaq "
    "enable-dnl-denoising enable-dual-filter enable-fwd-kf enable-global-motion enable-intrabc "
    "enable-keyframe-filtering enable-obmc enable-ortho-bars enable-palette enable-qm enable-rect-partitions "
    "enable-restoration enable-smooth-intra enable-superres enable-tpl-model enable-warped-motion "
    "film-grain-test frame-parallel lossless max-gf-interval max-intra-rate max-partition-size "
    "min-gf-interval min-partition-size noise-sensitivity qm-max qm-min quant-b-adapt row-mt sharpness "
    "static-thresh tile-columns tile-rows";

constexpr std::array<Nested, 5> kNested{
    Nested{"x264-params", kX264Names}, Nested{"x264opts", kX264Names}, Nested{"x265-params", kX265Names},
    Nested{"svtav1-params", kSvtAv1Names}, Nested{"aom-params", kAomNames}};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = text.find(' ');
    words.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return words;
}

std::string named(const AVCodecContext& codec, const std::string& key) {
  return fmt::format("output.video.options: the encoder {} has the option '{}'", codec.codec->name, key);
}

[[noreturn]] void refuse_option(const AVCodecContext& codec, const std::string& key, const std::string& why) {
  throw JobError(fmt::format("{}, {}; {}", named(codec, key), why, kHowToTrust));
}

std::string library_name(std::string name) {
  std::ranges::replace(name, '_', '-');
  return name;
}

// FFmpeg's encoders split these texts in two different ways. Both agree if the text has no quotes and no
// backslashes.
void expect_nested(const AVCodecContext& codec, const Nested& nested, const std::string& value) {
  const std::string key(nested.option);
  if (value.find_first_of("'\\\n\r\t ") != std::string::npos)
    refuse_option(codec, key, "whose value may have no quotes, backslashes or spaces in a job");
  const auto allowed = words_of(nested.names);
  for (std::string_view rest = value; !rest.empty();) {
    const auto end = rest.find(':');
    const auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::string written(pair.substr(0, pair.find('=')));
    const std::string name = library_name(written);
    const bool plain = std::ranges::find(allowed, name) != allowed.end();
    const bool negated =
        name.starts_with("no-") && std::ranges::find(allowed, name.substr(3)) != allowed.end();
    if (!plain && !negated)
      refuse_option(
          codec, key,
          fmt::format("in which a job may not set '{}', because not every option of that library is a "
                      "plain value: some name files{}",
                      written, did_you_mean(written, allowed)));
  }
}

void expect_allowed(const AVCodecContext& codec, const AVOption& option, const std::string& key,
                    const std::string& value) {
  if (const auto function = refused_function(value); !function.empty())
    refuse_option(codec, key, fmt::format("whose value calls {}(), which may run for ever", function));
  if (is_plain_value(option)) return;
  if (std::ranges::find(kPlainTexts, std::string_view(key)) != kPlainTexts.end()) return;
  const auto nested = std::ranges::find(kNested, std::string_view(key), &Nested::option);
  if (nested == kNested.end())
    refuse_option(codec, key, "which a job may not set, because such a text may name a file");
  expect_nested(codec, *nested, value);
}

// Refuses numbers that would make the encoder write a log file, or take too many threads.
void expect_harmless(const AVCodecContext& codec, const std::string& key) {
  if ((codec.flags & (AV_CODEC_FLAG_PASS1 | AV_CODEC_FLAG_PASS2)) != 0)
    refuse_option(codec, key, "with pass1 or pass2, for which the encoder would keep a log file");
  if (codec.thread_count < 0 || codec.thread_count > kMostThreads)
    throw JobError(fmt::format("{}: {} threads; from 0 to {} are allowed; {}", named(codec, key),
                               codec.thread_count, kMostThreads, kHowToTrust));
}

void collect_options(const void* object, std::vector<std::string>& names) {
  const AVOption* option = nullptr;
  constexpr int kVideoEncoding = AV_OPT_FLAG_ENCODING_PARAM | AV_OPT_FLAG_VIDEO_PARAM;
  while ((option = av_opt_next(object, option)) != nullptr)
    if (option->type != AV_OPT_TYPE_CONST && (option->flags & kVideoEncoding) == kVideoEncoding)
      names.emplace_back(option->name);
}

std::vector<std::string> option_names(AVCodecContext& codec) {
  std::vector<std::string> names;
  collect_options(&codec, names);
  if (codec.codec->priv_class != nullptr) collect_options(codec.priv_data, names);
  return names;
}

// ffmpeg's own name for a fixed quantiser is not an option of libavcodec.
constexpr const char* kQuantiser = "q";

double quantiser_of(const std::string& value) {
  char* end = nullptr;
  const double quantiser = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !(quantiser >= 0 && quantiser <= FF_LAMBDA_MAX / FF_QP2LAMBDA))
    throw JobError(fmt::format("the option 'q' must be a number from 0 to {}, got '{}'",
                               FF_LAMBDA_MAX / FF_QP2LAMBDA, value));
  return quantiser;
}

bool is_for_encoding(const AVOption* option) {
  return option != nullptr && (option->flags & AV_OPT_FLAG_ENCODING_PARAM) != 0;
}

}  // namespace

void set_quantiser(AVCodecContext& codec, double quantiser) {
  codec.flags |= AV_CODEC_FLAG_QSCALE;
  codec.global_quality = static_cast<int>(quantiser * FF_QP2LAMBDA);
}

void set_video_option(AVCodecContext& codec, const std::string& name, const std::string& value) {
  if (name == kQuantiser)
    set_quantiser(codec, quantiser_of(value));
  else
    set_encoder_option(codec, name, value);
}

bool has_option(AVCodecContext& codec, const std::string& name) {
  return name == kQuantiser ||
         is_for_encoding(av_opt_find(&codec, name.c_str(), nullptr, 0, AV_OPT_SEARCH_CHILDREN));
}

bool is_option_of_any_encoder(const std::string& name) {
  void* state = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&state)) {
    if (av_codec_is_encoder(codec) == 0 || codec->type != AVMEDIA_TYPE_VIDEO || codec->priv_class == nullptr)
      continue;
    const AVClass* options = codec->priv_class;
    if (is_for_encoding(av_opt_find(&options, name.c_str(), nullptr, 0, AV_OPT_SEARCH_FAKE_OBJ))) return true;
  }
  return false;
}

void set_encoder_option(AVCodecContext& codec, const std::string& key, const std::string& value) {
  const std::string encoder = codec.codec->name;
  const AVOption* option = av_opt_find(&codec, key.c_str(), nullptr, 0, AV_OPT_SEARCH_CHILDREN);
  if (option == nullptr || (option->flags & AV_OPT_FLAG_ENCODING_PARAM) == 0)
    throw JobError(fmt::format("the encoder {} has no option '{}'{}", encoder, key,
                               did_you_mean(key, option_names(codec))));
  if (!trusts_ffmpeg()) expect_allowed(codec, *option, key, value);
  const LibavErrors errors;
  if (const int error = av_opt_set(&codec, key.c_str(), value.c_str(), AV_OPT_SEARCH_CHILDREN); error < 0)
    throw JobError(errors.describe(
        fmt::format("the encoder {} refuses '{}' for the option '{}'", encoder, value, key), error));
  if (!trusts_ffmpeg()) expect_harmless(codec, key);
}

}  // namespace dreamreel::media
