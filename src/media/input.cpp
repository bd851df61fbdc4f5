#include "input.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <limits>
#include <new>
#include <string_view>
#include <vector>

#include "bounds.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/memory_limit.h"
#include "dreamreel/core/similar_files.h"
#include "dreamreel/core/trust.h"
#include "file_kind.h"
#include "pattern.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

constexpr Rational kPictureRate{24, 1};

std::string rate_as_fraction(Rational rate) {
  return fmt::format("{}/{}", rate.num, rate.den);
}

bool is_whole_picture(const AVInputFormat& format) {
  return std::string_view(format.name) == "image2";
}

// Whether a demuxer cuts a file into pictures as it reads. For such a demuxer, a second picture inside a
// photo is another frame.
bool is_stream_of_pictures(const AVInputFormat& format) {
  return std::string_view(format.name).ends_with("_pipe");
}

// Whether a file begins as QuickTime and MP4 files do: with a box of one of these types.
bool begins_like_mov(const fs::path& path) {
  std::array<char, 8> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  const std::string_view type(head.data() + 4, 4);
  constexpr std::array<std::string_view, 6> kBoxes{"ftyp", "mdat", "moov", "free", "skip", "wide"};
  return std::ranges::find(kBoxes, type) != kBoxes.end();
}

[[noreturn]] void throw_cannot_open(const fs::path& path, const LibavErrors& errors, int error) {
  const std::string operation = "cannot open " + path.string();
  if (const auto format = trusts_ffmpeg() ? std::nullopt : refused_format(path))
    throw InputError(
        fmt::format("{}: it is in the format '{}', which is not among those that are read, because some "
                    "formats open other files; convert it into a video or picture first; {}",
                    operation, *format, kHowToTrust));
  if (const auto reason = why_unreadable(path); !reason.empty() && error != AVERROR(EACCES))
    throw InputError(operation + ": " + reason);
  if (error != AVERROR_INVALIDDATA) throw InputError(errors.describe(operation, error));
  if (errors.lines().find("moov atom not found") != std::string::npos && begins_like_mov(path))
    throw InputError(operation + ": it is truncated; its index, which stands at the end, is missing");
  throw InputError(
      fmt::format("{}: it is no video or picture that FFmpeg can read, or it is damaged at its start ({})",
                  operation, libav_text(error)));
}

// The numbered files of a pattern. A hole in the numbers is refused, because it would shift all later
// pictures.
struct Sequence {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

Sequence scan(const NumberPattern& pattern) {
  const auto numbers = pattern.numbers();
  if (numbers.empty())
    throw InputError(fmt::format("cannot open {}: no file matches this pattern, such as {}",
                                 pattern.path().string(), pattern.file(1).string()));
  const auto hole = std::ranges::adjacent_find(numbers, [](auto a, auto b) { return b != a + 1; });
  if (hole != numbers.end())
    throw InputError(
        fmt::format("{}: picture {} is missing; the numbers must have no holes between {} and {}",
                    pattern.path().string(), pattern.file(*hole + 1).filename().string(), numbers.front(),
                    numbers.back()));
  constexpr std::int64_t kMostNumber = std::numeric_limits<int>::max();  // libav's
  if (numbers.back() > kMostNumber)
    throw InputError(
        fmt::format("{}: picture {} has a number above {}, which FFmpeg cannot read; rename the pictures",
                    pattern.path().string(), pattern.file(numbers.back()).filename().string(), kMostNumber));
  return {numbers.front(), static_cast<std::int64_t>(numbers.size())};
}

// The settings that libav gets before it opens a file.
struct Opening {
  const AVInputFormat* demuxer = nullptr;  // nullptr: libav's choice
  AVCodecID codec = AV_CODEC_ID_NONE;      // codec of a picture
  Rational frame_rate = kPictureRate;
  std::optional<std::int64_t> first_number;  // first number of a sequence
};

// The largest number of pixels of one picture. A picture that cannot fit into --memory is not decoded.
std::int64_t most_pixels() {
  return std::min(kMostPixels, memory_limit().value_or(INT64_MAX) / kLeastPixelBytes);
}

// Options for the decoders that libavformat itself opens to find out about the streams.
class StreamOptions {
 public:
  explicit StreamOptions(unsigned count) : options_(count), pointers_(count) {
    for (unsigned i = 0; i < count; ++i) {
      options_[i].set("max_pixels", std::to_string(most_pixels()));
      pointers_[i] = *options_[i].get();
    }
  }
  ~StreamOptions() {  // libavformat replaces the dictionaries
    for (unsigned i = 0; i < options_.size(); ++i) *options_[i].get() = pointers_[i];
  }
  StreamOptions(const StreamOptions&) = delete;
  StreamOptions& operator=(const StreamOptions&) = delete;
  AVDictionary** get() { return pointers_.data(); }

