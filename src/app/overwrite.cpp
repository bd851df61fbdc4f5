#include "overwrite.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/prepare/delivered.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/study/finished_files.h"
#include "dreamreel/work/facts.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

// What a render was begun with, out of its plan.
struct Begun {
  schedule::Plan plan;
  job::Job job;
};

std::optional<Begun> begun_with(const fs::path& plan) {
  try {
    auto planned = schedule::read_plan(plan);
    auto before = job::parse_job(planned.job_yaml, "plan.json", job::default_load_options());
    return Begun{std::move(planned), std::move(before)};
  } catch (const Error&) {
    return {};
  }
}

// The output of the begun render that is output `i` of `job`; null if it was begun without that output, whose
// file is then somebody else's. The machines of a farm may have other paths.
const job::Output* begun_output_of(const Begun& begun, const job::Job& job, std::size_t i) {
  const job::Job& before = begun.job;
  if (before.output.path != job.output.path)
    return job::output_count(before) == job::output_count(job) ? &job::output_at(before, i) : nullptr;
  for (std::size_t k = 0; k < job::output_count(before); ++k)
    if (job::output_at(before, k).path == job::output_at(job, i).path) return &job::output_at(before, k);
  return nullptr;
}

// Whether a sequence is incomplete. Its pictures get their final names one by one, so a stopped render leaves
// fewer than planned.
bool is_unfinished_sequence(const job::Job& one, const Begun& begun, const job::Output& before) {
  if (before.first_number != one.output.first_number) return false;  // others' pictures may lie there
  const auto pictures = study::pictures_of_sequence(one.output);
  return std::ranges::count_if(pictures, [&](const auto& picture) {
           return picture.first >= begun.plan.begin() && picture.first < begun.plan.end();
         }) < begun.plan.frame_count();
}

// Whether the render of the plan has finished this one of its outputs, and will leave it alone. If the source
// or another file has changed since, the render begins anew and replaces the output. A farm never begins
// anew.
bool is_kept(const job::Job& one, const Begun& begun, const work::WorkFolder& work, bool is_of_farm) {
  try {
    if (!prepare::is_delivered(one, begun.plan, work)) return false;
    if (is_of_farm) return true;
    const auto &then = begun.plan.facts, now = work::facts_of(one, then.range);
    return then.source == now.source && then.network == now.network && then.files == now.files;
  } catch (const Error&) {
    return false;
  }
}

// Path of the finished output: the output itself, or the first picture of the sequence.
std::optional<fs::path> finished(const job::Job& job) {
  std::error_code ignored;
  const auto pictures = study::pictures_of_sequence(job.output);
  if (!pictures.empty()) return pictures.front().second;
  if (!fs::exists(fs::symlink_status(job.output.path, ignored))) return {};
  return job.output.path;
}

bool is_younger(const fs::path& plan, const fs::path& output) {
  std::error_code failed;
  const auto planned = fs::last_write_time(plan, failed);
  if (failed) return false;
  const auto written = fs::last_write_time(output, failed);
  return !failed && planned >= written;
}

bool holds_this_job(const job::Job& job, const fs::path& output) {
  try {
    return study::embedded_job(output) == job::to_yaml(job);
  } catch (const Error&) {
    return false;  // some picture formats cannot contain a job
  }
}

std::string is_a_folder(const fs::path& output) {
  return output.string() + " is a folder; give a file in it";
}

bool is_answered_with_yes(const fs::path& output) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return false;
  std::fprintf(stderr, "dreamreel: %s exists already. Replace it? [y/N] ",
               printable(output.string()).c_str());
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

void expect_answer(const fs::path& output) {
  if (is_answered_with_yes(output)) return;
  throw UsageError(output.string() +
                   " exists already; replace it with -y (--overwrite), or give another output with -o");
}

}  // namespace

void add_overwrite(CLI::App& command, bool& overwrite) {
  command.add_flag("-y,--overwrite", overwrite, "Replace an output that exists already");
}

