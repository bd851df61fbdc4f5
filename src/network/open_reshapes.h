// Exporters write reshapes with the numbers of one size of picture. These reshapes are changed here so that
// they follow the picture's size.
#pragma once

#include <optional>

#include "dreamreel/network/network.h"
#include "graph.h"
#include "layers.h"

namespace dreamreel::network {

/// Returns a graph whose reshapes also work at other sizes. `graph` runs on pictures of the size `own`.
///
/// A Reshape to stored numbers that would fail or do something else at another size becomes kReshapeLikeOp.
/// This happens only if its meaning is certain: it merges, splits or keeps dimensions. At the own size
/// nothing changes. nullopt if there is no such Reshape.
std::optional<Graph> with_open_reshapes(const Graph& graph, const PictureInput& input,
                                        const PictureSize& own);

}  // namespace dreamreel::network
