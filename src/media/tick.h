// How near two times count as the same.
#pragma once

namespace dreamreel::media {

/// Seconds. A frame, a packet or a border of a trim that is this close to a time lies on it.
inline constexpr double kTick = 1e-6;

}  // namespace dreamreel::media
