#include "dreamreel/study/estimate.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/masking/masks.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/prepare/encoding_time.h"
#include "dreamreel/prepare/memory.h"
#include "dreamreel/prepare/preflight.h"
#include "dreamreel/prepare/warnings.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/feedback.h"

namespace dreamreel::study {
namespace {

// Dreamed pictures are full of fine detail. Bits per pixel come from two renders with the default network:
// vtest.avi at 384x288 with libx264 at crf 16 (0.95), and fruits.jpg as a 16-bit PNG (47.7). ProRes 422 HQ
// (9.9), GIF (6.7), EXR (33) and FFV1 (34.5) come from 52 frames of a clip at 192x144. Other codecs count
// as the first one.
constexpr double kVideoBitsPerPixel = 0.95;
constexpr double kPictureBitsPerPixel = 48;
constexpr double kLosslessBitsPerPixel = 36;  // of FFV1 with 16 bits a channel

// The time for the second frame: the first one loads networks and has no motion.
double seconds_of_masks(const job::Job& job, masking::Masks& masks, footage::FrameSource& source) {
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

// Masks of networks and of the motion take time; the others take almost none.
bool has_costly_masks(const job::Job& job) {
  const auto moves = [](const std::optional<job::Mask>& mask) {
    return mask && mask->from == job::Mask::From::motion;
  };
  return !job::mask_networks_of(job).empty() || moves(job.dream.mask) ||
         std::ranges::any_of(job.dream.objectives,
                             [&](const auto& objective) { return moves(objective.mask); });
}

void look_at_source(const job::Job& job, const schedule::FrameRange& frames, const prepare::Preflight& look,
                    Estimate& result) {
  const auto thumbnails = footage::open_source(job, frames.begin, look.loop, footage::kThumbnailSide);
  const schedule::FirstPass pass = footage::find_shots(*thumbnails, job, frames, nullptr, nullptr);
  prepare::log_fades_cut_short(job, pass.fades, pass.shots.back().end);
  result.shots = pass.shots;
  result.fades = pass.fades;
  result.run_in = pass.loop.run_in;
  result.width = look.info.width;
  result.height = look.info.height;
  result.frames_per_second = look.info.frame_rate.value();
  if (has_costly_masks(job)) {
    const auto source = footage::open_source(job, frames.begin, look.loop);
    masking::Masks masks(job, look.info);
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
  if (!schedule::dreams_backward(job)) return;
  plan.shots = pass.shots;
  plan.loop = pass.loop;
  plan.last_look = schedule::last_look(plan.end(), pass.shot_end, plan.segment_frames);
  for (std::size_t i = 0; i < pass.shots.size(); ++i) {
    const auto& shot = pass.shots[i];
    const schedule::Piece piece{shot.begin, shot.begin, shot.end, static_cast<std::int64_t>(i)};
    result.backward += schedule::count_backward(plan, cadence, piece, shot.begin, shot.end);
  }
}

double seconds_of_one_step(const dream::Networks& networks, const dream::AscentOptions& job_options,
                           int height, int width) {
  dream::AscentOptions options = job_options;
  options.octaves = 1;
  options.coarsest = 0;
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
  const auto sizes = dream::octave_sizes(options, {height, width});
  const int usable = dream::usable_octaves(networks, height, width, options);
  double pixels = 0;
  for (int octave = 0; octave < usable; ++octave) {
    const auto& size = sizes[static_cast<std::size_t>(octave)];
    pixels += static_cast<double>(size.height) * static_cast<double>(size.width);
  }
  return options.iterations * pixels / (static_cast<double>(height) * width);
}

// The bits a pixel of each output, by its encoder, or else by the ending of its name.
double bits_per_pixel(const job::Output& output) {
  static const std::map<std::string, double> known{{"prores_ks", 10},
                                                   {"prores", 10},
                                                   {"ffv1", kLosslessBitsPerPixel},
                                                   {".png", kPictureBitsPerPixel},
                                                   {".tif", kPictureBitsPerPixel},
                                                   {".tiff", kPictureBitsPerPixel},
                                                   {".exr", 34},
                                                   {".gif", 7}};
  for (const std::string& name : {output.codec, output.path.extension().string()})
    if (const auto found = known.find(name); found != known.end()) return found->second;
  return kVideoBitsPerPixel;
}

void add_sizes(const job::Job& job, Estimate& result) {
  const double megapixels = static_cast<double>(result.frames) * result.width * result.height / (1 << 20);
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    const auto& output = job::output_at(job, i);
    result.outputs.push_back({output.path, megapixels * bits_per_pixel(output) / 8, 0});
    result.output_mib += result.outputs.back().mib;
  }
  result.work_mib =
      job::has_several_outputs(job) ? megapixels * kLosslessBitsPerPixel / 8 : result.output_mib;
}

// A frame that stands for the dreamed frames of a shot from it up to the next sample.
struct Sample {
  curve::CurveTime time;
  std::int64_t dreamed = 0;
};

// Some frames of a shot, the first and the last among them.
std::vector<Sample> samples_of(const schedule::Shot& shot, std::int64_t most,
                               const schedule::Cadence& cadence, const footage::Timeline& timeline,
                               double frames_per_second) {
  const schedule::Piece piece{shot.begin, shot.begin, shot.end, 0};
  const std::int64_t frames = shot.end - shot.begin, count = std::clamp<std::int64_t>(most, 2, 200);
  std::vector<Sample> samples;
  const auto place = [&](std::int64_t i) {
    return frames <= count ? shot.begin + i : shot.begin + i * (frames - 1) / (count - 1);
  };
  for (std::int64_t i = 0; i < std::min(frames, count); ++i) {
    const std::int64_t begin = place(i), end = i + 1 < std::min(frames, count) ? place(i + 1) : shot.end;
    samples.push_back({timeline.at(begin, static_cast<double>(begin) / frames_per_second),
                       cadence.count(piece, begin, end)});
  }
  return samples;
}

// Finds what the shots of a job cost. Scenes, and all other curves, change from shot to shot and within one.
class ShotCosts {
 public:
  ShotCosts(const job::Job& job, const prepare::Preflight& look, std::int64_t memory, Estimate& result)
      : job_(job),
        look_(look),
        objectives_(*look.objectives),
        networks_(objectives_.networks()),
        limit_(prepare::pass_limit(job, objectives_, look.info,
                                   prepare::memory_budget(memory, objectives_.device()))),
        result_(result) {}

  void measure() {
    constexpr std::int64_t kSamples = 2000;
    const auto each = kSamples / std::ssize(result_.shots);
    const schedule::Cadence cadence(job_.temporal.every, look_.loop);
    for (const auto& shot : result_.shots)
      add(samples_of(shot, each, cadence, *look_.timeline, result_.frames_per_second));
    const auto shots = static_cast<double>(result_.shots.size());
    for (const auto& shot : result_.shot_seconds) result_.first_frame_seconds += shot.first_frame / shots;
    if (others_ > 0) result_.next_frame_seconds = seconds_of_others_ / static_cast<double>(others_);
    result_.total_seconds = shots * result_.first_frame_seconds + seconds_of_others_ +
                            static_cast<double>(result_.run_in) * result_.next_frame_seconds;
    for (const auto& fade : result_.fades) result_.total_seconds += seconds_beside(fade, cadence);
    if (result_.backward > 0) result_.total_seconds += seconds_of_backward(shots);
  }

 private:
  // Each segment has a backward pass, which begins like a shot. The first frame of a shot then costs no more
  // than every other.
  double seconds_of_backward(double shots) const {
    const double more = result_.first_frame_seconds - result_.next_frame_seconds;
    const auto passes = static_cast<double>(std::min(result_.segments, result_.backward));
    return static_cast<double>(result_.backward) * result_.next_frame_seconds + (passes - shots) * more;
  }

  // Over a fade, the outgoing dream goes on beside the incoming one, which its shot counts. With frames that
  // are filled in or held, the incoming dream is made once more as a warm-up (Crossfade::without_warm_up).
  double seconds_beside(const schedule::Fade& fade, const schedule::Cadence& cadence) const {
    double seconds = 0;
    for (std::size_t i = 0; i < result_.shots.size(); ++i) {
      const auto& shot = result_.shots[i];
      const auto& costs = result_.shot_seconds[i];
      const std::int64_t end = std::min(fade.end, result_.shots.back().end);
      const schedule::Piece piece{fade.begin, fade.begin, end, 0};
      const auto dreamed = static_cast<double>(cadence.count(piece, fade.begin, end));
      if (shot.end == fade.begin) seconds += dreamed * costs.next_frame;
      if (shot.begin == fade.begin && (job_.temporal.every > 1 || job_.temporal.hold))
        seconds += costs.first_frame + (dreamed - 1) * costs.next_frame;
    }
    return seconds;
  }

  void add(const std::vector<Sample>& samples) {
    // The largest strength of all samples counts. Otherwise a dream that fades in from 0 would seem to cost
    // nothing.
    job::Job strongest = job_;
    double strength = 0;
    for (const auto& sample : samples) strength = std::max(strength, job_.dream.strength.at(sample.time));
    strongest.dream.strength = std::clamp(strength, 0.0, 1.0);
    const auto options = [&](const Sample& sample, bool is_first) {
      return carry::ascent_options(strongest, objectives_.at(sample.time, {}), sample.time, !is_first,
                                   !is_first);
    };
    const auto warmup_round = [&] {
      strongest.temporal.at_fps.reset();  // a round is a frame of the asked rate
      return options(samples.front(), false);
    };
    const auto first = options(samples.front(), true);
    if (dream::usable_octaves(networks_, result_.height, result_.width, first) == 0)
      throw JobError(fmt::format(
          "the frames are too small for the wanted layers, which need at least {} px on the shorter side",
          networks_.min_input_side()));
    if (result_.octaves.empty()) add_octaves(first);
    const double step = seconds_of_step(samples.front().time, first);
    const auto seconds_of = [&](const dream::AscentOptions& some) {
      return step * steps_at_full_size(networks_, some, result_.height, result_.width);
    };
    double others = 0;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::int64_t dreamed = samples[i].dreamed - (i == 0 ? 1 : 0);  // without the shot's first frame
      if (dreamed <= 0) continue;
      others += static_cast<double>(dreamed) * seconds_of(options(samples[i], false));
      count += dreamed;
    }
    const double second = seconds_of(options(samples.front(), false));
    const double warmup = carry::warmup_rounds(job_, samples.front().time) * seconds_of(warmup_round());
    result_.shot_seconds.push_back(
        {seconds_of(first) + warmup, count > 0 ? others / static_cast<double>(count) : second});
    if (others_ == 0 && count == 0) result_.next_frame_seconds = second;
    seconds_of_others_ += others;
    others_ += count;
  }

  void add_octaves(const dream::AscentOptions& options) {
    auto sizes = dream::octave_sizes(options, {result_.height, result_.width});
    sizes.resize(
        static_cast<std::size_t>(dream::usable_octaves(networks_, result_.height, result_.width, options)));
    for (const auto& [height, width] : sizes) result_.octaves.push_back({width, height});
  }

  // Each set of objectives is measured once. A job of very many sets shares the slowest of the first ones.
  double seconds_of_step(const curve::CurveTime& time, dream::AscentOptions options) {
    constexpr std::size_t kMostSets = 8;
    std::vector<bool> set;
    for (const auto& objective : options.objectives) set.push_back(objective.weight != 0);
    if (const auto known = steps_.find(set); known != steps_.end()) return known->second;
    if (steps_.size() == kMostSets) return result_.step_seconds;
    objectives_.apply_lesions(time);
    options.limit = limit_;
    const auto tiles = dream::tiles_for(networks_, options, result_.height, result_.width);
    if (steps_.empty() || tiles.pass_bytes > pass_bytes_) {
      result_.tiles = prepare::words_for(tiles);
      pass_bytes_ = tiles.pass_bytes;
    }
    const double seconds = seconds_of_one_step(networks_, options, result_.height, result_.width);
    result_.step_seconds = std::max(result_.step_seconds, seconds);
    return steps_[set] = seconds;
  }

  const job::Job& job_;
  const prepare::Preflight& look_;
  model::ObjectiveSet& objectives_;
  const dream::Networks networks_;
  const dream::PassLimit limit_;
  Estimate& result_;
  std::map<std::vector<bool>, double> steps_;  // seconds of a step, by the objectives that have a weight
  std::int64_t pass_bytes_ = 0;
  double seconds_of_others_ = 0;  // of all dreamed frames but the first ones of shots
  std::int64_t others_ = 0;
};

// The rhythm of a sound that the job reads, and of every song, because a person has to know it before writing
// a job that counts bars.
std::optional<footage::Rhythm> rhythm_of(const job::Job& job, const prepare::Preflight& look) {
  if (look.timeline && look.timeline->sound() != nullptr) return footage::rhythm_of(*look.timeline->sound());
  if (!job.input.audio && !job.temporal.cuts.uses_sound()) return {};
  try {
    const auto sound = footage::load_sound(job, look.info);
    return sound ? footage::rhythm_of(*sound) : std::nullopt;
  } catch (const JobError&) {
    return {};  // the job is too long to be listened to, which matters only to a job that reads its sound
  }
}

Estimate measured(const job::Job& job, const schedule::FrameRange& frames, std::int64_t memory) {
  Estimate result;
  prepare::PreflightOptions asked;
  asked.frames = frames;
  const auto look = prepare::preflight(job, asked);  // throws what a render would throw
  look_at_source(job, frames, look, result);
  result.frames = result.shots.back().end - result.shots.front().begin;
  ShotCosts(job, look, memory, result).measure();
  const auto& info = look.info;
  result.rhythm = rhythm_of(job, look);
  result.total_seconds +=
      static_cast<double>(result.frames + result.backward + result.run_in) * result.mask_seconds;
  result.peak_memory_mib = peak_memory_mib() + static_cast<double>(prepare::bytes_of_frames(job, info) +
                                                                   masking::bytes_of_mattes(job, info)) /
                                                   (1 << 20);
  add_sizes(job, result);
  const auto encoding = prepare::encoding_seconds(job, info, frames);
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    result.outputs[i].encoding_seconds = encoding[i] * static_cast<double>(result.frames);
    result.total_seconds += result.outputs[i].encoding_seconds;
  }
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
