#include "dreamreel/job/looks.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <system_error>

#include "chain.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLooks = 1000;  // of one folder
constexpr std::size_t kMostSentence = 200;

// The comment at the top of a file, its lines joined by spaces.
std::string opening_comment(const std::string& text) {
  std::string comment;
  for (std::size_t begin = 0; begin < text.size() && text[begin] == '#';) {
    const auto end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin + 1, end - begin - 1);
    std::erase(line, '\r');
    line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
    comment += (comment.empty() ? "" : " ") + line;
    begin = end + 1;
  }
  return comment;
}

// Up to the first full stop that ends a sentence: "Gatys et al. made it" goes on in lower case.
std::string first_sentence(const std::string& text) {
  for (std::size_t stop = text.find(". "); stop != std::string::npos; stop = text.find(". ", stop + 1))
    if (stop + 2 < text.size() && std::islower(static_cast<unsigned char>(text[stop + 2])) == 0)
      return text.substr(0, stop + 1);
  return text;
}

std::vector<std::string> names_of_looks(const LoadOptions& options) {
  std::vector<std::string> names;
  for (const auto& look : list_looks(options)) names.push_back(look.name);
  return names;
}

}  // namespace

std::vector<Look> list_looks(const LoadOptions& options) {
  std::vector<Look> looks;
  for (const auto& folder : options.look_folders) {
    std::error_code unreadable;
    std::size_t count = 0;
    for (fs::directory_iterator entry(folder, unreadable), end;
         !unreadable && entry != end && count < kMostLooks; entry.increment(unreadable)) {
      const fs::path file = entry->path();
      const std::string name = file.stem().string();
      if (file.extension() != ".yaml" || !is_file(file)) continue;
      ++count;
      if (std::ranges::find(looks, name, &Look::name) != looks.end()) continue;
      const auto text = read_text(file).text;
      if (!text) continue;
      looks.push_back(
          {name, file, printable(first_sentence(opening_comment(*text)).substr(0, kMostSentence))});
    }
  }
  std::ranges::sort(looks, {}, &Look::name);
  return looks;
}

std::optional<fs::path> look_file(const std::string& name, const LoadOptions& options) {
  if (name.empty() || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) return {};
  for (const auto* const folders : {&options.look_folders, &options.job_folders})
    for (const auto& folder : *folders)
      if (const fs::path file = folder / (name + ".yaml"); is_file(file)) return file;
  return {};
}

std::string expected_look(const std::string& name, const LoadOptions& options) {
  const auto names = names_of_looks(options);
  const std::string near = did_you_mean(name, names);
  const std::string all = names.empty() ? "; there are no looks where they are looked for"
                                        : "; the looks are " + join_names(names);
  return fmt::format("expected the name of a look or a path to a job file, got {}{}", in_quotes(name),
                     near.empty() ? all : near);
}

fs::path find_look(const std::string& name, const LoadOptions& options) {
  if (auto file = look_file(name, options)) return *std::move(file);
  throw JobError(expected_look(name, options));
}

}  // namespace dreamreel::job
