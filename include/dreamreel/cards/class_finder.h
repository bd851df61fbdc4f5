// Finds the networks that know a class by its name, for example among all cards.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/cards/network_ref.h"

namespace dreamreel::cards {

/// The first of class_layers_of(), or "".
std::string class_layer_of(const NetworkRef& network);

/// Finds the networks that can be asked for a class.
class ClassFinder {
 public:
  explicit ClassFinder(std::vector<NetworkRef> networks) : networks_(std::move(networks)) {}

  const std::vector<NetworkRef>& networks() const { return networks_; }

  /// The networks that know the class `name`. A network whose label file cannot be read is included, so that
  /// loading it reports the fault.
  std::vector<NetworkRef> that_know(const std::string& name);

  /// The networks that know persons and nothing else. They were made for cutting persons out.
  std::vector<NetworkRef> of_persons();

  /// "; did you mean ...", from the classes of all networks, or "".
  std::string near(const std::string& name);

 private:
  const std::vector<Label>& labels_of(const NetworkRef& network);

  std::vector<NetworkRef> networks_;
  std::map<std::filesystem::path, std::vector<Label>> labels_;
};

/// Every card that names layers of classes, in the order of the names. Damaged cards are left out.
std::vector<NetworkRef> cards_with_classes(const Folders& folders);

/// "nanodet, oid": the names that the job uses.
std::string names_of(const std::vector<NetworkRef>& networks);

}  // namespace dreamreel::cards
