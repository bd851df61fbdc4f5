#include "machine.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <string_view>

#include "dreamreel/core/printable.h"

namespace dreamreel::render {
namespace {

// The text between `mark` and the end of its line; "" if `mark` does not occur.
std::string after(std::string_view text, std::string_view mark) {
  const auto found = text.find(mark);
  if (found == std::string_view::npos) return "";
  text.remove_prefix(found + mark.size());
  return std::string(text.substr(0, text.find('\n')));
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return after(line, ": ");
  return "unknown processor";
}

}  // namespace

std::string machine_of(const network::Network& network) {
  return fmt::format("{}, {}, {}, {}{}{}", printable(processor()), network.device().str(),
                     network::name_of(network.precision()), at::get_num_threads(),
                     at::get_num_threads() == 1 ? " thread, " : " threads, ",
                     after(at::show_config(), "CPU capability usage: "));
}

}  // namespace dreamreel::render
