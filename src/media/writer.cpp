#include "dreamreel/media/writer.h"

#include <fmt/core.h>

#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "encoder_choice.h"
#include "input.h"
#include "pattern.h"
#include "picture_files.h"
#include "picture_text.h"
#include "tags.h"
#include "video_file.h"

namespace dreamreel::media {
namespace fs = std::filesystem;

struct Writer::Impl {
  fs::path path;
  std::unique_ptr<Output> output;
};

Writer::Writer(const WriterOptions& options, const VideoInfo& source, const std::atomic<bool>* stop)
    : impl_(std::make_unique<Impl>()) {
  const bool pictures = is_picture_path(options.path);
  impl_->path = pictures && NumberPattern::parse(options.path) ? options.path.parent_path() : options.path;
  impl_->output = pictures ? open_pictures(options, source) : open_video_file(options, source, stop);
}

Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;

void Writer::write(const VideoFrame& frame) {
  impl_->output->write(frame);
}

void Writer::finish() {
  impl_->output->finish();
}

const fs::path& Writer::path() const {
  return impl_->path;
}

namespace {

constexpr std::size_t kMostJobBytes = 4 << 20;

std::optional<std::string> job_text_in(const fs::path& file) {
  constexpr std::size_t kRead = std::size_t{64} << 20;  // the job stands at the beginning
  const InputFile input = open_input(file);
  if (!input.is_picture) return job_in_tags(*input.context);
  const auto [bytes, why] = read_beginning(file, kRead);
  if (!bytes) throw InputError(fmt::format("cannot read {}: {}", file.string(), why));
  return job_in_picture({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
}

}  // namespace

std::optional<std::string> read_job(const fs::path& path) {
  fs::path file = path;
  std::error_code ignored;
  if (const auto pattern = NumberPattern::parse(path); pattern && !fs::exists(path, ignored))
    if (const auto numbers = pattern->numbers(); !numbers.empty()) file = pattern->file(numbers.front());
  auto text = job_text_in(file);
  if (text && text->size() > kMostJobBytes)
    throw DataError(
        fmt::format("{} holds a text of {} bytes where its job should be, but no job is larger than {} MiB",
                    path.string(), text->size(), kMostJobBytes >> 20));
  return text;
}

}  // namespace dreamreel::media
