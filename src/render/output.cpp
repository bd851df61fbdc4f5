#include "output.h"

#include <algorithm>

namespace dreamreel::render {

std::int64_t frames_to_render(const media::VideoInfo& info, const FrameRange& range) {
  if (!info.frame_count) return range.end ? *range.end - range.begin : 0;
  const auto end = std::min(*info.frame_count, range.end.value_or(*info.frame_count));
  return std::max<std::int64_t>(0, end - range.begin);
}

media::WriterOptions writer_options(const job::Job& job, const media::VideoInfo& info,
                                    const FrameRange& range, double first_seconds, std::int64_t first_frame) {
  // An excerpt starts at time 0; a whole job keeps the source's timestamps, whatever the first one is.
  const double start_seconds = range.begin > 0 ? first_seconds : 0;
  media::WriterOptions options;
  options.path = job.output.path;
  options.codec = job.output.codec;
  options.pixel_format = job.output.pixel_format;
  options.options = job.output.codec_options;
  options.quick = job.temporal.marks;
  options.job_yaml = job::to_yaml(job);
  options.first_frame_number = first_frame;
  // A song in place of the source's sound begins with the job; the source's own sound begins at the trim.
  if (job.output.audio == job::Output::Audio::copy) {
    if (job.input.audio) {
      options.sound_from = job.input.audio;
      options.sound_start_seconds = start_seconds;
    } else if (info.sound_tracks > 0) {
      options.sound_from = job.input.path;
      options.sound_start_seconds = info.start_seconds + start_seconds;
    }
  }
  if (!job.input.noise) {
    options.metadata_from = job.input.path;
    options.metadata_start_seconds = info.start_seconds + start_seconds;
  }
  return options;
}

media::VideoInfo info_of_range(const media::VideoInfo& info, const FrameRange& range) {
  const bool whole = range.begin == 0 && !range.end;
  const auto frames = frames_to_render(info, range);
  if (whole || frames == 0) return info;
  media::VideoInfo excerpt = info;
  excerpt.frame_count = frames;
  excerpt.duration_seconds = static_cast<double>(frames) / info.frame_rate.value();
  return excerpt;
}

}  // namespace dreamreel::render
