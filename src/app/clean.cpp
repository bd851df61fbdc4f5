#include <cstdio>
#include <memory>
#include <optional>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/prepare/kept_work.h"
#include "dreamreel/work/work_folder.h"
#include "job_arguments.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

// What is kept of a rendered file, or of the render of a job file.
std::optional<fs::path> kept_of(const fs::path& file) {
  if (const auto found = prepare::kept_work_of(file)) return found;
  std::error_code unreadable;
  if (!fs::is_regular_file(file, unreadable) || job::is_input(file)) return {};
  return prepare::kept_work_of(job::load_job(file, job::default_load_options()).output.path);
}

void run_clean(const fs::path& output) {
  const auto& stop = stop_on_signals();
  const auto root = kept_of(output);
  if (!root) {
    std::printf("nothing is kept of %s\n", printable(output.string()).c_str());
    return;
  }
  const work::WorkFolder work(*root);
  work::WorkLock lock(work.lock(), output.string(), &stop);
  work.expect_no_chunk_at_work(&stop);
  const auto bytes = work.bytes();
  work.remove(lock);
  constexpr double kMegabyte = 1e6;
  std::printf("%s: %.1f MB are free again\n", printable(work.root().string()).c_str(),
              static_cast<double>(bytes) / kMegabyte);
}

}  // namespace

void add_clean(CLI::App& app) {
  auto output = std::make_shared<fs::path>();
  CLI::App* command =
      app.add_subcommand("clean", "Remove what is kept of a render: the frames and parts in OUTPUT.work");
  command->add_option("OUTPUT", *output, "The rendered file, which stays, or its job file")->required();
  command->footer("Files that dreamreel did not make stay, and so does the folder around them.");
  command->callback([output] { run_clean(*output); });
}

}  // namespace dreamreel::app
