#include "probe.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "colour.h"
#include "hdr_metadata.h"
#include "packets.h"
#include "survey.h"
#include "tick.h"

namespace dreamreel::media {
namespace {

constexpr double kRatesDiffer = 0.005;  // relative; time stamps in milliseconds blur a rate by less

bool valid(AVRational rate) {
  return rate.num > 0 && rate.den > 0;
}

// QuickTime files list the time of every sample. The rate varies if the steps differ by more than rounding.
bool index_has_uneven_steps(AVStream& stream) {
  const int count = avformat_index_get_entries_count(&stream);
  std::int64_t shortest = INT64_MAX;
  std::int64_t longest = 0;
  for (int i = 1; i < count; ++i) {
    const auto step =
        avformat_index_get_entry(&stream, i)->timestamp - avformat_index_get_entry(&stream, i - 1)->timestamp;
    shortest = std::min(shortest, step);
    longest = std::max(longest, step);
  }
  return count > 2 && longest - shortest > 1;
}

bool rate_varies(const AVFormatContext& context, const AVStream& stream) {
  if (!valid(stream.avg_frame_rate) || !valid(stream.r_frame_rate)) return false;
  const double average = av_q2d(stream.avg_frame_rate);
  const double base = av_q2d(stream.r_frame_rate);
  const bool is_mov = std::string_view(context.iformat->name).find("mov") != std::string_view::npos;
  if (is_mov) return index_has_uneven_steps(const_cast<AVStream&>(stream));
  // Field-coded video has a base rate of twice its frames.
  const bool fields = std::abs(base - 2 * average) < kRatesDiffer * base;
  return !fields && std::abs(base - average) > kRatesDiffer * base;
}

AVRational nominal_rate(const AVFormatContext& context, const AVStream& stream, bool varies) {
  if (varies && valid(stream.avg_frame_rate)) return stream.avg_frame_rate;
  const AVRational guess =
      av_guess_frame_rate(const_cast<AVFormatContext*>(&context), const_cast<AVStream*>(&stream), nullptr);
  if (valid(guess)) return guess;
  return valid(stream.avg_frame_rate) ? stream.avg_frame_rate : AVRational{24, 1};
}

// Matroska writes "00:00:02.000000000" to each track.
std::optional<double> duration_tag(const AVStream& stream) {
  const AVDictionaryEntry* tag = av_dict_get(stream.metadata, "DURATION", nullptr, AV_DICT_IGNORE_SUFFIX);
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
  if (tag == nullptr || std::sscanf(tag->value, "%d:%d:%lf", &hours, &minutes, &seconds) != 3) return {};
  return hours * 3600 + minutes * 60 + seconds;
}

ColourTags colour_tags(const AVCodecParameters& parameters) {
  ColourTags tags;
  tags.primaries = parameters.color_primaries;
  tags.transfer = parameters.color_trc;
  tags.matrix = parameters.color_space;
  tags.full_range = parameters.format >= 0 &&
                    is_full_range(static_cast<AVPixelFormat>(parameters.format), parameters.color_range);
  return tags;
}

// Finds the length by counting packets. If the packets are many more than the time has room for, each packet
// is one field of a frame.
void survey_length(VideoInfo& info, const InputFile& input, const AVStream& stream) {
  constexpr double kFieldsPerFrame = 1.5;  // more packets than this a frame
  const Survey survey = survey_of(input.name, stream.index);
  const double frames = survey.end_seconds * info.frame_rate.value();
  const bool by_fields = frames >= 1 && static_cast<double>(survey.packets) > kFieldsPerFrame * frames;
  info.duration_seconds = survey.end_seconds;
  info.frame_count = std::max<std::int64_t>(1, by_fields ? std::llround(frames) : survey.packets);
}

void probe_length(VideoInfo& info, const InputFile& input, const AVStream& stream) {
  const bool one_picture = input.is_picture || input.picture_count;
  if (!one_picture && PacketReader::reads_through(input)) return survey_length(info, input, stream);
  const double rate = info.frame_rate.value();
  const auto end = expected_end(*input.context, stream);
  if (end) info.duration_seconds = end->seconds - static_cast<double>(input.beginning()) / AV_TIME_BASE;
  if (input.is_picture || input.picture_count) {
    info.frame_count = input.picture_count.value_or(1);
    info.frame_count_is_exact = true;
    info.duration_seconds = static_cast<double>(*info.frame_count) / rate;
  } else if (stream.nb_frames > 0) {
    // An edit list may show fewer frames than are stored.
    info.frame_count = stream.nb_frames;
    info.frame_count_is_exact = !info.variable_rate && std::abs(info.duration_seconds * rate -
                                                                static_cast<double>(stream.nb_frames)) < 1.5;
  } else if (info.duration_seconds > 0) {
    info.frame_count = std::max<std::int64_t>(1, std::llround(info.duration_seconds * rate));
  }
}

// The first frame at or after `time`; exact where the rate is constant.
std::int64_t frame_at(const TimePoint& time, double rate) {
  if (time.unit == TimePoint::Unit::frames) return std::llround(time.value);
  return static_cast<std::int64_t>(std::ceil((time.value - kTick) * rate));
}

}  // namespace

std::optional<ExpectedEnd> expected_end(const AVFormatContext& context, const AVStream& stream) {
  if (context.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return {};  // a guess, often far off
  const double start = stream.start_time != AV_NOPTS_VALUE
                           ? static_cast<double>(stream.start_time) * av_q2d(stream.time_base)
                           : 0;
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0)
    return ExpectedEnd{start + static_cast<double>(stream.duration) * av_q2d(stream.time_base), true};
  if (const auto end = duration_tag(stream)) return ExpectedEnd{*end, true};
  if (context.duration == AV_NOPTS_VALUE || context.duration <= 0) return {};
  const double file_start =
      context.start_time != AV_NOPTS_VALUE ? static_cast<double>(context.start_time) : 0;
  return ExpectedEnd{(file_start + static_cast<double>(context.duration)) / AV_TIME_BASE, false};
}

VideoInfo probe(const InputFile& input, const AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  VideoInfo info;
  info.width = parameters.width;
  info.height = parameters.height;
  info.is_still = input.is_picture || input.picture_count == 1;
  info.variable_rate = !input.is_picture && !input.picture_count && rate_varies(*input.context, stream);
  info.frame_rate = from_av(nominal_rate(*input.context, stream, info.variable_rate));
  info.time_base = from_av(stream.time_base);
  info.codec = avcodec_get_name(parameters.codec_id);
  if (const auto* descriptor = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(parameters.format))) {
    info.pixel_format = descriptor->name;
    info.bit_depth = std::max(8, descriptor->comp[0].depth);
  }
  info.colour = colour_tags(parameters);
  info.hdr = read_hdr_metadata(stream, nullptr);
  info.sound_tracks = count_sound_tracks(*input.context);
  probe_length(info, input, stream);
  return info;
}

