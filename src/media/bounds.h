// The most that a job or a file from outside may ask for, however large the machine is. docs/trust.md
// explains each number.
#pragma once

#include <cstdint>

namespace dreamreel::media {

/// Pixels of one picture, decoded or filtered: 16000 x 16000. FFmpeg itself has no larger ones.
constexpr std::int64_t kMostPixels = 256'000'000;
/// Pixels of one of our own pictures that is read back: a stored frame, or a frame of a lossless part. The
/// bound is larger than the one above, because sides are made even and pixels square after that bound was
/// checked.
constexpr std::int64_t kMostStoredPixels = std::int64_t{1} << 28;
/// Bytes that a picture takes at least for each pixel: decoded, and as three float32 channels.
constexpr std::int64_t kLeastPixelBytes = 16;
/// Frames a second that a filter may give.
constexpr double kMostFrameRate = 1000;
/// Frames that a filter may put into one gap between two frames of its input.
constexpr double kMostFilledFrames = 1e6;
/// How many frames all filters of a chain together may make of one.
constexpr double kMostMultiplied = 1e5;
/// Bytes of frames that one filter may hold back.
constexpr std::int64_t kMostHeldBytes = std::int64_t{4} << 30;
/// Length of a filter text in bytes, and filters in it.
constexpr std::size_t kLongestFilterText = 10000;
constexpr std::size_t kMostFilters = 100;

}  // namespace dreamreel::media
