#include "fields.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "api_error.h"

namespace dreamreel::studio {
namespace {

constexpr std::size_t kMostOverrides = 64;

}  // namespace

[[noreturn]] void refuse(const std::string& key, const std::string& expected) {
  throw ApiError(400, fmt::format("{}: expected {}", key, expected));
}

std::string text_at(const nlohmann::json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_string()) refuse(key, "a text");
  return found->get<std::string>();
}

std::int64_t number_at(const nlohmann::json& body, const char* key, std::int64_t otherwise,
                       std::int64_t least, std::int64_t most) {
  const auto found = body.find(key);
  if (found == body.end()) return otherwise;
  const std::string expected = fmt::format("a whole number from {} to {}", least, most);
  if (!found->is_number_integer()) refuse(key, expected);
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most))
    refuse(key, expected);
  const auto value = found->get<std::int64_t>();
  if (value < least || value > most) refuse(key, expected);
  return value;
}

bool flag_at(const nlohmann::json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end()) return false;
  if (!found->is_boolean()) refuse(key, "true or false");
  return found->get<bool>();
}

std::vector<std::string> overrides_in(const nlohmann::json& list, const std::string& key) {
  if (!list.is_array() || list.size() > kMostOverrides) refuse(key, "a list of texts like dream.step=2");
  std::vector<std::string> overrides;
  for (const auto& one : list) {
    if (!one.is_string()) refuse(key, "a list of texts like dream.step=2");
    overrides.push_back(one.get<std::string>());
  }
  return overrides;
}

std::vector<std::string> overrides_at(const nlohmann::json& body) {
  const auto found = body.find("set");
  return found == body.end() ? std::vector<std::string>() : overrides_in(*found, "set");
}

std::int64_t frame_at(const nlohmann::json& body) {
  return number_at(body, "frame", 0, 0, kMostFrame);
}

int side_at(const nlohmann::json& body, int otherwise, int most) {
  return static_cast<int>(number_at(body, "side", otherwise, kLeastSide, most));
}

}  // namespace dreamreel::studio
