#include "job_arguments.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/memory_limit.h"
#include "dreamreel/core/number_pattern.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/draft.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/masking/masks_picture.h"
#include "dreamreel/prepare/settle_output.h"

namespace dreamreel::app {
namespace {

// "out/dream.mp4" becomes "out/dream_draft.mp4". Numbered frames go into a folder beside it:
// "out_draft/%06d.png".
std::filesystem::path beside(const std::filesystem::path& output, const std::string& suffix) {
  if (suffix.empty()) return output;
  if (parse_numbered_name(output.filename().string()))
    return std::filesystem::path(output.parent_path().string() + suffix) / output.filename();
  return output.parent_path() / (output.stem().string() + suffix + output.extension().string());
}

// The suffix keeps a preview or a part of a job from replacing the whole output.
std::string suffix_of(const JobArguments& arguments, const FrameSpan& span) {
  const std::string name = span.name();
  const std::string kind = arguments.motion          ? std::string("_motion")
                           : !arguments.show.empty() ? "_" + arguments.show
                           : arguments.draft         ? "_draft"
                                                     : "";
  return kind + (name.empty() ? "" : "_" + name);
}

}  // namespace

CLI::Validator without_sign() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.starts_with('-') ? "expected a whole number from 0 on, got '" + text + "'"
                                     : std::string();
      },
      "");
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return {};
  return value;
}

