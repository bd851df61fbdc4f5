// Statically quantised networks have pairs of QuantizeLinear and DequantizeLinear around operators in
// floating point. These rewrites (rewrites.h) replace the pairs.
#pragma once

#include "graph.h"

namespace dreamreel::network {

/// Replaces each pair of QuantizeLinear and DequantizeLinear by a Clip, which is the same except for
/// rounding. A gradient passes a Clip. The QuantizeLinear stays.
void pair_quantisers(Graph& graph);
/// Removes each QuantizeLinear whose result no node reads.
void drop_unused_quantisers(Graph& graph);

}  // namespace dreamreel::network
