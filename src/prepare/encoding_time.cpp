#include "dreamreel/prepare/encoding_time.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include "dreamreel/core/random.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/prepare/writer_options.h"

namespace dreamreel::prepare {
namespace {

namespace fs = std::filesystem;

// Small frames are encoded so quickly that only several of them can be timed.
std::int64_t frames_to_time(const media::VideoInfo& info) {
  constexpr double kPixels = 8e6;
  const double pixels = std::max(1.0, static_cast<double>(info.width) * info.height);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(kPixels / pixels), 2, 12);
}

// The trial has no sound, which is copied, and lies in the folder.
media::WriterOptions trial_options(const job::Job& one, const media::VideoInfo& info,
                                   const schedule::FrameRange& frames, const fs::path& folder) {
  auto options = writer_options(one, info, frames, 0, 0);
  options.path = folder / options.path.filename();
  options.sound_from.reset();
  options.metadata_from.reset();
  return options;
}

// Encodes frames without loss, as a render does before it makes its outputs. Returns how many there are.
std::int64_t write_lossless(const job::Job& job, const media::VideoInfo& info,
                            const media::WriterOptions& options, const fs::path& part) {
  constexpr double kGrain = 0.1;
  job::Job straight = job;
  straight.output.loop.reset();
  const auto source = footage::open_source(straight, 0);
  media::PartWriter writer(part, "", options, info, nullptr, media::PartFormat::lossless);
  std::int64_t count = 0;
  at::Tensor picture;
  for (; count < frames_to_time(info); ++count) {
    auto frame = source->next();
    if (!frame) break;
    if (frame->rgb.defined()) picture = frame->rgb;  // later frames of a feedback have none
    RandomKey key;
    key.frame = count;
    const auto grain = image::noise_frame(picture.size(1), picture.size(2), key, Purpose::start_noise);
    frame->rgb = image::lerp(picture, grain, kGrain);
    writer.write(*frame);
  }
  writer.finish();
  return count;
}

}  // namespace

std::vector<double> encoding_seconds(const job::Job& job, const media::VideoInfo& info,
                                     const schedule::FrameRange& frames) {
  const bool several = job::has_several_outputs(job);
  const TemporaryFolder folder("dreamreel-encoding");
  std::vector<media::WriterOptions> outputs;
  for (const auto& one : job::jobs_of_outputs(job)) {
    const fs::path place = folder / std::to_string(outputs.size());
    fs::create_directory(place);
    outputs.push_back(trial_options(one, info, frames, place));
  }
  std::vector<double> seconds(outputs.size(), 0);
  if (!several && !media::joins_lossless_parts(outputs.front())) return seconds;
  const fs::path lossless = folder / "lossless";
  const auto count = write_lossless(job, info, outputs.front(), lossless);
  for (std::size_t i = 0; i < outputs.size() && count > 0; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (media::joins_lossless_parts(outputs[i]))
      media::join_parts({lossless}, outputs[i], info);
    else
      media::encode_part(lossless, outputs[i].path.parent_path() / "part", "", outputs[i], info);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    seconds[i] = taken.count() / static_cast<double>(count);
  }
  return seconds;
}

}  // namespace dreamreel::prepare
