#include "profile.h"

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "overwrite.h"

namespace dreamreel::app {
namespace {

class Profile {
 public:
  explicit Profile(const std::filesystem::path& file) : trace_(std::make_unique<Trace>(file)) {}
  ~Profile() {
    try {
      trace_->finish();
    } catch (const Error& error) {  // the render itself is done
      log_warning(error.what());
    }
  }
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;
  Trace* trace() { return trace_.get(); }

 private:
  std::unique_ptr<Trace> trace_;
};

}  // namespace

void add_profile(CLI::App& command, std::filesystem::path& file) {
  command
      .add_option("--profile", file,
                  "Write what each thread worked on as a trace, for ui.perfetto.dev or chrome://tracing")
      ->type_name("TRACE.json");
}

std::shared_ptr<void> profiled(render::RenderOptions& options, const std::filesystem::path& file) {
  if (file.empty()) return nullptr;
  expect_no_other_file(file, "--profile", {"{\"displayTimeUnit\""});
  const auto profile = std::make_shared<Profile>(file);
  options.trace = profile->trace();
  return profile;
}

}  // namespace dreamreel::app
