#include "dreamreel/study/finished_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "curve_files.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/threads.h"
#include "job_arguments.h"

namespace dreamreel::app {
namespace {

struct MeasureArguments {
  std::filesystem::path output, source;
  std::string filter;
  std::string trim_start, trim_end;
  int threads = 0;
  std::filesystem::path plot;
  bool json = false;
};

std::optional<TimePoint> parse_trim(const char* option, const std::string& text) {
  if (text.empty()) return {};
  const auto time = parse_time(text);
  if (!time)
    throw UsageError(fmt::format("{}: expected a time like 4s, 00:04.5 or 96f, got '{}'", option, text));
  return time;
}

// JSON has no infinity and no missing number, so both become null.
nlohmann::json number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

nlohmann::json to_json(const study::FrameMeasure& frame) {
  return {{"is_cut", frame.is_cut},
          {"warping_error", number(frame.warping_error)},
          {"warping_error_8", number(frame.warping_error_8)},
          {"warping_error_24", number(frame.warping_error_24)},
          {"memory", number(frame.memory)},
          {"depth", number(frame.depth)},
          {"sharpness", frame.sharpness},
          {"psnr_db", number(frame.psnr_db)},
          {"level", frame.level},
          {"contrast", frame.contrast},
          {"level_drift", number(frame.level_drift)},
          {"contrast_drift", number(frame.contrast_drift)}};
}

void print_measurement_json(const study::Measurement& measurement) {
  nlohmann::json json{{"frame_count", measurement.frames.size()},
                      {"warping_error", number(measurement.warping_error)},
                      {"warping_error_8", number(measurement.warping_error_8)},
                      {"warping_error_24", number(measurement.warping_error_24)},
                      {"memory", number(measurement.memory)},
                      {"depth", number(measurement.depth)},
                      {"sharpness", measurement.sharpness},
                      {"psnr_db", number(measurement.psnr_db)},
                      {"level_drift", number(measurement.level_drift)},
                      {"contrast_drift", number(measurement.contrast_drift)},
                      {"note", measurement.note},
                      {"frames", nlohmann::json::array()}};
  for (const auto& frame : measurement.frames) json["frames"].push_back(to_json(frame));
  std::printf("%s\n", json.dump().c_str());
}

void print_row(const char* what, const std::optional<double>& value, double scale, const char* unit) {
  if (value) {
    std::printf("%-16s %10.6g %s\n", what, *value * scale, unit);
  } else {
    std::printf("%-16s %10s\n", what, "-");
  }
}

void print_measurement_table(const study::Measurement& measurement) {
  const auto cuts = std::ranges::count_if(measurement.frames, &study::FrameMeasure::is_cut);
  std::printf("%-16s %10zu, %lld cuts\n", "frames", measurement.frames.size(), static_cast<long long>(cuts));
  print_row("warping error", measurement.warping_error, 1, "mean squared difference along the flow");
  print_row("over 8 frames", measurement.warping_error_8, 1, "the same, to the frame 8 before");
  print_row("over 24 frames", measurement.warping_error_24, 1, "the same, to the frame 24 before");
  print_row("memory", measurement.memory, 1,
            "correlation of the dream in uncovered places with what it was there");
  print_row("depth", measurement.depth, 1, "its strength there, as a share of what it was");
  print_row("sharpness", measurement.sharpness, 1, "variance of the Laplacian");
  print_row("PSNR to source", measurement.psnr_db, 1, "dB");
  print_row("level drift", measurement.level_drift, 100, "% at most, where the source is still");
  print_row("contrast drift", measurement.contrast_drift, 100, "% at most, where the source is still");
}

// A measure as a curve, with gaps where a frame has none.
template <typename Member>
study::CurveColumn column(const char* name, const study::Measurement& measurement, Member member) {
  study::CurveColumn column{name, {}, false};
  for (const auto& frame : measurement.frames)
    column.values.push_back(
        std::optional<double>(frame.*member).value_or(std::numeric_limits<double>::quiet_NaN()));
  return column;
}

study::CurveSheet sheet_of(const study::Measurement& measurement) {
  using Frame = study::FrameMeasure;
  constexpr double kUsualRate = 24;
  study::CurveSheet sheet;
  sheet.frames_per_second = measurement.frames_per_second > 0 ? measurement.frames_per_second : kUsualRate;
  for (std::size_t i = 0; i < measurement.frames.size(); ++i) {
    sheet.frames.push_back(static_cast<std::int64_t>(i));
    sheet.seconds.push_back(static_cast<double>(i) / sheet.frames_per_second);
  }
  sheet.levels.resize(sheet.frames.size());
  sheet.peaks.resize(sheet.frames.size());
  sheet.columns = {column("warping error", measurement, &Frame::warping_error),
                   column("warping error over 8 frames", measurement, &Frame::warping_error_8),
                   column("warping error over 24 frames", measurement, &Frame::warping_error_24),
                   column("memory", measurement, &Frame::memory),
                   column("depth", measurement, &Frame::depth),
                   column("sharpness", measurement, &Frame::sharpness),
                   column("PSNR to source, dB", measurement, &Frame::psnr_db),
                   column("level", measurement, &Frame::level),
                   column("contrast", measurement, &Frame::contrast),
                   column("level drift", measurement, &Frame::level_drift),
                   column("contrast drift", measurement, &Frame::contrast_drift)};
  return sheet;
}

// Filter and trim of the job that the output holds, if nothing is said of them and the job has this source.
void take_from_job(study::MeasureFiles& files) {
  if (files.source.empty() || !files.filter.empty() || files.trim_start || files.trim_end) return;
  try {
    const auto job =
        job::parse_job(study::embedded_job(files.output), files.output, job::default_load_options());
    if (job.input.path.filename() != files.source.filename()) return;
    files.filter = job.input.filter;
    files.trim_start = job.input.trim_start;
    files.trim_end = job.input.trim_end;
  } catch (const Error&) {
    return;  // a file without a job, or with one whose network is not here
  }
  if (!files.filter.empty() || files.trim_start || files.trim_end)
    log_info("filter and trim of the source are those of the job in " + files.output.string());
}

void run_measure(const MeasureArguments& arguments) {
  if (!arguments.plot.empty()) check_curve_file(arguments.plot, "--plot");
  image::set_threads(wanted_threads(arguments.threads));
  study::MeasureFiles files;
  files.output = arguments.output;
  files.source = arguments.source;
  files.filter = arguments.filter;
  files.trim_start = parse_trim("--trim-start", arguments.trim_start);
  files.trim_end = parse_trim("--trim-end", arguments.trim_end);
  take_from_job(files);
  const auto measurement = study::measure_files(files);
  if (!arguments.plot.empty())
    write_curves(sheet_of(measurement), arguments.output.filename().string(), arguments.plot);
  if (!measurement.note.empty()) log_warning(measurement.note);
  if (arguments.json) {
    print_measurement_json(measurement);
  } else {
    print_measurement_table(measurement);
  }
}

}  // namespace

void add_measure(CLI::App& app) {
  auto arguments = std::make_shared<MeasureArguments>();
  CLI::App* command =
      app.add_subcommand("measure", "Measure flicker, sharpness, distance to the source and drift");
  command->add_option("OUT", arguments->output, "The dreamed video")->required();
  command->add_option("--source", arguments->source, "The clip it was made from (none for noise)");
  command->add_option(
      "--filter", arguments->filter,
      "The job's input.filter, so that the sizes agree (default: as in the job that OUT holds)");
  command->add_option("--trim-start", arguments->trim_start,
                      "The job's input.trim, first value (default: as --filter)");
  command->add_option("--trim-end", arguments->trim_end,
                      "The job's input.trim, second value (default: as --filter)");
  command->add_option("--threads", arguments->threads, "Threads (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  command->add_option("--plot", arguments->plot,
                      "A page (.html) or table (.csv) of every measure, frame by frame");
  command->add_flag("--json", arguments->json, "Print one JSON object, frame by frame");
  command->callback([arguments] { run_measure(*arguments); });
}

}  // namespace dreamreel::app
