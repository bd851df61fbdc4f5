#include "dreamreel/study/bench.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/model/device.h"
#include "dreamreel/network/processor.h"
#include "dreamreel/prepare/memory.h"
#include "dreamreel/study/estimate.h"

namespace dreamreel::study {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWarmUpSteps = 3;
constexpr int kStageRuns = 5;

double milliseconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double median_ms(const std::function<void()>& stage) {
  stage();
  std::vector<double> times;
  for (int run = 0; run < kStageRuns; ++run) {
    const auto start = Clock::now();
    stage();
    times.push_back(milliseconds_between(start, Clock::now()));
  }
  return median(times);
}

dream::AscentOptions ascent_of(const network::Network& network, const BenchOptions& options) {
  dream::AscentOptions ascent;
  for (std::size_t layer = 0; layer < network.layers().size(); ++layer)
    ascent.objectives.push_back({layer, 1.0});
  ascent.octaves = 1;
  ascent.iterations = kWarmUpSteps + options.steps;
  const auto budget = prepare::memory_budget(options.memory, network.device());
  ascent.limit = prepare::bench_limit(network, ascent, options.width, options.height, budget);
  return ascent;
}

/// Processor time of all threads. On a machine that others use too, it tells more than the clock.
double processor_ms() {
  return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct StepTimes {
  std::vector<double> clock_ms, processor_ms;
};

StepTimes time_steps(const network::Network& network, const at::Tensor& picture,
                     const dream::AscentOptions& ascent) {
  StepTimes times;
  auto last = Clock::now();
  auto last_busy = processor_ms();
  // The observer runs after the gradient's mean has been read back, so a GPU has finished the step by then.
  dream::ascend(network, picture, ascent, {}, [&](const dream::StepReport& report) {
    const auto now = Clock::now();
    const auto busy = processor_ms();
    if (report.iteration >= kWarmUpSteps) {
      times.clock_ms.push_back(milliseconds_between(last, now));
      times.processor_ms.push_back(busy - last_busy);
    }
    last = now;
    last_busy = busy;
  });
  return times;
}

BenchResult timed(const BenchOptions& options) {
  BenchResult result;
  network::LoadOptions load;
  load.path = options.network.path;
  load.scaling = model::input_scaling(options.network.input);
  load.layers = options.layers;
  load.device = model::resolve_device(options.device);
  load.precision = model::resolve_precision(options.precision, load.device);
  load.executor = options.executor;
  const auto start = Clock::now();
  const auto network = network::Network::load(load);
  result.load_ms = milliseconds_between(start, Clock::now());

  const at::Tensor picture = image::noise_frame(options.height, options.width, {}, Purpose::start_noise);
  const at::Tensor on_device = picture.to(network.device());
  const auto ascent = ascent_of(network, options);
  result.tiles = dream::tiles_for(network, ascent, options.height, options.width).count;
  const auto times = time_steps(network, on_device, ascent);
  result.step_ms = median(times.clock_ms);
  result.step_ms_min = *std::ranges::min_element(times.clock_ms);
  result.step_ms_max = *std::ranges::max_element(times.clock_ms);
  result.step_cpu_ms = median(times.processor_ms);

  const image::Size size{options.height, options.width};
  const auto positions =
      image::positions(size, {.zoom = 1.01, .rotate_degrees = 1}, std::nullopt, network.device());
  result.resample_ms = median_ms([&] { image::resample(on_device, positions, image::Border::mirror); });
  result.pyramid_ms = median_ms([&] { image::resize(on_device, {size.height * 5 / 7, size.width * 5 / 7}); });
  flow::FlowEstimator estimator({});
  result.flow_ms = median_ms([&] { estimator.compute(picture, picture); });
  result.device = network.device().str();
  result.precision = std::string(network::name_of(network.precision()));
  result.executor = std::string(network::name_of(network.executor()));
  result.kernels = network::kernels_of(network);
  result.threads = at::get_num_threads();
  result.peak_mib = peak_memory_mib();
  return result;
}

}  // namespace

BenchResult bench(const BenchOptions& options) {
  return image::with_torch_errors([&] { return timed(options); });
}

}  // namespace dreamreel::study
