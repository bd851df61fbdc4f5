// Which machine made a part, so that joining can say where pixels may differ by their last bit.
#pragma once

#include <string>

#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// Processor, device, precision, threads and libraries on one line.
std::string machine_of(const network::Network& network);

}  // namespace dreamreel::render
