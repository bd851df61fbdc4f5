#include "dreamreel/footage/own_variables.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/sound_levels.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/media/sound_length.h"
#include "dreamreel/report/faults.h"
#include "dreamreel/report/missing_file.h"
#include "dreamreel/report/rounded_text.h"
#include "series_cache.h"

namespace dreamreel::footage {
namespace {

void expect_file(const std::string& key, const std::filesystem::path& path) {
  if (const std::string why = why_not_a_file(path); !why.empty())
    throw report::FaultsError({{ExitCode::no_input, key, report::cannot_open(path, why)}});
}

// The stem of "drums.onset"; "" for a series.
std::string stem_of(const std::string& variable) {
  const auto dot = variable.find('.');
  return dot == std::string::npos ? "" : variable.substr(0, dot);
}

class OwnVariables : public curve::OwnValues {
 public:
  OwnVariables(const job::Job& job, const media::VideoInfo& info, const std::vector<std::string>& read,
               const std::atomic<bool>* stop) {
    report::FaultList faults;
    for (const auto& name : read) {
      const std::string stem = stem_of(name);
      if (stem.empty())
        faults.guard("series." + name, [&] { series_.emplace(name, load_series(job, name)); });
      else if (!stems_.contains(stem))
        faults.guard("audio.stems." + stem, [&] {
          const auto& path = job.audio.stems.at(stem);
          expect_file("audio.stems." + stem, path);
          media::expect_sound(path);
          stems_.emplace(stem, load_stem(job, info, path, stop));
        });
      if (!stem.empty()) levels_.emplace(name, level_named(name.substr(stem.size() + 1)));
    }
    faults.throw_if_any();  // before at() misses a stem
    for (auto& [name, level] : levels_) level.track = &stems_.at(stem_of(name));
  }

  double at(const std::string& variable, const curve::CurveTime& time) const override {
    if (const auto series = series_.find(variable); series != series_.end()) return series->second->at(time);
    const auto level = levels_.find(variable);
    if (level == levels_.end()) return 0;
    const SoundValues values{level->second.track->at(time.seconds)};
    return values.*level->second.value;
  }

 private:
  struct Level {
    double SoundValues::*value;
    const SoundTrack* track = nullptr;
  };

  static Level level_named(std::string_view name) {
    return {std::ranges::find(kSoundVariables, name, &SoundVariable::name)->value};
  }

  std::map<std::string, std::shared_ptr<const curve::Series>> series_;
  std::map<std::string, SoundTrack> stems_;
  std::map<std::string, Level> levels_;  // by variable
};

const char* name_of(curve::SeriesRules::Unit unit) {
  constexpr std::array<const char*, 5> kNames{"s", "ms", "frames", "beats", "bars"};
  return kNames.at(static_cast<std::size_t>(unit));
}

}  // namespace

std::shared_ptr<const curve::Series> load_series(const job::Job& job, const std::string& name) {
  const auto& [file, rules] = job.series.at(name);
  expect_file(fmt::format("series.{}.file", name), file);
  const std::string text = read_whole(file, curve::kMostSeriesBytes);
  std::vector<curve::SeriesRules> beside;
  for (const auto& [other, series] : job.series)
    if (series.file == file) beside.push_back(series.rules);
  try {
    return SeriesCache::shared().find(text, rules, beside);
  } catch (const curve::SeriesError& error) {
    std::vector<report::Fault> faults;
    for (const auto& [line, message] : error.faults())
      faults.push_back(
          {ExitCode::bad_job, "series." + name,
           fmt::format("{}:{}{}", file.string(), line > 0 ? fmt::format("{}: ", line) : " ", message)});
    throw report::FaultsError(faults);
  }
}

std::shared_ptr<const curve::OwnValues> load_own_variables(const job::Job& job, const media::VideoInfo& info,
                                                           const std::atomic<bool>* stop) {
  const auto read = job::own_variables_read(job);
  if (read.empty()) return {};
  return std::make_shared<const OwnVariables>(job, info, read, stop);
}

std::vector<std::string> own_variables_in_words(const job::Job& job) {
  const auto read = job::own_variables_read(job);
  const auto unless = [&](bool is_read) { return is_read ? "" : "; no expression reads it"; };
  std::vector<std::string> lines;
  for (const auto& [name, file] : job.series) {
    const auto series = load_series(job, name);
    const std::string unit = std::string(" ") + name_of(series->unit());
    lines.push_back(fmt::format(
        "series {}: {}{} from {}{} to {}{}, between {} and {}{}", name, series->count(),
        series->count() == 1 ? " value" : " values", report::rounded_text(series->first_time()), unit,
        report::rounded_text(series->last_time()), unit, report::rounded_text(series->least()),
        report::rounded_text(series->most()), unless(std::ranges::find(read, name) != read.end())));
  }
  for (const auto& [name, path] : job.audio.stems)
    lines.push_back(fmt::format("stem {}: {}{}", name, path.filename().string(),
                                unless(std::ranges::find(read, name, stem_of) != read.end())));
  return lines;
}

}  // namespace dreamreel::footage
