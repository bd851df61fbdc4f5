// Converts ONNX's stored tensors to ATen tensors on the CPU.
#pragma once

#include <ATen/core/Tensor.h>
#include <onnx/onnx_pb.h>

#include <memory>

#include "external_data.h"

namespace dreamreel::network {

/// The tensor's numbers in their own type, where ATen has it. uint16 becomes int32; uint32 and uint64 become
/// int64. Undefined for types that no supported operator takes: strings, complex numbers, and numbers of 4
/// bits or in 8-bit floating point.
///
/// Numbers stored as raw bytes are not copied. The result keeps `owner` alive, which must own `tensor`.
/// External data is read from `files`. Throws InputError, beginning with "tensor 'NAME'", if dims and data do
/// not agree.
at::Tensor read_tensor(const onnx::TensorProto& tensor, const std::shared_ptr<const void>& owner,
                       ExternalFiles& files);

}  // namespace dreamreel::network
