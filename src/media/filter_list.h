// Which filters of libavfilter a job may use, and how. Nothing here parses or creates anything.
//
// A job is a stranger's (docs/trust.md), but some filters run programs or libraries (ladspa, frei0r), write
// files (metadata, psnr), read files (movie, lut3d, drawtext), listen to the network (zmq) or never end. So
// filters are allowed by a list.
//
// Options go by their type. A number, flag, colour or duration names no file, so every option of those types
// is allowed; a text may name one, so that text options are allowed by name. An option that a later FFmpeg
// adds is thereby safe as well.
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

/// What a filter does with time or memory, beside giving one frame for each that it takes.
enum class FilterKind {
  plain,
  fills,       ///< puts frames into gaps, as many as its frame rate asks for
  moves_time,  ///< gives frames other times, by an expression
  holds,       ///< may hold back the whole clip
};

struct FilterRule {
  std::string_view name;
  std::string_view texts{};           ///< text options that name no file, with a space between them
  std::vector<OptionBound> bounds{};  ///< of numbers
  FilterKind kind = FilterKind::plain;
  double factor = 1;             ///< how many frames it may make of one
  std::string_view factor_by{};  ///< option that is the number of frames more that it makes of one
  std::string_view held_by{};    ///< option that is the number of frames held back
  bool held_both_sides = false;  ///< so many before a frame and so many after it
};

/// The rule of a filter, or nullptr if jobs may not use it.
const FilterRule* find_filter_rule(std::string_view name);

std::span<const FilterRule> filter_rules();

/// Whether the rule allows this text option.
bool allows_text(const FilterRule& rule, std::string_view option);

/// The functions of libavutil's expressions that a job may not call in a filter or encoder option. "while",
/// "root" and "taylor" may run for ever, or longer with every level of nesting; "time" is the wall clock, so
/// that a value may change after it was checked. Returns the first one that `value` calls, "" for none.
/// Options that are numbers take expressions as well.
std::string_view refused_function(const std::string& value);

}  // namespace dreamreel::media
