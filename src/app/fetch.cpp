// The command `fetch`: runs scripts/fetch_network.sh, which is part of an installed program as well.
#include <fmt/core.h>
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

// The script of the installed program, or else of the source tree.
fs::path fetch_script() {
  constexpr const char* kName = "scripts/fetch_network.sh";
  const fs::path installed = program_path().parent_path().parent_path() / "share/dreamreel" / kName;
  std::error_code unreadable;
  return fs::is_regular_file(installed, unreadable) ? installed : fs::path(DREAMREEL_SOURCE_DIR) / kName;
}

// The script replaces this process, so that nothing has to pass on signals and the exit code.
[[noreturn]] void fetch(const FetchArguments& arguments) {
  const std::string script = fetch_script().string();
  std::vector<std::string> words{"bash", script, arguments.network};
  if (arguments.force) words.emplace_back("--force");
  if (!arguments.folder.empty()) words.insert(words.end(), {"--dest", arguments.folder.string()});
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  throw UnavailableError(fmt::format("cannot run bash {}: {}", script, std::strerror(errno)));
}

}  // namespace

void add_fetch(CLI::App& app) {
  auto arguments = std::make_shared<FetchArguments>();
  CLI::App* const command =
      app.add_subcommand("fetch", "Fetch a network into the folder where they are kept");
  command->add_option("NAME", arguments->network,
                      "A network by the name of its card (default: inception_v3)");
  command->add_option(
      "--dest", arguments->folder,
      "Folder, in place of the first of DREAMREEL_NETWORKS or else ~/.cache/dreamreel/networks");
  command->add_flag("--force", arguments->force, "Fetch again, even if the file is there");
  command->callback([arguments] { fetch(*arguments); });
}

}  // namespace dreamreel::app
