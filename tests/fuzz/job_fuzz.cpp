// The job parser. Lines "#--" split the input into the job file, base.yaml beside it, and overrides. A job
// that loads must say the same when it is written out and read again. It must also be possible to evaluate it
// and to make a draft of it.
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/job/draft.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/job.h"
#include "dreamreel/settings/named_curves.h"
#include "scratch.h"

namespace {

using namespace dreamreel;

std::vector<std::string> parts_of(std::string_view text) {
  constexpr std::string_view kBorder = "\n#--\n";
  std::vector<std::string> parts;
  for (;;) {
    const auto border = text.find(kBorder);
    parts.emplace_back(text.substr(0, border));
    if (border == std::string_view::npos) return parts;
    text.remove_prefix(border + kBorder.size());
  }
}

void check_written(const job::Job& job, const job::LoadOptions& options, const fuzz::Scratch& scratch) {
  const std::string yaml = job::to_yaml(job);
  job::LoadOptions again_options = options;
  again_options.overrides.clear();
  std::string again;
  try {
    again = job::to_yaml(job::load_job(scratch.write("again.yaml", yaml), again_options));
  } catch (const Error& error) {
    fuzz::fail(std::string("a job that loads was written as one that does not: ") + error.what() + "\n" +
               yaml);
  }
  if (again != yaml)
    fuzz::fail("a job changes when it is written and read again:\n" + yaml + "---\n" + again);
}

void use(job::Job job) {
  const auto curves = job::list_curves(job);
  for (const double frame : {0.0, 1.0, 1e5}) {
    try {
      settings::check_curves(curves, {frame / 24, 24, frame, 10, nullptr});
    } catch (const JobError&) {
    }
  }
  settings::first_that_needs_sound(curves);
  job::list_files(job);
  try {
    job::to_yaml(job::motion_of(job::draft_of(job)));
  } catch (const JobError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  static const std::filesystem::path card = scratch.write("net.yaml", "name: net\nfile: net.onnx\n");
  const auto parts = parts_of(fuzz::text_of(data, size));
  const auto path = scratch.write("job.yaml", parts[0]);
  scratch.write("base.yaml", parts.size() > 1 ? parts[1] : "");
  job::LoadOptions options;
  if (parts.size() > 2) options.overrides.assign(parts.begin() + 2, parts.end());
  options.card_folders = options.network_folders = {card.parent_path()};
  try {
    const auto job = job::load_job(path, options);
    check_written(job, options, scratch);
    use(job);
  } catch (const JobError&) {
  } catch (const InputError&) {
  }
  return 0;
}
