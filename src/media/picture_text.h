// Puts texts into encoded pictures: a PNG text chunk (PNG specification, 11.3.4) or JPEG comment segments
// (ITU-T T.81, B.2.4.5). libav writes neither.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dreamreel::media {

/// The picture with the job inside. Unchanged if it is neither a PNG nor a JPEG.
std::vector<std::uint8_t> with_job(std::span<const std::uint8_t> picture, const std::string& yaml);

/// A PNG with a cICP chunk (PNG specification, third edition, 11.3.2.6), which states colours that other
/// chunks cannot state. Unchanged if the picture has such a chunk already, or is no PNG.
std::vector<std::uint8_t> with_code_points(std::span<const std::uint8_t> picture, int primaries,
                                           int transfer);

/// The job in a picture's bytes; nullopt if there is none.
std::optional<std::string> job_in_picture(std::span<const std::uint8_t> picture);

/// Whether a PNG made by with_job(), with a job in ASCII, contains a job that begins with `start`. A byte or
/// two may be damaged.
bool nearly_has_job(std::span<const std::uint8_t> picture, std::string_view start);

}  // namespace dreamreel::media