 private:
  std::vector<Dictionary> options_;
  std::vector<AVDictionary*> pointers_;
};

InputPtr open_header(const InputFile& input, const fs::path& path, const Opening& opening) {
  Dictionary options;
  options.set("framerate", rate_as_fraction(opening.frame_rate));
  if (opening.first_number) {
    options.set("start_number", std::to_string(*opening.first_number));
    options.set("pattern_type", "sequence");  // so that no other sign in the name has a meaning
  } else {
    options.set("pattern_type", "none");  // so that a percent sign in the name has no meaning
  }
  AVFormatContext* raw = avformat_alloc_context();
  if (raw == nullptr) throw std::bad_alloc();
  raw->video_codec_id = opening.codec;
  input.guard->protect(*raw, options);
  const LibavErrors errors;
  const fs::path name = opening.first_number ? NumberPattern::parse(path)->url_path() : path;
  const int error = avformat_open_input(&raw, file_url(name).c_str(), opening.demuxer, options.get());
  if (error < 0) throw_cannot_open(path, errors, error);
  return InputPtr(raw);
}

void open_context(InputFile& input, const fs::path& path, const Opening& opening) {
  input.context = open_header(input, path, opening);
  const LibavErrors errors;
  const auto before = oversize_pictures();
  StreamOptions streams(input.context->nb_streams);
  const int error = avformat_find_stream_info(input.context.get(), streams.get());
  if (error < 0) throw_cannot_open(path, errors, error);
  if (const auto now = oversize_pictures(); now.count != before.count) input.too_large = now.size;
}

// Opens the file as one picture with the demuxer image2. The file's name does not matter.
void open_picture(InputFile& input, const fs::path& path, Opening opening) {
  if (opening.codec == AV_CODEC_ID_NONE) {
    const InputPtr stream = open_header(input, path, opening);
    if (stream->nb_streams > 0) opening.codec = stream->streams[0]->codecpar->codec_id;
  }
  opening.demuxer = av_find_input_format("image2");
  open_context(input, path, opening);
}

InputFile open_sequence(const fs::path& path, const NumberPattern& pattern, Opening opening) {
  const Sequence sequence = scan(pattern);
  InputFile input;
  input.name = path.string();
  input.first_file = pattern.file(sequence.first);
  input.picture_count = sequence.count;
  refuse_camera_raw(input.first_file);
  opening.codec = kind_of_file(input.first_file).codec;
  opening.first_number = sequence.first;
  opening.demuxer = av_find_input_format("image2");
  input.guard = std::make_unique<InputGuard>(path, pattern);
  open_context(input, path, opening);
  return input;
}

void expect_file(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) {
    if (const auto protocol = protocol_in(path))
      throw InputError(
          fmt::format("cannot open {}: it is an address ({}:), not a file; dreamreel reads files only, so "
                      "download it first",
                      path.string(), *protocol));
    throw InputError(fmt::format("cannot open {}: no such file{}", path.string(), similar_files(path)));
  }
  if (fs::is_directory(status))
    throw InputError(
        fmt::format("cannot open {}: it is a folder; for a sequence of pictures give a pattern such as {}",
                    path.string(), (path / "%06d.png").string()));
  if (!fs::is_regular_file(status))
    throw InputError(
        fmt::format("cannot open {}: it is a device, a pipe or a socket; dreamreel reads regular files only",
                    path.string()));
}

// WebM carries alpha as a second stream in the side data of packets. Only the decoders of libvpx read it.
const char* alpha_decoder_of(const AVStream& stream) {
  const AVDictionaryEntry* tag = av_dict_get(stream.metadata, "alpha_mode", nullptr, 0);
  if (tag == nullptr || std::string_view(tag->value) != "1") return nullptr;
  if (stream.codecpar->codec_id == AV_CODEC_ID_VP8) return "libvpx";
  return stream.codecpar->codec_id == AV_CODEC_ID_VP9 ? "libvpx-vp9" : nullptr;
}

const AVCodec* find_alpha_decoder(const AVStream& stream, const std::string& name) {
  const char* const decoder = alpha_decoder_of(stream);
  const AVCodec* const codec = decoder == nullptr ? nullptr : avcodec_find_decoder_by_name(decoder);
  if (decoder != nullptr && codec == nullptr)
    log_warning_once(
        fmt::format("{}: its alpha is lost, because only the decoder {} reads it, which this FFmpeg lacks",
                    name, decoder));
  return codec;
}

// Reads only the header; decodes nothing.
void expect_size(const InputFile& input, const AVCodecParameters& parameters) {
  if (std::int64_t{parameters.width} * parameters.height > most_pixels())
    throw_too_large(input.name, fmt::format("{}x{}", parameters.width, parameters.height));
  if ((parameters.width <= 0 || parameters.format < 0) && !input.too_large.empty())
    throw_too_large(input.name, input.too_large);
}

}  // namespace

std::int64_t InputFile::beginning() const {
  if (context->start_time == AV_NOPTS_VALUE) return 0;
  // If a clock of 33 bits ran over soon after the beginning, libav gives negative times to the packets
  // before.
  constexpr int kShortClockBits = 33;
  const bool runs_over = context->nb_streams > 0 && context->streams[0]->pts_wrap_bits == kShortClockBits;
  return runs_over ? context->start_time : std::max<std::int64_t>(0, context->start_time);
}

