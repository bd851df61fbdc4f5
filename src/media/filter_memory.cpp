#include "filter_memory.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "dreamreel/core/error.h"
#include "filter_text.h"

namespace dreamreel::media {
namespace {

// Filters that forget: their options are evaluated once, or are no expressions.
const std::vector<std::string_view> kFixed{"avgblur",
                                           "bilateral",
                                           "boxblur",
                                           "cas",
                                           "chromahold",
                                           "chromakey",
                                           "chromashift",
                                           "colorbalance",
                                           "colorcontrast",
                                           "colorcorrect",
                                           "colorhold",
                                           "colorize",
                                           "colorkey",
                                           "colorlevels",
                                           "colormatrix",
                                           "colorspace",
                                           "colortemperature",
                                           "convolution",
                                           "copy",
                                           "curves",
                                           "deflate",
                                           "dilation",
                                           "edgedetect",
                                           "erosion",
                                           "exposure",
                                           "fillborders",
                                           "format",
                                           "gblur",
                                           "hflip",
                                           "huesaturation",
                                           "inflate",
                                           "kirsch",
                                           "lenscorrection",
                                           "limiter",
                                           "lut",
                                           "lutrgb",
                                           "lutyuv",
                                           "median",
                                           "monochrome",
                                           "negate",
                                           "noformat",
                                           "null",
                                           "pixelize",
                                           "premultiply",
                                           "prewitt",
                                           "rgbashift",
                                           "roberts",
                                           "scale",
                                           "scharr",
                                           "setdar",
                                           "setfield",
                                           "setparams",
                                           "setrange",
                                           "setsar",
                                           "shear",
                                           "smartblur",
                                           "sobel",
                                           "swapuv",
                                           "transpose",
                                           "unpremultiply",
                                           "unsharp",
                                           "vflip",
                                           "vibrance",
                                           "colorchannelmixer",
                                           "zscale",
                                           "selectivecolor"};
// Filters whose expressions are evaluated for each frame. They forget, unless an expression reads the frame's
// number.
const std::vector<std::string_view> kEvaluated{"crop", "drawbox", "drawgrid", "eq",
                                               "hue",  "pad",     "rotate",   "perspective"};

bool is_among(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Whether the text has this word: not within a longer word, and not as the name of an option.
bool has_word(std::string_view text, std::string_view word) {
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool is_name = end < text.size() && text[end] == '=';
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end])) && !is_name)
      return true;
  }
  return false;
}

bool forgets(const FilterCall& call) {
  if (!call.inputs.empty() || !call.outputs.empty() || call.arguments.find("enable") != std::string::npos)
    return false;
  if (is_among(kFixed, call.name)) return true;
  // The words that depend on earlier frames: numbers of frames ("on" is the output's), places in the file,
  // functions that keep their state in the filter, and x and y of crop, which have the last frame's values
  // until they are evaluated.
  constexpr std::string_view kOfTheRun[] = {"n",       "N",  "in", "on", "pos", "random",
                                            "randomi", "st", "ld", "x",  "y"};
  return is_among(kEvaluated, call.name) && std::ranges::none_of(kOfTheRun, [&](std::string_view word) {
           return has_word(call.arguments, word);
         });
}

}  // namespace

bool forgets(const std::string& filter_text) {
  if (filter_text.empty()) return true;
  try {
    const auto text = parse_filter_text(filter_text);
    return std::ranges::all_of(text.calls, [](const FilterCall& call) { return forgets(call); });
  } catch (const JobError&) {
    return false;
  }
}

}  // namespace dreamreel::media
