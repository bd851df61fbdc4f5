// What the ratings of a layer of classes say, as probabilities.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::network {

/// What the numbers of a layer of classes are. The file tells, by what comes before the layer and behind it.
enum class ClassScale {
  probabilities,      ///< behind a sigmoid, a softmax or a clip to [0,1]
  log_probabilities,  ///< behind a LogSoftmax
  exclusive_logits,   ///< before a softmax over the classes
  separate_logits,    ///< before a sigmoid
  /// Before nothing that tells: several classes may be seen at once where a layer has positions; classes
  /// exclude each other where the layer has one position, or where there are two classes.
  logits,
};

/// The scale of each of network.layers(), once for all pictures. `path`: the file of the network. Where a
/// file does not tell probabilities from logits, one pass over a grain of all colours does: numbers that all
/// lie in [0,1] are probabilities. Throws what reading the file and Network::forward() throw.
std::vector<ClassScale> class_scales(const Network& network, const std::filesystem::path& path);

/// The ratings of a layer of classes, (1,C,...), as probabilities in [0,1], float32 (C,...).
at::Tensor class_probabilities(const at::Tensor& ratings, ClassScale scale);

/// The names of the tensors that layers are: of kClassesLayer, the tensor that it stands for in this file.
/// Throws InputError for a file that cannot be read, and JobError for a layer that is not there.
std::vector<std::string> tensors_of(const std::filesystem::path& path,
                                    const std::vector<std::string>& layers);

}  // namespace dreamreel::network
