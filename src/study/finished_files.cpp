#include "dreamreel/study/finished_files.h"

#include <memory>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/media/writer.h"

namespace dreamreel::study {
namespace {

FrameStream frames_of(std::shared_ptr<media::Reader> reader) {
  return [reader = std::move(reader)]() -> std::optional<at::Tensor> {
    auto frame = reader->next();
    if (!frame) return std::nullopt;
    return frame->rgb;
  };
}

}  // namespace

Measurement measure_files(const MeasureFiles& files, const MeasureOptions& options) {
  return image::with_torch_errors([&] {
    media::ReaderOptions output;
    output.path = files.output;
    media::ReaderOptions source;
    source.path = files.source;
    source.filter = files.filter;
    source.trim_start = files.trim_start;
    source.trim_end = files.trim_end;
    const auto dreamed = std::make_shared<media::Reader>(output);
    const auto original =
        files.source.empty() ? FrameStream() : frames_of(std::make_shared<media::Reader>(source));
    auto measurement = measure(frames_of(dreamed), original, options);
    measurement.frames_per_second = dreamed->info().frame_rate.value();
    return measurement;
  });
}

std::string embedded_job(const std::filesystem::path& file) {
  auto yaml = media::read_job(file);
  if (!yaml)
    throw DataError(file.string() +
                    " holds no job: it was not made by dreamreel, or its metadata was removed");
  return *std::move(yaml);
}

std::vector<std::pair<std::int64_t, std::filesystem::path>> pictures_of_sequence(const job::Output& output) {
  std::vector<std::pair<std::int64_t, std::filesystem::path>> pictures;
  for (const auto number : media::picture_numbers(output.path))
    pictures.emplace_back(number - output.first_number, media::picture_of_number(output.path, number));
  return pictures;
}

}  // namespace dreamreel::study