void InputFile::throw_if_stopped() const {
  if (guard->is_stopped())
    throw Interrupted(
        fmt::format("interrupted while reading {}; run the same command again to go on from there", name));
}

InputFile open_input(const fs::path& path, std::optional<Rational> frame_rate) {
  Opening opening;
  opening.frame_rate = frame_rate.value_or(kPictureRate);
  std::error_code ignored;
  const auto pattern = fs::exists(path, ignored) ? std::nullopt : NumberPattern::parse(path);
  if (pattern) return open_sequence(path, *pattern, opening);
  expect_file(path);
  refuse_camera_raw(path);
  InputFile input;
  input.guard = std::make_unique<InputGuard>(path, std::nullopt);
  input.name = path.string();
  input.first_file = path;
  const FileKind kind = kind_of_file(path);
  opening.demuxer = kind.demuxer;
  opening.codec = kind.codec;
  if (!kind.is_picture) open_context(input, path, opening);
  // The first bytes, or libav's own longer check, say that the file is a picture.
  if (kind.is_picture || is_stream_of_pictures(*input.context->iformat)) {
    if (input.context) opening.codec = input.context->streams[0]->codecpar->codec_id;
    open_picture(input, path, opening);
  }
  input.is_picture = is_whole_picture(*input.context->iformat);
  return input;
}

bool carries_alpha(const AVStream& stream) {
  const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(stream.codecpar->format));
  const bool has_channel = format != nullptr && (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  return has_channel || alpha_decoder_of(stream) != nullptr;
}

AVStream* find_video_stream(const AVFormatContext& context) {
  AVStream* best = nullptr;
  const auto pixels = [](const AVStream& stream) {
    return static_cast<std::int64_t>(stream.codecpar->width) * stream.codecpar->height;
  };
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    AVStream& stream = *context.streams[i];
    if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO) continue;
    if ((stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0) continue;
    if (best == nullptr || pixels(stream) > pixels(*best)) best = &stream;
  }
  return best;
}

AVStream& video_stream(const InputFile& input) {
  AVStream* stream = find_video_stream(*input.context);
  const bool has_size = stream != nullptr && stream->codecpar->width > 0 && stream->codecpar->height > 0;
  if (stream != nullptr) expect_size(input, *stream->codecpar);
  if (!has_size || is_made_of_tiles(*input.context))
    if (const auto reason = why_unreadable(input.first_file); !reason.empty())
      throw InputError(fmt::format("cannot use {}: {}", input.name, reason));
  if (stream == nullptr)
    throw InputError(fmt::format(
        "{} has no video stream{}; give a video, a picture or a pattern of pictures", input.name,
        count_sound_tracks(*input.context) > 0 ? ", only sound, which belongs into input.audio" : ""));
  if (!has_size)
    throw InputError(input.name +
                     ": the size of its pictures cannot be found out; the file is damaged or not a video");
  return *stream;
}

int count_sound_tracks(const AVFormatContext& context) {
  return static_cast<int>(std::count_if(
      context.streams, context.streams + context.nb_streams,
      [](const AVStream* stream) { return stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; }));
}

void throw_too_large(const std::string& name, const std::string& size) {
  const std::string what = fmt::format("{}: its pictures are {}", name, size);
  long long width = 0, height = 0;
  std::sscanf(size.c_str(), "%lldx%lld", &width, &height);
  if (width * height > kMostPixels)
    throw InputError(fmt::format("{}; at most {} pixels are read, such as 16000x16000; scale it down first",
                                 what, kMostPixels));
  throw RenderError(
      fmt::format("{}, and one takes at least {} MiB, but --memory allows {} MiB; give more --memory, or "
                  "scale it down first",
                  what, (width * height * kLeastPixelBytes) >> 20, memory_limit().value_or(0) >> 20));
}

CodecPtr open_decoder(const AVStream& stream, const std::string& name, bool alpha) {
  const AVCodec* codec = alpha ? find_alpha_decoder(stream, name) : nullptr;
  if (codec == nullptr) codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr)
    throw InputError(fmt::format("{}: this FFmpeg has no decoder for {}", name,
                                 avcodec_get_name(stream.codecpar->codec_id)));
  const LibavErrors errors;
  CodecPtr decoder(avcodec_alloc_context3(codec));
  int error = avcodec_parameters_to_context(decoder.get(), stream.codecpar);
  if (error >= 0) {
    decoder->pkt_timebase = stream.time_base;
    decoder->thread_count = 0;
    decoder->max_pixels = most_pixels();
    error = avcodec_open2(decoder.get(), codec, nullptr);
  }
  if (error < 0)
    throw InputError(
        errors.describe(fmt::format("{}: cannot open the decoder {}", name, codec->name), error));
  return decoder;
}

}  // namespace dreamreel::media
