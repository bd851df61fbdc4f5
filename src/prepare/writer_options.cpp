#include "dreamreel/prepare/writer_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/parts.h"

namespace dreamreel::prepare {
namespace {

bool is_part_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether the filter may change where the pictures end.
bool retimes(const std::string& filter) {
  constexpr std::array<std::string_view, 8> kFilters{"trim", "select", "setpts",  "reverse",
                                                     "loop", "tile",   "segment", "thumbnail"};
  return std::ranges::any_of(kFilters, [&](std::string_view name) {
    for (auto at = filter.find(name); at != std::string::npos; at = filter.find(name, at + 1)) {
      const auto end = at + name.size();
      const bool begins = at == 0 || !is_part_of_a_name(filter[at - 1]);
      if (begins && (end == filter.size() || !is_part_of_a_name(filter[end]))) return true;
    }
    return false;
  });
}

// The source's own sound is kept to its end, unless the job asks for a part of the clip. A song that replaces
// it ends with the pictures.
bool keeps_all_sound(const job::Job& job, const schedule::FrameRange& range) {
  return !job.input.audio && !job.input.trim_end && !range.end && !job.output.loop &&
         !retimes(job.input.filter);
}

// What the output says of its making.
std::string embedded_text(const job::Job& job) {
  switch (job.output.metadata) {
    case job::Output::Metadata::job:
      return job::to_yaml(job);
    case job::Output::Metadata::name:
      return "# " + job.file.filename().string() + "\n";
    case job::Output::Metadata::none:
      break;
  }
  return "";
}

}  // namespace

std::int64_t frames_to_render(const media::VideoInfo& info, const schedule::FrameRange& range) {
  if (!info.frame_count) return range.end ? *range.end - range.begin : 0;
  const auto end = std::min(*info.frame_count, range.end.value_or(*info.frame_count));
  return std::max<std::int64_t>(0, end - range.begin);
}

media::WriterOptions writer_options(const job::Job& job, const media::VideoInfo& info,
                                    const schedule::FrameRange& range, double first_seconds,
                                    std::int64_t first_frame) {
  // An excerpt starts at time 0. A whole job keeps the source's time stamps, even if the first one is not 0.
  const double start_seconds = range.begin > 0 ? first_seconds : 0;
  media::WriterOptions options;
  options.path = job.output.path;
  options.codec = job.output.codec;
  options.pixel_format = job.output.pixel_format;
  options.options = job.output.codec_options;
  options.quick = job.temporal.marks;
  options.job_yaml = embedded_text(job);
  options.sound_bitrate = job.output.audio_bitrate.value_or(0);
  options.first_frame_number = job.output.first_number + first_frame;
  // A song in place of the source's sound begins with the job. The source's own sound begins at the trim.
  if (job.output.audio == job::Output::Audio::copy) {
    if (job.input.audio) {
      options.sound_from = job.input.audio;
      options.sound_start_seconds = start_seconds + footage::song_start(job, info);
    } else if (info.sound_tracks > 0) {
      options.sound_from = job.input.path;
      options.sound_start_seconds = info.start_seconds + start_seconds;
    }
  }
  options.keeps_sound_after_last_frame = keeps_all_sound(job, range);
  if (!job.input.noise) {
    options.metadata_from = job.input.path;
    options.metadata_start_seconds = info.start_seconds + start_seconds;
  }
  return options;
}

media::VideoInfo info_of_range(const media::VideoInfo& info, const schedule::FrameRange& range) {
  const bool whole = range.begin == 0 && !range.end;
  const auto frames = frames_to_render(info, range);
  if (whole || frames == 0) return info;
  media::VideoInfo excerpt = info;
  excerpt.frame_count = frames;
  excerpt.duration_seconds = static_cast<double>(frames) / info.frame_rate.value();
  return excerpt;
}

bool parts_hold_frames(const job::Job& job) {
  return job::has_several_outputs(job) || media::parts_hold_frames(job.output.path);
}

}  // namespace dreamreel::prepare
