// The one tree that a job is read from: the file, the chain of files it extends, and the overrides.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "problems.h"
#include "value.h"

namespace dreamreel::job {

/// Adds everything wrong to `problems`; throws JobError at once where going on makes no sense (a file that is
/// not YAML, a cycle), InputError if `path` itself cannot be read.
Value load_tree(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                Problems& problems);

/// The same of a text that would stand in the file `path`. `why_not` gives a reason against a file that is to be
/// extended, "" where there is none; it may be empty.
Value load_tree_of_text(const std::string& text, const std::filesystem::path& path,
                        const std::vector<std::string>& overrides,
                        const std::function<std::string(const std::filesystem::path&)>& why_not,
                        Problems& problems);

/// The tree of a resolved job that stood in the file `name`. Throws JobError if it extends another file.
Value tree_of_text(const std::string& yaml, const std::filesystem::path& name, Problems& problems);

}  // namespace dreamreel::job
