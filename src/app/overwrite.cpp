#include "overwrite.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/render/join.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/study/finished_files.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

// The number that a job gives to frame 0 of an output; nullopt if it has no such output.
std::optional<int> first_number_of(const job::Job& job, const fs::path& output) {
  for (std::size_t i = 0; i < job::output_count(job); ++i)
    if (const auto& one = job::output_at(job, i); one.path == output) return one.first_number;
  return {};
}

// Whether a sequence is incomplete. Its pictures get their final names one by one, so a stopped render leaves
// fewer than planned.
bool is_unfinished_sequence(const job::Job& one, const fs::path& plan) {
  try {
    const auto planned = schedule::read_plan(plan);
    const auto before = job::parse_job(planned.job_yaml, "plan.json", job::default_load_options());
    // A farm's machines may have other paths.
    if (first_number_of(before, one.output.path).value_or(before.output.first_number) !=
        one.output.first_number)
      return false;  // others' pictures may lie there
    const auto pictures = study::pictures_of_sequence(one.output);
    return std::ranges::count_if(pictures, [&](const auto& picture) {
             return picture.first >= planned.begin() && picture.first < planned.end();
           }) < planned.frame_count();
  } catch (const Error&) {
    return false;
  }
}

// Whether the render of the plan has finished this one of its outputs, and will leave it alone.
bool is_kept(const job::Job& one, const fs::path& plan, const work::WorkFolder& work) {
  try {
    return render::is_delivered(one, schedule::read_plan(plan), work);
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

// `one` is the job of one output.
void expect_one_replaceable(const job::Job& one, const fs::path& plan, const work::WorkFolder& work) {
  const auto output = finished(one);
  if (!output) return;
  std::error_code failed;
  if (fs::is_directory(*output, failed)) throw IoError("output.path: " + is_a_folder(*output));
  const bool is_sequence = *output != one.output.path;
  const auto is_unfinished = [&] {
    return is_sequence ? is_unfinished_sequence(one, plan) : is_younger(plan, *output);
  };
  if (fs::exists(plan, failed) &&
      (is_unfinished() || holds_this_job(one, *output) || is_kept(one, plan, work)))
    return;
  expect_answer(*output);
}

}  // namespace

void expect_replaceable(const job::Job& job, const fs::path& plan, const work::WorkFolder& work,
                        bool overwrite) {
  if (overwrite) return;
  for (const auto& one : job::jobs_of_outputs(job)) expect_one_replaceable(one, plan, work);
}

void expect_replaceable(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) throw IoError(is_a_folder(file));
  if (!overwrite && fs::exists(fs::symlink_status(file, ignored))) expect_answer(file);
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
        output.path.parent_path().string() + " also holds " + std::to_string(pictures.size()) +
        (pictures.size() == 1 ? " picture" : " pictures") + " of another render (" + names +
        "); programs that read this sequence take them for a part of it, so remove them if they are old");
  }
}

}  // namespace dreamreel::app
