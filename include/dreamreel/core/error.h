// The one error tree. Every failure that a person can cause or fix is thrown as one of these kinds. Only
// main() catches them, and turns the kind into the exit code. A message names the thing, what was expected,
// what was found, and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace dreamreel {

/// Process exit codes, from sysexits.h (0 is done).
enum class ExitCode : int {
  done = 0,
  usage = 64,        ///< wrong command line
  data = 65,         ///< data does not match the plan
  no_input = 66,     ///< input missing or unreadable
  unavailable = 69,  ///< device or network not available
  render = 70,       ///< render error, including out of memory
  io = 74,           ///< writing failed
  interrupted = 75,  ///< stopped by a signal; run again to resume
  bad_job = 78,      ///< bad job file
};

/// Base of the tree. Thread-safe to throw and to move between threads as std::exception_ptr.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

template <ExitCode kCode>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(const std::string& message) : Error(kCode, message) {}
};

using UsageError = ErrorOf<ExitCode::usage>;
using DataError = ErrorOf<ExitCode::data>;
using InputError = ErrorOf<ExitCode::no_input>;
using UnavailableError = ErrorOf<ExitCode::unavailable>;
using RenderError = ErrorOf<ExitCode::render>;
using IoError = ErrorOf<ExitCode::io>;
using Interrupted = ErrorOf<ExitCode::interrupted>;
using JobError = ErrorOf<ExitCode::bad_job>;

}  // namespace dreamreel