std::vector<fs::path> existing_outputs(const job::Job& job) {
  std::vector<fs::path> found;
  for (const auto& one : job::jobs_of_outputs(job))
    if (finished(one)) found.push_back(one.output.path);
  return found;
}

namespace {

// `one` is the job of output `i` alone.
void expect_one_replaceable(const job::Job& job, const job::Job& one, std::size_t i,
                            const std::optional<Begun>& begun, const fs::path& plan,
                            const work::WorkFolder& work) {
  const auto output = finished(one);
  if (!output) return;
  std::error_code failed;
  if (fs::is_directory(*output, failed))
    throw IoError(fmt::format("{}.path: {}", job::key_of_output(job, i), is_a_folder(*output)));
  const auto* const before = begun ? begun_output_of(*begun, job, i) : nullptr;
  if (before != nullptr) {
    const bool is_sequence = *output != one.output.path;
    const bool is_unfinished =
        is_sequence ? is_unfinished_sequence(one, *begun, *before) : is_younger(plan, *output);
    if (is_unfinished || is_kept(one, *begun, work, plan != work.plan())) return;
  }
  if (!(fs::exists(plan, failed) && holds_this_job(one, *output))) expect_answer(*output);
}

}  // namespace

void expect_replaceable(const job::Job& job, const fs::path& plan, const work::WorkFolder& work,
                        bool overwrite) {
  if (overwrite) return;
  const auto jobs = job::jobs_of_outputs(job);
  const auto is_there = [](const job::Job& one) { return finished(one).has_value(); };
  const auto begun = std::ranges::any_of(jobs, is_there) ? begun_with(plan) : std::nullopt;
  for (std::size_t i = 0; i < jobs.size(); ++i) expect_one_replaceable(job, jobs[i], i, begun, plan, work);
}

void expect_replaceable(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) throw IoError(is_a_folder(file));
  if (!overwrite && fs::exists(fs::symlink_status(file, ignored))) expect_answer(file);
}

void expect_no_other_file(const fs::path& file, const std::string& option,
                          const std::vector<std::string>& marks) {
  constexpr std::size_t kBeginning = 256;
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) throw IoError(option + ": " + is_a_folder(file));
  if (!fs::exists(fs::symlink_status(file, ignored))) return;
  const auto beginning = read_beginning(file, kBeginning).text;
  const auto has = [&](const std::string& mark) { return beginning->find(mark) != std::string::npos; };
  if (beginning && (beginning->empty() || std::ranges::any_of(marks, has))) return;
  throw UsageError(
      option + ": " + file.string() +
      " exists already, and is not an earlier file of this option; remove it, or give another name");
}

void expect_no_file_of_job(const fs::path& preview, const job::Job& job) {
  job::Job named = job;
  std::error_code ignored;
  const auto expect = [&](const std::string& key, const fs::path& path) {
    if (fs::equivalent(preview, path, ignored))
      throw UsageError("--preview: " + preview.string() + " is the job's " + key + "; give another name");
  };
  for (const auto& [key, path] : job::list_files(named)) expect(key, *path);
  for (std::size_t i = 0; i < job::output_count(job); ++i)
    expect(job::key_of_output(job, i) + ".path", job::output_at(job, i).path);
}

void warn_of_older_pictures(const job::Job& job, std::int64_t begin, std::int64_t end) {
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    const auto& output = job::output_at(job, i);
    auto pictures = study::pictures_of_sequence(output);
    std::erase_if(pictures, [&](const auto& one) { return one.first >= begin && one.first < end; });
    if (pictures.empty()) continue;
    const auto name = [](const auto& one) { return one.second.filename().string(); };
    const std::string names =
        name(pictures.front()) + (pictures.size() == 1 ? "" : " to " + name(pictures.back()));
    log_warning(
        fmt::format("{} also holds {}{} of another render ({}); programs that read this sequence take them "
                    "for a part of it, so remove them if they are old",
                    output.path.parent_path().string(), pictures.size(),
                    pictures.size() == 1 ? " picture" : " pictures", names));
  }
}

}  // namespace dreamreel::app
