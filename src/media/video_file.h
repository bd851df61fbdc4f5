// The output of a Writer that is one file of video and sound.
#pragma once

#include <atomic>
#include <memory>

#include "dreamreel/media/writer.h"
#include "output.h"

namespace dreamreel::media {

/// A container with video and sound. Once `stop` is set, writing throws Interrupted.
std::unique_ptr<Output> open_video_file(const WriterOptions& options, const VideoInfo& source,
                                        const std::atomic<bool>* stop = nullptr);

}  // namespace dreamreel::media
