// The first line of a note that an output is finished (work/deliveries.h).
#pragma once

#include <string_view>

namespace dreamreel::work {

inline constexpr std::string_view kDeliveryOpening = "dreamreel output 1\n";

}  // namespace dreamreel::work
