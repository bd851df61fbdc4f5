// Turns the numbers of a layer of classes into probabilities.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::network {

/// What the numbers of a layer of classes stand for. The operators before and after the layer tell.
enum class ClassScale {
  probabilities,      ///< after a sigmoid, a softmax or a clip to [0,1]
  log_probabilities,  ///< after a LogSoftmax
  exclusive_logits,   ///< before a softmax over the classes
  separate_logits,    ///< before a sigmoid
  /// No operator beside the layer tells. If the layer has positions, several classes may be seen at once. If
  /// the layer has one position, or if there are two classes, the classes exclude each other.
  logits,
};

/// Finds the scale of each of network.layers(). `path` is the network's file. The result holds for all
/// pictures.
///
/// If the file does not tell probabilities from logits, one pass over coloured noise decides: numbers that
/// all lie in [0,1] are probabilities. Throws every error of reading the file and of Network::forward().
std::vector<ClassScale> class_scales(const Network& network, const std::filesystem::path& path);

/// Converts the numbers of a layer of classes, (1,C,...), to probabilities in [0,1], float32 (C,...).
at::Tensor class_probabilities(const at::Tensor& ratings, ClassScale scale);

/// The names of the layers' output tensors. For kClassesLayer, the name of the tensor that it stands for in
/// this file. Throws InputError for a file that cannot be read, and JobError for a layer that does not exist.
std::vector<std::string> tensors_of(const std::filesystem::path& path,
                                    const std::vector<std::string>& layers);

}  // namespace dreamreel::network
