#include "damage.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace dreamreel::media {
namespace {

// A header rounds the length, and the length of the last frame is often a guess.
constexpr double kToleratedFrames = 1.5;
// Used where only the length of the whole file is known, because sound and video rarely end together.
constexpr double kToleratedSeconds = 0.1;

struct Missing {
  std::int64_t frames = 0;
  std::int64_t expected_frames = 0;
};

// The frames that the header promises behind the last frame that was read. They count as missing only if the
// file was cut off. Otherwise the header is wrong: recorders count frames that they dropped, and edit lists
// leave out frames that exist.
Missing missing_at_end(const DamageFacts& facts, const AVStream& stream) {
  const AVRational rate = stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
  if (!facts.cut_off || !facts.to_the_end || !facts.expected || facts.is_picture || rate.num <= 0) return {};
  const double frames_per_second = av_q2d(rate);
  double end = facts.expected->seconds;
  if (facts.trim_end_seconds) end = std::min(end, *facts.trim_end_seconds + facts.beginning_seconds);
  const bool of_video = facts.expected->of_video;
  const double reached = of_video ? facts.statistics.video_end_seconds : facts.statistics.any_end_seconds;
  const double tolerated = of_video ? kToleratedFrames / frames_per_second
                                    : std::max(kToleratedSeconds, kToleratedFrames / frames_per_second);
  if (end - reached <= tolerated) return {};
  Missing missing;
  const bool counted = stream.nb_frames > 0 && !facts.statistics.seeked && !facts.trim_end_seconds;
  missing.frames = counted && stream.nb_frames > facts.statistics.packets
                       ? stream.nb_frames - facts.statistics.packets
                       : std::llround((end - facts.statistics.video_end_seconds) * frames_per_second);
  missing.expected_frames = facts.selected_frames + facts.statistics.damaged_packets + missing.frames;
  return missing;
}

std::string count_of(std::int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

bool is_damaged(const AVFrame& frame) {
  return frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

std::string describe_damage(const DamageFacts& facts, const AVStream& stream) {
  const Missing missing = missing_at_end(facts, stream);
  const std::int64_t undecodable = facts.statistics.damaged_packets;
  std::vector<std::string> losses;
  if (missing.frames > 0)
    losses.push_back(fmt::format("about {} of {} frames are missing", missing.frames + undecodable,
                                 missing.expected_frames));
  else if (undecodable > 0)
    losses.push_back(fmt::format("{} of {} frames could not be decoded", undecodable,
                                 facts.selected_frames + undecodable));
  if (facts.damaged_frames > 0)
    losses.push_back(count_of(facts.damaged_frames, "frame") + " decoded with errors");
  if (facts.statistics.read_error != 0)
    losses.push_back("reading stopped with: " + libav_text(facts.statistics.read_error));
  if (losses.empty()) return "";
  std::string message =
      facts.name + (missing.frames > 0 ? " is truncated: " : " is damaged: ") + losses.front();
  for (std::size_t i = 1; i < losses.size(); ++i) message += ", " + losses[i];
  return message;
}

}  // namespace dreamreel::media
