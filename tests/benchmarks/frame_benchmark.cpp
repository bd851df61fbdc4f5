// Measures the cost of a frame beside the ascent: resampling, the pyramid, colours, quantising, storing,
// flow. Sizes are widths of 16:9 frames. One thread is used, so that threads of other processes do not count.
//
// Usage: frame_benchmark, with the options of Google Benchmark (--benchmark_filter=Resample).
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <filesystem>

#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/flow/reliability.h"
#include "dreamreel/image/colour.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/image/warped_noise.h"
#include "dreamreel/media/frame_store.h"

namespace dreamreel {
namespace {

image::Size size_of(const benchmark::State& state) {
  return {state.range(0) * 9 / 16, state.range(0)};
}

at::Tensor picture(image::Size size, std::int64_t frame = 0) {
  const at::Tensor coarse =
      image::noise_frame(size.height / 8, size.width / 8, {.frame = frame}, Purpose::start_noise);
  return image::resize(coarse, size).clamp(0, 1).contiguous();
}

void count_pixels(benchmark::State& state) {
  const auto size = size_of(state);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * size.height * size.width);
}

void Positions(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor flow = picture(size).narrow(0, 0, 2).contiguous();
  for (auto run : state)
    benchmark::DoNotOptimize(image::positions(size, {.zoom = 1.01, .rotate_degrees = 1}, flow, at::kCPU));
  count_pixels(state);
}

void Resample(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture(size);
  const at::Tensor positions =
      image::positions(size, {.zoom = 1.01, .rotate_degrees = 1}, std::nullopt, at::kCPU);
  for (auto run : state) benchmark::DoNotOptimize(image::resample(frame, positions, image::Border::mirror));
  count_pixels(state);
}

void WarpedNoise(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor noise = image::white_noise(3, size.height, size.width, {}, Purpose::carried_noise);
  const at::Tensor positions =
      image::positions(size, {.zoom = 1.01, .rotate_degrees = 1}, std::nullopt, at::kCPU);
  for (auto run : state)
    benchmark::DoNotOptimize(image::warped_noise(noise, positions, {}, Purpose::warped_noise));
  count_pixels(state);
}

void OctaveDown(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture(size);
  for (auto run : state)
    benchmark::DoNotOptimize(image::resize(frame, {size.height * 5 / 7, size.width * 5 / 7}));
  count_pixels(state);
}

void OctaveUp(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture({size.height * 5 / 7, size.width * 5 / 7});
  for (auto run : state) benchmark::DoNotOptimize(image::resize(frame, size));
  count_pixels(state);
}

void Quantise(benchmark::State& state) {
  const at::Tensor frame = picture(size_of(state));
  for (auto run : state) benchmark::DoNotOptimize(image::quantise16(frame));
  count_pixels(state);
}

void ToRgb48(benchmark::State& state) {
  const at::Tensor frame = picture(size_of(state));
  for (auto run : state) benchmark::DoNotOptimize(image::to_rgb48(frame));
  count_pixels(state);
}

void StoreFrame(benchmark::State& state) {
  const auto size = size_of(state);
  const auto path = std::filesystem::temp_directory_path() / "dreamreel-frame-benchmark.png";
  const media::StoredFrame stored{static_cast<int>(size.width), static_cast<int>(size.height),
                                  image::to_rgb48(picture(size))};
  for (auto run : state) media::store_frame(path, stored, "benchmark");
  std::filesystem::remove(path);
  count_pixels(state);
}

void MatchColours(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture(size), target = picture(size, 1);
  for (auto run : state) benchmark::DoNotOptimize(image::match_lab(frame, image::lab_statistics(target), 1));
  count_pixels(state);
}

void FlowBothWays(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture(size), moved = frame.roll({2, 3}, {1, 2});
  flow::FlowEstimator estimator({});
  for (auto run : state) benchmark::DoNotOptimize(estimator.compute(frame, moved));
  count_pixels(state);
}

void BestFlowBothWays(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture(size), moved = frame.roll({2, 3}, {1, 2});
  flow::FlowEstimator estimator({.method = flow::Method::best});
  for (auto run : state) benchmark::DoNotOptimize(estimator.compute(frame, moved));
  count_pixels(state);
}

void Reliability(benchmark::State& state) {
  const auto size = size_of(state);
  const at::Tensor frame = picture(size), moved = frame.roll({2, 3}, {1, 2});
  const auto flow = flow::FlowEstimator({}).compute(frame, moved);
  for (auto run : state) benchmark::DoNotOptimize(flow::reliability(flow));
  count_pixels(state);
}

#define FRAME_BENCHMARK(name) BENCHMARK(name)->Arg(640)->Arg(1920)->Unit(benchmark::kMillisecond)
FRAME_BENCHMARK(Positions);
FRAME_BENCHMARK(Resample);
FRAME_BENCHMARK(WarpedNoise);
FRAME_BENCHMARK(OctaveDown);
FRAME_BENCHMARK(OctaveUp);
FRAME_BENCHMARK(Quantise);
FRAME_BENCHMARK(ToRgb48);
FRAME_BENCHMARK(StoreFrame);
FRAME_BENCHMARK(MatchColours);
FRAME_BENCHMARK(FlowBothWays);
FRAME_BENCHMARK(BestFlowBothWays);
FRAME_BENCHMARK(Reliability);
#undef FRAME_BENCHMARK

}  // namespace
}  // namespace dreamreel

int main(int argc, char** argv) {
  at::set_num_threads(1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  benchmark::RunSpecifiedBenchmarks();
}
