// Networks built from the parts of MobileNets, CSP networks and detectors: depthwise convolutions, other
// activations, squeeze-and-excitation, resizing.
#include "fused_cases.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;

// The reference rounds to 8 bits after each axis of each of four resizings; the fused executor rounds after
// both axes.
constexpr double kResizeTolerance = 0.05;

/// Pads are in ONNX's order: top, left, bottom, right.
struct Depthwise {
  std::int64_t kernel = 3, stride = 1, dilation = 1;
  std::vector<std::int64_t> pads{1, 1, 1, 1};
};

void depthwise(OnnxModel& model, const std::string& name, const std::string& input, std::int64_t channels,
               const Depthwise& shape = {}) {
  const auto taps = shape.kernel * shape.kernel;
  model.weights(name + ".weight", {channels, 1, shape.kernel, shape.kernel},
                test::pseudo_random(name, static_cast<std::size_t>(channels * taps),
                                    1.5F / static_cast<float>(shape.kernel)));
  model.weights(name + ".bias", {channels},
                test::pseudo_random(name + "bias", static_cast<std::size_t>(channels), 0.2F));
  auto& node = model.node("Conv", name, {input, name + ".weight", name + ".bias"});
  test::set_int(node, "group", channels);
  test::set_ints(node, "strides", {shape.stride, shape.stride});
  test::set_ints(node, "dilations", {shape.dilation, shape.dilation});
  test::set_ints(node, "pads", shape.pads);
}

void relu(OnnxModel& model, const std::string& name, const std::string& input) {
  model.node("Relu", name, {input});
}

void leaky_relu(OnnxModel& model, const std::string& name, const std::string& input, float slope = 0.1F) {
  test::set_float(model.node("LeakyRelu", name, {input}), "alpha", slope);
}

void clip(OnnxModel& model, const std::string& name, const std::string& input) {
  model.weights(name + ".low", {}, {0});
  model.weights(name + ".high", {}, {0.5F});
  model.node("Clip", name, {input, name + ".low", name + ".high"});
}

void hard_sigmoid(OnnxModel& model, const std::string& name, const std::string& input) {
  auto& node = model.node("HardSigmoid", name, {input});
  test::set_float(node, "alpha", 1.0F / 6);
  test::set_float(node, "beta", 0.5F);
}

void max_pool(OnnxModel& model, const std::string& name, const std::string& input) {
  auto& node = model.node("MaxPool", name, {input});
  test::set_ints(node, "kernel_shape", {3, 3});
  test::set_ints(node, "strides", {2, 2});
  test::set_ints(node, "pads", {1, 1, 1, 1});
}

/// Adds `name`: `input` resized to the size of `partner`. The pass computes this size from the partner's
/// shape.
void resize_like(OnnxModel& model, const std::string& name, const std::string& input,
                 const std::string& partner, const std::string& coordinates,
                 const std::string& mode = "linear") {
  model.node("Shape", name + ".own", {input});
  model.node("Shape", name + ".theirs", {partner});
  model.integers(name + ".zero", {0});
  model.integers(name + ".two", {2});
  model.integers(name + ".four", {4});
  model.node("Slice", name + ".channels", {name + ".own", name + ".zero", name + ".two"});
  model.node("Slice", name + ".sides", {name + ".theirs", name + ".two", name + ".four"});
  test::set_int(model.node("Concat", name + ".sizes", {name + ".channels", name + ".sides"}), "axis", 0);
  auto& node = model.node("Resize", name, {input, "", "", name + ".sizes"});
  test::set_string(node, "mode", mode);
  test::set_string(node, "coordinate_transformation_mode", coordinates);
}

/// As in MobileNetV2: a wide 1x1 convolution, a depthwise one, and a narrow one without activation.
void bottleneck(OnnxModel& model, const std::string& name, const std::string& input, std::int64_t in,
                std::int64_t wide, std::int64_t out, const Depthwise& shape) {
  model.conv(name + "_expand", input, in, wide, 1);
  clip(model, name + "_expanded", name + "_expand");
  depthwise(model, name + "_depth", name + "_expanded", wide, shape);
  clip(model, name + "_deep", name + "_depth");
  model.conv(name, name + "_deep", wide, out, 1);
}

