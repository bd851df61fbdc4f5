// Where the maps and gradients of a plan lie: which of them share memory, and how long each piece is in use.
#pragma once

#include <deque>

#include "fused_graph.h"

namespace dreamreel::network {

/// A map at a place in the pass's memory.
struct Place {
  Region* region = nullptr;
  std::int64_t extra = 0;
  Map map;
  MapView in(const Pass& pass) const { return {map, pass.at(region->offset + extra)}; }
};

/// Sets the parents of values. Parts of a concatenation lie inside its result. An elementwise operation
/// overwrites its input if no other node reads that input later.
void share_memory(PlanGraph& graph);

/// Hands out places, and notes in which moments of a pass each piece of memory is in use. A moment is one
/// node of the forward or the backward pass.
class Places {
 public:
  /// `graph` and `regions` must outlive this object.
  Places(PlanGraph& graph, std::deque<Region>& regions) : graph_(graph), regions_(regions) {}

  /// Places are used in this moment from now on.
  void set_moment(int moment) { moment_ = moment; }

  Place data(int value);
  Place gradient(int value);
  Place temporary(const Map& map);
  Region* new_region(std::int64_t bytes);
  void use(Region* region) const { use_at(region, moment_); }
  static void use_at(Region* region, int moment);

 private:
  PlanValue& value(int i) { return graph_.values[static_cast<std::size_t>(i)]; }

  PlanGraph& graph_;
  std::deque<Region>& regions_;
  int moment_ = 0;
};

/// The data from which both halves of a plan are laid out.
struct PlanLayout {
  const PlanSource& source;
  PlanGraph& graph;
  Places& places;
  Region* scratch = nullptr;  ///< for convolutions
  bool with_gradient = false;

  PlanValue& value(int i) const { return graph.values[static_cast<std::size_t>(i)]; }
};

/// A new tensor (1,C,H,W), channels-last.
at::Tensor new_tensor(const Map& map);

/// One number for each channel as float32, with zeros up to whole blocks.
std::vector<float> per_channel(const at::Tensor& numbers, const Map& map);

/// Scale and shift of a scale_shift node, each as per_channel() gives them.
std::pair<std::vector<float>, std::vector<float>> scale_and_shift(const PlanLayout& layout,
                                                                  const PlanNode& node);

/// An action that multiplies a value, or its gradient, by its Program::scales.
Action scale_in_place(const PlanLayout& layout, int value, const Place& place);

/// The positions of maxima; nullptr if there is no region.
std::uint8_t* index_in(const Pass& pass, const Region* index);

}  // namespace dreamreel::network
