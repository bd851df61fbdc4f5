// A file of some kilobytes may ask for anything. It has to be refused by name, in bounded time and memory.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>

#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;
using testing::HasSubstr;

constexpr std::int64_t kHuge = std::int64_t{1} << 40;

void set_type(onnx::TensorProto& tensor, onnx::TensorProto::DataType type) {
  tensor.set_data_type(type);
}

/// A network that ends in `out`. One of its nodes asks for too much.
struct Attack {
  const char* name;
  std::function<void(OnnxModel&)> build;
  std::int64_t side = 64;  ///< side of the picture, px

  friend void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }
};

void add_wide_zeros(OnnxModel& model, const std::string& name, const std::vector<std::int64_t>& sizes) {
  model.integers(name + ".shape", sizes);
  model.node("ConstantOfShape", name, {name + ".shape"});
}

const Attack kAttacks[] = {
    {"KernelOfAMillion",
     [](OnnxModel& m) {
       auto& pool = m.node("MaxPool", "out", {"picture"});
       test::set_ints(pool, "kernel_shape", {1 << 20, 1 << 20});
       test::set_ints(pool, "pads", {1 << 19, 1 << 19, 1 << 19, 1 << 19});
     }},
    {"PadsOfAMillion",
     [](OnnxModel& m) {
       auto& conv = m.conv("out", "picture", 3, 4, 3);
       conv.mutable_attribute(2)->clear_ints();
       for (int i = 0; i < 4; ++i) conv.mutable_attribute(2)->add_ints(1 << 20);
     }},
    {"PadNode",
     [](OnnxModel& m) {
       m.integers("pads", {0, 0, 1 << 19, 1 << 19, 0, 0, 1 << 19, 1 << 19});
       m.node("Pad", "out", {"picture", "pads"});
     }},
    {"StridesOfAMillionTransposed",
     [](OnnxModel& m) {
       m.weights("w", {3, 1, 1, 1}, {1, 1, 1});
       test::set_ints(m.node("ConvTranspose", "out", {"picture", "w"}), "strides", {1 << 20, 1 << 20});
     }},
    {"ManyGroups",
     [](OnnxModel& m) {
       m.weights("w", {3, 1, 1, 1}, {1, 1, 1});
       test::set_int(m.node("ConvTranspose", "out", {"picture", "w"}), "group", kHuge);
     }},
    {"BlocksOfBillions",
     [](OnnxModel& m) { test::set_int(m.node("DepthToSpace", "out", {"picture"}), "blocksize", kHuge); }},
    {"AxisFarOut",
     [](OnnxModel& m) {
       test::set_int(m.node("LayerNormalization", "out", {"picture", "picture"}), "axis", kHuge);
     }},
    {"ConcatAxisFarOut",
     [](OnnxModel& m) {
       test::set_int(m.node("Concat", "out", {"picture", "picture"}), "axis", -kHuge);
     }},
    {"ReduceAxisFarOut",
     [](OnnxModel& m) { test::set_ints(m.node("ReduceMax", "out", {"picture"}), "axes", {kHuge}); }},
    {"TransposeFarOut",
     [](OnnxModel& m) {
       test::set_ints(m.node("Transpose", "out", {"picture"}), "perm", {0, 1, 2, kHuge});
     }},
    {"ResizeByMillions",
     [](OnnxModel& m) {
       m.weights("scales", {4}, {1, 1, 1e5F, 1e5F});
       m.node("Resize", "out", {"picture", "", "scales"});
     }},
    {"ExpandToAbsurd",
     [](OnnxModel& m) {
       m.integers("shape", {kHuge, 1, 1, 1});
       m.node("Expand", "out", {"picture", "shape"});
     }},
    {"TileToAbsurd",
     [](OnnxModel& m) {
       m.integers("repeats", {1 << 20, 1 << 20, 1, 1});
       m.node("Tile", "out", {"picture", "repeats"});
     }},
    {"LrnOfBillions", [](OnnxModel& m) { test::set_int(m.node("LRN", "out", {"picture"}), "size", kHuge); }},
    {"GroupsOfBillions",
     [](OnnxModel& m) {
       m.weights("s", {3}, {1, 1, 1});
       test::set_int(m.node("GroupNormalization", "out", {"picture", "s", "s"}), "num_groups", kHuge);
     }},
    {"FourMillionZerosAThousandTimes",
     [](OnnxModel& m) {
       std::string sum = "picture";
       for (int i = 0; i < 1000; ++i) {
         const auto name = "zeros" + std::to_string(i);
         add_wide_zeros(m, name, {1, 1, 2048, 2048});
         m.node("Add", i == 999 ? "out" : "sum" + std::to_string(i), {sum, name});
         sum = "sum" + std::to_string(i);
       }
     }},
    {"ConvolutionOfConstants",
     [](OnnxModel& m) {
       add_wide_zeros(m, "x", {1, 1, 2048, 2048});
       add_wide_zeros(m, "w", {1, 1, 1023, 1023});
       test::set_ints(m.node("Conv", "y", {"x", "w"}), "pads", {511, 511, 511, 511});
       m.node("Add", "out", {"picture", "y"});
     }},
    {"ProductsOfConstants",
     [](OnnxModel& m) {
       add_wide_zeros(m, "x0", {2048, 2048});
       for (int i = 0; i < 100; ++i) {
         const auto before = "x" + std::to_string(i);
         m.node("MatMul", "x" + std::to_string(i + 1), {before, before});
       }
       m.node("Add", "out", {"picture", "x100"});
     }},
    {"EinsumOfConstants",
     [](OnnxModel& m) {
       add_wide_zeros(m, "x", {1 << 20});
       test::set_string(m.node("Einsum", "y", {"x", "x"}), "equation", "a,b->ab");
       m.node("Add", "out", {"picture", "y"});
     }},
    {"EinsumOfMaps",
     [](OnnxModel& m) {
       test::set_string(m.node("Einsum", "two", {"picture", "picture"}), "equation", "abcd,efgh->abcdefgh");
       m.node("Flatten", "flat", {"two"});
       test::set_string(m.node("Einsum", "out", {"flat", "flat"}), "equation", "ab,cd->abcd");
     },
     16},
    {"PowersOfTwo",  // each node doubles the result of the one before
     [](OnnxModel& m) {
       std::string before = "picture";
       for (int i = 0; i < 40; ++i) {
         const auto name = i == 39 ? std::string("out") : "twice" + std::to_string(i);
         test::set_int(m.node("Concat", name, {before, before}), "axis", 1);
         before = name;
       }
     }},
    {"RankOfAMillion",
     [](OnnxModel& m) {
       m.weights("w", std::vector<std::int64_t>(1 << 20, 1), {1});
       m.node("Add", "out", {"picture", "w"});
     }},
    {"RangeOfBillions",
     [](OnnxModel& m) {
       m.weights("start", {}, {0});
       m.weights("limit", {}, {1e18F});
       m.weights("delta", {}, {1e-3F});
       m.node("Range", "range", {"start", "limit", "delta"});
       m.node("Add", "out", {"picture", "range"});
     }},
    {"GatherOfBillions",
     [](OnnxModel& m) {
       m.integers("indices.shape", {1 << 11, 1 << 11});
       auto& zeros = m.node("ConstantOfShape", "indices", {"indices.shape"});
       auto& attribute = *zeros.add_attribute();
       attribute.set_name("value");
       attribute.set_type(onnx::AttributeProto::TENSOR);
       attribute.mutable_t()->add_dims(1);
       set_type(*attribute.mutable_t(), onnx::TensorProto::INT64);
       attribute.mutable_t()->add_int64_data(0);
       test::set_int(m.node("Gather", "out", {"picture", "indices"}), "axis", 3);
     }},
    {"NameWithALineBreak",
     [](OnnxModel& m) { m.node("Relu", "out", {"picture"}).set_name("re\nlu\x1b[2J"); }},
    {"NameOfAMegabyte",
     [](OnnxModel& m) { m.node("Relu", "out", {"picture"}).set_name(std::string(1 << 20, 'x')); }},
    {"AMillionEmptyNodes",
     [](OnnxModel& m) {
       for (int i = 0; i < 1'000'000; ++i) m.graph().add_node();
     }},
    {"AHundredThousandNodes",
     [](OnnxModel& m) {
       std::string before = "picture";
       for (int i = 0; i < 100'000; ++i) {
         const auto name = "r" + std::to_string(i);
         m.node("Relu", name, {before});
         before = name;
       }
     }},
};

