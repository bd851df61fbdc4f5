#include "onnx_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

namespace pb = google::protobuf;
using pb::io::CodedInputStream;

// VGG's weights are 550 MB; protobuf's limit is 2 GB.
constexpr int kMaxBytes = std::numeric_limits<int>::max();

[[noreturn]] void refuse_file(const std::filesystem::path& path, const std::string& what) {
  throw InputError(fmt::format("network '{}': {}", path.string(), what));
}

[[noreturn]] void fail_damaged(const std::filesystem::path& path) {
  refuse_file(path,
              "not a whole ONNX file; it is damaged, truncated or something else (fetch or export it again)");
}

/// Reads a message in the file and adds up the memory that its parts will take. This limits the memory,
/// because a part of a few bytes, such as an empty node, takes a hundred times its size when it is parsed.
class MemoryOfParts {
 public:
  explicit MemoryOfParts(double limit) : limit_(limit) {}

  /// False if the bytes are not a message of that type, or if the sum is above the limit.
  bool add(CodedInputStream& in, const pb::Descriptor& type, int depth = 0) {
    while (!in.ExpectAtEnd()) {
      const auto tag = in.ReadTag();
      if (tag == 0) return in.ConsumedEntireMessage();
      const auto* field = type.FindFieldByNumber(static_cast<int>(tag >> 3U));
      if (!add_field(in, field, tag & 7U, depth) || is_too_much()) return false;
    }
    return true;
  }
  bool is_too_much() const { return bytes_ > limit_; }

 private:
  static constexpr double kMessage = 256, kText = 40, kNumber = 8, kUnknown = 64;
  static constexpr int kMaxDepth = 100;  // protobuf's own limit

  bool add_field(CodedInputStream& in, const pb::FieldDescriptor* field, pb::uint32 wire, int depth) {
    bytes_ += field != nullptr ? kNumber : kUnknown;
    pb::uint64 number = 0;
    switch (wire) {
      case 0:
        return in.ReadVarint64(&number);
      case 1:
        return in.Skip(8);
      case 5:
        return in.Skip(4);
      case 2:
        break;
      default:
        return false;  // groups, which ONNX does not use
    }
    int length = 0;
    if (!in.ReadVarintSizeAsInt(&length)) return false;
    if (field != nullptr && field->type() == pb::FieldDescriptor::TYPE_MESSAGE) {
      bytes_ += kMessage;
      return depth < kMaxDepth && add_message(in, *field->message_type(), length, depth + 1);
    }
    if (field != nullptr && field->is_packable() && !is_fixed(*field)) return add_packed(in, length);
    bytes_ += kText + length;
    return in.Skip(length);
  }

  bool add_message(CodedInputStream& in, const pb::Descriptor& type, int length, int depth) {
    const auto outer = in.PushLimit(length);
    const bool whole = add(in, type, depth) && in.BytesUntilLimit() == 0;
    in.PopLimit(outer);
    return whole;
  }

  /// Numbers of one to ten bytes each.
  bool add_packed(CodedInputStream& in, int length) {
    while (length > 0) {
      const void* data = nullptr;
      int size = 0;
      if (!in.GetDirectBufferPointer(&data, &size)) return false;
      size = std::min(size, length);
      const auto* bytes = static_cast<const unsigned char*>(data);
      bytes_ += kNumber * static_cast<double>(std::count_if(bytes, bytes + size, [](unsigned char byte) {
                  return byte < 0x80U;  // the last byte of a number
                }));
      if (is_too_much() || !in.Skip(size)) return false;
      length -= size;
    }
    return true;
  }

  static bool is_fixed(const pb::FieldDescriptor& field) {
    return field.type() == pb::FieldDescriptor::TYPE_FLOAT ||
           field.type() == pb::FieldDescriptor::TYPE_DOUBLE;
  }

  double limit_, bytes_ = 0;
};

/// Reads the file from its start, at most as many bytes as protobuf allows.
class FileStream {
 public:
  explicit FileStream(const std::filesystem::path& path)
      : file_(open(path)), stream_(std::make_unique<CodedInputStream>(&file_)) {
    file_.SetCloseOnDelete(true);
    stream_->SetTotalBytesLimit(kMaxBytes);
  }
  CodedInputStream& stream() { return *stream_; }
  bool failed() const { return file_.GetErrno() != 0; }

 private:
  static int open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) refuse_file(path, "cannot read the file");
    return descriptor;
  }

  pb::io::FileInputStream file_;
  std::unique_ptr<CodedInputStream> stream_;
};

std::uintmax_t checked_size(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) refuse_file(path, "there is no such file");
  if (std::filesystem::is_directory(status)) refuse_file(path, "expected an .onnx file, found a folder");
  if (!std::filesystem::is_regular_file(status))
    refuse_file(path, "expected an .onnx file, found a pipe or a device");
  const auto size = std::filesystem::file_size(path, error);
  if (error) refuse_file(path, "cannot read the file");
  if (size > static_cast<std::uintmax_t>(kMaxBytes))
    refuse_file(path,
                "the file has more than 2 GB, which no ONNX file can; keep its weights as external data");
  return size;
}

void check_memory(const std::filesystem::path& path, std::uintmax_t size) {
  // Numbers of one byte may become four to eight bytes, as quantised weights do.
  constexpr double kGrowth = 2, kAllowance = 128e6;
  MemoryOfParts memory(kGrowth * static_cast<double>(size) + kAllowance);
  FileStream file(path);
  if (memory.add(file.stream(), *onnx::ModelProto::descriptor())) return;
  if (memory.is_too_much()) refuse_file(path, "it consists of more parts than any network does");
  fail_damaged(path);
}

}  // namespace

std::shared_ptr<const onnx::ModelProto> parse_onnx_file(const std::filesystem::path& path) {
  check_memory(path, checked_size(path));
  FileStream file(path);
  auto model = std::make_shared<onnx::ModelProto>();
  if (!model->ParseFromCodedStream(&file.stream()) || !file.stream().ConsumedEntireMessage() || file.failed())
    fail_damaged(path);
  return model;
}

}  // namespace dreamreel::network
