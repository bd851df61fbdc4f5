// Reshapes with the numbers of one size of picture, as exporters write them, made to follow the picture's
// size.
#pragma once

#include <optional>

#include "dreamreel/network/network.h"
#include "graph.h"
#include "layers.h"

namespace dreamreel::network {

/// `graph`, which runs on pictures of the `own` size, with every Reshape to stored numbers that would fail or
/// do something else at another size replaced by kReshapeLikeOp, where what it means is certain: the same
/// dimensions merged, cut apart or kept. At the own size nothing changes. nullopt if there is no such
/// Reshape.
std::optional<Graph> with_open_reshapes(const Graph& graph, const PictureInput& input,
                                        const PictureSize& own);

}  // namespace dreamreel::network
