#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "dreamreel/core/printable.h"
#include "dreamreel/core/trust.h"
#include "script.h"

namespace dreamreel::farm {
namespace {

constexpr std::size_t kLongestName = 128;  // letters of a job's name, by the specification

// every JSON string is a YAML string
std::string yaml(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string job_name(const Farm& farm) {
  std::string name = "dreamreel " + farm.job.output.path.filename().string();
  std::erase_if(name, [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '{' || c == '}'; });
  while (name.size() > kLongestName || !is_utf8(name)) name.pop_back();
  return name;
}

std::string parameters(const Farm& farm, const Places& places, const EmitOptions& options) {
  const bool has_source = !farm.job.input.noise;
  std::string text = "parameterDefinitions:\n";
  const auto add = [&](const std::string& name, const std::string& type, const std::string& value) {
    text += "- {name: " + name + ", " + type + ", default: " + yaml(value) + "}\n";
  };
  add("DreamReel", "type: STRING", options.executable.string());
  add("Plan", "type: PATH, objectType: FILE, dataFlow: IN",
      std::filesystem::absolute(places.plan).lexically_normal().string());
  if (has_source) add("Source", "type: PATH, objectType: FILE, dataFlow: IN", farm.job.input.path.string());
  add("Network", "type: PATH, objectType: FILE, dataFlow: IN", farm.job.network.path.string());
  add("WorkDir", "type: PATH, objectType: DIRECTORY, dataFlow: INOUT", farm.work.root().string());
  add("Output", "type: PATH, objectType: FILE, dataFlow: OUT", farm.job.output.path.string());
  add("Chunks", "type: STRING", fmt::format("0-{}", farm.plan.chunks.size() - 1));
  return text;
}

std::string arguments(const Farm& farm, const std::string& first, const std::string& last,
                      const EmitOptions& options) {
  std::string text = "        args:\n";
  const auto add = [&](const std::string& word) { text += "        - " + yaml(word) + "\n"; };
  add("farm");
  add(first);
  for (const auto& [option, parameter] :
       {std::pair{"--plan", "Plan"}, std::pair{"--source", "Source"}, std::pair{"--network", "Network"},
        std::pair{"--work", "WorkDir"}, std::pair{"--output", "Output"}}) {
    if (std::string(parameter) == "Source" && farm.job.input.noise) continue;
    add(option);
    add("{{Param." + std::string(parameter) + "}}");
  }
  add("--path-map");
  add("{{Session.PathMappingRulesFile}}");
  add("--progress");
  add("openjd");
  if (trusts_ffmpeg()) add(kTrustOption);
  if (!last.empty() && options.threads > 0) {
    add("--threads");
    add(std::to_string(options.threads));
  }
  if (!last.empty() && options.memory > 0) {
    add("--memory");
    add(std::to_string(options.memory));
  }
  if (!last.empty()) {
    add("--index");
    add(last);
  }
  return text;
}

std::string action(const std::string& body, int notify_seconds) {
  return "  script:\n    actions:\n      onRun:\n        command: \"{{Param.DreamReel}}\"\n" + body +
         "        cancelation: {mode: NOTIFY_THEN_TERMINATE, notifyPeriodInSeconds: " +
         std::to_string(notify_seconds) + "}\n";
}

}  // namespace

void emit_openjd(const Farm& farm, const Places& places, const EmitOptions& options) {
  std::string text = fmt::format(
      "specificationVersion: jobtemplate-2023-09\nname: {}\ndescription: A dreamreel plan, one task for each "
      "chunk, then a join.\n{}steps:\n- name: Chunk\n  hostRequirements:\n",
      yaml(job_name(farm)), parameters(farm, places, options));
  std::string amounts;
  if (options.gpus > 0)
    amounts += "    - {name: amount.worker.gpu, min: " + std::to_string(options.gpus) + "}\n";
  if (options.threads > 0)
    amounts += "    - {name: amount.worker.vcpu, min: " + std::to_string(options.threads) + "}\n";
  constexpr std::int64_t kMebibyte = 1 << 20;
  if (options.reserved_bytes > 0)
    amounts += "    - {name: amount.worker.memory, min: " +
               std::to_string((options.reserved_bytes + kMebibyte - 1) / kMebibyte) + "}\n";
  if (!amounts.empty()) text += "    amounts:\n" + amounts;
  text +=
      "    attributes:\n    - {name: attr.worker.os.family, anyOf: [linux]}\n"
      "  parameterSpace:\n    taskParameterDefinitions:\n"
      "    - {name: Chunk, type: INT, range: \"{{Param.Chunks}}\"}\n" +
      action(arguments(farm, "chunk", "{{Task.Param.Chunk}}", options), 120) +
      "- name: Join\n  dependencies:\n  - dependsOn: Chunk\n" +
      action(arguments(farm, "join", "", options), 30);
  write_script(options.folder / "template.yaml", text, false);
}

}  // namespace dreamreel::farm
