#include "onnx_tensor.h"

#include <ATen/ATen.h>
#include <fmt/core.h>

#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::network {
namespace {

using onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "ONNX stores raw numbers in little-endian order");

[[noreturn]] void refuse_tensor(const TensorProto& tensor, const std::string& what) {
  throw InputError(fmt::format("tensor '{}': {}", tensor.name(), what));
}

/// How a type lies in the file, and which type it becomes.
struct Storage {
  at::ScalarType raw;  ///< type of the stored bytes; the signed twin of an unsigned type that ATen lacks
  at::ScalarType type;
};

std::optional<Storage> storage_of(std::int32_t data_type) {
  switch (data_type) {
    case TensorProto::FLOAT:
      return Storage{at::kFloat, at::kFloat};
    case TensorProto::DOUBLE:
      return Storage{at::kDouble, at::kDouble};
    case TensorProto::FLOAT16:
      return Storage{at::kHalf, at::kHalf};
    case TensorProto::BFLOAT16:
      return Storage{at::kBFloat16, at::kBFloat16};
    case TensorProto::INT8:
      return Storage{at::kChar, at::kChar};
    case TensorProto::UINT8:
      return Storage{at::kByte, at::kByte};
    case TensorProto::INT16:
      return Storage{at::kShort, at::kShort};
    case TensorProto::UINT16:
      return Storage{at::kShort, at::kInt};
    case TensorProto::INT32:
      return Storage{at::kInt, at::kInt};
    case TensorProto::UINT32:
      return Storage{at::kInt, at::kLong};
    case TensorProto::INT64:
    case TensorProto::UINT64:
      return Storage{at::kLong, at::kLong};
    case TensorProto::BOOL:
      return Storage{at::kBool, at::kBool};
    default:
      return std::nullopt;
  }
}

std::vector<std::int64_t> checked_dims(const TensorProto& tensor) {
  std::vector<std::int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  constexpr std::size_t kMaxRank = 64;  // ATen's limit
  if (dims.size() > kMaxRank)
    refuse_tensor(tensor, fmt::format("expected at most {} dims, found {}", kMaxRank, dims.size()));
  std::int64_t count = 1;
  for (const auto dim : dims) {
    // Far above any real tensor, and far below the point where byte counts could overflow.
    constexpr std::int64_t kMaxCount = std::int64_t{1} << 40;
    if (dim < 0) refuse_tensor(tensor, fmt::format("expected dims of at least 0, found {}", dim));
    if (dim > kMaxCount / count) refuse_tensor(tensor, "its dims ask for more numbers than any file holds");
    count *= std::max<std::int64_t>(dim, 1);
  }
  return dims;
}

std::size_t parse_size(const TensorProto& tensor, const std::string& key, const std::string& text) {
  if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) {
    refuse_tensor(tensor, fmt::format("expected a number for the external data's {}, found '{}'", key, text));
  }
  return std::stoull(text);
}

/// The file's size limits the request before memory is taken.
Bytes read_external(const TensorProto& tensor, ExternalFiles& files, std::size_t wanted) {
  ExternalRange range{"", 0, wanted};
  std::size_t length = wanted;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") range.location = entry.value();
    if (entry.key() == "offset") range.offset = parse_size(tensor, "offset", entry.value());
    if (entry.key() == "length") length = parse_size(tensor, "length", entry.value());
  }
  if (length != wanted)
    refuse_tensor(
        tensor, fmt::format("its dims ask for {} bytes of external data, and the file says length {}", wanted,
                            length));
  try {
    return files.read(range);
  } catch (const InputError& error) {
    refuse_tensor(tensor, error.what());
  }
}

template <typename Field>
at::Tensor from_numbers(const TensorProto& tensor, const Field& field, at::ScalarType type,
                        const std::vector<std::int64_t>& dims, std::int64_t count) {
  using Number = std::decay_t<decltype(*field.begin())>;
  if (field.size() != count) {
    refuse_tensor(tensor, fmt::format("expected {} numbers, found {}", count, field.size()));
  }
  auto result = at::empty(
      dims, at::TensorOptions(
                at::CppTypeToScalarType<
                    std::conditional_t<std::is_same_v<Number, std::uint64_t>, std::int64_t, Number>>::value));
  if (count > 0)
    std::memcpy(result.data_ptr(), &*field.begin(), static_cast<std::size_t>(count) * sizeof(Number));
  return result.to(type);
}

/// Reads the message's typed fields, which hand-written files and small tensors use.
at::Tensor read_fields(const TensorProto& tensor, const Storage& storage,
                       const std::vector<std::int64_t>& dims, std::int64_t count) {
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return from_numbers(tensor, tensor.float_data(), at::kFloat, dims, count);
    case TensorProto::DOUBLE:
      return from_numbers(tensor, tensor.double_data(), at::kDouble, dims, count);
    case TensorProto::INT64:
      return from_numbers(tensor, tensor.int64_data(), at::kLong, dims, count);
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      return from_numbers(tensor, tensor.uint64_data(), at::kLong, dims, count);
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:  // the bits of each number, in an int32's low half
      return from_numbers(tensor, tensor.int32_data(), at::kShort, dims, count).view(storage.type);
    default:
      return from_numbers(tensor, tensor.int32_data(), storage.type, dims, count);
  }
}

/// Restores numbers that were unsigned in the file and have been read as signed.
at::Tensor mend_sign(const TensorProto& tensor, const at::Tensor& numbers) {
  switch (tensor.data_type()) {
    case TensorProto::UINT16:
      return numbers.to(at::kInt).bitwise_and(0xffff);
    case TensorProto::UINT32:
      return numbers.to(at::kLong).bitwise_and(std::int64_t{0xffffffff});
    default:
      return numbers;
  }
}

}  // namespace

at::Tensor read_tensor(const TensorProto& tensor, const std::shared_ptr<const void>& owner,
                       ExternalFiles& files) {
  const auto storage = storage_of(tensor.data_type());
  if (!storage) return {};
  if (tensor.has_segment()) refuse_tensor(tensor, "is stored in segments, which no known program writes");
  const auto dims = checked_dims(tensor);
  std::int64_t count = 1;
  for (const auto dim : dims) count *= dim;
  const bool external = tensor.data_location() == TensorProto::EXTERNAL;
  if (!external && !tensor.has_raw_data()) return read_fields(tensor, *storage, dims, count);

  const auto wanted = static_cast<std::size_t>(count) * at::elementSize(storage->raw);
  const auto bytes = external ? read_external(tensor, files, wanted)
                              : Bytes{tensor.raw_data().data(), tensor.raw_data().size(), owner};
  if (bytes.size != wanted) {
    refuse_tensor(tensor, fmt::format("expected {} bytes, found {}; the file is truncated or damaged", wanted,
                                      bytes.size));
  }
  if (count == 0) return at::empty(dims, storage->type);
  auto* data = const_cast<char*>(bytes.data);  // ATen has no read-only tensors; no code writes to constants
  const auto keep_alive = [owned = bytes.owner](void*) {};
  auto numbers = at::from_blob(data, dims, keep_alive, at::TensorOptions(storage->raw));
  if (reinterpret_cast<std::uintptr_t>(data) % at::elementSize(storage->raw) != 0) {
    numbers = at::empty(dims, storage->raw);
    std::memcpy(numbers.data_ptr(), data, wanted);
  }
  return mend_sign(tensor, numbers);
}

}  // namespace dreamreel::network
