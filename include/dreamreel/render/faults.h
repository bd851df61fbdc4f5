// What is wrong with a job beside its syntax: found by opening what it names. Several faults are one error.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::render {

struct Fault {
  ExitCode code = ExitCode::bad_job;
  std::string key;      ///< of the job: "output.video.codec", "dream.objectives.0.layer"; "" if none is known
  std::string message;  ///< without the key
};

/// what() has a line for each, code() is the first one's.
class FaultsError : public Error {
 public:
  explicit FaultsError(std::vector<Fault> faults);
  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

/// Collects what checks throw, so that one mistake does not hide the next.
class FaultList {
 public:
  /// Runs `check`; false if it threw an Error, which then counts for `key` unless its message begins with a
  /// key of its own. Lets Interrupted and what is no Error through.
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
  /// Throws FaultsError if there are any.
  void throw_if_any() const;

 private:
  std::vector<Fault> faults_;
};

}  // namespace dreamreel::render
