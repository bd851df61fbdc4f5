// Builds the one tree from which a job is read: the file, the chain of files that it extends, and the
// overrides.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "chain.h"
#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Adds all faults to `problems`. Throws JobError at once if continuing makes no sense (a file that is not
/// YAML, a cycle). Throws InputError if `path` itself cannot be read.
/// `scene`: the look of the scene for which the tree is built. `asked` decides whether a still becomes a
/// film; its path is not in the tree.
Value load_tree(const std::filesystem::path& path, const LoadOptions& options,
                const std::optional<AskedLook>& scene, Problems& problems, const AskedOutput& asked = {});

/// The same for a text that would stand in the file `path`. `why_not` gives the reason why a file must not be
/// extended, or "" if it may be. `why_not` may be empty.
Value load_tree_of_text(const std::string& text, const std::filesystem::path& path,
                        const LoadOptions& options,
                        const std::function<std::string(const std::filesystem::path&)>& why_not,
                        const std::optional<AskedLook>& scene, Problems& problems);

/// The tree of a resolved job that stood in the file `name`. Throws JobError if the job extends another file.
Value tree_of_text(const std::string& yaml, const std::filesystem::path& name, Problems& problems);

}  // namespace dreamreel::job