void apply_trim(VideoInfo& info, const ReaderOptions& options) {
  if (!options.trim_start && !options.trim_end) return;
  const double rate = info.frame_rate.value();
  const bool in_frames = (!options.trim_start || options.trim_start->unit == TimePoint::Unit::frames) &&
                         (!options.trim_end || options.trim_end->unit == TimePoint::Unit::frames);
  std::int64_t first = options.trim_start ? frame_at(*options.trim_start, rate) : 0;
  std::optional<std::int64_t> end = info.frame_count;
  if (options.trim_end) {
    const auto wanted = frame_at(*options.trim_end, rate);
    end = end ? std::min(*end, wanted) : wanted;
  }
  info.frame_count_is_exact = info.frame_count_is_exact && (in_frames || !info.variable_rate);
  if (!end) return;
  info.frame_count = std::max<std::int64_t>(0, *end - first);
  info.duration_seconds = static_cast<double>(*info.frame_count) / rate;
}

void apply_chain(VideoInfo& info, const FilterChain& chain, bool user_filter) {
  info.width = chain.width();
  info.height = chain.height();
  info.time_base = from_av(chain.time_base());
  if (!user_filter) return;
  info.frame_count_is_exact = false;
  const AVRational rate = chain.frame_rate();
  if (!valid(rate)) {
    info.variable_rate = true;
  } else if (from_av(rate) != info.frame_rate) {
    info.frame_rate = from_av(rate);
    info.variable_rate = false;
    if (info.duration_seconds > 0)
      info.frame_count = std::llround(info.duration_seconds * info.frame_rate.value());
  }
}

}  // namespace dreamreel::media
