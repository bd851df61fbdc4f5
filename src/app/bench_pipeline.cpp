#include "bench_pipeline.h"

#include <fmt/core.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/study/pipeline_bench.h"

namespace dreamreel::app {
namespace fs = std::filesystem;
namespace {

// JSON is valid YAML, and its quotes are safe for every file name.
job::Job job_for(const PipelineArguments& arguments, const TemporaryFolder& folder) {
  fs::path clip = folder / "clip.mp4";
  if (!arguments.clip.empty()) {
    clip = fs::absolute(arguments.clip);
    if (!is_utf8(clip.string())) throw UsageError("--clip: the name of the file is not UTF-8; rename it");
  } else {
    study::write_bench_clip(clip, arguments.width, arguments.height, arguments.frames);
  }
  auto objectives = nlohmann::json::array();
  for (const auto& layer : arguments.layers) objectives.push_back({{"layer", layer}});
  const bool is_file = fs::path(arguments.network).extension() == ".onnx";
  const nlohmann::json job{
      {"input", {{"path", clip.string()}, {"trim", {"0f", fmt::format("{}f", arguments.frames)}}}},
      {"output", {{"path", (folder / "dreamed.mp4").string()}}},
      {"network", is_file ? fs::absolute(arguments.network).string() : arguments.network},
      {"device", arguments.device},
      {"precision", arguments.precision},
      {"executor", arguments.executor},
      {"dream", {{"objectives", objectives}}}};
  const fs::path file = folder / "job.yaml";
  std::ofstream(file, std::ios::binary) << job.dump(1) << '\n';
  return job::load_job(file, job::default_load_options());
}

const char* thread_name(Trace::Track track) {
  switch (track) {
    case Trace::Track::source:
      return "decode and flow";
    case Trace::Track::ascent:
      return "ascent";
    case Trace::Track::output:
      break;
  }
  return "store and encode";
}

void print_pipeline_json(const PipelineArguments& arguments, const study::PipelineResult& result) {
  auto stages = nlohmann::json::array();
  for (const auto& stage : result.stages)
    stages.push_back({{"thread", thread_name(stage.track)},
                      {"stage", stage.name},
                      {"count", stage.count},
                      {"seconds", stage.seconds}});
  const nlohmann::json json{{"network", arguments.network},
                            {"layers", arguments.layers},
                            {"width", result.width},
                            {"height", result.height},
                            {"frames", result.frames},
                            {"device", result.device},
                            {"precision", result.precision},
                            {"threads", result.threads},
                            {"seconds", result.seconds},
                            {"first_frame_seconds", result.first_frame_seconds},
                            {"steps_seconds", result.steps_seconds},
                            {"peak_mib", result.peak_mib},
                            {"stages", stages}};
  std::printf("%s\n", json.dump().c_str());
}

void print_pipeline_table(const PipelineArguments& arguments, const study::PipelineResult& result) {
  std::printf("%lld frames of %dx%d, %s on %s, %s, %d threads\n", static_cast<long long>(result.frames),
              result.width, result.height, arguments.network.c_str(), result.device.c_str(),
              result.precision.c_str(), result.threads);
  std::printf("  %-18s%-26s%8s%12s%10s\n", "thread", "stage", "times", "ms each", "share");
  for (const auto& stage : result.stages)
    std::printf("  %-18s%-26s%8lld%12.2f%9.1f%%\n", thread_name(stage.track), stage.name.c_str(),
                static_cast<long long>(stage.count), 1e3 * stage.seconds / static_cast<double>(stage.count),
                100 * stage.seconds / result.seconds);
  std::printf(
      "  first frame after %.2f s; the whole took %.2f s, %.2f times its ascent steps; peak %.0f MiB\n",
      result.first_frame_seconds, result.seconds, result.seconds / result.steps_seconds, result.peak_mib);
}

}  // namespace

void bench_pipeline(const PipelineArguments& arguments) {
  const TemporaryFolder folder("dreamreel-bench");
  const auto job = job_for(arguments, folder);
  set_log_level(LogLevel::warning);  // the table contains everything
  const auto result = study::bench_pipeline(job);
  if (arguments.json)
    print_pipeline_json(arguments, result);
  else
    print_pipeline_table(arguments, result);
}

}  // namespace dreamreel::app
