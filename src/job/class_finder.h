// Which networks know a class by its name: those of a job, and cards.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/job/labels.h"

namespace dreamreel::job {

/// The first of class_layers_of(); "" if there is none.
std::string class_layer_of(const NetworkRef& network);

/// Finds the networks of a job that a class may be asked of.
class ClassFinder {
 public:
  /// The networks with layers of classes that the job names for itself and its objectives, its own before the others, each
  /// file once: a network with lesions and the whole one are one.
  explicit ClassFinder(const Job& job);
  explicit ClassFinder(std::vector<NetworkRef> networks) : networks_(std::move(networks)) {}

  const std::vector<NetworkRef>& networks() const { return networks_; }

  /// A network whose label file cannot be read counts as one that knows the class, so that loading it says what is wrong.
  std::vector<NetworkRef> that_know(const std::string& name);

  /// The networks that know persons and nothing else: those that are made for cutting them out.
  std::vector<NetworkRef> of_persons();

  /// "; did you mean ...", from the classes of all networks, or "".
  std::string near(const std::string& name);

 private:
  const std::vector<Label>& labels_of(const NetworkRef& network);

  std::vector<NetworkRef> networks_;
  std::map<std::filesystem::path, std::vector<Label>> labels_;
};

/// Every card that names layers of classes, in the order of their names. Damaged cards are left out.
std::vector<NetworkRef> cards_with_classes(const LoadOptions& options);

/// "nanodet, oid", as the job calls them.
std::string names_of(const std::vector<NetworkRef>& networks);

}  // namespace dreamreel::job
