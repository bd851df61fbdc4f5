// The nodes of a plan (fused_plan.h), in the order of the forward pass, and the values between them.
// fused_facts.h tells which steps of a program have to run, and fused_drafts.h which nodes they become. Here,
// the nodes are joined, and values change between maps and tensors where they have to.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "fused_plan.h"
#include "fused_resizing.h"

namespace dreamreel::network {

inline constexpr int kNone = -1;  ///< no node or value
/// A map of so few channels is read as planar; oneDNN has kernels for that.
inline constexpr std::int64_t kMostPictureChannels = 3;

/// A value as a map, and where the map and its gradient lie. A value with a parent lies inside its parent,
/// from channel `..._channel` on. Such a value is a part of a concatenation, or the result of an operation in
/// place.
struct PlanValue {
  ValueId id = kNoValue;
  Map map;
  int producer = kNone;
  std::vector<int> consumers;
  Epilogue mask;        ///< the producer's last activation, which the gradient has to pass
  bool scaled = false;  ///< see Program::scales
  int data_parent = kNone, gradient_parent = kNone;
  std::int64_t data_channel = 0, gradient_channel = 0;
  Region *data = nullptr, *gradient = nullptr;  ///< set for values without a parent
  bool gradient_written = false;                ///< by the part of the backward pass laid out so far
  bool gradient_masked = false;                 ///< likewise, by `mask`
};

struct PlanNode {
  enum class Role { native, island, import_tensor, export_tensor } role = Role::native;
  NodeKind kind = NodeKind::island;
  std::size_t step = 0;
  ValueId tensor = kNoValue;  ///< of import_tensor and export_tensor
  std::vector<int> inputs;
  int output = kNone;
  Epilogue epilogue;
  ConvolutionShape convolution;
  ConvolutionWeights weights;
  std::shared_ptr<Convolution> forward;
  std::shared_ptr<Pooling> pooling;
  std::shared_ptr<Resizing> resizing;
  Region* index = nullptr;  ///< of max_pool
};

struct PlanGraph {
  std::vector<PlanValue> values;
  std::vector<PlanNode> nodes;  ///< in the order of the forward pass
  std::int64_t scratch_bytes = 0;
};

/// Whether a convolution reads a picture: a value with few channels that no node here has computed.
bool takes_picture(const PlanGraph& graph, const PlanNode& node);

/// nullopt if a shape is not known.
std::optional<PlanGraph> make_plan_graph(const PlanSource& source, const PlanKey& key);

}  // namespace dreamreel::network
