// series and audio.stems: the variables that a job names itself.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "dreamreel/core/sound_levels.h"
#include "tables.h"

namespace dreamreel::job {
namespace {

constexpr std::size_t kMostSeries = 64, kMostStems = 16;
constexpr const char* kSeries = "a map of names to files, each a path or a map";
constexpr const char* kOneSeries = "a path, or a map with the key file";
constexpr const char* kStems = "a map of names to sound files";

Row<SeriesFile> time_row() {
  using Unit = curve::SeriesRules::Unit;
  return field<SeriesFile>(
      "time", [](auto& series) -> auto& { return series.rules.unit; },
      ChoiceType<Unit>{{{"seconds", Unit::seconds},
                        {"milliseconds", Unit::milliseconds},
                        {"frames", Unit::frames},
                        {"beats", Unit::beats},
                        {"bars", Unit::bars}}},
      "",
      "The unit of the times. Left out, their heading says it (`frame`, `ms`, ...), or else they are "
      "seconds.");
}

const Table<SeriesFile>& series_table() {
  using curve::SeriesRules;
  constexpr Range kRates{0, 1e6, true};
  static const Table<SeriesFile> table{
      required(field<SeriesFile>("file", &SeriesFile::file, PathType{}, "",
                                 "A CSV or JSON file; see [series](series.md).")),
      field<SeriesFile>(
          "column", [](auto& series) -> auto& { return series.rules.column; },
          TextType{"a heading, or a number from 1"}, "",
          "The column with the values. May be left out if there is only one beside the times."),
      field<SeriesFile>(
          "time_column", [](auto& series) -> auto& { return series.rules.time_column; },
          TextType{"a heading, or a number from 1"}, "",
          "The column with the times. Left out, it is the first one, or `frame`, `time` and the like in "
          "JSON. "
          "A file of one column has none: its values are one a frame."),
      time_row(),
      field<SeriesFile>(
          "rate", [](auto& series) -> auto& { return series.rules.rate; }, NumberType{kRates},
          "frames a second",
          "How many frames or values of the file a second has. Left out, as many as the job."),
      field<SeriesFile>(
          "list", [](auto& series) -> auto& { return series.rules.list; }, TextType{"a key"}, "",
          "The key of the list in a JSON object. Left out, it is Parseq's `rendered_frames`, or the only "
          "list."),
      field<SeriesFile>(
          "interpolation", [](auto& series) -> auto& { return series.rules.holds; },
          ChoiceType<bool>{{{"linear", false}, {"hold", true}}}, "",
          "`linear` goes from value to value in straight lines, `hold` keeps each value up to the next."),
  };
  return table;
}

// The name is told at its own place.
bool is_good_name(const Site& map, const Value::Entry& entry, bool is_stem) {
  const std::string why = curve::why_no_name(entry.key, is_stem);
  if (!why.empty())
    map.context.problems.add(entry.place, join_path(map.path, entry.key),
                             fmt::format("{}, got {}", why, in_quotes(entry.key)));
  return why.empty();
}

bool is_small_map(const Site& site, const std::string& what, std::size_t most) {
  if (!site.value.is_map()) {
    site.expected(what);
    return false;
  }
  if (site.value.entries.size() > most)
    site.problem(fmt::format("expected at most {} names, got {}", most, site.value.entries.size()));
  return site.value.entries.size() <= most;
}

void read_series(const Site& site, Job& job) {
  job.series.clear();
  if (!is_small_map(site, kSeries, kMostSeries)) return;
  for (const auto& entry : site.value.entries) {
    if (entry.value.is_null()) continue;  // taken back by ~
    const Site there = site.at(entry.key, entry.value);
    SeriesFile series;
    if (entry.value.is_scalar()) {
      if (const auto path = PathType{}.read(there)) series.file = *path;
    } else if (entry.value.is_map()) {
      read_table(there, series_table(), series);
    } else {
      there.expected(kOneSeries);
    }
    if (is_good_name(site, entry, false)) job.series.emplace(entry.key, std::move(series));
  }
}

Value write_series(const Job& job) {
  Value map;
  if (job.series.empty()) return map;
  map.kind = Value::Kind::map;
  for (const auto& [name, series] : job.series) {
    Value one = write_table(series_table(), series);
    one.flow = true;
    map.entries.push_back({name, {}, std::move(one)});
  }
  return map;
}

// Whether the times of the series are counted in the sound's beats.
bool counts_beats(const Value& series) {
  const Value* const unit = series.find("time");
  return unit != nullptr && (unit->text == "beats" || unit->text == "bars");
}

}  // namespace

Row<Job> series_row() {
  Row<Job> row;
  row.info = {"series",
              kSeries,
              "",
              "",
              "Numbers over time from other programs, as variables for expressions: `{knob: knob.csv}`; see "
              "[series](series.md).",
              KeyInfo::Kind::value,
              true};
  row.info.shape = {KeyShape::Kind::map};
  KeyInfo one{"NAME", kOneSeries, "", "", "A series; expressions read it by this name."};
  one.shape = {KeyShape::Kind::map_or_text};
  row.inner.push_back(one);
  for (const auto& info : flatten(series_table())) row.inner.push_back(under("NAME", info));
  row.read = read_series;
  row.write = write_series;
  row.files = [](Job& job, const std::string& path, std::vector<NamedFile>& found) {
    for (auto& [name, series] : job.series)
      list_files_of(series_table(), series, join_path(path, name), found);
  };
  return row;
}

Row<Audio> stems_row() {
  Row<Audio> row;
  row.info = {
      "stems",
      kStems,
      "",
      "",
      "More sounds, each with levels of its own for expressions: with `{drums: drums.wav}`, `drums.onset` "
      "and the other levels; see [stems](sound.md#stems). They are not heard.",
      KeyInfo::Kind::value,
      true};
  row.info.shape = {KeyShape::Kind::map};
  row.read = [](const Site& site, Audio& audio) {
    audio.stems.clear();
    if (!is_small_map(site, kStems, kMostStems)) return;
    for (const auto& entry : site.value.entries) {
      if (entry.value.is_null()) continue;  // taken back by ~
      const auto path = PathType{}.read(site.at(entry.key, entry.value));
      if (is_good_name(site, entry, true) && path) audio.stems.emplace(entry.key, *path);
    }
  };
  row.write = [](const Audio& audio) {
    Value map;
    if (audio.stems.empty()) return map;
    map.kind = Value::Kind::map;
    for (const auto& [name, path] : audio.stems) map.entries.push_back({name, {}, PathType{}.write(path)});
    return map;
  };
  row.files = [](Audio& audio, const std::string& path, std::vector<NamedFile>& found) {
    for (auto& [name, stem] : audio.stems) found.push_back({join_path(path, name), &stem});
  };
  return row;
}

std::vector<curve::OwnVariable> own_variables_of(const Value& root) {
  std::vector<curve::OwnVariable> found;
  if (const Value* const series = root.find("series"))
    for (std::size_t i = 0; i < std::min(series->entries.size(), kMostSeries); ++i)
      if (const auto& [name, place, value] = series->entries[i];
          !value.is_null() && curve::why_no_name(name, false).empty())
        found.push_back({name, counts_beats(value)});
  const Value* const audio = root.find("audio");
  const Value* const stems = audio == nullptr ? nullptr : audio->find("stems");
  if (stems == nullptr) return found;
  for (std::size_t i = 0; i < std::min(stems->entries.size(), kMostStems); ++i) {
    const auto& [name, place, value] = stems->entries[i];
    if (value.is_null() || !curve::why_no_name(name, true).empty()) continue;
    for (const auto& level : kSoundVariables)
      if (level.is_level) found.push_back({name + "." + std::string(level.name)});
  }
  return found;
}

}  // namespace dreamreel::job
