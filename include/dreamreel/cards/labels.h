// The names of a network's classes, from the label file that its card names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"

namespace dreamreel::cards {

/// One class.
struct Label {
  std::string synset;  ///< WordNet's number in ImageNet's form ("n01440764"); "" if the file gives none
  std::vector<std::string> names;  ///< at least one
  bool operator==(const Label&) const = default;
};

/// Reads the classes of a label file in their order, one class per line. A line holds names separated by
/// commas. A first word with the form of a synset's number is that number ("n01440764 tench, Tinca tinca").
/// Empty lines at the end are ignored. Throws InputError if the file cannot be read, or if an empty line
/// comes before a class, because all later classes would get wrong numbers.
std::vector<Label> read_labels(const std::filesystem::path& path);

/// The indices of the classes called `name`, compared as in find_class(). Empty if there is none.
std::vector<std::size_t> classes_called(const std::vector<Label>& labels, const std::string& name);

/// Every name of every class, in their order.
std::vector<std::string> names_of(const std::vector<Label>& labels);

/// The index of the class called `name`. The name may be any of the class's names or its synset. Case does
/// not matter, and '_' equals a space. Throws JobError if the network has no label file, if no class has this
/// name (with the closest names), or if several classes have it (with their indices). Throws UnavailableError
/// if the label file does not exist (with how to get it), and what read_labels() throws.
std::int64_t find_class(const NetworkRef& network, const std::string& name);

}  // namespace dreamreel::cards
