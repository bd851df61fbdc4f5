// The files that a job is made of: itself, the files it extends, and the look it names.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

using WhyNot = std::function<std::string(const std::filesystem::path&)>;

struct Chain {
  std::vector<Value> trees;  ///< youngest first; `extends` and `look` are taken out
  int next_order = 0;        ///< above the Source::order of every file
};

/// A look that the command line or a scene asks for.
struct AskedLook {
  std::string name;
  Place place;
  /// The number of youngest files that keep their network, objectives and journey: 0 for the command line.
  /// The look of a scene lies beneath the file that lists the scenes, as if this file named it.
  std::size_t own = 0;
  std::string key = "look";  ///< what messages call it
  bool is_none = false;      ///< the looks of all files are taken back
};

/// Reads the file and its ancestors. A look lies beneath the file that names it, or beneath them all where
/// `asked` names it, and takes the place of every look that the older files build on: those lose their
/// network, objectives and journey, and shipped looks among them are left out. `look: ~` in a file, or an
/// asked look of none, takes back the looks that older files name. Of the look itself, input and output do
/// not count. A picture or a clip (is_input()) stands for smallest_job(). Adds what is wrong to `problems`;
/// throws JobError where going on makes no sense, InputError if `path` cannot be read.
///
/// `text` stands for what the file holds; nullopt to read it. `why_not` gives a reason against a file that is
/// to be extended, "" where there is none; it may be empty.
Chain load_chain(const std::filesystem::path& path, const std::optional<std::string>& text,
                 const std::optional<AskedLook>& asked, const LoadOptions& options, const WhyNot& why_not,
                 Problems& problems);

/// The tree of one text. `is_job`: what it holds may be repeated in messages, which another file, that may be
/// no job at all, never is.
Value tree_of(const std::string& text, const std::shared_ptr<const Source>& source, bool is_job,
              Problems& problems);

}  // namespace dreamreel::job