std::vector<Case> depthwise_cases() {
  return {
      {"Bottlenecks",
       {"c_depth", "c"},
       [](OnnxModel& m) {
         conv_relu(m, "stem", "picture", 3, 16, 3, 2);
         bottleneck(m, "a", "stem_relu", 16, 48, 24, {3, 1, 1, {1, 1, 1, 1}});
         bottleneck(m, "b", "a", 24, 40, 24, {5, 1, 1, {2, 2, 2, 2}});
         m.node("Add", "sum", {"a", "b"});
         bottleneck(m, "c", "sum", 24, 72, 20, {3, 2, 1, {0, 0, 1, 1}});
       },
       kClampTolerance},
      {"DepthwiseWantedInTheMiddle",
       {"a_relu", "deep", "deeper", "last"},
       [](OnnxModel& m) {  // objectives before, within and after: no mask may be passed twice or early
         conv_relu(m, "a", "picture", 3, 32, 3, 2);
         depthwise(m, "deep_conv", "a_relu", 32);
         relu(m, "deep", "deep_conv");
         depthwise(m, "deeper_conv", "deep", 32, {3, 2, 1, {1, 1, 1, 1}});
         relu(m, "deeper", "deeper_conv");
         m.conv("last", "deeper", 32, 16, 1);
       }},
      {"DepthwiseOfOneMapTwice",
       {"both"},
       [](OnnxModel& m) {  // two gradients to one value: the second is added, then both are masked
         conv_relu(m, "a", "picture", 3, 24, 3, 2);
         depthwise(m, "b", "a_relu", 24);
         depthwise(m, "c_conv", "a_relu", 24, {5, 1, 1, {2, 2, 2, 2}});
         relu(m, "c", "c_conv");
         concat(m, "both", {"b", "c"});
       }},
      {"DepthwiseDilatedAndWide",
       {"d"},
       [](OnnxModel& m) {
         conv_relu(m, "a", "picture", 3, 10, 3, 2);
         depthwise(m, "b_conv", "a_relu", 10, {3, 1, 2, {2, 2, 2, 2}});
         relu(m, "b", "b_conv");
         depthwise(m, "c_conv", "b", 10, {7, 3, 1, {3, 2, 3, 4}});
         relu(m, "c", "c_conv");
         depthwise(m, "d", "c", 10, {3, 1, 1, {0, 0, 0, 0}});
       }},
      {"DepthwiseBetweenOtherActivations",
       {"d"},
       [](OnnxModel& m) {
         m.conv("a_conv", "picture", 3, 32, 3, 2, 1);
         leaky_relu(m, "a", "a_conv");
         depthwise(m, "b_conv", "a", 32);
         m.node("HardSwish", "b", {"b_conv"});
         depthwise(m, "c", "b", 32);
         m.conv("d", "c", 32, 16, 1);
       }},
  };
}

std::vector<Case> activation_cases() {
  return {
      {"LeakyRelus",
       {"b", "d"},
       [](OnnxModel& m) {  // as in a CSP stage: parts of a concatenation, by oneDNN and Winograd
         m.conv("stem_conv", "picture", 3, 32, 3, 2, 1);
         leaky_relu(m, "stem", "stem_conv");
         max_pool(m, "pool", "stem");
         m.conv("a_conv", "pool", 32, 32, 3, 1, 1);
         leaky_relu(m, "a", "a_conv");
         m.conv("b_conv", "a", 32, 48, 3, 1, 1);
         leaky_relu(m, "b", "b_conv", 0.3F);
         concat(m, "both", {"b", "a"});
         m.conv("c_conv", "both", 80, 32, 3, 2, 1);
         leaky_relu(m, "c", "c_conv");
         m.conv("d_conv", "c", 32, 16, 1);
         leaky_relu(m, "d", "d_conv", 1.5F);
       }},
      {"LeakyReluAlone",
       {"c"},
       [](OnnxModel& m) {
         m.conv("a", "picture", 3, 20, 3, 1, 1);
         m.conv("b", "a", 20, 20, 1);
         leaky_relu(m, "a_leaky", "a");
         m.node("Add", "sum", {"a_leaky", "b"});
         leaky_relu(m, "sum_leaky", "sum");
         m.conv("c", "sum_leaky", 20, 16, 3);
       }},
      {"LeakyReluOfNegativeSlope",
       {"b"},
       [](OnnxModel& m) {  // its gradient does not follow from its result
         m.conv("a_conv", "picture", 3, 16, 3, 1, 1);
         leaky_relu(m, "a", "a_conv", -0.2F);
         m.conv("b", "a", 16, 16, 1);
       }},
      {"HardSwishes",
       {"b_conv", "c", "d"},
       [](OnnxModel& m) {  // wanted before one, read by two, and a part of a concatenation
         m.conv("a_conv", "picture", 3, 24, 3, 2, 1);
         m.node("HardSwish", "a", {"a_conv"});
         m.conv("b_conv", "a", 24, 32, 3, 1, 1);
         m.node("HardSwish", "b", {"b_conv"});
         m.conv("c", "b_conv", 32, 16, 1);
         concat(m, "all", {"b", "c", "a"});
         m.conv("d", "all", 72, 16, 1);
       }},
      {"HardSigmoids",
       {"b"},
       [](OnnxModel& m) {
         m.conv("a_conv", "picture", 3, 20, 3, 2, 1);
         hard_sigmoid(m, "a", "a_conv");
         m.conv("b", "a", 20, 16, 3);
       }},
  };
}

