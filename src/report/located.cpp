#include "dreamreel/report/located.h"

namespace dreamreel::report {
namespace {

std::string located_text_of(const FaultsError& faults, const settings::KeyPlaces& places) {
  std::string text;
  for (const auto& fault : faults.faults())
    text += (text.empty() ? "" : "\n") + places.located(fault.key, fault.message);
  return text;
}

}  // namespace

LocatedError::LocatedError(const FaultsError& faults, const settings::KeyPlaces& places)
    : Error(faults.code(), located_text_of(faults, places)) {
  for (const auto& fault : faults.faults()) {
    const std::string& key = places.written(fault.key);
    const auto place = places.nearest(key);
    problems_.push_back({place.file, place.line, place.text, key, fault.message});
  }
}

std::vector<settings::Problem> problems_of(const Error& error) {
  if (const auto* const located = dynamic_cast<const LocatedError*>(&error)) return located->problems();
  if (const auto* const problems = dynamic_cast<const settings::SettingsError*>(&error))
    return problems->problems();
  settings::Problem problem;
  problem.message = error.what();
  return {problem};
}

}  // namespace dreamreel::report
