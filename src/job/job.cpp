#include "dreamreel/job/job.h"

#include <memory>

#include "checked_job.h"
#include "load.h"
#include "outputs.h"
#include "preset.h"
#include "scene_jobs.h"
#include "shipped.h"
#include "tables.h"

namespace dreamreel::job {
namespace {

// Sets the output like an override after all others. It takes the place of several outputs.
void set_output(Value& root, const std::filesystem::path& path, std::size_t overrides) {
  constexpr int kBehindAllFiles = 1000;
  const auto source = std::make_shared<const Source>(
      Source{"-o", std::filesystem::current_path(), kBehindAllFiles + static_cast<int>(overrides), false});
  const auto map_of = [&](const char* key, Value value) {
    Value map;
    map.kind = Value::Kind::map;
    map.place = {source, 0};
    map.entries.push_back({key, {source, 0}, std::move(value)});
    return map;
  };
  Value value = Value::scalar(path.string());
  value.place = {source, 0};
  const Value over = map_of(kOutput, map_of("path", std::move(value)));
  if (!root.is_map()) root.kind = Value::Kind::map;
  drop_other_outputs(root, over);
  Value* output = root.find(kOutput);
  if (output == nullptr || !output->is_map()) {
    std::erase_if(root.entries, [](const auto& entry) { return entry.key == kOutput; });
    root.entries.push_back(over.entries.front());
    return;
  }
  std::erase_if(output->entries, [](const auto& entry) { return entry.key == "path"; });
  output->entries.push_back(over.entries.front().value.entries.front());
}

}  // namespace

Job load_job(const std::filesystem::path& path, const LoadOptions& options) {
  KeyPlaces ignored;
  return load_job(path, options, AskedOutput{}, ignored);
}

Job load_job(const std::filesystem::path& path, const LoadOptions& options, const AskedOutput& asked,
             KeyPlaces& places) {
  const auto tree_of = [&](const std::optional<AskedLook>& scene, Problems& problems) {
    Value root = load_tree(path, options, scene, problems, asked);
    settle_shipped(root, shipped_folder(), problems);
    if (!asked.path.empty()) set_output(root, asked.path, options.overrides.size());
    expand_preset(root, problems);
    return root;
  };
  return job_of_trees(tree_of, path, options, places);
}

Job parse_job(const std::string& yaml, const std::filesystem::path& name, const LoadOptions& options) {
  Problems problems;
  Value root = tree_of_text(yaml, name, problems);
  return checked_job(std::move(root), name, options, problems);
}

std::string as_yaml(const std::string& text) {
  return emit_inline(Value::scalar(text));
}

std::string to_yaml(const Job& job) {
  return emit(write_table(job_table(), job)) + "\n";
}

}  // namespace dreamreel::job
