#include "dreamreel/media/sound_length.h"

#include "dreamreel/core/error.h"
#include "input.h"

namespace dreamreel::media {

std::optional<double> sound_length(const std::filesystem::path& path) {
  const InputFile input = open_input(path);
  const AVFormatContext& context = *input.context;
  const int best = av_find_best_stream(input.context.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  // A length that libav guesses from the rate of bits can be far off.
  if (best < 0 || context.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return {};
  const AVStream& stream = *context.streams[best];
  if (stream.duration > 0) return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
  if (context.duration > 0) return static_cast<double>(context.duration) / AV_TIME_BASE;
  return {};
}

void expect_sound(const std::filesystem::path& path) {
  const InputFile input = open_input(path);
  if (count_sound_tracks(*input.context) == 0)
    throw InputError(input.name + " has no sound; give a song, or a clip that has sound");
}

}  // namespace dreamreel::media
