// Tells which instructions of the processor a network uses.
#pragma once

#include <string>

namespace dreamreel::network {

class Network;

/// The instructions that the fused executor's inner loops use: "AVX2", "AVX-512", "AVX-512 with BF16" or
/// "NEON". Empty if another executor runs the network. oneDNN's environment variable ONEDNN_MAX_CPU_ISA
/// limits these loops as it limits oneDNN.
std::string kernels_of(const Network& network);

}  // namespace dreamreel::network
