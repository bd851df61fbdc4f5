// Tables of other programs, read with a few rules. Every value lies between the least and the most.
#include "dreamreel/curve/series.h"

#include <cmath>

#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  if (size == 0) return 0;
  curve::SeriesRules rules;
  if ((data[0] & 1U) != 0) rules.column = "2";
  if ((data[0] & 2U) != 0) rules.holds = true;
  if ((data[0] & 4U) != 0) rules.unit = curve::SeriesRules::Unit::frames;
  if ((data[0] & 8U) != 0) rules.time_column = "frame";
  try {
    const curve::Series series(fuzz::text_of(data + 1, size - 1), rules);
    for (const double frame : {-3.0, 0.0, 7.5, 1e9}) {
      const double value = series.at({frame / 25, 25, frame, 60});
      if (!(value >= series.least() && value <= series.most())) fuzz::fail("a value outside the series");
    }
  } catch (const curve::SeriesError& error) {
    if (error.faults().empty()) fuzz::fail("an error without a fault");
  }
  return 0;
}
