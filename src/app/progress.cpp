#include "progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"

namespace dreamreel::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSilenceLimit = std::chrono::seconds(9);  // farms kill a task that is silent for over 10 s
constexpr auto kLineInterval = std::chrono::seconds(2);  // plain lines come at most this often
constexpr int kBarWidth = 28;

template <typename... Values>
std::string text(const char* format, Values... values) {
  char buffer[512];
  const int length = std::snprintf(buffer, sizeof buffer, format, values...);
  return {buffer, std::min<std::size_t>(static_cast<std::size_t>(length), sizeof buffer - 1)};
}

std::string clock_text(double seconds) {
  const long total = std::lround(seconds);
  if (total >= 3600) return text("%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  return text("%ld:%02ld", total / 60, total % 60);
}

// Lines for people, and for programs that read them. Names in them come from outside, so none may start a new
// line.
std::string start_line(const report::RenderStart& start) {
  const std::string frames = start.frame_count > 0 ? (start.frame_count_is_exact ? "" : "about ") +
                                                         counted(start.frame_count, "frame")
                                                   : "an unknown number of frames";
  const auto device = start.device + (start.kernels.empty() ? "" : " with " + start.kernels);
  return text("rendering %s of %dx%d on %s, %s, %d threads -> ", frames.c_str(), start.width, start.height,
              device.c_str(), start.precision.c_str(), start.threads) +
         printable(start.output);
}

// Before the first frame is done, nothing is known of the time that the others take.
std::string frame_line(const report::FrameProgress& progress) {
  const std::string of = progress.total > 0 ? text("/%lld", static_cast<long long>(progress.total)) : "";
  const std::string pace =
      progress.seconds_per_frame > 0 ? text("  %.2f s/frame", progress.seconds_per_frame) : "";
  if (progress.done == 0) return "warming up" + pace;
  const bool is_last = progress.total > 0 && progress.done >= progress.total;
  const std::string left =
      progress.eta_seconds > 0 || is_last ? "  ETA " + clock_text(progress.eta_seconds) : std::string();
  return text("frame %lld%s%s%s  shot %d  objective %.4g", static_cast<long long>(progress.done), of.c_str(),
              pace.c_str(), left.c_str(), progress.shot + 1, progress.objective);
}

std::string finish_line(const std::string& output, std::int64_t frames, double seconds) {
  return fmt::format("{}: {} in {}", printable(output), counted(frames, "frame"), clock_text(seconds));
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

double percent(const report::FrameProgress& progress) {
  if (progress.total <= 0) return 0;
  return std::min(100.0, 100.0 * static_cast<double>(progress.done) / static_cast<double>(progress.total));
}

// Repeats the last line if nothing was written for a while. All output of a sink goes through this class.
class Heartbeat {
 public:
  explicit Heartbeat(FILE* stream)
      : stream_(stream), thread_([this](const std::stop_token& stop) { beat(stop); }) {}

  void write(const std::string& lines, const std::string& repeat) {
    const std::lock_guard lock(mutex_);
    put(lines);
    repeat_ = repeat;
  }

 private:
  void put(const std::string& lines) {
    std::fwrite(lines.data(), 1, lines.size(), stream_);
    std::fflush(stream_);
    last_ = Clock::now();
  }

  void beat(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
      if (!repeat_.empty() && Clock::now() - last_ >= kSilenceLimit) put(repeat_);
    }
  }

  FILE* stream_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::string repeat_;
  Clock::time_point last_ = Clock::now();
  std::jthread thread_;
};

class PlainProgress : public report::ProgressSink {
 public:
  void activity(const std::string& what) override { say(printable(what)); }
  void start(const report::RenderStart& start) override { say(start_line(start)); }
  void frame(const report::FrameProgress& progress) override {
    const auto now = Clock::now();
    const bool last = progress.done == progress.total;
    if (said_ != Clock::time_point() && !last && now - said_ < kLineInterval) return;
    say(frame_line(progress));
    said_ = now;
  }
  void finish(const std::string& output, std::int64_t frames, double seconds) override {
    say(finish_line(output, frames, seconds));
  }

 private:
  void say(const std::string& what) {
    heartbeat_.write(fmt::format("dreamreel: {}\n", what), fmt::format("dreamreel: still at: {}\n", what));
  }

  Heartbeat heartbeat_{stderr};
  Clock::time_point said_;
};

// One line that is drawn over and over; log messages go above it.
class BarProgress : public report::ProgressSink {
 public:
  BarProgress() {
    set_log_sink([this](LogLevel level, std::string_view message) { above_bar(log_lines(level, message)); });
  }
  ~BarProgress() override {
    set_log_sink({});
    if (!bar_.empty()) std::fputc('\n', stderr);
  }
  void activity(const std::string& what) override { draw(printable(what)); }
  void start(const report::RenderStart& start) override { above_bar("dreamreel: " + start_line(start)); }
  void frame(const report::FrameProgress& progress) override {
    const int filled = static_cast<int>(percent(progress) / 100 * kBarWidth);
    const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                            std::string(static_cast<std::size_t>(kBarWidth - filled), '.');
    draw(fmt::format("[{}] {}", bar, frame_line(progress)));
  }
  void finish(const std::string& output, std::int64_t frames, double seconds) override {
    {
      const std::lock_guard lock(mutex_);
      bar_.clear();
    }
    above_bar("dreamreel: " + finish_line(output, frames, seconds));
  }

 private:
  void draw(const std::string& line) {
    const std::lock_guard lock(mutex_);
    bar_ = line.substr(0, terminal_width() - 1);  // a wrapped line could not be drawn over
    std::fprintf(stderr, "\r\x1b[K%s", bar_.c_str());
    std::fflush(stderr);
  }
  void above_bar(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::fprintf(stderr, "\r\x1b[K%s\n%s", line.c_str(), bar_.c_str());
    std::fflush(stderr);
  }

  std::mutex mutex_;
  std::string bar_;
};

// Paths and messages need not be UTF-8.
std::string line_of(const nlohmann::json& event) {
  return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

class JsonProgress : public report::ProgressSink {
 public:
  void activity(const std::string& what) override { say({{"event", "activity"}, {"text", what}}); }
  void start(const report::RenderStart& start) override {
    say({{"event", "start"},
         {"output", start.output},
         {"first_frame", start.first_frame},
         {"total", start.frame_count},
         {"total_is_exact", start.frame_count_is_exact},
         {"width", start.width},
         {"height", start.height},
         {"device", start.device},
         {"precision", start.precision},
         {"kernels", start.kernels},
         {"threads", start.threads}});
  }
  void frame(const report::FrameProgress& progress) override {
    say({{"event", "frame"},
         {"frame", progress.frame},
         {"done", progress.done},
         {"total", progress.total},
         {"shot", progress.shot},
         {"objective", progress.objective},
         {"seconds_per_frame", progress.seconds_per_frame},
         {"eta_seconds", progress.eta_seconds}});
  }
  void finish(const std::string& output, std::int64_t frames, double seconds) override {
    say({{"event", "finish"}, {"output", output}, {"frames", frames}, {"seconds", seconds}});
  }
  void finish_chunk(std::size_t index) { say({{"event", "finish"}, {"chunk", index}}); }

 private:
  void say(const nlohmann::json& event) { heartbeat_.write(line_of(event), "{\"event\":\"alive\"}\n"); }

  Heartbeat heartbeat_{stdout};
};

class OpenJdProgress : public report::ProgressSink {
 public:
  void activity(const std::string& what) override {
    say(fmt::format("openjd_status: {}\n", printable(what)));
  }
  void start(const report::RenderStart& start) override {
    say(fmt::format("openjd_status: {}\n", start_line(start)));
  }
  void frame(const report::FrameProgress& progress) override {
    say(fmt::format("{}openjd_status: {}\n", text("openjd_progress: %.1f\n", percent(progress)),
                    frame_line(progress)));
  }
  void finish(const std::string& output, std::int64_t frames, double seconds) override {
    say(fmt::format("openjd_progress: 100.0\nopenjd_status: {}\n", finish_line(output, frames, seconds)));
  }

 private:
  void say(const std::string& lines) { heartbeat_.write(lines, lines); }
  Heartbeat heartbeat_{stdout};
};

class AfanasyProgress : public report::ProgressSink {
 public:
  void activity(const std::string& what) override { say(fmt::format("ACTIVITY: {}\n", printable(what))); }
  void start(const report::RenderStart& start) override {
    say(fmt::format("ACTIVITY: {}\n", start_line(start)));
  }
  void frame(const report::FrameProgress& progress) override {
    say(text("FRAME: %lld\nPROGRESS: %d%%\n", static_cast<long long>(progress.frame),
             static_cast<int>(percent(progress))));
  }
  void finish(const std::string& output, std::int64_t, double) override {
    say(fmt::format("PROGRESS: 100%\n@IMAGE@{}\n", printable(output)));
  }

 private:
  void say(const std::string& lines) { heartbeat_.write(lines, lines); }
  Heartbeat heartbeat_{stdout};
};

class NoProgress : public report::ProgressSink {
 public:
  void activity(const std::string&) override {}
  void start(const report::RenderStart&) override {}
  void frame(const report::FrameProgress&) override {}
  void finish(const std::string&, std::int64_t, double) override {}
};

bool is_quiet = false;
std::string format_of_failures;

}  // namespace

void be_quiet() {
  set_log_level(LogLevel::warning);
  is_quiet = true;
}

const std::vector<std::string>& progress_formats() {
  static const std::vector<std::string> formats{"auto", "bar", "plain", "json", "openjd", "afanasy"};
  return formats;
}

std::unique_ptr<report::ProgressSink> make_progress(const std::string& format) {
  if (format == "auto" && is_quiet) return std::make_unique<NoProgress>();
  if (format == "bar" || (format == "auto" && isatty(STDERR_FILENO) == 1))
    return std::make_unique<BarProgress>();
  if (format == "json") return std::make_unique<JsonProgress>();
  if (format == "openjd") return std::make_unique<OpenJdProgress>();
  if (format == "afanasy") return std::make_unique<AfanasyProgress>();
  return std::make_unique<PlainProgress>();
}

void finish_chunk(report::ProgressSink& progress, std::size_t index, bool was_done_already) {
  progress.activity(fmt::format("chunk {}{}", index, was_done_already ? " was done already" : " is done"));
  if (auto* const json = dynamic_cast<JsonProgress*>(&progress)) json->finish_chunk(index);
}

void tell_failures_in(const std::string& format) {
  format_of_failures = format;
}

void tell_failure(ExitCode code, const std::string& message) {
  if (format_of_failures == "json")
    std::fputs(
        line_of({{"event", "failure"}, {"exit_code", static_cast<int>(code)}, {"message", message}}).c_str(),
        stdout);
  else if (format_of_failures == "openjd")
    std::fputs(fmt::format("openjd_fail: {}\n", printable(message)).c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace dreamreel::app
