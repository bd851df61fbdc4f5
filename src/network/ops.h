// The operators: how a node becomes a function on tensors. A builder reads and checks a node's attributes
// once, when the network is loaded; the kernel that it returns runs at every forward pass. Kernels are made
// of ATen calls that autograd follows, work on any device, never write to their inputs (but for
// kReluInPlaceOp) and keep no state.
//
// Kernels also run on the meta device, without numbers, to find shapes; see shapes.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph.h"

namespace dreamreel::network {

using Inputs = at::ArrayRef<at::Tensor>;  ///< undefined where the node leaves an optional input out
using Outputs = std::vector<at::Tensor>;  ///< may be fewer than the node has, if the rest is not used
using Kernel = std::function<Outputs(Inputs)>;

/// A node asks for what its operator can do elsewhere but not here: an unknown operator, a training mode, a
/// third spatial dimension. The message is the reason alone; who catches it adds file and node.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A node that no valid file has, or inputs that do not fit it. The message as above.
struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Of these, what no memory or no patience has room for.
struct TooMuch : Invalid {
  using Invalid::Invalid;
};

/// What a builder may know of its node.
class NodeView {
 public:
  /// `float_type`: what all floating-point numbers of the network have been converted to; nullopt if they
  /// keep the types that the file gives them.
  NodeView(const Graph& graph, const Node& node, std::optional<at::ScalarType> float_type)
      : graph_(graph), node_(node), float_type_(float_type) {}

  std::int64_t opset() const { return node_.opset > 0 ? node_.opset : graph_.opset; }
  std::optional<at::ScalarType> float_type() const { return float_type_; }
  const std::string& op() const { return node_.op; }

  /// Attributes; the getters throw Invalid for one of another type.
  bool has(std::string_view attribute) const;
  std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
  double number(std::string_view attribute, double otherwise) const;
  std::string text(std::string_view attribute, const std::string& otherwise) const;
  std::vector<std::int64_t> integers(std::string_view attribute) const;  ///< empty if not there
  std::vector<double> numbers(std::string_view attribute) const;         ///< empty if not there
  at::Tensor tensor(std::string_view attribute) const;                   ///< undefined if not there

  std::size_t input_count() const { return node_.inputs.size(); }
  bool has_input(std::size_t index) const;
  /// The input's stored numbers on the CPU in their own type; undefined if it is not a constant.
  at::Tensor constant(std::size_t index) const;
  std::size_t output_count() const { return node_.outputs.size(); }
  bool has_output(std::size_t index) const;

 private:
  template <typename T>
  const T* find(std::string_view attribute) const;

  const Graph& graph_;
  const Node& node_;
  std::optional<at::ScalarType> float_type_;
};

/// Integers that come as an attribute, a constant or something computed at each pass (a shape), by opset and
/// file.
class IntegerList {
 public:
  /// `attribute` may be "", `input` may be past the node's inputs.
  IntegerList(const NodeView& node, std::string_view attribute, std::size_t input);
  bool given() const { return known_ || given_; }
  /// nullopt if neither attribute nor input is there.
  std::optional<std::vector<std::int64_t>> get(Inputs inputs) const;

 private:
  std::optional<std::vector<std::int64_t>> known_;
  std::size_t input_ = 0;
  bool given_ = false;
};

/// The same for one number.
class Number {
 public:
  Number(const NodeView& node, std::string_view attribute, std::size_t input);
  std::optional<double> get(Inputs inputs) const;

 private:
  std::optional<double> known_;
  std::size_t input_ = 0;
  bool given_ = false;
};

struct Op {
  Kernel (*build)(const NodeView& node) = nullptr;
  std::size_t min_inputs = 1, max_inputs = 1;
  bool keeps_shape = false;   ///< one output, of the shape and type of input 0
  bool fresh_output = false;  ///< the output is new memory that the backward pass does not look at
};
using OpTable = std::unordered_map<std::string, Op>;

/// No more inputs than a node could ever have.
inline constexpr std::size_t kAnyCount = 1'000'000;

/// nullptr if there is no such operator.
const Op* find_op(const std::string& name);
const OpTable& all_ops();

/// Throws Unsupported or Invalid.
Kernel build_kernel(const Graph& graph, const Node& node, std::optional<at::ScalarType> float_type);

/// `axis` counted from the front, for one that may count from the back (-1 is the last). Throws Invalid out
/// of
/// [-rank, rank).
std::int64_t normal_axis(std::int64_t axis, std::int64_t rank);

/// float16 and bfloat16, which ATen lacks some operators for on the CPU.
bool is_short_float(at::ScalarType type);

/// The numbers of a small tensor of any integer type. Throws Invalid if it has none (the meta device).
std::vector<std::int64_t> to_integers(const at::Tensor& tensor);

/// Throws TooMuch if a tensor of this shape, which a file asks for in a few bytes, has absurdly many numbers.
void check_size(at::IntArrayRef sizes);
/// The same for any map, however much it grew on the way from the picture.
void check_map(at::IntArrayRef sizes);
/// The same for the result of an input of `count` numbers, but a result of as many is never too large, nor is
/// an activation that grows as pictures do when they are scaled up.
void check_growth(at::IntArrayRef sizes, std::int64_t count);

/// check_growth() for what two tensors become that are spread over each other.
void check_broadcast(const at::Tensor& a, const at::Tensor& b);

/// How much more may be computed from constants and shapes, in numbers made and multiplications: a file of a
/// few bytes could keep a processor busy, and fill the memory, with what does not depend on the picture.
class Allowance {
 public:
  /// For a graph that holds `stored` numbers. Each of them may go through a dozen nodes (cast, dequantised,
  /// turned).
  explicit Allowance(double stored = 0) : left_(kSmall + kTimes * stored) {}
  /// Throws TooMuch if there is less left.
  void take(double amount);

 private:
  static constexpr double kSmall = 1 << 23, kTimes = 16;
  double left_;
};

/// While one lives, check_size() on this thread has the limit of what is computed from constants and shapes
/// when a network is loaded, and check_work() takes from its allowance; else the limit is that of
/// activations, and work has none.
class SmallTensors {
 public:
  static constexpr std::int64_t kMaxCount = std::int64_t{1} << 22;
  explicit SmallTensors(Allowance& allowance);
  ~SmallTensors();
  SmallTensors(const SmallTensors&) = delete;
  SmallTensors& operator=(const SmallTensors&) = delete;
};

/// For kernels that do much more than their results have numbers: before they do it, with their
/// multiplications.
void check_work(double multiplications);

/// Whether a result has more numbers than every input, and more than SmallTensors::kMaxCount: so a file of a
/// few bytes could fill the memory. What has no input lies in the file itself.
bool grows(const Outputs& outputs, Inputs inputs);

void add_activation_ops(OpTable& table);
void add_arithmetic_ops(OpTable& table);
void add_block_ops(OpTable& table);
void add_constant_ops(OpTable& table);
void add_convolution_ops(OpTable& table);
void add_convolution_transpose_ops(OpTable& table);
void add_layout_ops(OpTable& table);
void add_logic_ops(OpTable& table);
void add_normalization_ops(OpTable& table);
void add_pooling_ops(OpTable& table);
void add_reduction_ops(OpTable& table);
void add_resampling_ops(OpTable& table);
void add_slicing_ops(OpTable& table);

}  // namespace dreamreel::network
