// The faults of a job in pieces, for programs that show them in their own way.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::job {

struct JobProblem {
  std::string file;     ///< the job file with the fault; "" for an override, which `place` names
  int line = 0;         ///< from 1; 0 if there is no line
  std::string place;    ///< as in messages: "job.yaml:12", "--set dream.step=x"; "" if unknown
  std::string key;      ///< "dream.step"; "" for a whole file
  std::string message;  ///< "expected ..., got ..."
};

/// All problems in one error. what() has one line for each.
class JobProblems : public JobError {
 public:
  JobProblems(const std::string& message, std::vector<JobProblem> problems)
      : JobError(message), problems_(std::move(problems)) {}
  const std::vector<JobProblem>& problems() const { return problems_; }

 private:
  std::vector<JobProblem> problems_;
};

}  // namespace dreamreel::job
