// Networks for the user: what scripts/fetch_network.sh does, started where the program has it.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "program.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

struct FetchArguments {
  std::string network = "inception_v3";
  fs::path folder;
  bool force = false;
};

// Beside an installed program, else in the source tree.
fs::path fetch_script() {
  constexpr const char* kName = "scripts/fetch_network.sh";
  const fs::path installed = program_path().parent_path().parent_path() / "share/dreamreel" / kName;
  std::error_code unreadable;
  return fs::is_regular_file(installed, unreadable) ? installed : fs::path(DREAMREEL_SOURCE_DIR) / kName;
}

// The script takes this process's place, so that signals and its exit code need no passing on.
[[noreturn]] void fetch(const FetchArguments& arguments) {
  const std::string script = fetch_script().string();
  std::vector<std::string> words{"bash", script, arguments.network};
  if (arguments.force) words.emplace_back("--force");
  if (!arguments.folder.empty()) words.insert(words.end(), {"--dest", arguments.folder.string()});
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  throw UnavailableError("cannot run bash " + script + ": " + std::strerror(errno));
}

}  // namespace

void add_fetch(CLI::App& app) {
  auto arguments = std::make_shared<FetchArguments>();
  CLI::App* const command =
      app.add_subcommand("fetch", "Fetch a network into the folder where they are kept");
  command->add_option("NAME", arguments->network, "Network card (default: inception_v3)");
  command->add_option(
      "--dest", arguments->folder,
      "Folder, in place of the first of DREAMREEL_NETWORKS or else ~/.cache/dreamreel/networks");
  command->add_flag("--force", arguments->force, "Fetch again, even if the file is there");
  command->callback([arguments] { fetch(*arguments); });
}

}  // namespace dreamreel::app
