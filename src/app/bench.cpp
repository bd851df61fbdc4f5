#include "dreamreel/study/bench.h"

#include <fmt/core.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench_pipeline.h"
#include "commands.h"
#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "job_arguments.h"

namespace dreamreel::app {
namespace {

struct BenchArguments {
  std::string network = "inception_v3";
  std::vector<std::string> layers;
  std::string size = "640x360";
  int steps = 15;
  int threads = 0;
  std::int64_t memory = 0;
  std::string device = "auto", precision = "auto", executor = "fused";
  bool json = false, pipeline = false;
  std::filesystem::path clip;
  int frames = 48;
};

job::Precision parse_precision(const std::string& text) {
  if (text == "fp32") return job::Precision::fp32;
  if (text == "bf16") return job::Precision::bf16;
  if (text == "fp16") return job::Precision::fp16;
  return job::Precision::automatic;
}

job::Executor parse_executor(const std::string& text) {
  if (text == "direct") return job::Executor::direct;
  return text == "autograd" ? job::Executor::autograd : job::Executor::fused;
}

std::string is_device(const std::string& text) {
  constexpr std::string_view kNumbered = "cuda:";
  const bool is_numbered = text.starts_with(kNumbered) && text.size() > kNumbered.size() &&
                           text.size() <= kNumbered.size() + 3 &&
                           text.find_first_not_of("0123456789", kNumbered.size()) == std::string::npos;
  const bool is_one = text == "auto" || text == "cpu" || text == "cuda" || is_numbered;
  return is_one ? "" : fmt::format("expected auto, cpu, cuda or cuda:N, got '{}'", text);
}

study::BenchOptions resolve(const BenchArguments& arguments) {
  study::BenchOptions options;
  options.network = cards::find_network(arguments.network, job::default_load_options());
  cards::require_file(options.network);
  options.layers = arguments.layers.empty() ? options.network.recommended_layers : arguments.layers;
  if (options.layers.empty())
    throw UsageError(fmt::format("--layers: {} recommends none; name one or more", arguments.network));
  char rest = 0;
  if (std::sscanf(arguments.size.c_str(), "%dx%d%c", &options.width, &options.height, &rest) != 2 ||
      options.width < 1 || options.height < 1)
    throw UsageError(fmt::format("--size: expected WxH, e.g. 640x360, got '{}'", arguments.size));
  options.steps = arguments.steps;
  options.memory = arguments.memory;
  options.device = arguments.device;
  options.precision = parse_precision(arguments.precision);
  options.executor = parse_executor(arguments.executor);
  return options;
}

void print_bench_json(const study::BenchOptions& options, const study::BenchResult& result) {
  const nlohmann::json json{{"network", options.network.name},
                            {"layers", options.layers},
                            {"width", options.width},
                            {"height", options.height},
                            {"steps", options.steps},
                            {"device", result.device},
                            {"precision", result.precision},
                            {"executor", result.executor},
                            {"kernels", result.kernels},
                            {"threads", result.threads},
                            {"tiles", result.tiles},
                            {"step_ms", result.step_ms},
                            {"step_ms_min", result.step_ms_min},
                            {"step_ms_max", result.step_ms_max},
                            {"step_cpu_ms", result.step_cpu_ms},
                            {"load_ms", result.load_ms},
                            {"resample_ms", result.resample_ms},
                            {"pyramid_ms", result.pyramid_ms},
                            {"flow_ms", result.flow_ms},
                            {"peak_mib", result.peak_mib}};
  std::printf("%s\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_bench_table(const study::BenchOptions& options, const study::BenchResult& result) {
  const auto kernels = result.kernels.empty() ? std::string() : " with " + result.kernels;
  std::printf("%s at %dx%d on %s, %s, %s%s, %d threads\n", printable(options.network.name).c_str(),
              options.width, options.height, result.device.c_str(), result.precision.c_str(),
              result.executor.c_str(), kernels.c_str(), result.threads);
  if (result.tiles > 1) std::printf("  in %lld tiles\n", static_cast<long long>(result.tiles));
  std::printf("  ascent step  %8.1f ms  (%.1f .. %.1f over %d steps)\n", result.step_ms, result.step_ms_min,
              result.step_ms_max, options.steps);
  std::printf("  processor    %8.1f ms  (of a step, all threads together)\n", result.step_cpu_ms);
  std::printf(
      "  flow         %8.1f ms\n  resample     %8.1f ms\n  octave       %8.1f ms\n  load network %8.1f ms\n",
      result.flow_ms, result.resample_ms, result.pyramid_ms, result.load_ms);
  std::printf("  peak memory  %8.0f MiB\n", result.peak_mib);
}

void run_pipeline(const BenchArguments& arguments, const study::BenchOptions& options) {
  PipelineArguments pipeline;
  pipeline.network = arguments.network;
  pipeline.layers = options.layers;
  pipeline.width = options.width;
  pipeline.height = options.height;
  pipeline.frames = arguments.frames;
  pipeline.clip = arguments.clip;
  pipeline.device = arguments.device;
  pipeline.precision = arguments.precision;
  pipeline.executor = arguments.executor;
  pipeline.json = arguments.json;
  bench_pipeline(pipeline);
}

void run_bench(const BenchArguments& arguments) {
  image::set_threads(wanted_threads(arguments.threads));
  const auto options = resolve(arguments);
  if (arguments.pipeline) return run_pipeline(arguments, options);
  const auto result = study::bench(options);
  if (arguments.json) {
    print_bench_json(options, result);
  } else {
    print_bench_table(options, result);
  }
}

}  // namespace

void add_bench(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = app.add_subcommand("bench", "Time ascent steps and the stages around them");
  command->add_option("--network", arguments->network, "Network card or .onnx file")->capture_default_str();
  command
      ->add_option("--layers", arguments->layers,
                   "Layers, separated by commas (default: those that the card recommends)")
      ->delimiter(',');
  command->add_option("--size", arguments->size, "Picture size")->type_name("WxH")->capture_default_str();
  command->add_option("--steps", arguments->steps, "How many steps are timed")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  add_memory(*command, arguments->memory);
  command->add_option("--device", arguments->device, "Where the network runs: auto, cpu, cuda or cuda:N")
      ->check(is_device)
      ->capture_default_str();
  command->add_option("--precision", arguments->precision, "Precision of the network's numbers")
      ->check(CLI::IsMember({"auto", "fp32", "bf16", "fp16"}))
      ->capture_default_str();
  command->add_option("--executor", arguments->executor, "What runs the network (fused: where it can)")
      ->check(CLI::IsMember({"fused", "direct", "autograd"}))
      ->capture_default_str();
  CLI::Option* pipeline = command->add_flag(
      "--pipeline", arguments->pipeline, "Render a moving clip with a job of defaults: where its time goes");
  command
      ->add_option("--clip", arguments->clip,
                   "With --pipeline: a clip to render (default: one that is made for it)")
      ->needs(pipeline);
  command->add_option("--frames", arguments->frames, "With --pipeline: how many frames")
      ->needs(pipeline)
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { run_bench(*arguments); });
}

}  // namespace dreamreel::app
