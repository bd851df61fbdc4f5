#include "dreamreel/study/vary.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/render/render.h"
#include "dreamreel/study/finished_files.h"

namespace dreamreel::study {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw UsageError(
      fmt::format("--over: expected KEY=VALUE,VALUE,... such as dream.step=1,2,4, or KEY=A..B such as "
                  "seed=1..4, got '{}'",
                  text));
}

// Splits at commas outside of brackets, braces and quotes.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{' || c == '(') {
      ++depth;
    } else if (c == ']' || c == '}' || c == ')') {
      --depth;
    } else if (c == ',' && depth <= 0) {
      values.emplace_back();
      continue;
    }
    values.back() += c;
  }
  return values;
}

// Parses "1..4"; nullopt for any other text.
std::optional<std::vector<std::string>> numbers_of(std::string_view text) {
  std::int64_t first = 0, last = 0;
  const char* const end = text.data() + text.size();
  const auto [dots, wrong] = std::from_chars(text.data(), end, first);
  if (wrong != std::errc{} || !std::string_view(dots, static_cast<std::size_t>(end - dots)).starts_with(".."))
    return {};
  const auto [rest, also_wrong] = std::from_chars(dots + 2, end, last);
  if (also_wrong != std::errc{} || rest != end) return {};
  if (last < first || static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) >= kMostVariations)
    throw UsageError(fmt::format("--over: expected 1 to {} numbers, got '{}'", kMostVariations, text));
  std::vector<std::string> values;
  for (std::int64_t value = first; value <= last; ++value) values.push_back(std::to_string(value));
  return values;
}

// Renders into a folder of its own, as a 16-bit picture, which keeps every bit.
at::Tensor rendered(job::Job job, const VaryOptions& options) {
  const TemporaryFolder folder("dreamreel-vary");
  job.more_outputs.clear();
  job.output.audio = job::Output::Audio::none;
  job.output.path = folder / "frame_%06d.png";
  job.output.codec = "";
  job.output.pixel_format = "rgb48be";
  job.output.codec_options.clear();
  render::RenderOptions how;
  how.frames = {options.frame, options.frame + 1};
  how.stop = options.stop;
  how.memory = options.memory;
  try {
    render::render(job, how);
  } catch (const UsageError& error) {
    // A render names its own option.
    const std::string number = std::to_string(options.frame), text = error.what(),
                      range = "--frames " + number + ".." + std::to_string(options.frame + 1);
    if (!text.starts_with(range)) throw;
    throw UsageError("--frame " + number + text.substr(range.size()));
  }
  const auto pictures = pictures_of_sequence(job.output);
  if (pictures.empty()) throw RenderError(fmt::format("frame {} was not rendered", options.frame));
  media::ReaderOptions reader;
  reader.path = pictures.front().second;
  const auto frame = media::Reader(reader).next();
  if (!frame) throw RenderError("the rendered frame cannot be read");
  return frame->rgb;
}

// Loads the jobs of all variations before the first one is rendered. A job that is refused becomes a problem
// of its variation. If all of them are refused, the key itself is wrong, and the first problem is thrown.
std::vector<std::optional<job::Job>> load_all(const VaryOptions& options,
                                              std::vector<Variation>& variations) {
  std::vector<std::optional<job::Job>> jobs(variations.size());
  std::exception_ptr first;
  for (std::size_t i = 0; i < variations.size(); ++i) try {
      jobs[i] = options.load_job(variations[i].overrides);
    } catch (const Error& error) {
      if (error.code() != ExitCode::bad_job) throw;
      variations[i].problem = error.what();
      variations[i].code = error.code();
      if (!first) first = std::current_exception();
    }
  const bool is_any_loaded = std::ranges::any_of(jobs, [](const auto& job) { return job.has_value(); });
  if (!is_any_loaded && first) std::rethrow_exception(first);
  for (const auto& variation : variations)  // told now, because the others may take long
    if (!variation.problem.empty()) log_warning(variation.problem);
  return jobs;
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) refuse(text);
  const std::string values = text.substr(equals + 1);
  Axis axis{text.substr(0, equals), {}};
  if (auto numbers = numbers_of(values))
    axis.values = *std::move(numbers);
  else
    axis.values = split_values(values);
  for (const auto& value : axis.values)
    if (value.empty()) refuse(text);
  return axis;
}

std::vector<std::vector<std::string>> combinations(const std::vector<Axis>& axes, std::size_t most) {
  if (axes.empty() || axes.size() > 2)
    throw UsageError(fmt::format("--over: expected one or two keys, got {}", axes.size()));
  std::vector<std::vector<std::string>> all(1);
  for (const auto& axis : axes) {
    if (all.size() * axis.values.size() > most)
      throw UsageError(fmt::format("--over: expected at most {} variations, got more", most));
    std::vector<std::vector<std::string>> longer;
    for (const auto& before : all)
      for (const auto& value : axis.values) {
        longer.push_back(before);
        longer.back().push_back(axis.key + "=" + value);
      }
    all = std::move(longer);
  }
  return all;
}

std::vector<Variation> vary(const VaryOptions& options) {
  std::vector<Variation> variations;
  for (auto& overrides : combinations(options.axes)) variations.push_back({std::move(overrides), {}, ""});
  const auto jobs = load_all(options, variations);
  std::size_t done = 0;
  for (auto& variation : variations) {
    const auto stopped = [&] {
      return fmt::format("interrupted after {} of {}; nothing was written", done,
                         counted(std::ssize(variations), "variation"));
    };
    if (options.stop != nullptr && options.stop->load()) throw Interrupted(stopped());
    try {
      if (jobs[done]) variation.picture = rendered(*jobs[done], options);
    } catch (const Error& error) {
      // The render's own message counts frames and says how to continue. Variations cannot be continued, so
      // this message takes its place.
      if (error.code() == ExitCode::interrupted) throw Interrupted(stopped());
      if (error.code() != ExitCode::bad_job && error.code() != ExitCode::data) throw;
      variation.problem = error.what();
      variation.code = error.code();
    }
    ++done;
    if (options.progress) options.progress(done, variations.size());
  }
  return variations;
}

}  // namespace dreamreel::study
