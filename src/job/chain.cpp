#include "chain.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/similar_files.h"
#include "dreamreel/job/input_job.h"
#include "look_file.h"
#include "still_for_noise.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostParents = 32;  // longest chain of `extends`

struct File {
  fs::path path;       // as messages name it
  fs::path canonical;  // to find out whether two files are the same
  Value tree;
  std::optional<Value> look{};
  bool drops_look = false;  // says `look: ~`
};

// Never throws, because reading the path reports its faults.
fs::path canonical_or_absolute(const fs::path& path) {
  std::error_code failed;
  const fs::path canonical = fs::weakly_canonical(path, failed);
  return failed ? fs::absolute(path).lexically_normal() : canonical;
}

std::string chain_text(const std::vector<File>& chain, const fs::path& next) {
  std::string text;
  for (const auto& file : chain) text += file.path.string() + " -> ";
  return text + next.string();
}

std::optional<Value> take(Value& tree, const std::string& key) {
  const Value* const found = tree.find(key);
  if (found == nullptr) return {};
  Value value = *found;
  std::erase_if(tree.entries, [&](const auto& entry) { return entry.key == key; });
  return value.is_null() ? std::nullopt : std::optional(std::move(value));
}

void keep_noise(const Value& input, Value& tree) {
  const Value* const noise = input.is_map() ? input.find("noise") : nullptr;
  if (noise == nullptr || noise->is_null()) return;
  Value kept = input;
  std::erase_if(kept.entries, [](const auto& entry) { return entry.key != "noise"; });
  tree.entries.push_back({"input", input.place, std::move(kept)});
}

bool is_path(const Value& value) {
  return value.is_scalar() && !value.text.empty() && value.text.find('\0') == std::string::npos;
}

// A path relative to the file it is written in, or, where nothing is there, the name of a look.
std::optional<fs::path> resolve(const Value& value, const LoadOptions& options) {
  const fs::path beside = (value.place.source->folder / with_home(value.text)).lexically_normal();
  std::error_code unreadable;
  if (fs::is_regular_file(beside, unreadable)) return beside;
  if (const auto named = look_file(value.text, options)) return named;
  const bool is_name = value.text.find('/') == std::string::npos && beside.extension().empty();
  return is_name && !fs::exists(beside, unreadable) ? std::nullopt : std::optional(beside);
}

// Reads files, each with an order of its own.
class ChainReader {
 public:
  ChainReader(const LoadOptions& options, const WhyNot& why_not, Problems& problems)
      : options_(options), why_not_(why_not), problems_(problems) {}

  int next_order() const { return next_order_; }

  File job(const fs::path& path, const std::string& suffix) {
    if (const std::string why = why_no_path(path.string()); !why.empty()) throw InputError(why);
    if (is_input(path)) return job_of_input(path, suffix);
    const auto [text, why] = read_text(path);
    if (!text) {
      std::error_code unreadable;
      const bool is_there = fs::exists(path, unreadable);
      throw InputError(
          fmt::format("{}: cannot be read: {}{}", path.string(), why, is_there ? "" : similar_files(path)));
    }
    return file(path, *text, true);
  }

  std::vector<File> with_ancestors(File first) {
    std::vector<File> chain;
    chain.push_back(std::move(first));
    while (const auto extends = take(chain.back().tree, "extends")) {
      if (!is_path(*extends))
        fail(*extends, "extends", "expected a path to one job file, got " + describe(*extends));
      const auto parent = resolve(*extends, options_);
      if (!parent) fail(*extends, "extends", expected_look(extends->text, options_));
      const fs::path canonical = canonical_or_absolute(*parent);
      if (std::ranges::find(chain, canonical, &File::canonical) != chain.end())
        fail(*extends, "extends", "expected no cycle, got " + chain_text(chain, *parent));
      if (chain.size() > kMostParents)
        fail(*extends, "extends",
             fmt::format("expected at most {} files one behind the other", kMostParents));
      chain.push_back(read(*parent, *extends, "extends", "a readable job file"));
    }
    for (auto& one : chain) {
      const Value* const look = one.tree.find("look");
      one.drops_look = look != nullptr && look->is_tilde;
      one.look = take(one.tree, "look");
    }
    return chain;
  }

