// Adds to the faults of a check the places in the job's files that caused them.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/report/faults.h"
#include "dreamreel/settings/key_places.h"
#include "dreamreel/settings/settings_error.h"

namespace dreamreel::report {

/// what() has a line "FILE:LINE: KEY: MESSAGE" for each fault.
class LocatedError : public Error {
 public:
  LocatedError(const FaultsError& faults, const settings::KeyPlaces& places);
  const std::vector<settings::Problem>& problems() const { return problems_; }

 private:
  std::vector<settings::Problem> problems_;
};

/// Calls `call`. Its faults get their places.
template <typename Call>
auto with_places(const settings::KeyPlaces& places, const Call& call) {
  try {
    return call();
  } catch (const FaultsError& faults) {
    throw LocatedError(faults, places);
  }
}

/// The problems that an error contains. An error of another kind becomes one problem without a place.
std::vector<settings::Problem> problems_of(const Error& error);

}  // namespace dreamreel::report
