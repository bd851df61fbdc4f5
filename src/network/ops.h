// The operators: turn a node into a function on tensors. A builder reads and checks a node's attributes once,
// when the network is loaded. It returns a kernel, which runs at every forward pass. Kernels consist of ATen
// calls that autograd follows. They work on any device and keep no state. No kernel but kReluInPlaceOp's
// writes to its inputs.
//
// Kernels also run on the meta device, which has no numbers, to find shapes; see shapes.h.
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

/// A node is valid, but needs something that its operator cannot do here: an unknown operator, a training
/// mode, a third spatial dimension. The message is only the reason; the code that catches it adds file and
/// node.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A node that no valid file has, or inputs that do not fit the node. The message is only the reason, as
/// above.
struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An Invalid node that would take too much memory or time.
struct TooMuch : Invalid {
  using Invalid::Invalid;
};

/// The facts that a builder may know about its node.
class NodeView {
 public:
  /// `float_type`: the type that all floating-point numbers of the network have been converted to; nullopt if
  /// they keep the file's types.
  NodeView(const Graph& graph, const Node& node, std::optional<at::ScalarType> float_type)
      : graph_(graph), node_(node), float_type_(float_type) {}

  std::int64_t opset() const { return node_.opset > 0 ? node_.opset : graph_.opset; }
  std::optional<at::ScalarType> float_type() const { return float_type_; }
  const std::string& op() const { return node_.op; }

  /// Attributes. The getters throw Invalid for an attribute of another type.
  bool has(std::string_view attribute) const;
  std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
  double number(std::string_view attribute, double otherwise) const;
  std::string text(std::string_view attribute, const std::string& otherwise) const;
  std::vector<std::int64_t> integers(std::string_view attribute) const;  ///< empty if missing
  std::vector<double> numbers(std::string_view attribute) const;         ///< empty if missing
  at::Tensor tensor(std::string_view attribute) const;                   ///< undefined if missing

  std::size_t input_count() const { return node_.inputs.size(); }
  bool has_input(std::size_t index) const;
  /// The stored numbers of an input, on the CPU in their own type. Undefined if the input is not a constant.
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

/// A list of integers. Depending on opset and file, it is an attribute, a constant, or computed at each pass
/// (a shape).
class IntegerList {
 public:
  /// `attribute` may be "". `input` may be an index past the node's inputs.
  IntegerList(const NodeView& node, std::string_view attribute, std::size_t input);
  bool given() const { return known_ || given_; }
  /// nullopt if there is neither the attribute nor the input.
  std::optional<std::vector<std::int64_t>> get(Inputs inputs) const;

 private:
  std::optional<std::vector<std::int64_t>> known_;
  std::size_t input_ = 0;
  bool given_ = false;
};

/// One number that comes in the same ways.
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
  bool keeps_shape = false;   ///< has one output, with the shape and type of input 0
  bool fresh_output = false;  ///< the output is new memory that the backward pass does not read
};
using OpTable = std::unordered_map<std::string, Op>;

/// More inputs than any node has.
inline constexpr std::size_t kAnyCount = 1'000'000;

/// nullptr if the operator does not exist.
const Op* find_op(const std::string& name);
const OpTable& all_ops();

/// Throws Unsupported or Invalid.
Kernel build_kernel(const Graph& graph, const Node& node, std::optional<at::ScalarType> float_type);

/// Counts `axis` from the front; it may count from the back (-1 is the last). Throws Invalid if it lies
/// outside [-rank, rank).
std::int64_t normal_axis(std::int64_t axis, std::int64_t rank);

/// Whether the type is float16 or bfloat16, for which ATen lacks some operators on the CPU.
bool is_short_float(at::ScalarType type);

/// The numbers of a small tensor of any integer type. Throws Invalid if the tensor has none, on the meta
/// device.
std::vector<std::int64_t> to_integers(const at::Tensor& tensor);

/// Throws TooMuch if a tensor of this shape has absurdly many numbers. A file of a few bytes could ask for
/// such a tensor.
void check_size(at::IntArrayRef sizes);
/// As check_size(), for any map, even one that grew much on the way from the picture.
void check_map(at::IntArrayRef sizes);
/// As check_size(), for a result that is made from `count` numbers. A result with no more numbers than that
/// is never too large. Neither is an activation that grows as pictures do when they are scaled up.
void check_growth(at::IntArrayRef sizes, std::int64_t count);

/// As check_growth(), for the result of two tensors that are broadcast against each other.
void check_broadcast(const at::Tensor& a, const at::Tensor& b);

/// How much more may be computed from constants and shapes, in numbers made plus multiplications. Such values
/// do not depend on the picture. Without a limit, a file of a few bytes could fill the memory or keep the
/// processor busy.
class Allowance {
 public:
  /// `stored` is how many numbers the graph holds. Each of them may go through a dozen nodes, such as Cast,
  /// DequantizeLinear and Transpose.
  explicit Allowance(double stored = 0) : left_(kSmall + kTimes * stored) {}
  /// Throws TooMuch if less than `amount` is left.
  void take(double amount);

 private:
  static constexpr double kSmall = 1 << 23, kTimes = 16;
  double left_;
};

/// Limits what is computed from constants and shapes when a network is loaded. While one lives, check_size()
/// on this thread allows kMaxCount numbers, and check_work() takes from the allowance. Otherwise check_size()
/// has the limit for activations, and check_work() has none.
class SmallTensors {
 public:
  static constexpr std::int64_t kMaxCount = std::int64_t{1} << 22;
  explicit SmallTensors(Allowance& allowance);
  ~SmallTensors();
  SmallTensors(const SmallTensors&) = delete;
  SmallTensors& operator=(const SmallTensors&) = delete;
};

/// For kernels with much more work than their results have numbers. They call this before the work, with the
/// number of their multiplications.
void check_work(double multiplications);

/// Whether a result has more numbers than every input, and more than SmallTensors::kMaxCount. By such growth
/// a file of a few bytes could fill the memory. A result without inputs does not count: it lies in the file
/// itself.
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
