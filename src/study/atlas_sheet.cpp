#include "atlas_sheet.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/error.h"
#include "lettering.h"
#include "sheet_layout.h"

namespace dreamreel::study {
namespace {

constexpr std::int64_t kTileGap = 4, kCaptionLine = 12;  // px
constexpr std::int64_t kMaxPerRow = 16;                  // tiles of one layer side by side

// The size of one layer's tiles with the layer's name above them.
struct Cell {
  std::int64_t columns = 1, rows = 1, width = 0, height = 0;
};

Cell cell_of(const Atlas& atlas) {
  std::int64_t most = 1;
  for (const auto& layer : atlas.layers) most = std::max(most, static_cast<std::int64_t>(layer.tiles.size()));
  const auto size = atlas.layers.front().tiles.front().picture.size(1);
  Cell cell;
  cell.columns = std::min(most, kMaxPerRow);
  cell.rows = (most + cell.columns - 1) / cell.columns;
  cell.width = cell.columns * (size + kTileGap) - kTileGap;
  cell.height = kLetterHeight * kSheetTextScale + kTileGap + cell.rows * (size + kCaptionLine + kTileGap);
  return cell;
}

std::string caption(const AtlasTile& tile) {
  if (!tile.name.empty()) return tile.name;
  return tile.channel ? fmt::format("channel {}", *tile.channel) : "all";
}

void draw_layer(at::Tensor& sheet, const AtlasLayer& layer, const Cell& cell, std::int64_t left,
                std::int64_t top) {
  write_text(sheet, fitted(layer.info.name, cell.width, kSheetTextScale), left, top, kSheetTextScale,
             kSheetBright);
  const auto below_title = top + kLetterHeight * kSheetTextScale + kTileGap;
  for (std::size_t i = 0; i < layer.tiles.size(); ++i) {
    const auto& picture = layer.tiles[i].picture;
    const auto size = picture.size(1), index = static_cast<std::int64_t>(i);
    const auto x = left + index % cell.columns * (size + kTileGap);
    const auto y = below_title + index / cell.columns * (size + kCaptionLine + kTileGap);
    sheet.narrow(1, y, size).narrow(2, x, size).copy_(picture);
    write_text(sheet, fitted(caption(layer.tiles[i]), size, 1), x, y + size + 2, 1, kSheetDim);
  }
}

}  // namespace

at::Tensor atlas_sheet(const Atlas& atlas) {
  const auto cell = cell_of(atlas);
  const auto count = static_cast<std::int64_t>(atlas.layers.size());
  // Puts layers side by side until the sheet is about as wide as it is high.
  const auto wanted = std::sqrt(static_cast<double>(count * (cell.height + kSheetMargin)) /
                                static_cast<double>(cell.width + kSheetMargin));
  const auto across = std::clamp<std::int64_t>(std::lround(wanted), 1, count);
  const auto down = (count + across - 1) / across;
  auto sheet = at::full({3, kSheetMargin + down * (cell.height + kSheetMargin),
                         kSheetMargin + across * (cell.width + kSheetMargin)},
                        kSheetBackground, at::TensorOptions().dtype(at::kFloat));
  for (std::int64_t i = 0; i < count; ++i)
    draw_layer(sheet, atlas.layers[static_cast<std::size_t>(i)], cell,
               kSheetMargin + i % across * (cell.width + kSheetMargin),
               kSheetMargin + i / across * (cell.height + kSheetMargin));
  return sheet;
}

}  // namespace dreamreel::study
