// The page of `check --curves FILE.html`: data as JSON, and a script that draws them on canvases.
#include <cmath>
#include <nlohmann/json.hpp>

#include "curve_files.h"

namespace dreamreel::app {
namespace {

constexpr const char* kHead = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>curves</title>
<style>
:root { color-scheme: dark;
  --ground: #14161a; --row: #191c21; --line: #2a2e35; --text: #c9ced6; --faint: #7d8590; }
body { margin: 0; background: var(--ground); color: var(--text); font: 13px/1.45 system-ui, sans-serif; }
header { position: sticky; top: 0; background: var(--ground); border-bottom: 1px solid var(--line);
  padding: 12px 20px 10px; display: flex; gap: 28px; align-items: baseline; z-index: 1; }
h1 { font-size: 15px; font-weight: 600; margin: 0; }
header span { color: var(--faint); font-variant-numeric: tabular-nums; }
#at { margin-left: auto; color: var(--text); }
main { padding: 6px 20px 40px; }
.row { display: grid; grid-template-columns: 190px 1fr 84px; align-items: center;
  border-bottom: 1px solid var(--line); }
.name { overflow-wrap: anywhere; padding-right: 12px; }
.range { color: var(--faint); font-size: 11px; font-variant-numeric: tabular-nums; }
.value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
canvas { display: block; width: 100%; cursor: crosshair; touch-action: none; }
h2 { font-size: 12px; font-weight: 600; color: var(--faint); margin: 22px 0 6px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 2px 24px; margin: 0; }
dl div { display: flex; justify-content: space-between;
  border-bottom: 1px solid var(--line); padding: 2px 0; }
@media (max-width: 760px) {
  .row { grid-template-columns: 1fr auto; padding-top: 4px; }
  canvas { grid-column: 1 / 3; grid-row: 2; }
}
dt { color: var(--faint); } dd { margin: 0; font-variant-numeric: tabular-nums; }
</style></head><body>
<header><h1></h1><span id="facts"></span><span id="at"></span></header>
<main></main>
<script>
const sheet = )html";

constexpr const char* kTail = R"html(;
"use strict";
const main = document.querySelector("main");
const count = sheet.t.length;
const begin = sheet.t[0], end = sheet.t[count - 1] + 1 / sheet.fps;
let from = begin, to = end;
const short = v => v === null ? "not finite" :
  String(Math.abs(v) >= 1e5 ? v.toExponential(3) : +v.toPrecision(4));
const clock = s => Math.floor(s / 60) + ":" + (s % 60).toFixed(3).padStart(6, "0");
const rows = [];
let hovered = -1;

function addRow(name, values, options) {
  const row = document.createElement("div"), label = document.createElement("div");
  const canvas = document.createElement("canvas"), value = document.createElement("div");
  row.className = "row"; label.className = "name"; value.className = "value";
  label.textContent = name;
  label.title = options.sentence || "";
  canvas.style.height = options.height + "px";
  const entry = {values, canvas, value, ...options};
  if (!options.axis && !options.mirrored) {
    const finite = values.filter(v => v !== null);
    const fixed = options.fixed;
    entry.low = fixed ? 0 : finite.reduce((a, b) => Math.min(a, b), Infinity);
    entry.high = fixed ? 1 : finite.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!fixed && finite.length) {
      const range = document.createElement("div");
      range.className = "range";
      range.textContent = entry.low === entry.high ? "always " + short(entry.low)
                                                   : short(entry.low) + " to " + short(entry.high);
      label.append(range);
    }
    if (!(entry.high > entry.low)) { entry.low -= 0.5; entry.high += 0.5; }
  }
  row.append(label, canvas, value);
  main.append(row);
  rows.push(entry);
}

function heading(text) {
  const h = document.createElement("h2");
  h.textContent = text;
  main.append(h);
}

const x = (seconds, width) => (seconds - from) / (to - from) * width;
const frameX = (i, width) => x(sheet.t[i], width);

function tickStep(width) {
  const wanted = (to - from) / Math.max(1, width / 90);
  return [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find(
    s => s >= wanted) || 7200;
}

function drawGrid(g, width, height, axis) {
  const step = tickStep(width);
  g.fillStyle = "#7d8590";
  g.font = "11px system-ui, sans-serif";
  for (let k = Math.ceil(from / step); k * step < to; ++k) {
    const at = Math.round(x(k * step, width)) + 0.5;
    g.strokeStyle = "#22262c";
    g.beginPath(); g.moveTo(at, 0); g.lineTo(at, height); g.stroke();
    if (axis) g.fillText(step < 1 ? (k * step).toFixed(2) : clock(k * step).slice(0, -4), at + 4, height - 5);
  }
  if (axis) return;
  g.strokeStyle = "rgba(214, 158, 92, 0.28)";
  g.beginPath();
  for (const beat of sheet.beats) {
    const at = Math.round(x(beat, width)) + 0.5;
    g.moveTo(at, 0); g.lineTo(at, height);
  }
  if (sheet.beats.length * (to - from) / (end - begin) < 0.25 * width) g.stroke();
}

function drawCurve(g, row, width, height) {
  const y = v => height - 5 - (v - row.low) / (row.high - row.low) * (height - 10);
  g.strokeStyle = g.fillStyle = row.colour;
  g.lineWidth = 1.3;
  g.beginPath();
  let open = false;
  for (let i = 0; i < count; ++i) {
    const v = row.values[i];
    if (v === null) { open = false; continue; }
    const at = frameX(i, width), next = i + 1 < count ? frameX(i + 1, width) : x(end, width);
    if (open) g.lineTo(at, y(v)); else g.moveTo(at, y(v));
    if (row.stepped || i + 1 === count) g.lineTo(next, y(v));
    open = true;
  }
  g.stroke();
}

function drawWave(g, row, width, height) {
  g.fillStyle = "#56708a";
  const top = Math.max(row.values.reduce((a, b) => Math.max(a, b), 0), 1e-6);
  for (let i = 0; i < count; ++i) {
    const h = row.values[i] / top * (height - 6);
    const left = frameX(i, width), right = i + 1 < count ? frameX(i + 1, width) : x(end, width);
    g.fillRect(left, (height - h) / 2,
      Math.max(0.7, right - left - (right - left > 3 ? 0.6 : 0)), Math.max(h, 0.6));
  }
}

function draw(row) {
  const width = row.canvas.clientWidth, height = row.height, scale = window.devicePixelRatio || 1;
  if (row.canvas.width !== Math.round(width * scale) || row.canvas.height !== Math.round(height * scale)) {
    row.canvas.width = Math.round(width * scale);
    row.canvas.height = Math.round(height * scale);
  }
  const g = row.canvas.getContext("2d");
  g.setTransform(scale, 0, 0, scale, 0, 0);
  g.clearRect(0, 0, width, height);
  g.lineWidth = 1;
  drawGrid(g, width, height, row.axis);
  if (row.mirrored) drawWave(g, row, width, height);
  else if (!row.axis) drawCurve(g, row, width, height);
  if (hovered < 0) { row.value.textContent = ""; return; }
  const at = frameX(hovered, width);
  g.strokeStyle = "#c9ced6"; g.lineWidth = 1;
  g.beginPath(); g.moveTo(at, 0); g.lineTo(at, height); g.stroke();
  row.value.textContent = row.axis ? "" : short(row.values[hovered]);
}

function show() {
  rows.forEach(draw);
  document.querySelector("#at").textContent =
    hovered < 0 ? "" : "frame " + sheet.n[hovered] + "   " + clock(sheet.t[hovered]);
}

document.querySelector("h1").textContent = document.title = sheet.title;
document.querySelector("#facts").textContent = count + " frames at " + short(sheet.fps) + " fps" +
  (sheet.sound ?
    (sheet.tempo ? ", " + sheet.tempo.toFixed(1) + " beats a minute" : ", no steady beat") : ", no sound");
addRow("", [], {height: 22, axis: true});
if (sheet.sound) {
  addRow("sound", sheet.peaks, {height: 64, mirrored: true});
  for (const [name, {values, is_level, sentence}] of Object.entries(sheet.levels))
    addRow(name, values, {height: 34, fixed: is_level, colour: "#7fa3c4", stepped: true, sentence});
}
if (sheet.own.length) heading("Series and stems");
for (const own of sheet.own) addRow(own.path, own.values, {height: 34, colour: "#8fb88a", stepped: true});
const moving = sheet.curves.filter(c => !c.constant), still = sheet.curves.filter(c => c.constant);
if (moving.length) heading("Curves");
for (const curve of moving) addRow(curve.path, curve.values, {height: 58, colour: "#d69e5c"});
if (still.length) {
  heading("Constant");
  const list = document.createElement("dl");
  for (const curve of still) {
    const line = document.createElement("div"), key = document.createElement("dt"),
      value = document.createElement("dd");
    key.textContent = curve.path;
    value.textContent = short(curve.values[0]);
    line.append(key, value);
    list.append(line);
  }
  main.append(list);
}
function hover(event) {
  const canvas = event.target.closest("canvas");
  if (!canvas) { hovered = -1; show(); return; }
  const box = canvas.getBoundingClientRect();
  const seconds = from + (event.clientX - box.left) / box.width * (to - from);
  let low = 0, high = count - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (sheet.t[mid] <= seconds) low = mid; else high = mid - 1;
  }
  hovered = low;
  show();
}
// The wheel zooms about the pointer, dragging moves, a double click shows everything again.
function look(start, length) {
  length = Math.min(end - begin, Math.max(8 / sheet.fps, length));
  from = Math.min(Math.max(begin, start), end - length);
  to = from + length;
  show();
}
main.addEventListener("wheel", event => {
  const canvas = event.target.closest("canvas");
  if (!canvas || (event.deltaY > 0 && to - from >= end - begin)) return;
  event.preventDefault();
  const box = canvas.getBoundingClientRect(), part = (event.clientX - box.left) / box.width;
  const length = (to - from) * Math.exp(event.deltaY / 400);
  look(from + part * (to - from) - part * length, length);
}, {passive: false});
main.addEventListener("pointermove", event => {
  const canvas = event.target.closest("canvas");
  if (canvas && event.buttons & 1)
    look(from - event.movementX / canvas.clientWidth * (to - from), to - from);
});
main.addEventListener("dblclick", () => look(begin, end - begin));
main.addEventListener("pointermove", hover);
main.addEventListener("pointerleave", () => { hovered = -1; show(); });
window.addEventListener("resize", show);
show();
</script></body></html>
)html";

