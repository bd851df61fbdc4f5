// How a table of numbers becomes a number over time. docs/series.md describes the files.
#pragma once

#include <optional>
#include <string>

namespace dreamreel::curve {

struct SeriesRules {
  /// Headings, or numbers from 1. "" for `column`: the only column beside the times. "" for `time_column`:
  /// the first column, or the field `frame`, `time` or the like of JSON objects.
  std::string column, time_column;
  std::string list;  ///< the key of the list in a JSON object; "": rendered_frames, or the only list
  enum class Unit { seconds, milliseconds, frames, beats, bars };
  std::optional<Unit> unit;    ///< of the times; nullopt: as their heading says
  std::optional<double> rate;  ///< values or frames a second, > 0; nullopt: the frame rate of the job
  bool holds = false;          ///< keeps each value until the next one, in place of straight lines
  bool counts_beats() const { return unit == Unit::beats || unit == Unit::bars; }
  bool operator==(const SeriesRules&) const = default;
};

}  // namespace dreamreel::curve
