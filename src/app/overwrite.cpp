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
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/study/finished_files.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

// Whether a sequence is incomplete. Its pictures get their final names one by one, so a stopped render leaves
// fewer than planned.
bool is_unfinished_sequence(const job::Job& job, const fs::path& plan) {
  try {
    const auto planned = schedule::read_plan(plan);
    const auto before = job::parse_job(planned.job_yaml, "plan.json", job::default_load_options());
    if (before.output.first_number != job.output.first_number)
      return false;  // others' pictures may lie there
    const auto pictures = study::pictures_of_sequence(job.output);
    return std::ranges::count_if(pictures, [&](const auto& one) {
             return one.first >= planned.begin() && one.first < planned.end();
           }) < planned.frame_count();
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

bool output_exists(const job::Job& job) {
  return finished(job).has_value();
}

void expect_replaceable(const job::Job& job, const fs::path& plan, bool overwrite) {
  if (overwrite) return;
  const auto output = finished(job);
  if (!output) return;
  std::error_code failed;
  if (fs::is_directory(*output, failed)) throw IoError("output.path: " + is_a_folder(*output));
  const bool is_sequence = *output != job.output.path;
  const auto is_unfinished = [&] {
    return is_sequence ? is_unfinished_sequence(job, plan) : is_younger(plan, *output);
  };
  if (fs::exists(plan, failed) && (is_unfinished() || holds_this_job(job, *output))) return;
  expect_answer(*output);
}

void expect_replaceable(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) throw IoError(is_a_folder(file));
  if (!overwrite && fs::exists(fs::symlink_status(file, ignored))) expect_answer(file);
}

void warn_of_older_pictures(const job::Job& job, std::int64_t begin, std::int64_t end) {
  auto pictures = study::pictures_of_sequence(job.output);
  std::erase_if(pictures, [&](const auto& one) { return one.first >= begin && one.first < end; });
  if (pictures.empty()) return;
  const auto name = [](const auto& one) { return one.second.filename().string(); };
  const std::string names =
      name(pictures.front()) + (pictures.size() == 1 ? "" : " to " + name(pictures.back()));
  log_warning(
      job.output.path.parent_path().string() + " also holds " + std::to_string(pictures.size()) +
      (pictures.size() == 1 ? " picture" : " pictures") + " of another render (" + names +
      "); programs that read this sequence take them for a part of it, so remove them if they are old");
}

}  // namespace dreamreel::app
