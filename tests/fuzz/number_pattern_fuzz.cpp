// The name of numbered pictures. A pattern must find the files that it names, and every name must be
// printable as one line.
#include "dreamreel/core/printable.h"
#include "pattern.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  const std::string name(fuzz::text_of(data, size));
  const std::string shown = printable(name);
  if (!is_utf8(shown) || has_control_characters(shown) || printable(shown) != shown)
    fuzz::fail("a name is shown as something that is not printable");
  if (printable_lines(name).size() > 4 * name.size()) fuzz::fail("a name grows without bounds");
  const auto pattern = media::NumberPattern::parse(name);
  if (!pattern) return 0;
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{7}, std::int64_t{123456789}, INT64_MAX})
    if (!pattern->matches(pattern->file(number).filename().string()))
      fuzz::fail("a pattern does not find the file that it names");
  if (pattern->matches(pattern->path().filename().string())) fuzz::fail("a pattern finds itself");
  return 0;
}
