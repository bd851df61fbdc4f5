#include "onnx_reader.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "dreamreel/core/error.h"
#include "dreamreel/network/network.h"
#include "run_model.h"
#include "small_model.h"
#include "support/files.h"
#include "support/onnx_model.h"
#include "support/tiny_network.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;
using test::small_model;
using testing::HasSubstr;

struct Damage {
  const char* name;
  std::function<void(OnnxModel&)> apply;
  const char* told;  ///< in the message

  friend void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }
};

class DamagedFile : public testing::TestWithParam<Damage> {};

TEST_P(DamagedFile, IsRefusedByName) {
  const ScratchDir scratch;
  auto model = small_model();
  GetParam().apply(model);
  const auto path = model.write(scratch / "damaged.onnx");
  try {
    Network::load({path, {}, {"relu1"}});
    FAIL() << "it was loaded";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("damaged.onnx"), HasSubstr(GetParam().told)));
  }
}

onnx::TensorProto& weight(OnnxModel& model) {
  return *model.graph().mutable_initializer(0);
}

const Damage kDamages[] = {
    {"UnknownName", [](OnnxModel& m) { m.graph().mutable_node(1)->set_input(0, "nowhere"); }, "'nowhere'"},
    {"Cycle", [](OnnxModel& m) { m.graph().mutable_node(0)->set_input(0, "relu1"); }, "'relu1'"},
    {"SameNameTwice", [](OnnxModel& m) { m.graph().mutable_node(1)->set_output(0, "conv1"); }, "twice"},
    {"NoNodes", [](OnnxModel& m) { m.graph().clear_node(); }, "no nodes"},
    {"MissingOutput", [](OnnxModel& m) { m.output("nowhere"); }, "'nowhere'"},
    {"TruncatedRawData",
     [](OnnxModel& m) {
       weight(m).clear_float_data();
       weight(m).set_raw_data("abc");
     },
     "expected 24 bytes, found 3"},
    {"TooFewNumbers", [](OnnxModel& m) { weight(m).clear_float_data(); }, "expected 6 numbers, found 0"},
    {"NegativeDims", [](OnnxModel& m) { weight(m).set_dims(0, -2); }, "-2"},
    {"HugeDims", [](OnnxModel& m) { weight(m).set_dims(0, 1LL << 62); }, "more numbers"},
    {"OverflowingDims",
     [](OnnxModel& m) {
       for (int i = 0; i < 4; ++i) weight(m).set_dims(i, 1 << 16);
     },
     "more numbers"},
    {"OverflowingDimsBesideNone",
     [](OnnxModel& m) {
       weight(m).set_dims(0, 0);
       for (int i = 1; i < 4; ++i) weight(m).set_dims(i, 1LL << 40);
     },
     "more numbers"},
    {"ManyGroups", [](OnnxModel& m) { test::set_int(*m.graph().mutable_node(0), "group", 1LL << 62); },
     "groups"},
    {"WrongChannels", [](OnnxModel& m) { weight(m).set_dims(1, 1), weight(m).set_dims(2, 3); }, "do not fit"},
    {"NoStride", [](OnnxModel& m) { m.graph().mutable_node(0)->mutable_attribute(1)->set_ints(0, 0); },
     "stride"},
    {"NegativePad", [](OnnxModel& m) { m.graph().mutable_node(0)->mutable_attribute(2)->set_ints(0, -1); },
     "padding"},
    {"HugePad", [](OnnxModel& m) { m.graph().mutable_node(0)->mutable_attribute(2)->set_ints(0, 1LL << 60); },
     "padding"},
    {"OneStride",
     [](OnnxModel& m) { m.graph().mutable_node(0)->mutable_attribute(1)->mutable_ints()->Truncate(1); },
     "do not fit"},
    {"NoGroups", [](OnnxModel& m) { test::set_int(*m.graph().mutable_node(0), "group", 0); }, "group"},
    {"AttributeOfWrongType",
     [](OnnxModel& m) { test::set_string(*m.graph().mutable_node(0), "group", "two"); }, "wrong type"},
    {"TooFewInputs", [](OnnxModel& m) { m.graph().mutable_node(0)->mutable_input()->DeleteSubrange(1, 2); },
     "inputs"},
    {"TwoPictures",
     [](OnnxModel& m) {
       m.graph().add_input()->set_name("other");
       m.graph().mutable_node(0)->set_input(2, "other");
     },
     "one input"},
};

INSTANTIATE_TEST_SUITE_P(Reader, DamagedFile, testing::ValuesIn(kDamages),
                         [](const auto& entry) { return entry.param.name; });

TEST(ReadGraph, RefusesFilesThatAreNoNetwork) {
  const ScratchDir scratch;
  test::write_file(scratch / "text.onnx", "This is no network but a letter to my aunt.\n");
  EXPECT_THROW(read_graph(scratch / "text.onnx"), InputError);
  test::write_file(scratch / "empty.onnx", "");
  EXPECT_THROW(read_graph(scratch / "empty.onnx"), InputError);
}

TEST(ReadGraph, RefusesEveryTruncation) {
  const ScratchDir scratch;
  const auto whole = test::read_file(small_model().write(scratch / "whole.onnx"));
  // A file without its last bytes lacks its opset or its output; the graph ends before them.
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    test::write_file(scratch / "part.onnx", whole.substr(0, size));
    EXPECT_THROW(Network::load({scratch / "part.onnx", {}, {"relu1"}}), Error) << size;
  }
}

TEST(ReadGraph, SurvivesEveryFlippedByte) {
  const ScratchDir scratch;
  const auto whole = test::read_file(small_model().write(scratch / "whole.onnx"));
  std::size_t refused = 0;
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      auto flipped = whole;
      flipped[place] = static_cast<char>(flipped[place] ^ flip);
      test::write_file(scratch / "flipped.onnx", flipped);
      try {
        Network::load({scratch / "flipped.onnx", {}, {"relu1"}}).forward(at::zeros({1, 3, 4, 4}));
      } catch (const Error&) {
        ++refused;  // any other exception, or a crash, fails the test
      }
    }
  }
  EXPECT_GT(refused, whole.size() / 2);
}

TEST(ReadGraph, RefusesOldOpsets) {
  auto model = small_model();
  model.proto().mutable_opset_import(0)->set_version(6);
  EXPECT_THROW(graph_of(model), UnavailableError);
}

}  // namespace
}  // namespace dreamreel::network
