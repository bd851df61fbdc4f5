#include <cstdio>
#include <memory>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/work/work_folder.h"
#include "job_arguments.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

void run(const fs::path& output) {
  const auto& stop = stop_on_signals();
  const work::WorkFolder work(work::work_folder_beside(fs::absolute(output).lexically_normal()));
  if (!fs::is_directory(work.root())) {
    std::printf("nothing is kept of %s; a job with several outputs keeps all beside the first of them\n",
                printable(output.string()).c_str());
    return;
  }
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
  command->add_option("OUTPUT", *output, "The rendered file, which stays")->required();
  command->footer("Files that dreamreel did not make stay, and so does the folder around them.");
  command->callback([output] { run(*output); });
}

}  // namespace dreamreel::app
