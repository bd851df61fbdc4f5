// What of the processor a network makes use of.
#pragma once

#include <string>

namespace dreamreel::network {

class Network;

/// The instructions that the fused executor's own loops run on: "AVX2", "AVX-512", "AVX-512 with BF16" or "NEON"; empty
/// where another executor runs the network. oneDNN's environment variable ONEDNN_MAX_CPU_ISA limits these loops
/// as it limits oneDNN's own.
std::string kernels_of(const Network& network);

}  // namespace dreamreel::network
