#include "dreamreel/prepare/memory.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/carry/backward_frames.h"
#include "dreamreel/core/error.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/masking/masks.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/feedback.h"
#include "free_memory.h"

namespace dreamreel::prepare {
namespace {

constexpr double kShareOfFree = 0.7;
constexpr std::int64_t kMebibyte = 1 << 20;
// Program and libraries, OpenMP's stacks, plans, decoder and encoder of a small clip.
constexpr std::int64_t kProgramBytes = 300 * kMebibyte;
constexpr std::int64_t kQueueBytes = 256 * kMebibyte;
constexpr std::size_t kMostQueued = 3;
constexpr std::int64_t kPlane = 4;                    // bytes per pixel of one float32 channel
constexpr std::int64_t kPicture = 3 * kPlane;         // bytes per pixel of a picture
constexpr std::int64_t kMotion = 3 * kPlane;          // bytes per pixel of flow and reliability
constexpr std::int64_t kRecollections = 2 * kMotion;  // windows of two frames' area at most
// An older past of temporal.memory: what the dream added, in half precision, and the luma of the source.
constexpr std::int64_t kOlderPast = 3 * 2 + 1;
// Noise that moves along: two strands, what is left of one while it is moved, and the noise in two frames.
constexpr std::int64_t kCarriedNoise = 6 * kPicture;
constexpr std::int64_t kCodecBytes =
    60;  // bytes per pixel: a decoder's reference frames and an encoder's look-ahead
constexpr std::int64_t kStillCodecBytes = 24;  // the picture as 16-bit integers, twice, and packed

// A LibTorch with CUDA loads the CUDA runtime. The function is looked up by name, so that the program builds
// without CUDA.
std::int64_t free_on_gpu() {
  using GetInfo = int (*)(std::size_t*, std::size_t*);
  const auto get_info = reinterpret_cast<GetInfo>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
  std::size_t free = 0, total = 0;
  if (get_info == nullptr || get_info(&free, &total) != 0) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(free);
}

bool has_kind(const job::Job& job, job::LayerObjective::Kind kind) {
  return std::ranges::any_of(job.dream.objectives,
                             [kind](const auto& objective) { return objective.kind == kind; });
}

// Bytes per pixel that the ascent holds during a pass: start, base, picture, the coarser octave's detail, the
// rolled picture, the gradient.
constexpr std::int64_t kPlainAscentBytes = 5 * kPicture + kPicture / 2;

// The same, with everything that the job's options add.
std::int64_t ascent_bytes(const job::Job& job) {
  std::int64_t bytes = kPlainAscentBytes;
  if (job.dream.optimizer == job::Optimizer::adam) bytes += 4 * kPicture;
  if (job.dream.parameterization == job::Parameterization::fourier) bytes += 4 * kPicture;
  if (job.dream.parameterization == job::Parameterization::spectrum) bytes += 6 * kPicture;
  if (job.dream.gradient.laplacian.max() > 0 || job.dream.gradient.smooth.max() > 0) bytes += 2 * kPicture;
  if (job.dream.transforms.scale.max() > 0 || job.dream.transforms.rotate.max() != 0) bytes += 2 * kPicture;
  if (has_kind(job, job::LayerObjective::Kind::content)) bytes += 2 * kPicture;
  if (job.dream.mask) bytes += 3 * kPlane;
  for (const auto& objective : job.dream.objectives)
    if (objective.mask) bytes += 3 * kPlane;
  return bytes;
}

// Options with all objectives active at once, with any weight.
dream::AscentOptions fullest(const job::Job& job, const model::ObjectiveSet& objectives,
                             const media::VideoInfo& info) {
  const curve::CurveTime start{0, info.frame_rate.value()};
  auto options = carry::ascent_options(job, objectives.at(start, {}), start, false, false);
  for (auto& objective : options.objectives) objective.weight = 1;
  options.octaves = static_cast<int>(std::lround(job.dream.octaves.max()));
  options.coarsest = carry::coarsest_octave(job, job.dream.motif.max());
  if (job.dream.jitter.min() < 0.5) options.jitter = 0;  // more jitter leaves less room for the halo
  return options;
}

// The smallest budget that would be enough for all octaves. nullopt if the present budget is enough.
struct Shortage {
  std::int64_t pass_bytes = 0;
  std::string reason;
  bool has_tiles = true;
};

std::optional<Shortage> shortage(const dream::Networks& networks, const dream::AscentOptions& options,
                                 int width, int height) {
  std::optional<Shortage> worst;
  const auto sizes = dream::octave_sizes(options, {height, width});
  const auto usable = dream::usable_octaves(networks, height, width, options);
  for (int octave = 0; octave < usable; ++octave) {
    const auto& size = sizes[static_cast<std::size_t>(octave)];
    try {
      dream::tiles_for(networks, options, size.height, size.width);
    } catch (const dream::TooLittleMemory& error) {
      if (!worst || error.needed_bytes > worst->pass_bytes)
        worst = Shortage{error.needed_bytes, error.what(), error.has_tiles};
    }
  }
  return worst;
}

[[noreturn]] void refuse(const Shortage& found, std::int64_t beside, int width, int height,
                         const MemoryBudget& budget) {
  const auto needed = size_text(beside + found.pass_bytes);
  const std::string frames = fmt::format("frames of {}x{}", width, height);
  const std::string allowed = budget.is_asked
                                  ? "--memory allows " + size_text(budget.bytes)
                                  : size_text(budget.bytes) + " may be used (70 % of what is free)";
  if (!found.has_tiles)
    throw JobError(
        fmt::format("{}: {} take {} and {}; give --memory {} where there is that much, scale the input down "
                    "(input.filter: scale=...), let the network see windows (network.size: 224), or choose a "
                    "layer before it",
                    found.reason, frames, needed, allowed, needed));
  const std::string message =
      fmt::format("{} take at least {} and {}: beside the frames {}", frames, needed, allowed, found.reason);
  if (budget.is_asked)
    throw UsageError(fmt::format(
        "{}; the smallest that works is --memory {}, or scale the input down (input.filter: scale=...)",
        message, needed));
  throw RenderError(message +
                    "; free some memory, scale the input down (input.filter: scale=...) or choose "
                    "shallower layers");
}

std::int64_t program_bytes(const dream::Networks& networks) {
  std::int64_t bytes = networks.device().is_cuda() ? 0 : kProgramBytes;
  for (std::size_t i = 0; i < networks.size(); ++i) bytes += networks[i].most_weight_bytes();
  return bytes;
}

dream::PassLimit limit_beside(std::int64_t beside, const dream::Networks& networks,
                              dream::AscentOptions options, int width, int height,
                              const MemoryBudget& budget) {
  options.limit.bytes = std::max<std::int64_t>(1, budget.bytes - beside);
  if (const auto found = shortage(networks, options, width, height))
    refuse(*found, beside, width, height, budget);
  return options.limit;
}

}  // namespace

std::int64_t free_memory(const at::Device& device) {
  return device.is_cuda() ? free_on_gpu() : free_host_memory();
}

MemoryBudget memory_budget(std::int64_t asked, const at::Device& device) {
  if (asked > 0) return {asked, true};
  const auto free = static_cast<double>(free_memory(device));
  return {static_cast<std::int64_t>(free * kShareOfFree), false};
}

std::int64_t noise_bytes(const job::Job& job) {
  const bool is_carried = schedule::is_feedback(job) && job.temporal.noise.max() > 0 &&
                          job.temporal.noise_motion == job::Temporal::NoiseMotion::carried;
  return is_carried ? (job.output.loop ? 2 : 1) * kCarriedNoise : 0;
}

// A draft draws the noise of the final render, at the final size (noise.h), and moves it there.
std::int64_t bytes_of_noise(const job::Job& job, const media::VideoInfo& info) {
  const auto pixels = static_cast<std::int64_t>(info.width) * info.height;
  const auto [height, width] = footage::size_of_noise(job, {info.height, info.width});
  const bool is_drawn = job.input.noise || job.camera.border == Border::noise ||
                        (schedule::is_feedback(job) && job.temporal.noise.max() > 0);
  const bool is_larger = height * width > pixels;
  return height * width * (noise_bytes(job) + (is_drawn && is_larger ? kPicture : 0));
}

// A block of decoded frames with their masks, frames with their motion on the way to the ascent, the last
// dream with its source, and the backward dream of the frame that is dreamed forward.
std::int64_t bytes_per_pixel_backward(const job::Job& job, const media::VideoInfo& info,
                                      std::int64_t waiting) {
  if (!schedule::dreams_backward(job)) return 0;
  const auto masks = std::ranges::count_if(job.dream.objectives,
                                           [](const auto& objective) { return objective.mask.has_value(); }) +
                     (job.dream.mask && job.dream.mask->confine ? 1 : 0);
  const std::int64_t block = carry::frames_of_block(info.width, info.height) * (kPicture + masks * kPlane);
  const std::int64_t steps = job.temporal.every > 1 ? 2 * kMotion : 0;  // flow composed over a gap
  return block + (waiting + 2) * (kPicture + kMotion) + steps + 3 * kPicture;
}

// Frames of the source, the last dream with its source, and frames on their way to the file. A photo is a
// single frame.
std::int64_t bytes_of_frames(const job::Job& job, const media::VideoInfo& info) {
  const auto pixels = static_cast<std::int64_t>(info.width) * info.height;
  if (info.is_still && !schedule::is_feedback(job)) return pixels * (2 * kPicture + kStillCodecBytes);
  const int every = job.temporal.every;
  const auto waiting = static_cast<std::int64_t>(queue_length(info.width, info.height));
  const auto waiting_dreamed = static_cast<std::int64_t>(queue_length(info.width, info.height, every));
  const auto remembered = schedule::frames_remembered(job, info.frame_rate.value());
  const int pasts = schedule::Cadence(every, {}, remembered).most_older_pasts();
  // A frame to be filled in has motion to both sides.
  const std::int64_t with_between = kPicture + kMotion + (pasts > 0 ? kRecollections : 0) + kPlane +
                                    (schedule::dreams_backward(job) ? kPlane : 0) +
                                    (every - 1) * (kPicture + 2 * kMotion);
  const std::int64_t steps =
      every > 1 ? std::int64_t{4} * every * kPlane : 0;  // flow from frame to frame, in both directions
  const std::int64_t analysed =
      schedule::is_feedback(job) ? kPicture : (waiting_dreamed + 2) * with_between + steps;
  // In a cross-fade, another frame is analysed and dreamed beside this one, and pictures of a gap wait.
  const std::int64_t incoming = job.temporal.cuts.fade()
                                    ? with_between + steps + (every > 1 ? 4 : 2) * kPicture +
                                          (every + 1) * kPicture + (pasts > 0 ? pasts + 2 : 0) * kOlderPast
                                    : 0;
  const std::int64_t past =
      ((every > 1 ? 4 : 2) + (job.temporal.hold && !schedule::is_feedback(job) ? 1 : 0)) * kPicture;
  return pixels * (analysed + incoming + past + bytes_per_pixel_backward(job, info, waiting) +
                   (pasts > 0 ? pasts + 2 : 0) * kOlderPast + (waiting + 1) * kPicture + kCodecBytes) +
         bytes_of_noise(job, info);
}

std::int64_t bytes_beside_passes(const job::Job& job, const dream::Networks& networks,
                                 const media::VideoInfo& info) {
  return program_bytes(networks) + static_cast<std::int64_t>(info.width) * info.height * ascent_bytes(job) +
         bytes_of_frames(job, info) + masking::bytes_of_mattes(job, info);
}

dream::PassLimit pass_limit(const job::Job& job, const model::ObjectiveSet& objectives,
                            const media::VideoInfo& info, const MemoryBudget& budget) {
  const auto networks = objectives.networks();
  const auto beside = bytes_beside_passes(job, networks, info);
  const auto options = fullest(job, objectives, info);
  if (job.dream.iterations.max() == 0) return {};
  return limit_beside(beside, networks, options, info.width, info.height, budget);
}

dream::PassLimit bench_limit(const dream::Networks& networks, const dream::AscentOptions& options, int width,
                             int height, const MemoryBudget& budget) {
  const auto pixels = static_cast<std::int64_t>(width) * height;
  const auto beside = program_bytes(networks) + pixels * kPlainAscentBytes;
  return limit_beside(beside, networks, options, width, height, budget);
}

std::string words_for(const dream::TileReport& tiles) {
  if (tiles.is_windows)
    return fmt::format("{}{}{}x{} px, the size that the network takes; they lie elsewhere in each step",
                       tiles.count, tiles.count == 1 ? " window of " : " windows of ", tiles.width,
                       tiles.height);
  if (tiles.count <= 1) return "";
  return fmt::format("{} tiles of {}x{} px, which overlap by {} px{}", tiles.count, tiles.width, tiles.height,
                     2 * tiles.halo, tiles.is_exact ? "" : ", and round where they overlap");
}

std::string size_text(std::int64_t bytes) {
  const auto mebibytes = (bytes + kMebibyte - 1) / kMebibyte;
  if (mebibytes < 2048) return fmt::format("{}MiB", mebibytes);
  char text[32];
  std::snprintf(text, sizeof text, "%.1fGiB", std::ceil(static_cast<double>(mebibytes) / 102.4) / 10);
  return text;
}

std::size_t queue_length(int width, int height, int every) {
  const auto frame = static_cast<std::int64_t>(width) * height * (kPicture + kMotion);
  return static_cast<std::size_t>(std::max<std::int64_t>(
      1, std::clamp<std::int64_t>(kQueueBytes / std::max<std::int64_t>(1, frame), 1, kMostQueued) / every));
}

}  // namespace dreamreel::prepare
