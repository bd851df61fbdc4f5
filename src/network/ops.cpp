#include "ops.h"

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <fmt/core.h>

#include <algorithm>

namespace dreamreel::network {

template <typename T>
const T* NodeView::find(std::string_view attribute) const {
  const auto entry = node_.attributes.find(attribute);
  if (entry == node_.attributes.end()) return nullptr;
  const auto* value = std::get_if<T>(&entry->second);
  if (value == nullptr) throw Invalid(fmt::format("its attribute '{}' has the wrong type", attribute));
  return value;
}

bool NodeView::has(std::string_view attribute) const {
  return node_.attributes.find(attribute) != node_.attributes.end();
}

std::int64_t NodeView::integer(std::string_view attribute, std::int64_t otherwise) const {
  const auto* value = find<std::int64_t>(attribute);
  return value != nullptr ? *value : otherwise;
}

double NodeView::number(std::string_view attribute, double otherwise) const {
  const auto* value = find<double>(attribute);
  return value != nullptr ? *value : otherwise;
}

std::string NodeView::text(std::string_view attribute, const std::string& otherwise) const {
  const auto* value = find<std::string>(attribute);
  return value != nullptr ? *value : otherwise;
}

std::vector<std::int64_t> NodeView::integers(std::string_view attribute) const {
  const auto* value = find<std::vector<std::int64_t>>(attribute);
  return value != nullptr ? *value : std::vector<std::int64_t>{};
}

std::vector<double> NodeView::numbers(std::string_view attribute) const {
  const auto* value = find<std::vector<double>>(attribute);
  return value != nullptr ? *value : std::vector<double>{};
}

at::Tensor NodeView::tensor(std::string_view attribute) const {
  const auto* value = find<at::Tensor>(attribute);
  return value != nullptr ? *value : at::Tensor{};
}

bool NodeView::has_input(std::size_t index) const {
  return index < node_.inputs.size() && node_.inputs[index] != kNoValue;
}

at::Tensor NodeView::constant(std::size_t index) const {
  if (!has_input(index)) return {};
  const auto entry = graph_.constants.find(node_.inputs[index]);
  return entry == graph_.constants.end() ? at::Tensor{} : entry->second;
}

bool NodeView::has_output(std::size_t index) const {
  return index < node_.outputs.size() && node_.outputs[index] != kNoValue;
}

IntegerList::IntegerList(const NodeView& node, std::string_view attribute, std::size_t input)
    : input_(input), given_(node.has_input(input)) {
  if (!attribute.empty() && node.has(attribute)) known_ = node.integers(attribute);
  if (const auto constant = node.constant(input); constant.defined()) known_ = to_integers(constant);
}

std::optional<std::vector<std::int64_t>> IntegerList::get(Inputs inputs) const {
  if (known_ || !given_) return known_;
  return to_integers(inputs[input_]);
}

Number::Number(const NodeView& node, std::string_view attribute, std::size_t input)
    : input_(input), given_(node.has_input(input)) {
  if (!attribute.empty() && node.has(attribute)) known_ = node.number(attribute, 0);
  if (const auto constant = node.constant(input); constant.defined()) {
    if (constant.numel() != 1) throw Invalid(fmt::format("expected one number for input {}", input));
    known_ = constant.to(at::kDouble).item<double>();
  }
}

std::optional<double> Number::get(Inputs inputs) const {
  if (known_ || !given_) return known_;
  const auto& tensor = inputs[input_];
  if (tensor.numel() != 1 || tensor.is_meta()) {
    throw Invalid(fmt::format("expected one number for input {}", input_));
  }
  return tensor.to(at::kDouble).item<double>();
}

const OpTable& all_ops() {
  static const OpTable kTable = [] {
    OpTable table;
    add_activation_ops(table);
    add_arithmetic_ops(table);
    add_block_ops(table);
    add_constant_ops(table);
    add_convolution_ops(table);
    add_convolution_transpose_ops(table);
    add_layout_ops(table);
    add_logic_ops(table);
    add_normalization_ops(table);
    add_pooling_ops(table);
    add_reduction_ops(table);
    add_resampling_ops(table);
    add_slicing_ops(table);
    return table;
  }();
  return kTable;
}

const Op* find_op(const std::string& name) {
  const auto entry = all_ops().find(name);
  return entry == all_ops().end() ? nullptr : &entry->second;
}

namespace {

/// Operators on 8-bit integers, such as "QLinearConv", "ConvInteger" and "com.microsoft:QGemm".
bool is_quantised(const std::string& op) {
  const auto name = op.substr(op.rfind(':') + 1);
  return name.starts_with("Q") || name.ends_with("Integer") || name == "DynamicQuantizeLinear" ||
         name == "DequantizeLinear";
}

std::string why_missing(const std::string& op) {
  if (is_quantised(op))
    return "the network is quantised and computes with integers, which no gradient passes; take the network "
           "in floating point that it was made from";
  return "dreamreel has no such operator";
}

}  // namespace

Kernel build_kernel(const Graph& graph, const Node& node, std::optional<at::ScalarType> float_type) {
  const auto* op = find_op(node.op);
  if (op == nullptr) throw Unsupported(why_missing(node.op));
  if (node.inputs.size() < op->min_inputs || node.inputs.size() > op->max_inputs || node.outputs.empty()) {
    throw Invalid(fmt::format("it has {} inputs and {} outputs, which its operator cannot have",
                              node.inputs.size(), node.outputs.size()));
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (i < op->min_inputs && node.inputs[i] == kNoValue)
      throw Invalid("it lacks an input that its operator needs");
    const auto constant = graph.constants.find(node.inputs[i]);
    if (constant != graph.constants.end() && !constant->second.defined()) {
      throw Unsupported("it takes strings or complex numbers");
    }
  }
  return op->build(NodeView(graph, node, float_type));
}

std::int64_t normal_axis(std::int64_t axis, std::int64_t rank) {
  if (axis < -rank || axis >= rank) {
    throw Invalid(fmt::format("axis {} is out of range for {} dimensions", axis, rank));
  }
  return axis < 0 ? axis + rank : axis;
}

bool is_short_float(at::ScalarType type) {
  return type == at::kHalf || type == at::kBFloat16;
}

std::vector<std::int64_t> to_integers(const at::Tensor& tensor) {
  constexpr std::int64_t kMaxCount = 1'000'000;  // lists of axes and sizes are short
  if (tensor.is_meta() || tensor.numel() > kMaxCount || !at::isIntegralType(tensor.scalar_type(), true)) {
    throw Invalid("expected a short list of integers");
  }
  const auto numbers = tensor.to(at::kCPU, at::kLong).contiguous();
  const auto* begin = numbers.data_ptr<std::int64_t>();
  return {begin, begin + numbers.numel()};
}

namespace {
thread_local Allowance* allowance_here = nullptr;  // of the SmallTensors that is alive
}

SmallTensors::SmallTensors(Allowance& allowance) {
  allowance_here = &allowance;
}

SmallTensors::~SmallTensors() {
  allowance_here = nullptr;
}

void Allowance::take(double amount) {
  left_ = amount <= left_ ? left_ - amount : -1;  // after one node is refused, all further ones are
  if (left_ < 0) throw TooMuch("too much is computed from constants and sizes alone");
}

void check_work(double multiplications) {
  if (allowance_here != nullptr) allowance_here->take(multiplications);
}

void check_broadcast(const at::Tensor& a, const at::Tensor& b) {
  check_growth(at::infer_size(a.sizes(), b.sizes()), std::max(a.numel(), b.numel()));
}

namespace {

/// How many numbers a tensor has. An axis of size 0 counts as 1, so that its other axes are still checked.
std::int64_t count_at_most(at::IntArrayRef sizes, std::int64_t most) {
  std::int64_t count = 1;
  for (const auto size : sizes)
    if (size < 0 || size > most || (count *= std::max<std::int64_t>(size, 1)) > most)
      throw TooMuch("it asks for a tensor of an absurd size");
  return count;
}

}  // namespace

void check_size(at::IntArrayRef sizes) {
  constexpr std::int64_t kMaxActivations = std::int64_t{1} << 28;
  const auto count =
      count_at_most(sizes, allowance_here != nullptr ? SmallTensors::kMaxCount : kMaxActivations);
  check_work(static_cast<double>(count));  // before memory is taken
}

void check_map(at::IntArrayRef sizes) {
  constexpr std::int64_t kMaxMap = std::int64_t{1} << 36;  // 256 GiB in float32
  count_at_most(sizes, kMaxMap);
}

bool grows(const Outputs& outputs, Inputs inputs) {
  auto most = SmallTensors::kMaxCount;
  for (const auto& input : inputs)
    if (input.defined()) most = std::max(most, input.numel());
  return !inputs.empty() && std::ranges::any_of(outputs, [most](const at::Tensor& output) {
    return output.defined() && output.numel() > most;
  });
}

void check_growth(at::IntArrayRef sizes, std::int64_t count) {
  constexpr double kUsualGrowth = 16;
  double result = 1;
  for (const auto size : sizes) result *= static_cast<double>(size);
  if (result > static_cast<double>(count) * (allowance_here != nullptr ? 1 : kUsualGrowth)) check_size(sizes);
}

}  // namespace dreamreel::network
