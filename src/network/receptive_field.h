// Computes from the graph which pixels a position of a layer sees: strides multiply, windows add up (Araujo,
// Norris, Sim: "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019).
#pragma once

#include <optional>
#include <vector>

#include "dreamreel/network/network.h"
#include "graph.h"
#include "layers.h"
#include "node_reach.h"
#include "seen_pixels.h"
#include "shapes.h"

namespace dreamreel::network {

class ReceptiveFields {
 public:
  /// Copies from the graph all that it needs, without weights.
  ReceptiveFields(const Graph& graph, const std::vector<ValueId>& wanted);

  /// The fields of the wanted values, for a picture of this size. Padding may depend on the size.
  /// `by_winograd`: the maps' type, if Winograd's method computes the convolutions that suit it.
  std::vector<LayerField> find(std::int64_t height, std::int64_t width,
                               std::optional<at::ScalarType> by_winograd) const;
  const ShapeFinder& shapes() const { return shapes_; }

 private:
  std::vector<NodeReach> nodes_;
  std::vector<ValueId> wanted_;
  PictureInput input_;
  ShapeFinder shapes_;
};

}  // namespace dreamreel::network
