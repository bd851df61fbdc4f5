// The output of a Writer that is one picture or many.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "dreamreel/media/writer.h"
#include "output.h"

namespace dreamreel::media {

/// Gets each picture after it has its final name, with its bytes.
using PictureSink = std::function<void(const std::filesystem::path&, std::span<const std::uint8_t>)>;

/// The error for a path without a number, if several frames come.
std::string one_picture_only(const std::filesystem::path& path);

/// Opens an output of numbered pictures, or of one picture.
std::unique_ptr<Output> open_pictures(const WriterOptions& options, const VideoInfo& source,
                                      PictureSink sink = {});

}  // namespace dreamreel::media
