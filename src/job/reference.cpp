#include "dreamreel/job/reference.h"

#include <fmt/core.h>

#include "dreamreel/job/schema.h"
#include "words.h"

namespace dreamreel::job {
namespace {

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + text + "`";
}

std::string row(const KeyInfo& key) {
  const std::string fallback = key.required ? "required" : code(key.default_text);
  return fmt::format("| {} | {} | {} | {} | {} |\n", code(key.path), key.type, fallback, key.unit, key.doc);
}

}  // namespace

std::string reference_markdown() {
  std::string text = "| key | takes | default | unit | what it does |\n| --- | --- | --- | --- | --- |\n";
  for (const auto& key : schema()) text += row(key);
  return text;
}

}  // namespace dreamreel::job
