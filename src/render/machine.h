// Names the machine that made a part. Joining can then say where pixels may differ by their last bit.
#pragma once

#include <string>

#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// Processor, device, precision, threads and libraries on one line.
std::string machine_of(const network::Network& network);

}  // namespace dreamreel::render
