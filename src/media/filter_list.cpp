#include "filter_list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <limits>

namespace dreamreel::media {
namespace {

constexpr double kMostPads = 16;         // inputs or outputs of one filter
constexpr double kMostAdded = 1e5;       // frames put before or after a clip
constexpr double kMostAddedTime = 36e8;  // the same in microseconds, as libav counts a duration
constexpr double kNoMost = std::numeric_limits<double>::infinity();

constexpr std::string_view kPlaneExpressions = "c0 c1 c2 c3 y u v r g b a";
constexpr std::string_view kBlendExpressions = "c0_expr c1_expr c2_expr c3_expr all_expr";
constexpr std::string_view kScaleTexts = "w width h height flags size s in_color_matrix out_color_matrix";
constexpr std::string_view kBoxTexts = "x y width w height h color c thickness t";
constexpr std::string_view kGeqTexts =
    "lum_expr lum cb_expr cb cr_expr cr alpha_expr a red_expr r green_expr g blue_expr b";

// The list is sorted by purpose.
const std::vector<FilterRule>& rules() {
  using enum FilterKind;
  static const std::vector<FilterRule> all{
      // Size and place. Frames of a size that an expression changes on the way are refused (eval=frame).
      {"scale", kScaleTexts, {{"eval", 0, 0}}},
      {"scale2ref", kScaleTexts, {{"eval", 0, 0}}},
      {"zscale", "w width h height size s"},
      {"crop", "out_w w out_h h x y"},
      {"pad", "width w height h x y", {{"eval", 0, 0}}},
      {"rotate", "angle a out_w ow out_h oh fillcolor c"},
      {"zoompan", "zoom z x y d", {}, plain, 1, "d"},
      {"perspective", "x0 y0 x1 y1 x2 y2 x3 y3"},
      {"swaprect", "w h x1 y1 x2 y2"},
      {"shear", "fillcolor c"},
      {"setdar", "dar ratio r"},
      {"setsar", "sar ratio r"},
      {"stereo3d"},
      {"transpose"},
      {"hflip"},
      {"vflip"},
      {"scroll"},
      {"lenscorrection"},
      {"fillborders"},
      {"deshake"},
      {"epx"},
      {"hqx"},
      {"xbr"},
      {"super2xsai"},
      {"tile"},
      {"framepack"},
      {"hstack", "", {{"inputs", 2, kMostPads}}},
      {"vstack", "", {{"inputs", 2, kMostPads}}},
      {"xstack", "layout fill", {{"inputs", 2, kMostPads}}},
      // Time.
      {"fps", "fps", {{"start_time", -3600, kNoMost}}, fills},
      {"framerate", "", {}, fills},
      {"minterpolate", "", {{"search_param", 4, 128}}, fills},
      {"setpts", "expr", {}, moves_time},
      {"settb", "expr tb"},
      {"trim"},
      {"select", "expr e", {{"outputs", 1, kMostPads}}},
      {"framestep"},
      {"decimate"},
      {"mpdecimate"},
      {"dejudder"},
      {"reverse", "", {}, holds},
      {"shuffleframes", "mapping", {}, holds},
      {"random", "", {}, plain, 1, "", "frames"},
      {"thumbnail", "", {{"n", 2, 1000}}, plain, 1, "", "n"},
      {"freezeframes"},
      {"loop", "", {{"loop", 0, kMostAdded}}, plain, 1, "loop", "size"},
      {"tpad",
       "",
       {{"start", 0, kMostAdded},
        {"stop", 0, kMostAdded},
        {"start_duration", 0, kMostAddedTime},
        {"stop_duration", 0, kMostAddedTime}}},
      {"telecine", "pattern", {}, plain, 5},
      {"detelecine", "pattern"},
      {"pullup"},
      // Interlaced footage.
      {"yadif", "", {}, plain, 2},
      {"bwdif", "", {}, plain, 2},
      {"w3fdif", "", {}, plain, 2},
      {"estdif", "", {}, plain, 2},
      {"kerndeint"},
      {"separatefields", "", {}, plain, 2},
      {"doubleweave", "", {}, plain, 2},
      {"repeatfields", "", {}, plain, 2},
      {"weave"},
      {"interlace"},
      {"tinterlace", "", {}, plain, 2},
      {"field"},
      {"fieldorder"},
      {"fieldmatch"},
      {"il"},
      {"phase"},
      {"setfield"},
      // Noise, blocks, banding, sharpness.
      {"hqdn3d"},
      {"nlmeans", "", {{"p", 0, 41}, {"pc", 0, 41}, {"r", 0, 41}, {"rc", 0, 41}}},
      {"atadenoise", "", {}, plain, 1, "", "s"},
      {"vaguedenoiser"},
      {"owdenoise"},
      {"fftdnoiz"},
      {"dctdnoiz", "expr e"},
      {"chromanr", "", {{"sizew", 1, 31}, {"sizeh", 1, 31}}},
      {"removegrain"},
      {"bitplanenoise"},
      {"median"},
      {"tmedian", "", {}, plain, 1, "", "radius", true},
      {"xmedian", "", {{"inputs", 3, kMostPads}}},
      {"spp"},
      {"fspp"},
      {"pp7"},
      {"deblock"},
      {"dedot"},
      {"deband"},
      {"gradfun"},
      {"deflicker", "", {}, plain, 1, "", "size"},
      {"unsharp"},
      {"cas"},
      {"smartblur"},
      {"gblur"},
      {"avgblur"},
      {"boxblur",
       "luma_radius lr chroma_radius cr alpha_radius ar",
       {{"luma_power", 0, 100},
        {"chroma_power", -1, 100},
        {"alpha_power", -1, 100}}},  // passes over the picture
      {"dblur"},
      {"varblur"},
      {"bilateral"},
      {"guided"},
      {"delogo", "x y w h"},
      {"noise"},
      // Colour.
      {"eq", "contrast brightness saturation gamma gamma_r gamma_g gamma_b gamma_weight"},
      {"hue", "h s H b"},
      {"huesaturation"},
      {"curves", "master m red r green g blue b all"},
      {"selectivecolor", "reds yellows greens cyans blues magentas whites neutrals blacks"},
      {"lut", kPlaneExpressions},
      {"lutrgb", kPlaneExpressions},
      {"lutyuv", kPlaneExpressions},
      {"lut2", "c0 c1 c2 c3"},
      {"tlut2", "c0 c1 c2 c3"},
      {"haldclut"},
      {"pseudocolor", "c0 c1 c2 c3"},
      {"geq", kGeqTexts},
      {"negate"},
      {"colorbalance"},
      {"colorchannelmixer"},
      {"colorcontrast"},
      {"colorcorrect"},
      {"colorhold"},
      {"colorize"},
      {"colorlevels"},
      {"colormap"},
      {"colormatrix"},
      {"colorspace"},
      {"colortemperature"},
      {"chromahold"},
      {"chromashift"},
      {"rgbashift"},
      {"exposure"},
      {"vibrance"},
      {"monochrome"},
      {"grayworld"},
      {"greyedge"},
      {"histeq"},
      {"normalize", "", {{"smoothing", 0, 10000}}},
      {"midequalizer"},
      {"tmidequalizer", "", {}, plain, 1, "", "radius", true},
      {"limiter"},
      {"limitdiff"},
      {"tonemap"},
      {"format", "pix_fmts color_spaces color_ranges alpha_modes"},
      {"noformat", "pix_fmts color_spaces color_ranges alpha_modes"},
      {"setparams"},
      {"setrange"},
      {"palettegen"},
      {"paletteuse"},
      {"fade"},
      {"vignette", "angle a x0 y0"},
      // Alpha, keys, planes.
      {"alphaextract"},
      {"alphamerge"},
      {"premultiply"},
      {"unpremultiply"},
      {"chromakey"},
      {"colorkey"},
      {"hsvkey"},
      {"hsvhold"},
      {"lumakey"},
      {"despill"},
      {"extractplanes"},
      {"mergeplanes"},
      {"shuffleplanes"},
      {"swapuv"},
      // Several pictures in one.
      {"split", "", {{"outputs", 1, kMostPads}}},
      {"overlay", "x y"},
      {"blend", kBlendExpressions},
      {"tblend", kBlendExpressions},
      {"xfade", "expr"},
      {"mix", "weights", {{"inputs", 2, kMostPads}}},
      {"tmix", "weights", {}, plain, 1, "", "frames"},
      {"amplify", "", {}, plain, 1, "", "radius", true},
      {"lagfun"},
      {"interleave", "", {{"nb_inputs", 1, kMostPads}}},
      {"concat", "", {{"n", 1, kMostPads}, {"v", 1, 1}, {"a", 0, 0}}},
      {"streamselect", "map", {{"inputs", 2, kMostPads}}},
      {"maskedclamp"},
      {"maskedmax"},
      {"maskedmerge"},
      {"maskedmin"},
      {"maskedthreshold"},
      {"maskfun"},
      {"multiply"},
      {"threshold"},
      {"hysteresis"},
      {"displace"},
      {"remap"},
      // Shapes and effects.
      {"edgedetect"},
      {"sobel"},
      {"prewitt"},
      {"roberts"},
      {"scharr"},
      {"kirsch"},
      {"convolution", "0m 1m 2m 3m"},
      {"dilation"},
      {"erosion"},
      {"deflate"},
      {"inflate"},
      {"morpho"},
      {"pixelize"},
      {"shufflepixels"},
      {"floodfill"},
      {"drawbox", kBoxTexts},
      {"drawgrid", kBoxTexts},
      {"photosensitivity"},
      {"null"},
      {"copy"},
      {"fifo"},
  };
  return all;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::span<const FilterRule> filter_rules() {
  return rules();
}

const FilterRule* find_filter_rule(std::string_view name) {
  const auto rule = std::ranges::find(rules(), name, &FilterRule::name);
  return rule != rules().end() ? &*rule : nullptr;
}

bool allows_text(const FilterRule& rule, std::string_view option) {
  for (std::string_view rest = rule.texts; !rest.empty();) {
    const auto end = rest.find(' ');
    if (rest.substr(0, end) == option) return true;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return false;
}

std::string_view refused_function(const std::string& value) {
  std::string text;  // libavutil takes spaces out before it looks for names
  std::ranges::copy_if(value, std::back_inserter(text), [](char c) { return !is_space(c); });
  const auto goes_on = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  constexpr std::array<std::string_view, 4> kFunctions{"while", "root", "taylor", "time"};
  for (const auto function : kFunctions)
    for (auto at = text.find(function); at != std::string::npos; at = text.find(function, at + 1)) {
      // libavutil takes "while.(1,1)" for a call, too: it passes over everything up to the bracket.
      const auto behind = at + function.size();
      if (behind < text.size() && !goes_on(text[behind]) && text.find('(', behind) != std::string::npos)
        return function;
    }
  return {};
}

}  // namespace dreamreel::media
