#include "libav.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <new>
#include <string_view>

#include "bounds.h"
#include "dreamreel/core/log.h"

namespace dreamreel::media {

void keep_libav_line(LibavErrors& errors, const std::string& line) {
  constexpr std::size_t kEnough = 400;  // a message stays readable; the log at level debug has everything
  if (errors.lines_.size() + line.size() > kEnough || errors.lines_.find(line) != std::string::npos) return;
  if (!errors.lines_.empty()) errors.lines_ += "; ";
  errors.lines_ += line;
}

namespace {

thread_local LibavErrors* t_errors = nullptr;

std::mutex oversize_mutex;
Oversize oversize;  // NOLINT: guarded by oversize_mutex

// Recognises both messages of libav about large pictures: the bound is exceeded, or no picture can be so
// large. Returns whether the line is one of them.
bool note_oversize(const std::string& line) {
  const std::string_view begin = "Picture size ";
  const auto at = line.find(begin);
  long long width = 0, height = 0;
  if (at == std::string::npos ||
      std::sscanf(line.c_str() + at + begin.size(), "%lldx%lld", &width, &height) != 2)
    return false;
  constexpr long long kLongestSide = 1LL << 31;
  if (width < 1 || height < 1 || width > kLongestSide || height > kLongestSide) return false;
  const bool is_bound = line.find("exceeds specified max pixel count") != std::string::npos;
  if (!is_bound && width * height < kMostPixels / 2) return false;  // the size is wrong for another reason
  const std::lock_guard lock(oversize_mutex);
  ++oversize.count;
  oversize.size = fmt::format("{}x{}", width, height);
  return true;
}

bool from_decoder(void* object) {
  const AVClass* cls = object != nullptr ? *static_cast<AVClass**>(object) : nullptr;
  if (cls == nullptr) return false;
  const auto category = cls->get_category != nullptr ? cls->get_category(object) : cls->category;
  return category == AV_CLASS_CATEGORY_DECODER;
}

std::string without_line_end(std::string text) {
  while (!text.empty() &&
         (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' || text.back() == '.'))
    text.pop_back();
  return text;
}

// Callers learn of errors by return codes, and report each in one line. So libav's own lines are shown only
// if nobody collects them. A decoder logs from its own threads, once for every damaged block; the Reader's
// report sums these lines up.
void on_libav_log(void* object, int level, const char* format, va_list args) {
  if (level > AV_LOG_INFO) return;
  std::array<char, 1024> buffer{};
  std::vsnprintf(buffer.data(), buffer.size(), format, args);
  const std::string line = without_line_end(buffer.data());
  if (line.empty()) return;
  const bool is_oversize = note_oversize(line);
  if (level <= AV_LOG_ERROR && t_errors != nullptr) keep_libav_line(*t_errors, line);
  const bool shown = level <= AV_LOG_ERROR && t_errors == nullptr && !from_decoder(object) && !is_oversize;
  log_message(shown ? LogLevel::error : LogLevel::debug, "libav: " + line);
}

}  // namespace

Oversize oversize_pictures() {
  const std::lock_guard lock(oversize_mutex);
  return oversize;
}

void install_libav_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(on_libav_log); });
}

LibavErrors::LibavErrors() : outer_(t_errors) {
  install_libav_log();
  t_errors = this;
}

LibavErrors::~LibavErrors() {
  t_errors = outer_;
}

std::string LibavErrors::describe(const std::string& operation, int error) const {
  std::string text = operation + ": " + libav_text(error);
  if (!lines_.empty()) text += " (" + lines_ + ")";
  return text;
}

