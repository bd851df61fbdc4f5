// Finds networks by the names of their cards.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"

namespace dreamreel::cards {

/// Where cards and their files are.
struct Folders {
  /// Folders that are searched for network cards; the first match wins.
  std::vector<std::filesystem::path> card_folders;
  std::vector<std::filesystem::path> network_folders;  ///< folders that are searched for the cards' files
};

/// Finds a network by the name of its card ("inception_v3"), or by the path of an .onnx file, relative to the
/// current folder. A card of the same stem beside the .onnx file gives the input scaling; without it, the
/// network gets RGB in [0,1]. The .onnx file need not exist. Throws JobError with the closest card names, or
/// with the faults of the card.
NetworkRef find_network(const std::string& name_or_path, const Folders& folders);
std::vector<std::string> card_names(const Folders& folders);  ///< sorted
/// Throws UnavailableError (69) if the network's file does not exist. The message says how to fetch it.
void require_file(const NetworkRef& network);

}  // namespace dreamreel::cards