  // The look and its ancestors, without what they say of input and output. With `keeps_noise`, the noise of
  // the input stays.
  std::vector<File> look(const Value& name, const std::string& key, bool keeps_noise = false) {
    if (!is_path(name)) fail(name, key, "expected the name of a look, got " + describe(name));
    const auto path = resolve(name, options_);
    if (!path) fail(name, key, expected_look(name.text, options_));
    auto chain = with_ancestors(read(*path, name, key, "the name of a look or a readable job file"));
    for (auto& one : chain) {
      if (const Value* const scenes = one.tree.find("scenes"); scenes != nullptr && !scenes->is_null())
        fail(name, key,
             fmt::format("expected a look without scenes of its own, got {}; extend that file instead, or "
                         "name the looks of its scenes",
                         in_quotes(name.text)));
      if (one.look) fail(*one.look, "look", "expected none in a look; use extends there");
      const auto input = take(one.tree, "input");
      for (const char* const section : {"output", "outputs"}) take(one.tree, section);
      if (keeps_noise && input) keep_noise(*input, one.tree);
    }
    return chain;
  }

  File file(const fs::path& path, const std::string& text, bool is_job) {
    const bool is_utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
    if (!is_utf16 && !is_utf8(text))
      log_warning_once(path.string() +
                       " is not UTF-8: names with letters beyond ASCII may not be found; save it as UTF-8");
    const auto source = std::make_shared<const Source>(
        Source{path.string(), fs::absolute(path).parent_path(), next_order_++});
    return {path, canonical_or_absolute(path), tree_of(text, source, is_job, problems_)};
  }

  // A file's own look would never be seen beside scenes, if the file or an older one lists them.
  void expect_no_look_beside_scenes(const std::vector<File>& files) {
    const auto scenes = std::ranges::find_if(
        files, [](const File& file) { return file.tree.is_map() && file.tree.find("scenes") != nullptr; });
    if (scenes == files.end() || scenes->tree.find("scenes")->is_null()) return;
    for (auto file = files.begin(); file <= scenes; ++file)
      if (file->look)
        fail(*file->look, "look",
             "expected none beside scenes, which have looks of their own, got " + describe(*file->look));
  }

 private:
  File job_of_input(const fs::path& path, const std::string& suffix) {
    const fs::path input = input_path_of(path);
    const auto source = std::make_shared<const Source>(
        Source{shortened(path.string()), fs::current_path(), next_order_++, false});
    const auto yaml =
        smallest_job(fs::absolute(input).lexically_normal(),
                     fs::current_path() / output_name_of(input == path ? input : folder(path), suffix));
    File file{path, canonical_or_absolute(path), tree_of(yaml, source, true, problems_)};
    if (const auto base = shipped_base(); !base.empty()) file.tree.find("extends")->text = base.string();
    return file;
  }

  // The program's own, because what lies in the current folder has no part in a job that nobody wrote.
  fs::path shipped_base() const {
    std::error_code unreadable;
    for (const auto& folder : options_.job_folders)
      if (const fs::path file = folder / "base.yaml"; fs::is_regular_file(file, unreadable))
        return fs::absolute(file).lexically_normal();
    return {};
  }

  // "walk" of "walk/" and of ".".
  static fs::path folder(const fs::path& path) {
    const fs::path whole = fs::absolute(path).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
  }

  File read(const fs::path& path, const Value& named, const std::string& key, const std::string& what) {
    const bool is_shipped = look_file(path.stem().string(), options_) == path || path == shipped_base();
    if (const std::string why = why_not_ && !is_shipped ? why_not_(path) : ""; !why.empty())
      fail(named, key,
           fmt::format("expected a job file that may be read here, got {}: {}", in_quotes(path.string()),
                       why));
    const auto [text, why] = read_text(path);
    if (!text) fail(named, key, fmt::format("expected {}, got {}: {}", what, in_quotes(path.string()), why));
    return file(path, *text, false);
  }

