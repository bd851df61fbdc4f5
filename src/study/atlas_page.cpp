#include "dreamreel/study/atlas_page.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "atlas_sheet.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/base64.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/temporary_folder.h"
#include "sheet_picture.h"

namespace dreamreel::study {
namespace {

namespace fs = std::filesystem;

// Everything before the layers. The page works from a disk and loads nothing from any address.
constexpr const char* kHead = R"html(<style>
:root { color-scheme: dark; --ground: #0f1012; --raised: #17191c; --line: #26292e; --text: #d9dbdf;
  --dim: #868b94;
  --accent: #e8b04b; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem;
  align-items: baseline;
  padding: .8rem 1.5rem; background: rgba(15, 16, 18, .94); border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1rem; font-weight: 600; }
header p { margin: 0; color: var(--dim); }
#search { flex: 1 1 14rem; max-width: 26rem; padding: .4rem .7rem; color: inherit; font: inherit;
  background: var(--raised); border: 1px solid var(--line); border-radius: 6px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
main { display: flex; flex-wrap: wrap; gap: 1.1rem; padding: 1.2rem 1.5rem 4rem; }
section { padding: .7rem; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; }
section[hidden] { display: none; }
h2 { margin: 0; font-size: .9rem; font-weight: 600; overflow-wrap: anywhere; }
section > p { margin: 0 0 .55rem; color: var(--dim); font-size: .78rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .35rem; }
.tiles button { padding: 0; color: var(--dim); font: inherit; font-size: .74rem; text-align: left;
  cursor: copy;
  background: none; border: 0; border-radius: 4px; }
.tiles img { display: block; border-radius: 4px; }
.tiles button:hover, .tiles button:focus-visible { color: var(--text); }
.tiles button.copied { color: var(--accent); }
.tiles button.copied img { box-shadow: 0 0 0 2px var(--accent); }
#none { padding: 2rem 1.5rem; color: var(--dim); }
#said { position: fixed; left: 50%; bottom: 1.2rem; transform: translateX(-50%); max-width: 92vw;
  padding: .55rem 1rem;
  background: #24272c; border: 1px solid var(--line); border-radius: 6px;
  font: 13px/1.4 ui-monospace, monospace;
  opacity: 0; transition: opacity .15s; pointer-events: none; }
#said.shown { opacity: 1; }
kbd { padding: 0 .3em; border: 1px solid var(--line); border-radius: 3px; font: inherit; }
@media (prefers-reduced-motion: reduce) { #said { transition: none; } }
</style>
)html";

constexpr const char* kScript = R"html(<script>
"use strict";
const search = document.getElementById("search"), said = document.getElementById("said");
const layers = [...document.querySelectorAll("section")];
const shownTiles = () => layers.filter(layer => !layer.hidden)
  .flatMap(layer => [...layer.querySelectorAll("button")]);

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const layer of layers) {
    const whole = words.every(word => layer.dataset.find.includes(word));
    let any = false;
    for (const tile of layer.querySelectorAll("button")) {
      const found = whole
        || words.every(word => (layer.dataset.find + " " + tile.dataset.find).includes(word));
      tile.hidden = !found;
      any = any || found;
    }
    layer.hidden = !any;
  }
  const count = layers.filter(layer => !layer.hidden).length;
  document.getElementById("count").textContent = count + " of " + layers.length + " layers";
  document.getElementById("none").hidden = count > 0;
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // not allowed here: the old way
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

let timer = 0;
async function copy(tile) {
  const line = "- " + tile.dataset.yaml;
  const done = await toClipboard(line);
  document.querySelectorAll(".copied").forEach(other => other.classList.remove("copied"));
  if (done) tile.classList.add("copied");
  document.body.dataset.copied = done ? line : "";
  said.textContent = (done ? "copied  " : "copy this by hand:  ") + line;
  said.classList.add("shown");
  tile.focus();
  clearTimeout(timer);
  timer = setTimeout(() => said.classList.remove("shown"), done ? 2200 : 15000);
}

