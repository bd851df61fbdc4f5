#include "json_of.h"

#include <algorithm>
#include <cmath>

#include "dreamreel/job/schema.h"
#include "dreamreel/report/located.h"
#include "dreamreel/settings/key_info.h"

namespace dreamreel::studio {
namespace {

// JSON has no NaN.
nlohmann::json number(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

// The rows of a sheet that are shown: all, or evenly chosen ones, the last one among them.
std::vector<std::size_t> chosen_rows(std::size_t count, std::size_t most) {
  std::vector<std::size_t> rows;
  const std::size_t shown = std::min(count, std::max<std::size_t>(most, 2));
  for (std::size_t i = 0; i < shown; ++i) rows.push_back(shown < 2 ? 0 : i * (count - 1) / (shown - 1));
  return rows;
}

// The levels, or the counts of beats and bars.
nlohmann::json variables_of(const study::CurveSheet& sheet, const std::vector<std::size_t>& rows,
                            bool are_levels) {
  auto json = nlohmann::json::object();
  for (const auto& variable : kSoundVariables) {
    if (variable.is_level != are_levels) continue;
    auto& values = json[std::string(variable.name)];
    for (const auto row : rows) values.push_back(number(sheet.levels[row].*variable.value));
  }
  return json;
}

// The largest peak of the frames that a row stands for, so that a drum beat between two rows is seen.
nlohmann::json peaks_of(const study::CurveSheet& sheet, const std::vector<std::size_t>& rows) {
  auto peaks = nlohmann::json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto begin = sheet.peaks.begin() + static_cast<std::ptrdiff_t>(rows[i]);
    const auto end = i + 1 < rows.size() ? sheet.peaks.begin() + static_cast<std::ptrdiff_t>(rows[i + 1])
                                         : sheet.peaks.end();
    peaks.push_back(*std::max_element(begin, std::max(end, begin + 1)));
  }
  return peaks;
}

const char* name_of(settings::KeyShape::Kind kind) {
  using Kind = settings::KeyShape::Kind;
  switch (kind) {
    case Kind::any:
      return "any";
    case Kind::flag:
      return "flag";
    case Kind::number:
      return "number";
    case Kind::curve:
      return "curve";
    case Kind::text:
      return "text";
    case Kind::choice:
      return "choice";
    case Kind::texts:
      return "texts";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::map_or_text:
      return "any";
  }
  return "any";
}

}  // namespace

std::string as_text(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json json_of(const Error& error) {
  nlohmann::json report{{"exit_code", static_cast<int>(error.code())}, {"problems", nlohmann::json::array()}};
  for (const auto& problem : report::problems_of(error))
    report["problems"].push_back({{"file", problem.file},
                                  {"line", problem.line},
                                  {"place", problem.place},
                                  {"key", problem.key},
                                  {"message", problem.message}});
  return report;
}

nlohmann::json json_of(const media::VideoInfo& info) {
  return {{"width", info.width},
          {"height", info.height},
          {"frames_per_second", info.frame_rate.value()},
          {"frames", info.is_still ? 1 : info.frame_count.value_or(0)},
          {"frames_are_exact", info.is_still || info.frame_count_is_exact},
          {"seconds", number(info.duration_seconds)},
          {"is_still", info.is_still},
          {"sound_tracks", info.sound_tracks}};
}

nlohmann::json json_of(const study::CurveSheet& sheet, std::size_t most) {
  const auto rows = chosen_rows(sheet.frames.size(), most);
  nlohmann::json json{{"frames_per_second", sheet.frames_per_second},
                      {"frame_count", sheet.frames.size()},
                      {"frames", nlohmann::json::array()},
                      {"seconds", nlohmann::json::array()},
                      {"curves", nlohmann::json::array()},
                      {"sound", nullptr}};
  for (const auto row : rows) {
    json["frames"].push_back(sheet.frames[row]);
    json["seconds"].push_back(sheet.seconds[row]);
  }
  for (const auto& column : sheet.columns) {
    auto values = nlohmann::json::array();
    for (const auto row : rows) {
      values.push_back(number(column.values[row]));
      if (column.is_constant) break;
    }
    json["curves"].push_back({{"key", column.path}, {"constant", column.is_constant}, {"values", values}});
  }
  json["own_variables"] = nlohmann::json::array();
  for (const auto& column : sheet.own_variables) {
    auto values = nlohmann::json::array();
    for (const auto row : rows) values.push_back(number(column.values[row]));
    json["own_variables"].push_back({{"name", column.path}, {"values", values}});
  }
  if (sheet.has_sound)
    json["sound"] = {{"levels", variables_of(sheet, rows, true)},
                     {"counts", variables_of(sheet, rows, false)},
                     {"peaks", peaks_of(sheet, rows)},
                     {"beats", sheet.beats},
                     {"beats_per_minute", sheet.tempo_bpm}};
  return json;
}

nlohmann::json json_of_schema() {
  auto keys = nlohmann::json::array();
  for (const auto& key : job::schema())
    keys.push_back({{"key", key.path},
                    {"is_section", key.kind == settings::KeyInfo::Kind::section},
                    {"form", name_of(key.shape.kind)},
                    {"words", key.shape.words},
                    {"least", number(key.shape.min)},
                    {"most", number(key.shape.max)},
                    {"type", key.type},
                    {"default", key.default_text},
                    {"unit", key.unit},
                    {"sentence", key.doc},
                    {"required", key.required}});
  return keys;
}

}  // namespace dreamreel::studio
