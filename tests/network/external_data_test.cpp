// Which other files a network may open, and how much it may read from them.
#include "external_data.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"
#include "small_model.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::network {
namespace {

namespace fs = std::filesystem;
using test::OnnxModel;
using test::ScratchDir;
using test::small_model;
using testing::HasSubstr;

class ExternalData : public testing::Test {
 protected:
  ExternalData() {
    fs::create_directory(scratch_ / "model");
    const auto& values = weight().float_data();
    std::string bytes(8, '\0');  // other data comes first
    bytes.append(reinterpret_cast<const char*>(values.data()), static_cast<std::size_t>(values.size()) * 4);
    test::write_file(scratch_ / "model" / "weights.bin", bytes);
    test::write_file(scratch_ / "secret.bin", bytes);
    weight().clear_float_data();
    weight().set_data_location(onnx::TensorProto::EXTERNAL);
  }

  onnx::TensorProto& weight(int index = 0) { return *model_.graph().mutable_initializer(index); }

  void set(const std::string& key, const std::string& value, int index = 0) {
    auto& entry = *weight(index).add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  void point_to(const std::string& location) {
    weight().clear_external_data();
    set("location", location);
    set("offset", "8");
    set("length", "24");
  }

  static at::Tensor load(const fs::path& path) {
    return Network::load({path, {}, {"relu1"}}).forward(at::full({1, 3, 2, 2}, 0.5)).at(0);
  }
  at::Tensor load() { return load(model_.write(scratch_ / "model" / "net.onnx")); }
  std::string refusal(const fs::path& path) {
    try {
      load(path);
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  std::string refusal() { return refusal(model_.write(scratch_ / "model" / "net.onnx")); }
  at::Tensor expected() { return load(small_model().write(scratch_ / "plain.onnx")); }

  ScratchDir scratch_;
  OnnxModel model_ = small_model();
};

TEST_F(ExternalData, IsReadFromBesideTheNetwork) {
  point_to("weights.bin");
  EXPECT_TRUE(at::equal(load(), expected()));
  point_to("./weights.bin");
  EXPECT_TRUE(at::equal(load(), expected()));
  fs::create_directory(scratch_ / "model" / "below");
  fs::rename(scratch_ / "model" / "weights.bin", scratch_ / "model" / "below" / "weights.bin");
  point_to("below/weights.bin");
  EXPECT_TRUE(at::equal(load(), expected()));
}

// hub/snapshots/abc/model.onnx -> ../../blobs/aaaa, weights.bin -> ../../blobs/bbbb
TEST_F(ExternalData, IsReadThroughLinksAsTheHuggingFaceCacheHasThem) {
  const auto blobs = scratch_ / "hub" / "blobs", snapshot = scratch_ / "hub" / "snapshots" / "abc";
  fs::create_directories(blobs);
  fs::create_directories(snapshot);
  point_to("weights.bin");
  model_.write(blobs / "aaaa");
  fs::rename(scratch_ / "model" / "weights.bin", blobs / "bbbb");
  fs::create_symlink("../../blobs/aaaa", snapshot / "model.onnx");
  fs::create_symlink("../../blobs/bbbb", snapshot / "weights.bin");
  EXPECT_TRUE(at::equal(load(snapshot / "model.onnx"), expected()));
  fs::create_directory_symlink(snapshot, scratch_ / "main");
  EXPECT_TRUE(at::equal(load(scratch_ / "main" / "model.onnx"), expected()));
}

TEST_F(ExternalData, IsFoundBesideTheFileThatALinkLeadsTo) {
  point_to("weights.bin");
  model_.write(scratch_ / "model" / "net.onnx");
  fs::create_directory(scratch_ / "cards");
  fs::create_symlink(scratch_ / "model" / "net.onnx", scratch_ / "cards" / "mine.onnx");
  EXPECT_TRUE(at::equal(load(scratch_ / "cards" / "mine.onnx"), expected()));
}

TEST_F(ExternalData, IsNeverReadFromElsewhere) {
  const auto folder = scratch_ / "model";
  fs::create_symlink(scratch_ / "secret.bin", folder / "link.bin");
  fs::create_symlink("link.bin", folder / "link_to_link.bin");
  fs::create_directory_symlink(scratch_.path(), folder / "up");
  fs::create_directory(folder / "below");
  for (const std::string location :
       {"../secret.bin", "below/../../secret.bin", "below/../weights.bin", "up/secret.bin", "link.bin",
        "link_to_link.bin", "up/model/../secret.bin", ".."}) {
    point_to(location);
    EXPECT_THAT(refusal(), HasSubstr("outside the network's folder")) << location;
  }
  for (const auto& location : {(scratch_ / "secret.bin").string(), std::string("/dev/zero"), std::string()}) {
    point_to(location);
    EXPECT_THAT(refusal(), HasSubstr("relative to the network's folder")) << location;
  }
}

TEST_F(ExternalData, IsNoPipeDeviceOrFolder) {
  const auto folder = scratch_ / "model";
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directory(folder / "below");
  fs::create_symlink("/dev/zero", folder / "zero");
  for (const std::string location : {"pipe", "below", "gone.bin"}) {
    point_to(location);
    EXPECT_THAT(refusal(), HasSubstr("cannot read")) << location;
  }
  point_to("zero");
  EXPECT_THAT(refusal(), HasSubstr("outside the network's folder"));
}

TEST_F(ExternalData, MustBeWhole) {
  for (const std::string offset : {"9", "18446744073709551615", "-1", "999999999999999999", "8 ", ""}) {
    point_to("weights.bin");
    weight().mutable_external_data(1)->set_value(offset);
    EXPECT_THAT(refusal(), HasSubstr("tensor 'conv1.weight'")) << offset;
  }
  for (const std::string length : {"23", "25", "999999999999999999"}) {
    point_to("weights.bin");
    weight().mutable_external_data(2)->set_value(length);
    EXPECT_THAT(refusal(), HasSubstr("length")) << length;
  }
  weight().clear_external_data();
  EXPECT_THAT(refusal(), HasSubstr("tensor 'conv1.weight'"));
}

// The dims may ask for a terabyte. No memory is taken unless the file has these bytes.
TEST_F(ExternalData, IsMeasuredBeforeMemoryIsTaken) {
  weight().set_dims(0, std::int64_t{1} << 38);
  point_to("weights.bin");
  weight().mutable_external_data()->RemoveLast();
  EXPECT_THAT(refusal(), HasSubstr("which has 32"));
}

// A file may be a hole of a terabyte. Tensors that refer to the same part of a file take memory each.
TEST_F(ExternalData, IsReadOnceInAll) {
  constexpr std::uint64_t kSize = std::uint64_t{48} << 20;
  test::write_file(scratch_ / "large.bin", "");
  fs::resize_file(scratch_ / "large.bin", kSize);
  auto files = ExternalFiles::in(scratch_.path());
  EXPECT_EQ(files.read({"large.bin", 0, kSize}).size, kSize);
  EXPECT_EQ(files.read({"large.bin", 0, kSize}).size, kSize);
  EXPECT_THROW(files.read({"large.bin", 0, kSize}), InputError);
}

TEST(NetworkFile, IsNoPipe) {
  const ScratchDir scratch;
  ASSERT_EQ(::mkfifo((scratch / "pipe.onnx").c_str(), 0600), 0);
  EXPECT_THROW(list_layers(scratch / "pipe.onnx"), InputError);
  EXPECT_THROW(list_layers("/dev/zero"), InputError);
}

}  // namespace
}  // namespace dreamreel::network
