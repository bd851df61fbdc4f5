#include "tally.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/network/processor.h"
#include "dreamreel/report/progress.h"

namespace dreamreel::render {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRateWindow = 10;  // frames over which the speed is averaged
constexpr auto kSayBackwardEvery = std::chrono::seconds(2);

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void Speedometer::tick() {
  ticks_.push_back(Clock::now());
  if (ticks_.size() > kRateWindow + 1) ticks_.pop_front();
}

double Speedometer::seconds_per_frame() const {
  if (ticks_.size() < 2) return 0;
  return seconds_between(ticks_.front(), ticks_.back()) / static_cast<double>(ticks_.size() - 1);
}

Tally::Tally(std::int64_t total, std::int64_t done, const RenderOptions& options)
    : total_(total), done_(done), options_(options) {}

void Tally::report_start(const std::string& output, std::int64_t first_frame, const media::VideoInfo& info,
                         const network::Network& network) const {
  if (!options_.progress) return;
  report::RenderStart start;
  start.output = output;
  start.first_frame = first_frame;
  start.frame_count = total_;
  start.frame_count_is_exact = true;
  start.width = info.width;
  start.height = info.height;
  start.device = network.device().str();
  start.precision = std::string(network::name_of(network.precision()));
  start.kernels = network::kernels_of(network);
  start.threads = at::get_num_threads();
  options_.progress->start(start);
}

void Tally::report_frame(const carry::AnalysedFrame& frame, double objective) {
  if (frame.step.is_shown) ++done_;
  speed_.tick();
  if (!options_.progress) return;
  report::FrameProgress progress;
  progress.frame = frame.frame.index;
  progress.done = done_;
  progress.total = total_;
  progress.shot = static_cast<int>(frame.step.piece.shot);
  progress.objective = objective;
  progress.seconds_per_frame = speed_.seconds_per_frame() * dreams_per_frame_;
  progress.eta_seconds =
      static_cast<double>(std::max<std::int64_t>(0, total_ - done_)) * progress.seconds_per_frame;
  options_.progress->frame(progress);
}

void Tally::report_backward(std::int64_t frame) {
  speed_.tick();
  if (Clock::now() - backward_said_ < kSayBackwardEvery) return;
  report_activity("dreaming backward first: frame " + std::to_string(frame));
  backward_said_ = Clock::now();
}

void Tally::report_activity(const std::string& text) const {
  if (options_.progress) options_.progress->activity(text);
}

void Tally::stop_if_asked() const {
  if (options_.stop && options_.stop->load())
    throw Interrupted(
        fmt::format("interrupted with {} of {} frames done; run the same command again to go on from there",
                    done_, total_));
}

dream::StepObserver Tally::stopping_observer() const {
  return [this](const dream::StepReport&) { stop_if_asked(); };
}

}  // namespace dreamreel::render
