// Writes the curves of a job to a file: a table for programs, or a page for people.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/study/curve_sheet.h"

namespace dreamreel::app {

/// Throws UsageError unless the name ends in .csv or .html, and for a file that is no table and no page;
/// `option` is how the person gave it.
void check_curve_file(const std::filesystem::path& file, const std::string& option = "--curves");

/// `title` is the heading of the page. Throws IoError.
void write_curves(const study::CurveSheet& sheet, const std::string& title,
                  const std::filesystem::path& file);

/// A table with the header "t,n", the variables of the sound (kSoundVariables), the job's own variables and
/// the curves' keys, and one row for each frame. Numbers are as short as possible without losing precision.
std::string curves_as_csv(const study::CurveSheet& sheet);

/// A page for `folder`. It shows waveform, beats, bars, the variables of the sound and every curve over one
/// time axis. It needs no other file, but plays the sound where the browser can open the sound's file.
std::string curves_as_html(const study::CurveSheet& sheet, const std::string& title,
                           const std::filesystem::path& folder);

}  // namespace dreamreel::app
