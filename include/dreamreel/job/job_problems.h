// What is wrong with a job, in pieces: for programs that show it in their own way.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::job {

struct JobProblem {
  std::string file;     ///< the job file that says it; "" for an override, which `place` then names
  int line = 0;         ///< from 1; 0 where there is none
  std::string place;    ///< as messages name it: "job.yaml:12", "--set dream.step=x"; "" for nowhere
  std::string key;      ///< "dream.step"; "" for a whole file
  std::string message;  ///< "expected ..., got ..."
};

/// what() has all of them, one a line.
class JobProblems : public JobError {
 public:
  JobProblems(const std::string& message, std::vector<JobProblem> problems)
      : JobError(message), problems_(std::move(problems)) {}
  const std::vector<JobProblem>& problems() const { return problems_; }

 private:
  std::vector<JobProblem> problems_;
};

}  // namespace dreamreel::job
