// Small renders that use everything that touches files: several segments, stored frames with outputs of their
// own, filled-in frames, a loop with its run-in, and numbered pictures. There are also a farm's plan, chunks
// and join, a recording joined of two whose clocks begin anew, and several outputs of one render.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/faults.h"
#include "support/files.h"

namespace dreamreel::test {

/// A job, its inputs, and the empty folder that it renders into.
class Scene {
 public:
  enum class Kind { whole, loop, pictures, farm, joined, several };
  explicit Scene(Kind kind);

  /// The commands of a person, for a new start or for continuing: the render; or the plan, the chunks and the
  /// join.
  std::function<void()> body() const { return body(kind_); }
  /// The same for another kind, on the same job and output; for a whole render and a farm.
  std::function<void()> body(Kind kind) const;
  FaultPlan plan(Fault fault, std::int64_t at = 0, int error = 0) const;
  const std::filesystem::path& folder() const { return folder_; }
  /// Empties the folder again.
  void clear() const;

 private:
  Kind kind_;
  ScratchDir scratch_;
  std::filesystem::path folder_;
};

std::string name_of(Scene::Kind kind);

}  // namespace dreamreel::test
