#include "fused_facts.h"

#include <algorithm>
#include <tuple>

namespace dreamreel::network {
namespace {

std::vector<bool> wanted_values(const Program& program, const std::vector<bool>& needed) {
  std::vector<bool> wanted(program.value_count, false);
  for (std::size_t i = 0; i < program.wanted.size(); ++i)
    if (needed.empty() || needed[i]) wanted[static_cast<std::size_t>(program.wanted[i])] = true;
  return wanted;
}

std::vector<bool> scaled_values(const Program& program, const std::vector<ValueId>& values) {
  std::vector<bool> scaled(program.value_count, false);
  for (const auto value : values) scaled[static_cast<std::size_t>(value)] = true;
  return scaled;
}

/// For each value, the steps that read it, among those that run.
std::vector<std::vector<std::size_t>> find_users(const Program& program, const std::vector<bool>& runs) {
  std::vector<std::vector<std::size_t>> users(program.value_count);
  for (std::size_t step = 0; step < program.steps.size(); ++step) {
    if (!runs[step]) continue;
    for (const auto input : program.steps[step].inputs)
      if (input != kNoValue) users[static_cast<std::size_t>(input)].push_back(step);
  }
  return users;
}

/// Whether every value that the caller or a step uses has a size.
bool knows_sizes(const PlanFacts& facts) {
  const auto& steps = facts.source.program.steps;
  const auto is_open = [&](ValueId value) {
    const bool is_used = value != kNoValue && (facts.is_wanted(value) || !facts.users_of(value).empty());
    return is_used && !facts.sizes_of(value);
  };
  for (std::size_t step = 0; step < steps.size(); ++step)
    if (facts.runs[step] && std::ranges::any_of(steps[step].outputs, is_open)) return false;
  return true;
}

/// Of the steps that run, the ones that lead to a wanted value other than by a size that the plan knows.
std::vector<bool> without_known_sizes(const PlanFacts& facts) {
  const auto& program = facts.source.program;
  auto runs = facts.runs;
  auto asked = facts.wanted;
  for (std::size_t step = program.steps.size(); step-- > 0;) {
    if (!runs[step]) continue;
    const auto& inputs = program.steps[step].inputs;
    runs[step] = std::ranges::any_of(program.steps[step].outputs, [&](ValueId output) {
      return output != kNoValue && asked[static_cast<std::size_t>(output)];
    });
    if (!runs[step]) continue;
    const auto taken = is_native_resize(facts, step) ? std::size_t{1} : inputs.size();
    for (std::size_t i = 0; i < taken; ++i)
      if (inputs[i] != kNoValue) asked[static_cast<std::size_t>(inputs[i])] = true;
  }
  return runs;
}

}  // namespace

std::optional<Map> PlanFacts::map_of(ValueId value) const {
  const auto& found = sizes_of(value);
  if (!found || found->size() != 4 || (*found)[0] != 1) return std::nullopt;
  if (std::ranges::any_of(*found, [](std::int64_t size) { return size < 1; })) return std::nullopt;
  return Map{(*found)[1], (*found)[2], (*found)[3], source.format, source.type};
}

bool is_native_resize(const PlanFacts& facts, std::size_t step) {
  if (facts.source.nodes[step].kind != NodeKind::resize) return false;
  const auto& [inputs, outputs] =
      std::tie(facts.source.program.steps[step].inputs, facts.source.program.steps[step].outputs);
  const auto in = facts.map_of(inputs[0]), out = facts.map_of(outputs[0]);
  return in && out && in->channels == out->channels;
}

std::optional<PlanFacts> find_plan_facts(const PlanSource& source, const PlanKey& key) {
  const auto& program = source.program;
  PlanFacts facts{source,
                  key,
                  source.shapes.find(key.input).sizes,
                  wanted_values(program, key.needed),
                  scaled_values(program, key.scaled),
                  program.steps_for(key.needed),
                  {}};
  facts.users = find_users(program, facts.runs);
  if (!knows_sizes(facts)) return std::nullopt;
  facts.runs = without_known_sizes(facts);
  facts.users = find_users(program, facts.runs);
  return facts;
}

}  // namespace dreamreel::network
