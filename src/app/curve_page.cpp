// The page of `check --curves FILE.html`. share/pages/curves.html has the script that draws the data.
#include <pages/curves.h>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "curve_files.h"
#include "dreamreel/core/page.h"

namespace dreamreel::app {
namespace {

// `value` with 6 digits, which is more than a screen shows; null if it is not finite.
nlohmann::json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) ? std::round(value * scale) / scale : value;
}

template <typename Values>
nlohmann::json numbers(const Values& values) {
  auto list = nlohmann::json::array();
  for (const double value : values) list.push_back(rounded(value));
  return list;
}

nlohmann::ordered_json levels_of(const study::CurveSheet& sheet) {
  nlohmann::ordered_json json;
  for (const auto& variable : kSoundVariables) {
    if (!variable.is_level && sheet.beats.empty()) continue;  // nothing is counted
    std::vector<double> values;
    for (const auto& levels : sheet.levels) values.push_back(levels.*variable.value);
    json[std::string(variable.name)] = {
        {"values", numbers(values)}, {"is_level", variable.is_level}, {"sentence", variable.sentence}};
  }
  return json;
}

// The path of a file relative to the page's folder, so that both can be moved together. Links are not
// followed, because a browser does not follow them either.
std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  const auto plain = [](const fs::path& path) { return (fs::current_path() / path).lexically_normal(); };
  return plain(file).lexically_proximate(plain(folder / "")).generic_string();
}

// Escapes "<", so that "</script>" in a title cannot end the script.
std::string inside_script(std::string json) {
  for (auto at = json.find('<'); at != std::string::npos; at = json.find('<', at + 1))
    json.replace(at, 1, "\\u003c");
  return json;
}

}  // namespace

std::string curves_as_html(const study::CurveSheet& sheet, const std::string& title,
                           const std::filesystem::path& folder) {
  nlohmann::ordered_json json;
  json["title"] = title;
  json["fps"] = sheet.frames_per_second;
  json["sound"] = sheet.has_sound;
  json["tempo"] = sheet.tempo_bpm;
  json["n"] = sheet.frames;
  json["t"] = numbers(sheet.seconds);
  json["beats"] = numbers(sheet.beats);
  json["bars"] = numbers(sheet.bars);
  json["first_bar"] = sheet.first_bar;
  json["song"] = nullptr;
  if (sheet.has_sound)
    json["song"] = {{"path", path_from(folder, sheet.sound_file)},
                    {"name", sheet.sound_file.filename().string()},
                    {"start", sheet.sound_start_seconds}};
  json["peaks"] = numbers(sheet.peaks);
  json["levels"] = levels_of(sheet);
  json["own"] = nlohmann::json::array();
  for (const auto& column : sheet.own_variables)
    json["own"].push_back({{"path", column.path}, {"values", numbers(column.values)}});
  json["curves"] = nlohmann::json::array();
  for (const auto& column : sheet.columns) {
    const std::vector<double> first(1, column.values.front());
    json["curves"].push_back({{"path", column.path},
                              {"constant", column.is_constant},
                              {"values", numbers(column.is_constant ? first : column.values)}});
  }
  const std::string data = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return fill_page(kCurvesPage, {{"sheet", inside_script(data)}});
}

}  // namespace dreamreel::app
