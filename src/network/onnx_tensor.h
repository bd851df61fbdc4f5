// ONNX's stored tensors as ATen tensors on the CPU.
#pragma once

#include <ATen/core/Tensor.h>
#include <onnx/onnx_pb.h>

#include <memory>

#include "external_data.h"

namespace dreamreel::network {

/// The tensor's numbers, in their own type where ATen has it (uint16 becomes int32; uint32 and uint64 become
/// int64). Numbers stored as raw bytes are not copied: the result keeps `owner`, which must own `tensor`,
/// alive. External data is read from `files`. Undefined for strings, complex numbers and numbers of 4 bits or
/// in 8-bit floating point, which no supported operator takes. Throws InputError whose message begins with
/// "tensor 'NAME'" if dims and data do not agree.
at::Tensor read_tensor(const onnx::TensorProto& tensor, const std::shared_ptr<const void>& owner,
                       ExternalFiles& files);

}  // namespace dreamreel::network
