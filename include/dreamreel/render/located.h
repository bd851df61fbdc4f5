// What a check found, with the places in the job's files where it was said.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/job/job_problems.h"
#include "dreamreel/job/key_places.h"
#include "dreamreel/render/faults.h"

namespace dreamreel::render {

/// what() has "FILE:LINE: KEY: MESSAGE" for each.
class LocatedError : public Error {
 public:
  LocatedError(const FaultsError& faults, const job::KeyPlaces& places);
  const std::vector<job::JobProblem>& problems() const { return problems_; }

 private:
  std::vector<job::JobProblem> problems_;
};

/// `call`, whose faults get their places.
template <typename Call>
auto with_places(const job::KeyPlaces& places, const Call& call) {
  try {
    return call();
  } catch (const FaultsError& faults) {
    throw LocatedError(faults, places);
  }
}

/// The problems that an error tells of: one without a place for an error that knows no more.
std::vector<job::JobProblem> problems_of(const Error& error);

}  // namespace dreamreel::render