FramePtr new_frame() {
  FramePtr frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

PacketPtr new_packet() {
  PacketPtr packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

std::string libav_text(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> buffer{};
  av_strerror(error, buffer.data(), buffer.size());
  return buffer.data();
}

std::string file_url(const std::filesystem::path& path) {
  return "file:" + path.string();
}

bool is_plain_value(const AVOption& option) {
  switch (option.type) {
    case AV_OPT_TYPE_FLAGS:
    case AV_OPT_TYPE_INT:
    case AV_OPT_TYPE_INT64:
    case AV_OPT_TYPE_UINT64:
    case AV_OPT_TYPE_DOUBLE:
    case AV_OPT_TYPE_FLOAT:
    case AV_OPT_TYPE_RATIONAL:
    case AV_OPT_TYPE_IMAGE_SIZE:
    case AV_OPT_TYPE_PIXEL_FMT:
    case AV_OPT_TYPE_VIDEO_RATE:
    case AV_OPT_TYPE_DURATION:
    case AV_OPT_TYPE_COLOR:
    case AV_OPT_TYPE_BOOL:
      return true;
    default:  // texts, dictionaries, bytes, lists
      return false;
  }
}

bool is_mov(const AVOutputFormat& container) {
  constexpr std::array<std::string_view, 6> kFamily{"mov", "mp4", "ipod", "3gp", "3g2", "f4v"};
  return std::ranges::find(kFamily, std::string_view(container.name)) != kFamily.end();
}

bool is_matroska(const AVOutputFormat& container) {
  const std::string_view name = container.name;
  return name == "matroska" || name == "webm";
}

std::int64_t frame_duration(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

void set_frame_duration(AVFrame& frame, std::int64_t duration) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  frame.duration = duration;
#else
  frame.pkt_duration = duration;
#endif
}

bool has_fields(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
#endif
}

std::span<const std::uint8_t> stream_side_data(const AVStream& stream, AVPacketSideDataType type) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVCodecParameters& parameters = *stream.codecpar;
  const AVPacketSideData* data =
      av_packet_side_data_get(parameters.coded_side_data, parameters.nb_coded_side_data, type);
  if (data == nullptr) return {};
  return {data->data, data->size};
#else
  std::size_t size = 0;
  const std::uint8_t* bytes = av_stream_get_side_data(&stream, type, &size);
  if (bytes == nullptr) return {};
  return {bytes, size};
#endif
}

void add_stream_side_data(AVStream& stream, AVPacketSideDataType type, std::span<const std::uint8_t> data) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  AVPacketSideData* made = av_packet_side_data_new(
      &stream.codecpar->coded_side_data, &stream.codecpar->nb_coded_side_data, type, data.size(), 0);
  std::uint8_t* bytes = made != nullptr ? made->data : nullptr;
#else
  std::uint8_t* bytes = av_stream_new_side_data(&stream, type, data.size());
#endif
  if (bytes == nullptr) throw std::bad_alloc();
  std::copy(data.begin(), data.end(), bytes);
}

const std::int32_t* display_matrix(const AVStream& stream) {
  const auto data = stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX);
  if (data.size() < 9 * sizeof(std::int32_t)) return nullptr;
  return reinterpret_cast<const std::int32_t*>(data.data());  // libav allocates side data aligned
}

std::int64_t matroska_time_shift([[maybe_unused]] const AVStream& stream) {
#if LIBAVFORMAT_VERSION_INT > AV_VERSION_INT(59, 30, 100)
  return 0;
#else
  constexpr AVRational kOpusUnit{1, 48000};
  if (stream.codecpar->codec_id != AV_CODEC_ID_OPUS) return 0;
  return av_rescale_q(stream.codecpar->initial_padding, kOpusUnit, stream.time_base);
#endif
}

bool is_made_of_tiles([[maybe_unused]] const AVFormatContext& context) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  for (unsigned i = 0; i < context.nb_stream_groups; ++i)
    if (context.stream_groups[i]->type == AV_STREAM_GROUP_PARAMS_TILE_GRID) return true;
#endif
  return false;
}

std::string buffer_colour_arguments([[maybe_unused]] AVColorSpace matrix,
                                    [[maybe_unused]] AVColorRange range) {
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100)
  return fmt::format(":colorspace={}:range={}", matrix, range);
#else
  return "";
#endif
}

#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
namespace {
template <typename T>
std::vector<T> supported(const AVCodec& codec, AVCodecConfig what) {
  const void* values = nullptr;
  int count = 0;
  if (avcodec_get_supported_config(nullptr, &codec, what, 0, &values, &count) < 0 || values == nullptr)
    return {};
  const T* first = static_cast<const T*>(values);
  return {first, first + count};
}
}  // namespace
std::vector<AVPixelFormat> pixel_formats_of(const AVCodec& codec) {
  return supported<AVPixelFormat>(codec, AV_CODEC_CONFIG_PIX_FORMAT);
}
std::vector<AVSampleFormat> sample_formats_of(const AVCodec& codec) {
  return supported<AVSampleFormat>(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
}
std::vector<int> sample_rates_of(const AVCodec& codec) {
  return supported<int>(codec, AV_CODEC_CONFIG_SAMPLE_RATE);
}
std::vector<AVRational> frame_rates_of(const AVCodec& codec) {
  return supported<AVRational>(codec, AV_CODEC_CONFIG_FRAME_RATE);
}
#else
namespace {
template <typename T, typename IsEnd>
std::vector<T> until(const T* values, IsEnd is_end) {
  std::vector<T> result;
  for (; values != nullptr && !is_end(*values); ++values) result.push_back(*values);
  return result;
}
}  // namespace
std::vector<AVPixelFormat> pixel_formats_of(const AVCodec& codec) {
  return until(codec.pix_fmts, [](AVPixelFormat format) { return format == AV_PIX_FMT_NONE; });
}
std::vector<AVSampleFormat> sample_formats_of(const AVCodec& codec) {
  return until(codec.sample_fmts, [](AVSampleFormat format) { return format == AV_SAMPLE_FMT_NONE; });
}
std::vector<int> sample_rates_of(const AVCodec& codec) {
  return until(codec.supported_samplerates, [](int rate) { return rate == 0; });
}
std::vector<AVRational> frame_rates_of(const AVCodec& codec) {
  return until(codec.supported_framerates, [](AVRational rate) { return rate.num == 0; });
}
#endif

}  // namespace dreamreel::media