// `value` with 6 digits, which is more than a screen shows; null if it is not finite.
nlohmann::json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) ? std::round(value * scale) / scale : value;
}

template <typename Values>
nlohmann::json numbers(const Values& values) {
  auto list = nlohmann::json::array();
  for (const double value : values) list.push_back(rounded(value));
  return list;
}

nlohmann::ordered_json levels_of(const study::CurveSheet& sheet) {
  nlohmann::ordered_json json;
  for (const auto& variable : kSoundVariables) {
    if (!variable.is_level && sheet.beats.empty()) continue;  // nothing is counted
    std::vector<double> values;
    for (const auto& levels : sheet.levels) values.push_back(levels.*variable.value);
    json[std::string(variable.name)] = {
        {"values", numbers(values)}, {"is_level", variable.is_level}, {"sentence", variable.sentence}};
  }
  return json;
}

// Escapes "<", so that "</script>" in a title cannot end the script.
std::string inside_script(std::string json) {
  for (auto at = json.find('<'); at != std::string::npos; at = json.find('<', at + 1))
    json.replace(at, 1, "\\u003c");
  return json;
}

}  // namespace

std::string curves_as_html(const study::CurveSheet& sheet, const std::string& title) {
  nlohmann::ordered_json json;
  json["title"] = title;
  json["fps"] = sheet.frames_per_second;
  json["sound"] = sheet.has_sound;
  json["tempo"] = sheet.tempo_bpm;
  json["n"] = sheet.frames;
  json["t"] = numbers(sheet.seconds);
  json["beats"] = numbers(sheet.beats);
  json["peaks"] = numbers(sheet.peaks);
  json["levels"] = levels_of(sheet);
  json["own"] = nlohmann::json::array();
  for (const auto& column : sheet.own_variables)
    json["own"].push_back({{"path", column.path}, {"values", numbers(column.values)}});
  json["curves"] = nlohmann::json::array();
  for (const auto& column : sheet.columns) {
    const std::vector<double> first(1, column.values.front());
    json["curves"].push_back({{"path", column.path},
                              {"constant", column.is_constant},
                              {"values", numbers(column.is_constant ? first : column.values)}});
  }
  return kHead + inside_script(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) + kTail;
}

}  // namespace dreamreel::app
