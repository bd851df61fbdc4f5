#include "dreamreel/job/curves.h"

#include <set>

#include "tables.h"

namespace dreamreel::job {

std::vector<NamedCurve> list_curves(const Job& job) {
  std::vector<NamedCurve> found;
  list_curves_of(job_table(), job, "", found);
  return found;
}

std::vector<std::string> own_variables_read(const Job& job) {
  std::set<std::string> names;
  const auto add = [&](const curve::Expression& expression) {
    for (const auto& variable : expression.own_variables()) names.insert(variable.name);
  };
  for (const auto& named : list_curves(job))
    for (const auto* const expression : named.curve->expressions()) add(*expression);
  for (const auto& rise : job.temporal.cuts.rises) add(rise);
  return {names.begin(), names.end()};
}

}  // namespace dreamreel::job
