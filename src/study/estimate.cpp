#include "dreamreel/study/estimate.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/render/masks.h"
#include "dreamreel/render/memory.h"
#include "dreamreel/render/objective_set.h"
#include "dreamreel/render/preflight.h"
#include "dreamreel/render/resolve.h"
#include "dreamreel/render/shots.h"
#include "dreamreel/render/source.h"
#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/feedback.h"

namespace dreamreel::study {
namespace {

// Dreamed pictures are full of fine detail. Bits per pixel come from two renders with the default network:
// vtest.avi at 384x288 with libx264 at crf 16 (0.95), and fruits.jpg as a 16-bit PNG (47.7). Other codecs are
// assumed to be like the first.
constexpr double kVideoBitsPerPixel = 0.95;
constexpr double kPictureBitsPerPixel = 48;

// The time for the second frame: the first one loads networks and has no motion.
double seconds_of_masks(const job::Job& job, render::Masks& masks, render::FrameSource& source) {
  double seconds = 0;
  for (int i = 0; i < 2; ++i) {
    auto frame = source.next();
    if (!frame) break;
    if (!schedule::is_feedback(job)) frame->index += source.loop().run_in;
    const curve::CurveTime time{frame->seconds, source.info().frame_rate.value()};
    const auto begin = std::chrono::steady_clock::now();
    masks.of_dream(*frame, time);
    for (std::size_t objective = 0; objective < job.dream.objectives.size(); ++objective)
      masks.of_objective(objective, *frame, time);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return seconds;
}

void look_at_source(const job::Job& job, const schedule::FrameRange& frames, const render::Preflight& look,
                    Estimate& result) {
  const auto thumbnails = render::open_source(job, frames.begin, look.loop, render::kThumbnailSide);
  const schedule::FirstPass pass = render::find_shots(*thumbnails, job, frames, nullptr, nullptr);
  result.shots = pass.shots;
  result.run_in = pass.loop.run_in;
  result.width = look.info.width;
  result.height = look.info.height;
  result.frames_per_second = look.info.frame_rate.value();
  if (!job::mask_networks_of(job).empty()) {
    const auto source = render::open_source(job, frames.begin, look.loop);
    render::Masks masks(job, look.info);
    result.mask_seconds = seconds_of_masks(job, masks, *source);
  }
  result.source_damaged = !pass.damage.empty();
  result.damage = pass.damage;
  schedule::Plan plan;
  const schedule::Cadence cadence(job.temporal.every, pass.loop);
  for (const auto& shot : pass.shots) {
    const schedule::Piece piece{shot.begin, shot.begin, shot.end, 0};
    result.segments += static_cast<std::int64_t>(schedule::segments_of(plan, piece).size());
    result.dreamed += cadence.count(piece, shot.begin, shot.end);
  }
}

double seconds_of_one_step(const dream::Networks& networks, const dream::AscentOptions& job_options,
                           int height, int width) {
  dream::AscentOptions options = job_options;
  options.octaves = 1;
  options.iterations = 2;  // the first one also allocates memory
  const at::Tensor picture =
      image::noise_frame(height, width, {}, Purpose::start_noise).to(networks.device());
  std::vector<std::chrono::steady_clock::time_point> times{std::chrono::steady_clock::now()};
  dream::ascend(networks, picture, options, {},
                [&](const auto&) { times.push_back(std::chrono::steady_clock::now()); });
  return std::chrono::duration<double>(times.at(2) - times.at(1)).count();
}

// The steps of all octaves of one frame, counted in steps at full size. The cost of a step is proportional to
// its pixels.
double steps_at_full_size(const dream::Networks& networks, const dream::AscentOptions& options, int height,
                          int width) {
  const auto sizes = image::octave_sizes({height, width}, options.octaves, options.octave_scale);
  const int usable = dream::usable_octaves(networks, height, width, options);
  double pixels = 0;
  for (int octave = 0; octave < usable; ++octave) {
    const auto& size = sizes[static_cast<std::size_t>(octave)];
    pixels += static_cast<double>(size.height) * static_cast<double>(size.width);
  }
  return options.iterations * pixels / (static_cast<double>(height) * width);
}

bool writes_pictures(const job::Output& output) {
  const auto extension = output.path.extension();
  return extension == ".png" || extension == ".tif" || extension == ".tiff";
}

// Where it is largest: a fade-in from 0 would else seem to cost nothing. The values of an expression are
// known only at a time, so some times stand for all.
double largest_strength(const job::Job& job, const Estimate& clip) {
  const double most = job.dream.strength.max();
  if (std::isfinite(most)) return most;
  constexpr int kTimes = 1000;
  const auto begin = static_cast<double>(clip.shots.front().begin);
  double largest = 0;
  for (int i = 0; i < kTimes; ++i) {
    const double frame = std::floor(begin + static_cast<double>(clip.frames) * i / kTimes);
    const curve::CurveTime time{frame / clip.frames_per_second, clip.frames_per_second, frame,
                                static_cast<double>(clip.frames) / clip.frames_per_second};
    largest = std::max(largest, job.dream.strength.at(time));
  }
  return std::clamp(largest, 0.0, 1.0);
}

Estimate measured(const job::Job& job, const schedule::FrameRange& frames, std::int64_t memory) {
  Estimate result;
  render::PreflightOptions asked;
  asked.frames = frames;
  const auto look = render::preflight(job, asked);  // throws what a render would throw
  look_at_source(job, frames, look, result);
  result.frames = result.shots.back().end - result.shots.front().begin;

  const auto& info = look.info;
  render::ObjectiveSet& objectives = *look.objectives;
  const auto networks = objectives.networks();
  const curve::CurveTime start{0, result.frames_per_second};
  objectives.apply_lesions(start);
  job::Job strongest = job;
  strongest.dream.strength = largest_strength(job, result);
  auto first = render::ascent_options(strongest, objectives.at(start, {}), start, false, false);
  const auto next = render::ascent_options(strongest, objectives.at(start, {}), start, true, true);
  if (dream::usable_octaves(networks, result.height, result.width, first) == 0)
    throw JobError("the frames are too small for the wanted layers, which need at least " +
                   std::to_string(networks.min_input_side()) + " px on the shorter side");
  first.limit = render::pass_limit(job, objectives, info, render::memory_budget(memory, objectives.device()));
  result.tiles = render::words_for(dream::tiles_for(networks, first, result.height, result.width));
  result.step_seconds = seconds_of_one_step(networks, first, result.height, result.width);
  result.next_frame_seconds =
      result.step_seconds * steps_at_full_size(networks, next, result.height, result.width);
  result.first_frame_seconds =
      result.step_seconds * steps_at_full_size(networks, first, result.height, result.width) +
      render::warmup_rounds(job, start) * result.next_frame_seconds;
  const auto shots = static_cast<double>(result.shots.size());
  const auto dreamed = static_cast<double>(result.dreamed + result.run_in);
  result.total_seconds = shots * result.first_frame_seconds + (dreamed - shots) * result.next_frame_seconds +
                         static_cast<double>(result.frames + result.run_in) * result.mask_seconds;
  result.peak_memory_mib = peak_memory_mib() + static_cast<double>(render::bytes_of_frames(job, info) +
                                                                   render::bytes_of_mattes(job, info)) /
                                                   (1 << 20);
  const double pixels = static_cast<double>(result.frames) * result.width * result.height;
  result.output_mib =
      pixels * (writes_pictures(job.output) ? kPictureBitsPerPixel : kVideoBitsPerPixel) / 8 / (1 << 20);
  return result;
}

}  // namespace

Estimate estimate(const job::Job& job, const schedule::FrameRange& frames, std::int64_t memory) {
  return image::with_torch_errors([&] { return measured(job, frames, memory); });
}

double peak_memory_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace dreamreel::study
