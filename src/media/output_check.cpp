#include "dreamreel/media/output_check.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "encoder.h"
#include "encoder_choice.h"
#include "encoder_options.h"
#include "pattern.h"
#include "picture_files.h"

namespace dreamreel::media {
namespace {

namespace fs = std::filesystem;
using FaultKind = OutputFault::Kind;

bool is_of_the_kernel(const fs::path& folder) {
  struct statfs system {};
  if (statfs(folder.c_str(), &system) != 0) return false;
  const auto type = static_cast<unsigned long>(system.f_type);
  return type == PROC_SUPER_MAGIC || type == SYSFS_MAGIC || type == CGROUP_SUPER_MAGIC ||
         type == CGROUP2_SUPER_MAGIC;
}

// The reason why no file can be made in an existing folder; "" if one can.
std::string why_not_writable(const fs::path& folder) {
  if (is_of_the_kernel(folder)) return "it belongs to the kernel";
  const int file = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) {
    close(file);
    return "";
  }
  const int error = errno;
  const bool is_unknown = error == EOPNOTSUPP || error == EISDIR || error == ENOENT || error == EINVAL;
  if (!is_unknown) return std::strerror(error);
  return access(folder.c_str(), W_OK | X_OK) == 0 ? "" : std::strerror(errno);
}

class Faults {
 public:
  Faults(const WriterOptions& options, const VideoInfo& source)
      : options_(options), source_(source), encoder_key_(options.codec.empty() ? "path" : "video.codec") {}

  std::vector<OutputFault> find() {
    check_place();
    if (std::error_code failed; fs::is_directory(options_.path, failed)) return std::move(faults_);
    const AVOutputFormat* container = nullptr;
    guard("path", [&] { container = &container_for(options_.path); });
    if (container == nullptr) return std::move(faults_);
    const AVCodec* codec = nullptr;
    guard(encoder_key_, [&] { codec = &choose_encoder(options_, *container); });
    if (codec == nullptr) {
      if (avcodec_find_encoder_by_name(options_.codec.c_str()) != nullptr ||
          avcodec_descriptor_get_by_name(options_.codec.c_str()) != nullptr)
        faults_.back().kind = FaultKind::does_not_fit;
      return std::move(faults_);
    }
    check_pixel_format(*codec);
    check_options(*codec);
    if (faults_.empty() && source_.width > 0) check_opening(*container);
    return std::move(faults_);
  }

 private:
  template <typename Check>
  void guard(const std::string& key, const Check& check) {
    try {
      check();
    } catch (const Error& error) {
      add(key, error.what(), FaultKind::wrong, error.code());
    }
  }

  void add(const std::string& key, const std::string& message, FaultKind kind = FaultKind::wrong,
           ExitCode code = ExitCode::bad_job) {
    const std::string prefix = "output.";  // some messages name their key themselves
    const auto colon = message.starts_with(prefix) ? message.find(": ") : std::string::npos;
    faults_.push_back(
        {kind, code, prefix + key, colon == std::string::npos ? message : message.substr(colon + 2)});
  }

  // Missing folders will be made, so the nearest existing folder above them has to allow it.
  void check_place() {
    const fs::path absolute = fs::absolute(options_.path);
    std::error_code failed;
    if (fs::is_directory(options_.path, failed))
      return add("path", options_.path.string() + " is a folder; give a file in it", FaultKind::wrong,
                 ExitCode::io);
    fs::path folder = absolute.parent_path();
    while (!fs::exists(folder, failed) && !failed && folder != folder.parent_path())
      folder = folder.parent_path();
    std::string why;
    if (failed)
      why = failed.message();
    else
      why = fs::is_directory(folder, failed) ? why_not_writable(folder) : "it is no folder";
    if (why.empty()) return;
    const bool is_missing = folder != absolute.parent_path();
    const std::string task =
        is_missing ? fmt::format("create the folder {} in", absolute.parent_path().string()) : "write into";
    add("path", fmt::format("cannot {} {}: {}", task, folder.string(), why), FaultKind::wrong, ExitCode::io);
  }

  void check_pixel_format(const AVCodec& codec) {
    const bool pictures = is_picture_path(options_.path);
    if (pictures && !NumberPattern::parse(options_.path) && !source_.is_still &&
        source_.frame_count.value_or(1) > 1)
      add("path", one_picture_only(options_.path));
    const bool is_asked = !options_.pixel_format.empty();
    const auto before = faults_.size();
    guard(is_asked ? "video.pixel_format" : encoder_key_,
          [&] { choose_pixel_formats(options_, source_, codec, pictures); });
    if (faults_.size() > before && is_asked &&
        av_get_pix_fmt(options_.pixel_format.c_str()) != AV_PIX_FMT_NONE)
      faults_.back().kind = FaultKind::does_not_fit;
  }

  void check_options(const AVCodec& codec) {
    for (const auto& [name, value] : options_.options) {
      // One context for each, so that no option shows another's mistake.
      const CodecPtr context(avcodec_alloc_context3(&codec));
      if (!context) throw std::bad_alloc();
      const auto before = faults_.size();
      guard("video.options." + name,
            [&, &name = name, &value = value] { set_video_option(*context, name, value); });
      if (faults_.size() == before) continue;
      if (has_option(*context, name))
        faults_.back().kind = FaultKind::value_refused;
      else if (is_option_of_any_encoder(name))
        faults_.back().kind = FaultKind::does_not_fit;
    }
  }

  // Finds faults that an encoder reports only when it is opened, such as an unknown preset.
  void check_opening(const AVOutputFormat& container) {
    const bool pictures = is_picture_path(options_.path);
    const auto open = [&](const WriterOptions& options) {
      VideoEncoder(options, source_, container, pictures);
    };
    guard("video", [&] { open(options_); });
    if (faults_.empty()) return;
    for (const auto& [name, value] : options_.options) {
      WriterOptions without = options_;
      without.options.erase(name);
      try {
        open(without);
        faults_.back().key = "output.video.options." + name;
        faults_.back().kind = FaultKind::value_refused;
        return;
      } catch (const JobError&) {  // another fault, or a fault of a setting that the job does not make
      }
    }
  }

  const WriterOptions& options_;
  const VideoInfo& source_;
  const std::string encoder_key_;
  std::vector<OutputFault> faults_;
};

}  // namespace

std::vector<OutputFault> find_output_faults(const WriterOptions& options, const VideoInfo& source) {
  return Faults(options, source).find();
}

std::vector<std::int64_t> picture_numbers(const fs::path& path) {
  const auto pattern = NumberPattern::parse(path);
  return pattern ? pattern->numbers() : std::vector<std::int64_t>{};
}

bool is_number_pattern(const fs::path& path) {
  return NumberPattern::parse(path).has_value();
}

fs::path picture_of_number(const fs::path& pattern, std::int64_t number) {
  const auto parsed = NumberPattern::parse(pattern);
  return parsed ? parsed->file(number) : pattern;
}

}  // namespace dreamreel::media
