#include <cstdio>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/study/finished_files.h"

namespace dreamreel::app {

void add_info(CLI::App& app) {
  auto file = std::make_shared<std::filesystem::path>();
  CLI::App* command = app.add_subcommand("info", "Print the job that made a file");
  command->add_option("FILE", *file, "A video or picture made by dreamreel")->required();
  command->callback([file] {
    const std::string yaml = printable_lines(study::embedded_job(*file));
    std::fputs(yaml.c_str(), stdout);
    if (!yaml.ends_with('\n')) std::putchar('\n');
  });
}

}  // namespace dreamreel::app
