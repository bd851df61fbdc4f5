#include "curve_files.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "overwrite.h"

namespace dreamreel::app {
namespace {

constexpr const char* kTableBegins = "t,n";
constexpr const char* kPageHas = "<title>curves</title>";

template <typename Number>
void append(std::string& text, Number number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  text.append(buffer.data(), end);
}

}  // namespace

void check_curve_file(const std::filesystem::path& file, const std::string& option) {
  const auto extension = file.extension();
  if (extension != ".csv" && extension != ".html")
    throw UsageError(
        fmt::format("{}: expected a name that ends in .csv or .html, got '{}'", option, file.string()));
  expect_no_other_file(file, option,
                       {fmt::format("{},{},", kTableBegins, kSoundVariables.front().name), kPageHas});
}

std::string curves_as_csv(const study::CurveSheet& sheet) {
  std::string text = kTableBegins;
  for (const auto& variable : kSoundVariables) text.append(",").append(variable.name);
  for (const auto& column : sheet.own_variables) text += "," + column.path;
  for (const auto& column : sheet.columns) text += "," + column.path;
  text += "\n";
  for (std::size_t i = 0; i < sheet.frames.size(); ++i) {
    append(text, sheet.seconds[i]);
    text += ",";
    append(text, sheet.frames[i]);
    for (const auto& variable : kSoundVariables) append(text += ",", sheet.levels[i].*variable.value);
    for (const auto& column : sheet.own_variables) append(text += ",", column.values[i]);
    for (const auto& column : sheet.columns) append(text += ",", column.values[i]);
    text += "\n";
  }
  return text;
}

void write_curves(const study::CurveSheet& sheet, const std::string& title,
                  const std::filesystem::path& file) {
  write_file_atomically(file, file.extension() == ".csv" ? curves_as_csv(sheet)
                                                         : curves_as_html(sheet, title, file.parent_path()));
}

}  // namespace dreamreel::app
