// A scratch folder with a network card, where tests write cards and files.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/cards/find_network.h"
#include "support/files.h"

namespace dreamreel::test {

class CardFolder {
 public:
  CardFolder() {
    write("cards/net.yaml", "name: net\nfile: net.onnx\n");
    folders.card_folders = {path("cards")};
    folders.network_folders = {path("networks")};
  }

  std::filesystem::path path(const std::string& name) const { return dir_ / name; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(path(name).parent_path());
    write_file(path(name), text);
  }

  /// A message with the folder's own path taken out.
  std::string without_folder(std::string text) const {
    const std::string folder = dir_.path().string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }

  cards::Folders folders;

 private:
  ScratchDir dir_;
};

}  // namespace dreamreel::test
