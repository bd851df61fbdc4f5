#include "dreamreel/farm/done_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/file_names.h"
#include "dreamreel/core/plain_file.h"

namespace dreamreel::farm {
namespace fs = std::filesystem;

fs::path done_file_in(const fs::path& work, std::size_t chunk) {
  return work / fmt::format("chunk-{}.done.json", chunk);
}

std::string done_file_text(const fs::path& plan, const std::string& plan_id, std::size_t chunk,
                           std::int64_t frames, const std::vector<fs::path>& parts) {
  auto list = nlohmann::json::array();
  for (const auto& part : parts)
    list.push_back({{"name", part.filename().string()}, {"sha256", sha256_of_file(part)}});
  const nlohmann::json done{{"plan", plan_id},     {"plan_file", sha256_of_file(plan)},
                            {"chunk", chunk},      {"frames", frames},
                            {"host", host_name()}, {"parts", list}};
  return done.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

bool is_surely_done(const fs::path& plan, const fs::path& work, std::size_t chunk) noexcept {
  try {
    const std::string text = read_whole(done_file_in(work, chunk), kMostJsonBytes);
    expect_small_json(text);
    const auto done = nlohmann::json::parse(text);
    const auto& parts = done.at("parts");
    return done.at("chunk") == chunk && !parts.empty() && done.at("plan_file") == sha256_of_file(plan) &&
           std::ranges::all_of(parts, [&](const auto& part) {
             const fs::path name = part.at("name").template get<std::string>();
             return part.at("sha256") == sha256_of_file(work / "parts" / name.filename());
           });
  } catch (const std::exception&) {  // running the chunk will report the error
    return false;
  }
}

}  // namespace dreamreel::farm
