// The sheet and the page of variations.
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <fmt/core.h>
#include <pages/variations.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/base64.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/page.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/media/writer.h"
#include "dreamreel/study/frame_view.h"
#include "dreamreel/study/picture_bytes.h"
#include "dreamreel/study/vary.h"
#include "lettering.h"
#include "sheet_layout.h"

namespace dreamreel::study {
namespace {

constexpr std::int64_t kVariationGap = 8;  // px
constexpr std::int64_t kWordsLine = (kLetterHeight + 3) * kSheetTextScale;

// With one axis, the number of columns that makes the sheet about square. With two axes, one column for each
// value of the second axis.
std::int64_t columns_of(const std::vector<Axis>& axes, std::size_t count) {
  if (axes.size() == 2) return static_cast<std::int64_t>(axes[1].values.size());
  return std::max<std::int64_t>(1, std::lround(std::ceil(std::sqrt(static_cast<double>(count)))));
}

at::Tensor shrunk(const at::Tensor& picture, int side) {
  const auto size = view_size(static_cast<int>(picture.size(2)), static_cast<int>(picture.size(1)), side);
  return image::resize(picture, {size.height, size.width}).clamp(0, 1);
}

std::string words_of(const Variation& variation) {
  std::string text;
  for (const auto& override : variation.overrides) text += (text.empty() ? "" : "  ") + printable(override);
  return text;
}

// The option in single quotes, which every shell understands.
std::string option_of(const std::string& override) {
  std::string text = "--set '";
  for (const char c : override) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string options_of(const Variation& variation) {
  std::string text;
  for (const auto& override : variation.overrides) text += (text.empty() ? "" : " ") + option_of(override);
  return text;
}

std::string page_of(const std::vector<Axis>& axes, const std::vector<Variation>& variations, int side) {
  std::string html;
  for (const auto& variation : variations) {
    html += fmt::format("<button type=\"button\" data-set=\"{}\">", escape_html(options_of(variation)));
    html += variation.picture.defined()
                ? fmt::format("<img alt=\"\" src=\"data:image/jpeg;base64,{}\">",
                              base64(jpeg_of(shrunk(variation.picture, side))))
                : fmt::format("<p>{}</p>", escape_html(printable_lines(variation.problem)));
    html += escape_html(words_of(variation)) + "</button>\n";
  }
  return fill_page(kVariationsPage,
                   {{"columns", std::to_string(columns_of(axes, variations.size()))}, {"variations", html}});
}

at::Tensor sheet_of_variations(const std::vector<Axis>& axes, const std::vector<Variation>& variations,
                               int side) {
  std::int64_t width = side, height = side;  // of a tile of the page
  std::vector<at::Tensor> tiles;
  for (const auto& variation : variations)
    tiles.push_back(variation.picture.defined() ? shrunk(variation.picture, side) : at::Tensor());
  const auto any = std::ranges::find_if(tiles, [](const auto& tile) { return tile.defined(); });
  if (any != tiles.end()) width = height = 1;
  for (const auto& tile : tiles)
    if (tile.defined()) {
      width = std::max(width, tile.size(2));
      height = std::max(height, tile.size(1));
    }
  const auto columns = columns_of(axes, tiles.size());
  const auto rows = (static_cast<std::int64_t>(tiles.size()) + columns - 1) / columns;
  auto sheet = at::full({3, 2 * kSheetMargin + rows * (height + kWordsLine + kVariationGap),
                         2 * kSheetMargin + columns * (width + kVariationGap) - kVariationGap},
                        kSheetBackground, at::TensorOptions().dtype(at::kFloat));
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const auto x = kSheetMargin + static_cast<std::int64_t>(i) % columns * (width + kVariationGap);
    const auto y =
        kSheetMargin + static_cast<std::int64_t>(i) / columns * (height + kWordsLine + kVariationGap);
    if (tiles[i].defined())
      sheet.narrow(1, y, tiles[i].size(1)).narrow(2, x, tiles[i].size(2)).copy_(tiles[i]);
    else
      write_text(sheet, fitted(printable(variations[i].problem), width, 1), x, y, 1, kSheetBright);
    write_text(sheet, fitted(words_of(variations[i]), width, kSheetTextScale), x, y + height + 4,
               kSheetTextScale, kSheetDim);
  }
  return sheet;
}

void write_sheet(const at::Tensor& sheet, const std::filesystem::path& path) {
  media::VideoInfo info;
  info.height = static_cast<int>(sheet.size(1));
  info.width = static_cast<int>(sheet.size(2));
  info.is_still = true;
  media::WriterOptions options;
  options.path = path;
  media::Writer writer(options, info);
  media::VideoFrame frame;
  frame.rgb = sheet;
  writer.write(frame);
  writer.finish();
}

}  // namespace

void check_vary_path(const std::filesystem::path& path) {
  if (path.extension() != ".png" && path.extension() != ".html")
    throw UsageError(fmt::format("-o: expected a name that ends in .png or .html, got '{}'", path.string()));
}

void write_variations(const std::vector<Axis>& axes, const std::vector<Variation>& variations, int side,
                      const std::filesystem::path& path) {
  check_vary_path(path);
  if (path.extension() == ".png")
    write_sheet(sheet_of_variations(axes, variations, side), path);
  else
    write_file_atomically(path, page_of(axes, variations, side));
}

}  // namespace dreamreel::study
