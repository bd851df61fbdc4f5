#include "outputs.h"

#include <fmt/core.h>

#include <algorithm>

#include "dreamreel/job/outputs.h"

namespace dreamreel::job {

bool has_several_outputs(const Job& job) {
  return !job.more_outputs.empty();
}

std::size_t output_count(const Job& job) {
  return 1 + job.more_outputs.size();
}

const Output& output_at(const Job& job, std::size_t number) {
  return number == 0 ? job.output : job.more_outputs.at(number - 1);
}

Output& output_at(Job& job, std::size_t number) {
  return number == 0 ? job.output : job.more_outputs.at(number - 1);
}

std::string key_of_output(const Job& job, std::size_t number) {
  return has_several_outputs(job) ? join_path(kOutputs, std::to_string(number)) : kOutput;
}

Job with_output(const Job& job, std::size_t number) {
  Job one = job;
  one.output = output_at(job, number);
  one.output.loop = job.output.loop;
  one.more_outputs.clear();
  return one;
}

std::vector<Job> jobs_of_outputs(const Job& job) {
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < output_count(job); ++i) jobs.push_back(with_output(job, i));
  return jobs;
}

namespace {

constexpr const char* kLoop = "loop";

bool is_set(const Value* value) {
  return value != nullptr && !value->is_null();
}

Table<Output> without_loop(Table<Output> table) {
  std::erase_if(table, [](const auto& row) { return row.info.path == kLoop; });
  return table;
}

Table<Output> only_loop(Table<Output> table) {
  std::erase_if(table, [](const auto& row) { return row.info.path != kLoop; });
  return table;
}

// Beside `outputs`, the map `output` holds what they share.
void read_shared(const Site& site, const Table<Output>& shared, Output& output) {
  Value known = site.value;
  for (const auto& entry : site.value.entries)
    if (entry.key != kLoop && !entry.value.is_null())
      site.context.problems.add(
          entry.place, join_path(site.path, entry.key),
          "expected none beside outputs, where each file has settings of its own: write "
          "it there, or leave outputs out; output.loop alone holds for all of them");
  std::erase_if(known.entries, [](const auto& entry) { return entry.key != kLoop; });
  read_table({known, site.path, site.context}, shared, output);
}

Output read_item(const Site& site, const Table<Output>& table) {
  Value known = site.value;
  const auto loop = std::ranges::find(known.entries, kLoop, &Value::Entry::key);
  if (loop != known.entries.end()) {
    site.context.problems.add(loop->place, join_path(site.path, kLoop),
                              "all outputs show the same frames, so a loop is a loop in each of them: write "
                              "output: {loop: true} beside outputs");
    known.entries.erase(loop);
  }
  Output output;
  read_table({known, site.path, site.context}, table, output);
  return output;
}

void read_outputs(const Site& site, const Table<Output>& table, Job& job) {
  if (!is_short_list(site, "a list of at least one map")) return;
  const auto& items = site.value.items;
  if (items.size() > kMostOutputs)
    return site.problem(fmt::format("expected at most {} outputs, got {}", kMostOutputs, items.size()));
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < items.size(); ++i)
    outputs.push_back(read_item(site.at(std::to_string(i), items[i]), table));
  outputs.front().loop = job.output.loop;  // read before
  job.output = outputs.front();
  job.more_outputs.assign(outputs.begin() + 1, outputs.end());
}

}  // namespace

bool lists_outputs(const Value& root) {
  return is_set(root.find(kOutputs));
}

Row<Job> output_row(const Table<Output>& table) {
  auto row = section<Job>(kOutput, &Job::output, table, "Where the dream goes.");
  const Table<Output> shared = only_loop(table);
  row.read = [shared, read_whole = row.read](const Site& site, Job& job) {
    if (lists_outputs(site.context.root) && (site.value.is_map() || site.value.is_null()))
      return read_shared(site, shared, job.output);
    read_whole(site, job);
  };
  row.write = [shared, write_whole = row.write](const Job& job) {
    if (!has_several_outputs(job)) return write_whole(job);
    Value map = write_table(shared, job.output);
    return map.entries.empty() ? Value{} : map;
  };
  return row;
}

Row<Job> outputs_row(const Table<Output>& output_table) {
  const Table<Output> table = without_loop(output_table);
  Row<Job> row;
  row.info = {
      kOutputs, "a list of at least one map", "", "",
      "In place of `output`: several files, each encoded from the same frames, which are dreamed once; "
      "see [several outputs](#several-outputs)."};
  row.info.shape = {KeyShape::Kind::list};
  for (const auto& info : flatten(table)) row.inner.push_back(under("N", info));
  row.read = [table](const Site& site, Job& job) { read_outputs(site, table, job); };
  row.write = [table](const Job& job) {
    Value list;
    if (!has_several_outputs(job)) return list;
    list.kind = Value::Kind::list;
    for (std::size_t i = 0; i < output_count(job); ++i) {
      list.items.push_back(write_table(table, output_at(job, i)));
      list.items.back().flow = true;
    }
    return list;
  };
  return row;
}

void drop_other_outputs(Value& base, const Value& over) {
  const Value* const one = over.find(kOutput);
  if (is_set(over.find(kOutputs))) {
    if (Value* const older = base.find(kOutput))
      std::erase_if(older->entries, [](const auto& entry) { return entry.key != kLoop; });
  } else if (one != nullptr && is_set(one->find("path"))) {
    std::erase_if(base.entries, [](const auto& entry) { return entry.key == kOutputs; });
  }
}

void check_outputs(const Value& root, const Job& job, Problems& problems) {
  const auto place_of = [&](std::size_t i) -> const Value* {
    const Value* const list = root.find(kOutputs);
    const Value* map = root.find(kOutput);
    if (is_set(list)) map = list->is_list() && i < list->items.size() ? &list->items[i] : nullptr;
    return map == nullptr ? nullptr : map->find("path");
  };
  const std::string key = lists_outputs(root) ? std::string(kOutputs) + "." : "";
  for (std::size_t i = 0; i < output_count(job); ++i) {
    const auto& path = output_at(job, i).path;
    const Value* const said = place_of(i);
    if (!is_set(said) || path.empty()) continue;
    const std::string own = key.empty() ? "output.path" : fmt::format("{}{}.path", key, i);
    if (path == job.input.path)
      problems.add(said->place, own, "expected another file than input.path, got " + describe(*said));
    for (std::size_t other = 0; other < i; ++other)
      if (output_at(job, other).path == path)
        problems.add(
            said->place, own,
            fmt::format("expected a file of its own, got that of outputs.{}, {}", other, describe(*said)));
  }
}

}  // namespace dreamreel::job
