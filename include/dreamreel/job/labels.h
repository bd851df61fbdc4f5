// What a network's classes are called: the label file that its card names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// One class.
struct Label {
  std::string synset;  ///< WordNet's number as ImageNet has it ("n01440764"), "" if the file gives none
  std::vector<std::string> names;  ///< at least one
  bool operator==(const Label&) const = default;
};

/// The classes of a label file in their order, one a line: names separated by commas, behind the synset's number if the
/// first word is one ("n01440764 tench, Tinca tinca"). Empty lines at the end do not count. Throws InputError for a file
/// that cannot be read or has an empty line in between (every class behind it would get the wrong number).
std::vector<Label> read_labels(const std::filesystem::path& path);

/// The indices of the classes called `name`, compared as find_class() does. Empty if there is none.
std::vector<std::size_t> classes_called(const std::vector<Label>& labels, const std::string& name);

/// Every name of every class, in their order.
std::vector<std::string> names_of(const std::vector<Label>& labels);

/// The index of the class called `name`: one of its names or its synset, whatever the case, '_' as good as a space. Throws
/// JobError if the network has no label file, no class is called so (with the closest names), or several are (with
/// their indices); UnavailableError if the label file is not there (with how to get it), and what read_labels() throws.
std::int64_t find_class(const NetworkRef& network, const std::string& name);

}  // namespace dreamreel::job
