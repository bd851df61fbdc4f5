// Faults of a job beyond its syntax. They are found by opening the files that the job names. Several faults
// become one error.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::report {

struct Fault {
  ExitCode code = ExitCode::bad_job;
  std::string key;  ///< key of the job: "output.video.codec", "dream.objectives.0.layer"; "" if none is known
  std::string message;  ///< without the key
};

/// All faults in one error. what() has one line for each fault, code() is the code of the first fault.
class FaultsError : public Error {
 public:
  explicit FaultsError(std::vector<Fault> faults);
  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

/// Collects the errors that checks throw, so that one mistake does not hide the next one.
class FaultList {
 public:
  /// Runs `check` and returns true. If `check` throws an Error, adds it as a fault and returns false. The
  /// fault is of `key`, unless the message begins with a key of its own. Interrupted and exceptions that are
  /// no Error pass through.
  template <typename Check>
  bool guard(const std::string& key, const Check& check) {
    try {
      check();
      return true;
    } catch (const Error& error) {
      add(key, error);
      return false;
    }
  }

  void add(const std::string& key, const Error& error);
  void add(Fault fault) { faults_.push_back(std::move(fault)); }
  bool empty() const { return faults_.empty(); }
  bool mention(const std::string& text) const;
  /// Throws FaultsError if any fault was added.
  void throw_if_any() const;

 private:
  void add_once(const Fault& fault);

  std::vector<Fault> faults_;
};

}  // namespace dreamreel::report
