#include "hdr_metadata.h"

#include <fmt/core.h>

extern "C" {
#include <libavutil/dovi_meta.h>
#include <libavutil/mastering_display_metadata.h>
}

#include <array>
#include <cmath>
#include <memory>
#include <new>
#include <string_view>

namespace dreamreel::media {
namespace {

constexpr int kXyUnit = 50'000;         // SEI messages and encoders count x and y in units of 1/50000
constexpr int kLuminanceUnit = 10'000;  // and luminance in units of 1/10000 cd/m^2

using Values = std::array<double, 10>;

struct FreeMemory {
  void operator()(void* memory) const { av_free(memory); }
};

std::optional<Values> values_of(const AVMasteringDisplayMetadata& display) {
  if (display.has_primaries == 0 || display.has_luminance == 0) return {};
  Values values{};
  for (std::size_t i = 0; i < 3; ++i) {
    values[2 * i] = av_q2d(display.display_primaries[i][0]);
    values[2 * i + 1] = av_q2d(display.display_primaries[i][1]);
  }
  values[6] = av_q2d(display.white_point[0]);
  values[7] = av_q2d(display.white_point[1]);
  values[8] = av_q2d(display.max_luminance);
  values[9] = av_q2d(display.min_luminance);
  for (const double value : values)
    if (!std::isfinite(value) || value < 0 || value > 100'000) return {};
  return values;
}

// libav's structs begin with the fields that are read here. Later versions add fields only behind them.
void take_levels(std::span<const std::uint8_t> display, std::span<const std::uint8_t> light,
                 HdrMetadata& hdr) {
  if (display.size() >= sizeof(AVMasteringDisplayMetadata))
    if (const auto values = values_of(*reinterpret_cast<const AVMasteringDisplayMetadata*>(display.data())))
      hdr.mastering_display = values;
  if (light.size() < sizeof(AVContentLightMetadata)) return;
  const auto& levels = *reinterpret_cast<const AVContentLightMetadata*>(light.data());
  if (levels.MaxCLL > 0 || levels.MaxFALL > 0)
    hdr.content_light = HdrMetadata::Light{static_cast<int>(levels.MaxCLL), static_cast<int>(levels.MaxFALL)};
}

std::span<const std::uint8_t> frame_data(const AVFrame& frame, AVFrameSideDataType type) {
  const auto* data = av_frame_get_side_data(&frame, type);
  if (data == nullptr) return {};
  return {data->data, data->size};
}

std::string in_units(double value, int unit) {
  return std::to_string(std::llround(value * unit));
}

// G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)
std::string display_text(const Values& v, bool decimal) {
  const auto xy = [&](std::size_t i) {
    return decimal ? fmt::format("{:f},{:f}", v[i], v[i + 1])
                   : in_units(v[i], kXyUnit) + "," + in_units(v[i + 1], kXyUnit);
  };
  const std::string light = decimal ? fmt::format("{:f},{:f}", v[8], v[9])
                                    : in_units(v[8], kLuminanceUnit) + "," + in_units(v[9], kLuminanceUnit);
  return fmt::format("G({})B({})R({})WP({})L({})", xy(2), xy(4), xy(0), xy(6), light);
}

// Passes the metadata to an encoder.
struct Way {
  std::string_view encoder;
  const char* option;
  const char *display_key, *light_key;
  bool decimal;
};
constexpr std::array<Way, 4> kWays{
    {{"libx264", "x264-params", "mastering-display", "cll", false},
     {"libx264rgb", "x264-params", "mastering-display", "cll", false},
     {"libx265", "x265-params", "master-display", "max-cll", false},
     {"libsvtav1", "svtav1-params", "mastering-display", "content-light", true}}};

const Way* way_of(const AVCodec& codec) {
  for (const Way& way : kWays)
    if (way.encoder == codec.name) return &way;
  return nullptr;
}

AVRational rational(double value, int unit) {
  return {static_cast<int>(std::lround(value * unit)), unit};
}

}  // namespace

HdrMetadata read_hdr_metadata(const AVStream& stream, const AVFrame* frame) {
  HdrMetadata hdr;
  take_levels(stream_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA),
              stream_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL), hdr);
  const auto dolby = stream_side_data(stream, AV_PKT_DATA_DOVI_CONF);
  if (dolby.size() >= sizeof(AVDOVIDecoderConfigurationRecord))
    hdr.dolby_vision_profile =
        reinterpret_cast<const AVDOVIDecoderConfigurationRecord*>(dolby.data())->dv_profile;
  if (frame == nullptr) return hdr;
  take_levels(frame_data(*frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
              frame_data(*frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL), hdr);
  hdr.has_hdr10_plus = av_frame_get_side_data(frame, AV_FRAME_DATA_DYNAMIC_HDR_PLUS) != nullptr;
  return hdr;
}

bool encoder_writes_levels(const AVCodec& codec) {
  return way_of(codec) != nullptr;
}

void tell_encoder(AVCodecContext& codec, const HdrMetadata& hdr) {
  const Way* way = way_of(*codec.codec);
  if (way == nullptr || (!hdr.mastering_display && !hdr.content_light)) return;
  std::uint8_t* set = nullptr;
  if (av_opt_get(&codec, way->option, AV_OPT_SEARCH_CHILDREN, &set) < 0) return;
  const std::unique_ptr<std::uint8_t, FreeMemory> owner(set);
  std::string text = set != nullptr ? reinterpret_cast<const char*>(set) : "";
  const auto add = [&](const char* key, const std::string& value) {
    if (text.find(std::string(key) + "=") != std::string::npos) return;
    text += fmt::format("{}{}={}", text.empty() ? "" : ":", key, value);
  };
  if (hdr.mastering_display) add(way->display_key, display_text(*hdr.mastering_display, way->decimal));
  if (hdr.content_light)
    add(way->light_key,
        fmt::format("{},{}", hdr.content_light->brightest_pixel, hdr.content_light->brightest_average));
  av_opt_set(&codec, way->option, text.c_str(), AV_OPT_SEARCH_CHILDREN);
}

void tell_container(AVStream& stream, const HdrMetadata& hdr) {
  if (hdr.mastering_display) {
    const Values& v = *hdr.mastering_display;
    const std::unique_ptr<AVMasteringDisplayMetadata, FreeMemory> display(
        av_mastering_display_metadata_alloc());
    if (!display) throw std::bad_alloc();
    for (std::size_t i = 0; i < 3; ++i) {
      display->display_primaries[i][0] = rational(v[2 * i], kXyUnit);
      display->display_primaries[i][1] = rational(v[2 * i + 1], kXyUnit);
    }
    display->white_point[0] = rational(v[6], kXyUnit);
    display->white_point[1] = rational(v[7], kXyUnit);
    display->max_luminance = rational(v[8], kLuminanceUnit);
    display->min_luminance = rational(v[9], kLuminanceUnit);
    display->has_primaries = display->has_luminance = 1;
    add_stream_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
                         {reinterpret_cast<const std::uint8_t*>(display.get()), sizeof *display});
  }
  if (!hdr.content_light) return;
  std::size_t size = 0;
  const std::unique_ptr<AVContentLightMetadata, FreeMemory> light(av_content_light_metadata_alloc(&size));
  if (!light) throw std::bad_alloc();
  light->MaxCLL = static_cast<unsigned>(hdr.content_light->brightest_pixel);
  light->MaxFALL = static_cast<unsigned>(hdr.content_light->brightest_average);
  add_stream_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
                       {reinterpret_cast<const std::uint8_t*>(light.get()), size});
}

}  // namespace dreamreel::media
