#include "shipped.h"

#include <optional>
#include <string>
#include <system_error>

#include "outputs.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

// `path` relative to `folder`; nullopt if it lies outside.
std::optional<fs::path> inside(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_normal().lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..") return {};
  return relative;
}

// The key `path` of a map such as `input`; null unless a file inside `folder` gives it.
Value* shipped_path(Value* map, const fs::path& folder) {
  Value* const path = map == nullptr ? nullptr : map->find("path");
  if (path == nullptr || !path->is_scalar() || !path->place.source) return nullptr;
  const Source& source = *path->place.source;
  return source.has_lines && inside(source.folder, folder) ? path : nullptr;
}

void move_output(Value* output, const fs::path& folder) {
  Value* const path = shipped_path(output, folder);
  if (path == nullptr) return;
  if (const auto relative = inside(path->place.source->folder / path->text, folder))
    path->text = (fs::current_path() / *relative).string();
}

}  // namespace

fs::path shipped_folder() {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  const fs::path folder = program.parent_path().parent_path() / DREAMREEL_INSTALLED_DATA;
  return fs::is_directory(folder, failed) ? folder : fs::path();
}

void settle_shipped(Value& root, const fs::path& folder, Problems& problems) {
  if (folder.empty()) return;
  move_output(root.find(kOutput), folder);
  if (Value* const outputs = root.find(kOutputs))
    for (Value& output : outputs->items) move_output(&output, folder);
  const Value* const input = shipped_path(root.find("input"), folder);
  if (input == nullptr) return;
  const fs::path file = input->place.source->folder / input->text;
  std::error_code failed;
  if (inside(file, folder) && !fs::exists(file, failed))
    problems.add(input->place, "input.path",
                 "the sample of this job is not installed: name your picture or clip, such as --set "
                 "input.path=FILE");
}

}  // namespace dreamreel::job