class Attacks : public testing::TestWithParam<Attack> {};

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The most memory that this process has ever held. It only grows, so the test subtracts what earlier tests
// took.
std::int64_t peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Processor time instead of the clock, because other tests run at the same time. A sanitizer multiplies both
// limits.
constexpr double kMostSeconds = 4;
constexpr std::int64_t kMostKilobytes = 200'000;

TEST_P(Attacks, EndInARefusalByName) {
  const ScratchDir scratch;
  OnnxModel model(21);
  GetParam().build(model);
  model.output("out");
  const auto path = model.write(scratch / "net.onnx");
  const auto file_kilobytes = static_cast<std::int64_t>(std::filesystem::file_size(path) / 1000);
  model = OnnxModel();
  const auto held = peak_kilobytes();
  const auto begin = processor_seconds();
  std::string told;
  try {
    list_layers(path);
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("net.onnx"));
  }
  try {
    Network::load({path, {}, {"out"}}).forward(at::zeros({1, 3, GetParam().side, GetParam().side}));
  } catch (const Error& error) {
    told = error.what();
  }
  EXPECT_THAT(told, HasSubstr("net.onnx"));
  EXPECT_LT(told.size(), 2000U);
  EXPECT_LT(processor_seconds() - begin, 2 * kMostSeconds) << told;
  EXPECT_LT(peak_kilobytes() - held, kMostKilobytes + 2 * file_kilobytes) << told;
}

INSTANTIATE_TEST_SUITE_P(Networks, Attacks, testing::ValuesIn(kAttacks),
                         [](const auto& entry) { return entry.param.name; });

}  // namespace
}  // namespace dreamreel::network