  [[noreturn]] void fail(const Value& value, const std::string& key, const std::string& message) {
    problems_.add(value.place, key, message);
    problems_.throw_if_any();
    throw JobError(message);  // never reached
  }

  const LoadOptions& options_;
  const WhyNot& why_not_;
  Problems& problems_;
  int next_order_ = 0;
};

bool names_still(const std::vector<File>& files, const LoadOptions& options) {
  std::vector<Value> trees;
  for (const auto& file : files) trees.push_back(file.tree);
  return begins_with_still(trees, options.overrides);
}

void forget_look(Value& tree) {
  take(tree, "network");
  Value* const dream = tree.find("dream");
  if (dream == nullptr || !dream->is_map()) return;
  take(*dream, "objectives");
  take(*dream, "journey");
}

bool is_shipped_look(const File& file, const LoadOptions& options) {
  return std::ranges::any_of(options.look_folders, [&](const fs::path& folder) {
    return canonical_or_absolute(folder) == file.canonical.parent_path();
  });
}

// Lays `look` beneath the files, of which the first `own` count as they are.
void put_beneath(std::vector<File>& files, std::size_t own, std::vector<File> look,
                 const LoadOptions& options) {
  const auto replaced =
      std::find_if(files.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(own, 1)), files.end(),
                   [&](const File& file) {
                     return is_shipped_look(file, options) ||
                            std::ranges::find(look, file.canonical, &File::canonical) != look.end();
                   });
  files.erase(replaced, files.end());
  for (std::size_t i = own; i < files.size(); ++i) forget_look(files[i].tree);
  std::ranges::move(look, std::back_inserter(files));
}

// "agate" of "looks/agate.yaml", for file names. The look of one scene names no whole job.
std::string suffix_of(const std::optional<AskedLook>& asked) {
  return asked && !asked->is_none && asked->key == "look" ? fs::path(asked->name).stem().string() : "dream";
}

}  // namespace

Value tree_of(const std::string& text, const std::shared_ptr<const Source>& source, bool is_job,
              Problems& problems) {
  auto tree = parse_yaml(text, source, problems);
  if (tree && !tree->is_map() && !tree->is_null()) {
    problems.add(tree->place, "",
                 "expected a map of keys, got " + (is_job ? describe(*tree) : "something else"));
    tree.reset();
  }
  if (!tree) problems.throw_if_any();
  return *std::move(tree);
}

Chain load_chain(const fs::path& path, const std::optional<std::string>& text,
                 const std::optional<AskedLook>& asked, const LoadOptions& options, const WhyNot& why_not,
                 Problems& problems) {
  ChainReader reader(options, why_not, problems);
  auto files =
      reader.with_ancestors(text ? reader.file(path, *text, true) : reader.job(path, suffix_of(asked)));
  if (!asked) reader.expect_no_look_beside_scenes(files);
  if (asked && !asked->is_none) {
    Value name = Value::scalar(asked->name);
    name.place = asked->place;
    const bool keeps_noise = asked->key == "look" && names_still(files, options);
    put_beneath(files, asked->own, reader.look(name, asked->key, keeps_noise), options);
  } else if (const auto named = std::ranges::find_if(
                 files, [](const File& file) { return file.look.has_value() || file.drops_look; });
             !asked && named != files.end() && named->look) {
    const auto own = static_cast<std::size_t>(named - files.begin()) + 1;
    put_beneath(files, own, reader.look(*named->look, "look", names_still(files, options)), options);
  }
  Chain chain;
  for (auto& file : files) chain.trees.push_back(std::move(file.tree));
  chain.next_order = reader.next_order();
  return chain;
}

}  // namespace dreamreel::job