/// Adds `out`: `input`, with each channel multiplied by a number that depends on the whole map.
void squeeze_and_excite(OnnxModel& model, const std::string& out, const std::string& input,
                        std::int64_t channels, bool is_map_first, bool is_soft) {
  model.node("GlobalAveragePool", out + "_mean", {input});
  conv_relu(model, out + "_reduce", out + "_mean", channels, 8, 1);
  model.conv(out + "_expand", out + "_reduce_relu", 8, channels, 1);
  if (is_soft)
    model.node("Sigmoid", out + "_gate", {out + "_expand"});
  else
    hard_sigmoid(model, out + "_gate", out + "_expand");
  const auto gate = out + "_gate";
  model.node("Mul", out, is_map_first ? std::vector{input, gate} : std::vector{gate, input});
}

std::vector<Case> map_cases() {
  return {
      {"SqueezeAndExcite",
       {"a", "a_mean", "c"},
       [](OnnxModel& m) {
         conv_relu(m, "stem", "picture", 3, 24, 3, 2);
         squeeze_and_excite(m, "a", "stem_relu", 24, true, false);
         depthwise(m, "b_conv", "a", 24);
         relu(m, "b", "b_conv");
         squeeze_and_excite(m, "gated", "b", 24, false, true);
         m.conv("c", "gated", 24, 16, 1);
       }},
      {"ProductsOfMaps",
       {"square", "d"},
       [](OnnxModel& m) {
         m.conv("a", "picture", 3, 20, 3, 2, 1);
         m.conv("b", "picture", 3, 20, 5, 2, 2);
         m.node("Mul", "ab", {"a", "b"});
         m.node("Mul", "square", {"ab", "ab"});
         m.node("GlobalAveragePool", "mean", {"square"});
         m.node("Mul", "of_means", {"mean", "mean"});
         m.node("Mul", "scaled", {"of_means", "a"});
         m.conv("d", "scaled", 20, 16, 1);
       }},
      {"Upsampled",
       {"fine", "out"},
       [](OnnxModel& m) {  // as in a feature pyramid
         conv_relu(m, "a", "picture", 3, 20, 3, 2);
         conv_relu(m, "b", "a_relu", 20, 20, 3, 2);
         resize_like(m, "up", "b_relu", "a_relu", "half_pixel");
         m.node("Add", "fine", {"up", "a_relu"});
         resize_like(m, "down", "fine", "b_relu", "half_pixel");
         m.node("Add", "coarse", {"down", "b_relu"});
         resize_like(m, "again", "coarse", "a_relu", "asymmetric");
         concat(m, "both", {"a_relu", "again"});
         conv_relu(m, "out_conv", "both", 40, 16, 1);
         resize_like(m, "out", "out_conv_relu", "picture", "align_corners");
       },
       kResizeTolerance},
      {"ResizedToTheNearest",
       {"c"},
       [](OnnxModel& m) {
         conv_relu(m, "a", "picture", 3, 16, 3, 2);
         m.weights("scales", {4}, {1, 1, 2, 1.5F});
         test::set_string(m.node("Resize", "up", {"a_relu", "", "scales"}), "mode", "nearest");
         resize_like(m, "down", "up", "a_relu", "asymmetric", "nearest");
         m.conv("c", "down", 16, 16, 1);
       }},
      {"SizesThatOthersTake",
       {"b", "sizes"},
       [](OnnxModel& m) {  // nodes that compute a size run if another node reads it
         conv_relu(m, "a", "picture", 3, 16, 3, 2);
         resize_like(m, "up", "a_relu", "picture", "half_pixel");
         m.conv("b", "up", 16, 16, 1);
         auto& cast = m.node("Cast", "numbers", {"up.sizes"});
         test::set_int(cast, "to", 1);
         m.node("GlobalAveragePool", "mean", {"b"});
         m.integers("shape", {-1});
         m.node("Reshape", "flat", {"mean", "shape"});
         m.weights("first", {16, 4}, test::pseudo_random("first", 64, 0.01F));
         m.node("MatMul", "weighted", {"first", "numbers"});
         m.node("Mul", "sizes", {"flat", "weighted"});
       }},
  };
}

}  // namespace

std::vector<Case> fused_mobile_cases() {
  std::vector<Case> cases;
  for (auto&& list : {depthwise_cases(), activation_cases(), map_cases()})
    cases.insert(cases.end(), list.begin(), list.end());
  return cases;
}

}  // namespace dreamreel::network
