// Attributes in the header of an OpenEXR file, as https://openexr.com/en/latest/OpenEXRFileLayout.html has
// them: name, type, size, value; an empty name ends the header.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "picture_headers.h"

namespace dreamreel::media {

bool is_exr(std::span<const std::uint8_t> picture);

/// A copy of `picture`, a whole file of scan lines, with one more attribute. The places of its lines are put
/// right. The copy is unchanged if it is no such file, or has an attribute of this name.
std::vector<std::uint8_t> with_exr_text(std::span<const std::uint8_t> picture, std::string_view name,
                                        const std::string& text);
/// A text that with_exr_text() wrote; nullopt if there is none. A long text is cut into attributes `name`,
/// `name`.2, `name`.3.
std::optional<std::string> exr_text(std::span<const std::uint8_t> picture, std::string_view name);
/// The same for the attribute "chromaticities". Without it, a file has the primaries of BT.709.
std::vector<std::uint8_t> with_exr_primaries(std::span<const std::uint8_t> picture,
                                             const Chromaticities& primaries);

/// The value of the attribute `name`; nullopt if there is none. `picture` may be the beginning of a file.
std::optional<std::span<const std::uint8_t>> exr_attribute(std::span<const std::uint8_t> picture,
                                                           std::string_view name);

}  // namespace dreamreel::media
