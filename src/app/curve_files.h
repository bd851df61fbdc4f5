// The curves of a job as a file: a table for programs, or a page for people.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/study/curve_sheet.h"

namespace dreamreel::app {

/// Throws UsageError unless the name ends in .csv or .html; `option` is how the person gave it.
void check_curve_file(const std::filesystem::path& file, const std::string& option = "--curves");

/// `title` heads the page. Throws IoError.
void write_curves(const study::CurveSheet& sheet, const std::string& title,
                  const std::filesystem::path& file);

/// A header "t,n,loudness,bass,mid,treble,onset,beat" and the curves' keys; then a row a frame. Numbers are as short as
/// they can be and still read back the same.
std::string curves_as_csv(const study::CurveSheet& sheet);

/// A page that needs nothing else: waveform, beats, the variables of the sound and every curve over one time axis.
std::string curves_as_html(const study::CurveSheet& sheet, const std::string& title);

}  // namespace dreamreel::app