// The tile nearest in the wanted direction, as it lies on the screen.
function neighbour(tile, key) {
  const from = tile.getBoundingClientRect();
  const sideways = key === "ArrowLeft" || key === "ArrowRight",
    sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  if (sideways) {
    const tiles = shownTiles().filter(other => !other.hidden);
    return tiles[tiles.indexOf(tile) + sign];
  }
  let best = null, least = Infinity;
  for (const other of shownTiles()) {
    const to = other.getBoundingClientRect(), dy = (to.top - from.top) * sign;
    const distance = dy + 3 * Math.abs(to.left - from.left);
    if (!other.hidden && dy > from.height / 2 && distance < least) [best, least] = [other, distance];
  }
  return best;
}

search.addEventListener("input", filter);
document.addEventListener("click", event => {
  const tile = event.target.closest(".tiles button");
  if (tile) copy(tile);
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const tile = document.activeElement.closest(".tiles button");
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.select();
    search.focus();
  } else if (event.key === "Escape") {
    search.value = "";
    filter();
    search.focus();
  } else if (event.key === "ArrowDown" && document.activeElement === search) {
    event.preventDefault();
    shownTiles().find(other => !other.hidden)?.focus();
  } else if (tile && event.key.startsWith("Arrow")) {
    event.preventDefault();
    neighbour(tile, event.key)?.focus();
  }
});
filter();
</script>
)html";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

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
  const std::string name = !tile.name.empty() ? escaped(tile.name)
                           : tile.channel     ? "channel " + std::to_string(*tile.channel)
                                              : "whole layer";
  return "<button type=\"button\" data-find=\"" + lower(name) + "\" data-yaml=\"" + escaped(tile.yaml) +
         "\" title=\"" + escaped(tile.yaml) + "\"><img alt=\"" + name + "\" width=\"" + size +
         "\" height=\"" + size + "\" src=\"" + encoder.data_uri(tile.picture) + "\">" + name + "</button>\n";
}

std::string layer_html(const AtlasLayer& layer, const JpegEncoder& encoder) {
  const auto& info = layer.info;
  std::string scale = std::to_string(info.scale);
  scale.erase(scale.find_last_not_of('0') + 1);
  if (scale.back() == '.') scale.pop_back();
  std::string facts = escaped(info.op) + ", " + std::to_string(info.channels) + " channels";
  if (info.scale > 0) facts += ", 1/" + scale + " size";
  std::string html = "<section data-find=\"" + escaped(lower(info.name + " " + info.op)) + "\"><h2>" +
                     escaped(info.name) + "</h2><p>" + facts + "</p><div class=\"tiles\">\n";
  for (const auto& tile : layer.tiles) html += tile_html(tile, encoder);
  return html + "</div></section>\n";
}

}  // namespace

std::string atlas_html(const Atlas& atlas) {
  const JpegEncoder encoder;
  const auto name = escaped(fs::path(atlas.network).filename().string());
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Atlas of " +
      name + "</title>\n" + kHead + "</head>\n<body>\n<header><h1>Atlas of " + name +
      "</h1>\n<input id=\"search\" type=\"search\" placeholder=\"Search layers and channels\" "
      "aria-label=\"Search layers and channels\" autocomplete=\"off\">\n<p id=\"count\"></p>\n"
      "<p>Click a tile to copy its objective. <kbd>/</kbd> search, arrows move, <kbd>Enter</kbd> "
      "copies.</p></header>\n<main>\n";
  for (const auto& layer : atlas.layers) html += layer_html(layer, encoder);
  html += "</main>\n<p id=\"none\" hidden>No layer is called so.</p>\n";
  if (!atlas.skipped.empty()) {
    html +=
        "<p id=\"skipped\" style=\"padding: 0 1.5rem; color: var(--dim)\">Not shown, because they need "
        "larger tiles:";
    for (const auto& layer : atlas.skipped) html += " " + escaped(layer);
    html += "</p>\n";
  }
  return html + "<div id=\"said\" role=\"status\"></div>\n" + kScript + "</body>\n</html>\n";
}

void check_atlas_path(const fs::path& path) {
  if (path.extension() != ".html" && path.extension() != ".png")
    throw UsageError("-o: expected a file ending in .html or .png, got '" + path.string() + "'");
}

void write_atlas(const Atlas& atlas, const fs::path& path) {
  check_atlas_path(path);
  if (path.extension() == ".png")
    write_picture(atlas_sheet(atlas), path);
  else
    write_file_atomically(path, atlas_html(atlas));
}

}  // namespace dreamreel::study
