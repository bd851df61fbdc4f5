// Which filters of libavfilter a job may use, and how. Nothing here parses or creates anything.
//
// A job may come from a stranger (docs/trust.md), and some filters are dangerous. They run programs or
// libraries (ladspa, frei0r), write files (metadata, psnr), read files (movie, lut3d, drawtext), listen to
// the network (zmq) or never end. So only the filters on a list are allowed.
//
// The type of an option decides whether it is allowed. A number, flag, colour or duration names no file, so
// all options of these types are allowed. A text may name a file, so text options are allowed by name.
// Options that a later FFmpeg adds are therefore safe as well.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dreamreel::media {

/// A number that an option may not exceed.
struct OptionBound {
  std::string_view option;
  double least = 0, most = 0;
};

/// A filter's effect on time or memory, beyond giving one frame for each frame that it takes.
enum class FilterKind {
  plain,
  fills,       ///< puts frames into gaps, as many as its frame rate asks for
  moves_time,  ///< gives frames other times, by an expression
  holds,       ///< may hold back the whole clip
};

struct FilterRule {
  std::string_view name;
  std::string_view texts{};           ///< text options that name no file, with a space between them
  std::vector<OptionBound> bounds{};  ///< bounds of number options
  FilterKind kind = FilterKind::plain;
  double factor = 1;             ///< how many frames it may make of one
  std::string_view factor_by{};  ///< option with the number of additional frames that it makes of one
  std::string_view held_by{};    ///< option with the number of frames that it holds back
  bool held_both_sides = false;  ///< it holds that many frames before a frame, and as many after it
};

/// The rule of a filter, or nullptr if jobs may not use it.
const FilterRule* find_filter_rule(std::string_view name);

std::span<const FilterRule> filter_rules();

/// Whether the rule allows this text option.
bool allows_text(const FilterRule& rule, std::string_view option);

/// The first function in `value` that a job may not call in a filter or encoder option; "" for none. "while",
/// "root" and "taylor" of libavutil's expressions may run for ever, or longer with every level of nesting.
/// "time" is the wall clock, so a value could change after it was checked. Options that are numbers take
/// expressions as well.
std::string_view refused_function(const std::string& value);

}  // namespace dreamreel::media
