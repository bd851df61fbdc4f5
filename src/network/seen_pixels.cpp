#include "seen_pixels.h"

#include <algorithm>
#include <numeric>

#include "winograd.h"

namespace dreamreel::network {
namespace {

/// Extends the field by `extent` positions, `before` of them before it.
void shift(AxisField& field, std::int64_t before, std::int64_t extent) {
  field.before += before * field.stride;
  field.after += (extent - before) * field.stride;
}

bool may_be_winograd(const NodeReach& node, std::optional<at::ScalarType> type) {
  return type && node.out_channels > 0 && suits_winograd(node.in_channels, node.out_channels, *type);
}

bool go_through_window(const NodeReach& node, SeenPixels& seen, const Sizes& sizes,
                       std::optional<at::ScalarType> by_winograd) {
  const auto windows = node.window->place(Sizes{sizes[2], sizes[3]}, node.kernel);
  const auto tile = may_be_winograd(node, by_winograd) ? winograd_tile(windows[0], windows[1]) : std::nullopt;
  for (std::size_t i = 0; i < kPictureAxes; ++i) {
    auto& field = seen.axes[i];
    shift(field, windows[i].before, windows[i].extent() - 1);
    field.stride *= windows[i].stride;
    field.period = std::lcm(field.period, field.stride);
    field.alignment = std::lcm(field.alignment, field.stride * (tile ? tile->size : 1));
    if (tile) field.spread += tile->spread * field.stride;
  }
  return true;
}

/// Position p reads the positions i of the input with i * stride between p + before - (extent - 1) and p +
/// before. False if several positions would see the same pixels from the same place. Pixels have no finer
/// positions to tell them apart.
bool go_through_transposed(const NodeReach& node, SeenPixels& seen, const Sizes& sizes) {
  const auto windows = node.window->place_transposed(Sizes{sizes[2], sizes[3]}, node.kernel, node.more, {});
  for (std::size_t i = 0; i < kPictureAxes; ++i) {
    auto& field = seen.axes[i];
    if (field.stride % windows[i].stride != 0) return false;
    field.stride /= windows[i].stride;
    shift(field, windows[i].extent() - 1 - windows[i].before, windows[i].extent() - 1);
  }
  return true;
}

}  // namespace

SeenPixels seen_through(const NodeReach& node, const SeenPixels& seen, const Sizes& sizes,
                        std::optional<at::ScalarType> by_winograd) {
  SeenPixels result = seen;
  bool known = false;
  switch (node.reach) {
    case Reach::pointwise:
      known = seen.channels_last ? node.fits_last : node.fits_first;
      break;
    case Reach::channelwise:
      known = (seen.channels_last ? node.fits_last : node.fits_first) &&
              node.axis == (seen.channels_last ? 3 : 1);
      break;
    case Reach::turn_last:
      result.channels_last = true;
      known = !seen.channels_last;
      break;
    case Reach::turn_first:
      result.channels_last = false;
      known = seen.channels_last;
      break;
    case Reach::pad:
      for (std::size_t i = 0; i < kPictureAxes; ++i) shift(result.axes[i], node.pad_before[i], 0);
      known = !seen.channels_last;
      break;
    case Reach::window:
      known = !seen.channels_last && go_through_window(node, result, sizes, by_winograd);
      break;
    case Reach::transposed:
      known = !seen.channels_last && go_through_transposed(node, result, sizes);
      break;
    case Reach::all:
      break;
  }
  if (!known) result.blocker = node.label;
  return result;
}

void join_seen(SeenPixels& seen, const SeenPixels& other, const std::string& label) {
  if (seen.blocker.empty()) seen.blocker = other.blocker;
  for (std::size_t i = 0; i < kPictureAxes; ++i) {
    auto& mine = seen.axes[i];
    const auto& its = other.axes[i];
    if (mine.stride != its.stride || seen.channels_last != other.channels_last) {
      if (seen.blocker.empty()) seen.blocker = label;
      return;
    }
    mine.before = std::max(mine.before, its.before);
    mine.after = std::max(mine.after, its.after);
    mine.spread = std::max(mine.spread, its.spread);
    mine.alignment = std::lcm(mine.alignment, its.alignment);
    mine.period = std::lcm(mine.period, its.period);
  }
}

}  // namespace dreamreel::network
