// The faults of a settings file in pieces, for programs that show them in their own way.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::settings {

struct Problem {
  std::string file;     ///< the file with the fault; "" for an override, which `place` names
  int line = 0;         ///< from 1; 0 if there is no line
  std::string place;    ///< as in messages: "job.yaml:12", "--set dream.step=x"; "" if unknown
  std::string key;      ///< "dream.step"; "" for a whole file
  std::string message;  ///< "expected ..., got ..."
};

/// All problems in one error. what() has one line for each.
class SettingsError : public JobError {
 public:
  SettingsError(const std::string& message, std::vector<Problem> problems)
      : JobError(message), problems_(std::move(problems)) {}
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

}  // namespace dreamreel::settings
