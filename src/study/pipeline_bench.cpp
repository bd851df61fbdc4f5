#include "dreamreel/study/pipeline_bench.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/roll.h>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/media/writer.h"
#include "dreamreel/render/render.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/study/estimate.h"

namespace dreamreel::study {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Notes when the first frame was finished, and what rendered it.
class Watch : public report::ProgressSink {
 public:
  explicit Watch(PipelineResult& result) : result_(result) {}
  void activity(const std::string&) override {}
  void start(const report::RenderStart& start) override {
    result_.width = start.width;
    result_.height = start.height;
    result_.device = start.device;
    result_.precision = start.precision;
    result_.threads = start.threads;
  }
  void frame(const report::FrameProgress&) override {
    if (result_.frames++ == 0) result_.first_frame_seconds = seconds_since(started_);
  }
  void finish(const std::string&, std::int64_t, double) override {}

 private:
  PipelineResult& result_;
  const Clock::time_point started_ = Clock::now();
};

}  // namespace

void write_bench_clip(const std::filesystem::path& path, int width, int height, int frames) {
  constexpr int kCoarse = 8;              // size of a blob, px
  constexpr std::int64_t kX = 3, kY = 1;  // px a frame
  constexpr int kRate = 24;
  const at::Tensor coarse =
      image::noise_frame(height / kCoarse + 1, width / kCoarse + 1, {}, Purpose::start_noise);
  const at::Tensor texture = image::resize(coarse, {height, width}).clamp(0, 1);
  media::VideoInfo info;
  info.width = width;
  info.height = height;
  info.frame_rate = {kRate, 1};
  info.time_base = {1, kRate};
  media::WriterOptions options;
  options.path = path;
  options.codec = "libx264";
  options.options = {{"preset", "ultrafast"}};
  media::Writer writer(options, info);
  for (int i = 0; i < frames; ++i) {
    media::VideoFrame frame;
    frame.rgb = at::roll(texture, {i * kY, i * kX}, {1, 2}).contiguous();
    frame.index = frame.pts = i;
    frame.duration = 1;
    frame.seconds = static_cast<double>(i) / kRate;
    writer.write(frame);
  }
  writer.finish();
}

PipelineResult bench_pipeline(const job::Job& job) {
  PipelineResult result;
  Watch watch(result);
  Trace trace;
  render::RenderOptions options;
  options.restart = true;
  options.progress = &watch;
  options.trace = &trace;
  const auto started = Clock::now();
  render::render(job, options);
  result.seconds = seconds_since(started);
  result.stages = trace.totals();
  for (const auto& stage : result.stages)
    if (stage.name == "step") result.steps_seconds += stage.seconds;
  result.peak_mib = peak_memory_mib();
  return result;
}

}  // namespace dreamreel::study
