// The fields of a request, checked. All of these throw ApiError (400), with the field and what was expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace dreamreel::studio {

inline constexpr int kLeastSide = 16, kMostSide = 4096;  ///< px
inline constexpr std::size_t kMostTiles = 64;            ///< of a grid
inline constexpr std::int64_t kMostFrame = 1'000'000'000;

[[noreturn]] void refuse(const std::string& key, const std::string& expected);

std::string text_at(const nlohmann::json& body, const char* key);
/// `otherwise` where the field is missing.
std::int64_t number_at(const nlohmann::json& body, const char* key, std::int64_t otherwise,
                       std::int64_t least, std::int64_t most);
/// False where the field is missing.
bool flag_at(const nlohmann::json& body, const char* key);
/// A list of texts such as "dream.step=2"; `key` is for the message.
std::vector<std::string> overrides_in(const nlohmann::json& list, const std::string& key);
/// The list `set`; empty where it is missing.
std::vector<std::string> overrides_at(const nlohmann::json& body);
/// The number `frame`, otherwise 0.
std::int64_t frame_at(const nlohmann::json& body);
/// The number `side`, px.
int side_at(const nlohmann::json& body, int otherwise, int most = kMostSide);

}  // namespace dreamreel::studio
