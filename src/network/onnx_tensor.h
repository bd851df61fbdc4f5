// ONNX's stored tensors as ATen tensors on the CPU.
#pragma once

#include <ATen/core/Tensor.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <memory>

namespace dreamreel::network {

/// The tensor's numbers, in their own type where ATen has it (uint16 becomes int32; uint32 and uint64 become
/// int64). Numbers stored as raw bytes are not copied: the result keeps `owner`, which must own `tensor`,
/// alive. External data is read from below `folder`. Undefined for strings and complex numbers, which no
/// supported operator takes. Throws InputError whose message begins with "tensor 'NAME'" if dims and data do
/// not agree.
at::Tensor read_tensor(const onnx::TensorProto& tensor, const std::shared_ptr<const void>& owner,
                       const std::filesystem::path& folder);

}  // namespace dreamreel::network