void add_job(CLI::App& command, JobArguments& arguments) {
  command.add_option("JOB", arguments.file,
                     "A picture, a clip or a folder of numbered pictures to dream on; or a job file (YAML)");
  command.add_option("-i,--input", arguments.input, "What to dream on, in place of the job's input.path")
      ->type_name("FILE");
  command.add_option("--look", arguments.look, "A look by its name: `dreamreel looks` lists them")
      ->type_name("NAME");
  command.add_option("--song", arguments.song, "Sound in place of the clip's own")->type_name("FILE");
  command
      .add_option("--strength", arguments.strength,
                  "How much to dream: 0 shows the source, 0.5 is usual, 1 is overwhelming")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--seed", arguments.seed, "Another number, another dream of the same kind")
      ->check(without_sign());
  command.add_option("--set", arguments.overrides, "Override a key, e.g. --set dream.step=2 (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

std::vector<std::string> overrides_of(const JobArguments& arguments) {
  const auto absolute = [](const std::string& path) {
    const bool is_whole =
        path.starts_with("~/") || path.find("://") != std::string::npos;  // the job reads both
    return job::as_yaml(is_whole ? path : std::filesystem::absolute(path).string());
  };
  std::vector<std::string> overrides;
  if (!arguments.look.empty()) overrides.push_back("look=" + job::as_yaml(arguments.look));
  if (!arguments.input.empty() && !arguments.file.empty())
    overrides.push_back("input.path=" + absolute(job::input_path_of(arguments.input).string()));
  if (!arguments.song.empty()) overrides.push_back("input.audio=" + absolute(arguments.song));
  if (arguments.strength)
    overrides.push_back("dream.strength=" + CLI::detail::to_string(*arguments.strength));
  if (arguments.seed) overrides.push_back(fmt::format("seed={}", *arguments.seed));
  overrides.insert(overrides.end(), arguments.overrides.begin(), arguments.overrides.end());
  return overrides;
}

void add_job_arguments(CLI::App& command, JobArguments& arguments) {
  add_job(command, arguments);
  command
      .add_option(
          "-o,--output", arguments.output,
          "The file to write, in place of the job's output.path or of all its outputs; without a job, "
          "clip.mp4 becomes clip_dream.mp4 in the current folder")
      ->type_name("FILE");
  add_frames(command, arguments);
  command.add_flag("--draft", arguments.draft,
                   "A quarter of the pixels and half the iterations, for a quick look with the motion of the "
                   "final render; into OUTPUT_draft");
  command.add_flag("--motion", arguments.motion,
                   "Dots instead of a dream show how camera and flow would carry it; into OUTPUT_motion");
  command
      .add_option(
          "--show", arguments.show,
          "Colours instead of a dream. maps: where it would be fresh, and why; mask: where it may be; "
          "into OUTPUT_maps or OUTPUT_mask")
      ->check(CLI::IsMember({"maps", "mask"}))
      ->excludes("--motion")
      ->type_name("WHAT");
  command.add_option("--threads", arguments.threads, "Threads of the ascent (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  add_memory(command, arguments.memory);
}

void add_frames(CLI::App& command, JobArguments& arguments) {
  command
      .add_option("--frames", arguments.frames,
                  "Only these frames, half-open, counted from 0, or times: 100..148, 2s..5s, 4bar..8bar, "
                  "0:02.., ..96, or one frame; into OUTPUT_A-B")
      ->type_name("A..B");
}

void add_memory(CLI::App& command, std::int64_t& bytes) {
  const auto take = [&bytes](const std::string& text) {
    const auto size = parse_size(text);
    if (!size)
      throw CLI::ValidationError("--memory",
                                 fmt::format("expected a size like 6GiB or 800M, got '{}'", text));
    bytes = *size;
    set_memory_limit(bytes);
  };
  command
      .add_option_function<std::string>(
          "--memory", take,
          "How much memory the process may take, on a GPU of the GPU's own; larger "
          "frames are dreamed in tiles (default: 70 % of what is free)")
      ->type_name("SIZE");
}

// Parses "6GiB", "800M", "1.5kB". The letters after the number are a unit, "iB" or "B".
std::optional<std::int64_t> parse_size(const std::string& text) {
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || text.starts_with('-')) return {};
  std::string letters(rest, end);
  std::ranges::transform(letters, letters.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto unit = letters.empty() ? std::string::npos : std::string("kmgt").find(letters[0]);
  if (unit != std::string::npos) letters.erase(0, 1);
  if (!letters.empty() && letters != "b" && (letters != "ib" || unit == std::string::npos)) return {};
  const double base = letters == "b" ? 1000 : 1024;
  const double bytes = number * std::pow(base, unit == std::string::npos ? 0 : static_cast<double>(unit) + 1);
  if (!(bytes >= 1 && bytes <= 1e15)) return {};  // false for NaN, too
  return static_cast<std::int64_t>(bytes);
}

std::filesystem::path job_file(const JobArguments& arguments) {
  const auto& file = arguments.file.empty() ? arguments.input : arguments.file;
  if (file.empty())
    throw UsageError("expected what to dream on, such as clip.mp4, photo.jpg or a job file; got none");
  return file;
}

LoadedJob load(const JobArguments& arguments) {
  // Without an ascent, its threads would only slow down the others.
  const bool shows = !arguments.show.empty();
  image::set_threads(
      (arguments.motion || shows) && arguments.threads <= 0 ? 1 : wanted_threads(arguments.threads));
  LoadedJob loaded;
  loaded.span = parse_span(arguments.frames);
  auto options = job::default_load_options();
  options.overrides = overrides_of(arguments);
  auto job =
      job::load_job(job_file(arguments), options, {arguments.output, !loaded.span.is_whole()}, loaded.places);
  job = prepare::settle_output(std::move(job), loaded.places);
  if (arguments.draft) job = job::draft_of(std::move(job));
  if (arguments.motion) job = job::motion_of(std::move(job));
  if (arguments.show == "maps") job = job::maps_of(std::move(job));
  if (arguments.show == "mask") {
    job = job::masks_of(std::move(job));
    log_info("the masks are drawn over the source; " + masking::words_for_masks(job));
  }
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    auto& path = job::output_at(job, i).path;
    path = beside(path, suffix_of(arguments, loaded.span));
  }
  loaded.job = std::move(job);
  return loaded;
}

int wanted_threads(int option) {
  if (option > 0) return option;
  for (const char* name : {"SLURM_CPUS_PER_TASK", "CUE_THREADS"}) {
    const char* value = std::getenv(name);
    const auto count = value ? parse_number(value) : std::nullopt;
    if (count && *count > 0) return static_cast<int>(std::min<std::int64_t>(*count, kMostThreads));
  }
  return 0;
}

}  // namespace dreamreel::app
