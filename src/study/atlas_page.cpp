#include "dreamreel/study/atlas_page.h"

#include <ATen/core/Tensor.h>
#include <fmt/core.h>
#include <pages/atlas.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "atlas_sheet.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/base64.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/page.h"
#include "dreamreel/core/temporary_folder.h"
#include "sheet_picture.h"

namespace dreamreel::study {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// The libraries below write pictures only into files. This folder holds one file at a time.
class JpegEncoder {
 public:
  std::string data_uri(const at::Tensor& rgb) const {
    const auto path = folder_ / "tile.jpg";
    write_picture(rgb, path);
    std::ifstream file(path, std::ios::binary);
    return "data:image/jpeg;base64," + base64(std::string{std::istreambuf_iterator<char>(file), {}});
  }

 private:
  const TemporaryFolder folder_{"dreamreel-atlas"};
};

std::string tile_html(const AtlasTile& tile, const JpegEncoder& encoder) {
  const auto size = std::to_string(tile.picture.size(1));
  const std::string name = !tile.name.empty() ? escape_html(tile.name)
                           : tile.channel     ? fmt::format("channel {}", *tile.channel)
                                              : "whole layer";
  return fmt::format(
      "<button type=\"button\" data-find=\"{}\" data-yaml=\"{}\" title=\"{}\"><img alt=\"{}\" width=\"{}\" "
      "height=\"{}\" src=\"{}\">{}</button>\n",
      lower(name), escape_html(tile.yaml), escape_html(tile.yaml), name, size, size,
      encoder.data_uri(tile.picture), name);
}

std::string layer_html(const AtlasLayer& layer, const JpegEncoder& encoder) {
  const auto& info = layer.info;
  std::string scale = std::to_string(info.scale);
  scale.erase(scale.find_last_not_of('0') + 1);
  if (scale.back() == '.') scale.pop_back();
  std::string facts = fmt::format("{}, {} channels", escape_html(info.op), info.channels);
  if (info.scale > 0) facts += fmt::format(", 1/{} size", scale);
  std::string html =
      fmt::format("<section data-find=\"{}\"><h2>{}</h2><p>{}</p><div class=\"tiles\">\n",
                  escape_html(lower(info.name + " " + info.op)), escape_html(info.name), facts);
  for (const auto& tile : layer.tiles) html += tile_html(tile, encoder);
  return html + "</div></section>\n";
}

bool shows_classes(const Atlas& atlas) {
  return !atlas.layers.empty() && !atlas.layers.front().tiles.empty() &&
         !atlas.layers.front().tiles.front().name.empty();
}

}  // namespace

std::string atlas_html(const Atlas& atlas) {
  const JpegEncoder encoder;
  std::string layers, skipped;
  for (const auto& layer : atlas.layers) layers += layer_html(layer, encoder);
  if (!atlas.skipped.empty()) {
    skipped = "<p id=\"skipped\">Not shown, because they need larger tiles:";
    for (const auto& layer : atlas.skipped) skipped += " " + escape_html(layer);
    skipped += "</p>\n";
  }
  const bool of_classes = shows_classes(atlas);
  return fill_page(kAtlasPage, {{"name", escape_html(fs::path(atlas.network).filename().string())},
                                {"unit", of_classes ? "classes" : "layers"},
                                {"search", of_classes ? "Search classes" : "Search layers and channels"},
                                {"nothing", of_classes ? "No class is called so." : "No layer is called so."},
                                {"layers", layers},
                                {"skipped", skipped}});
}

void check_atlas_path(const fs::path& path) {
  if (path.extension() != ".html" && path.extension() != ".png")
    throw UsageError(fmt::format("-o: expected a file ending in .html or .png, got '{}'", path.string()));
}

void write_atlas(const Atlas& atlas, const fs::path& path) {
  check_atlas_path(path);
  if (path.extension() == ".png")
    write_picture(atlas_sheet(atlas), path);
  else
    write_file_atomically(path, atlas_html(atlas));
}

}  // namespace dreamreel::study
