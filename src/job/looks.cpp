#include "dreamreel/job/looks.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include "dreamreel/core/error.h"
#include "look_file.h"
#include "words.h"

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
          {name, file, shortened(first_sentence(opening_comment(*text)).substr(0, kMostSentence))});
    }
  }
  std::ranges::sort(looks, {}, &Look::name);
  return looks;
}

fs::path find_look(const std::string& name, const LoadOptions& options) {
  if (auto file = look_file(name, options)) return *std::move(file);
  throw JobError(expected_look(name, options));
}

}  // namespace dreamreel::job
