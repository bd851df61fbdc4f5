#include "dreamreel/cards/channels_type.h"

#include <fmt/core.h>

#include <charconv>

#include "words.h"

namespace dreamreel::cards {
namespace {

constexpr int kMaxChannel = 999'999;

std::optional<int> parse_channel(std::string_view text) {
  int channel = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), channel);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && channel >= 0 && channel <= kMaxChannel ? std::optional(channel) : std::nullopt;
}

// "3" or "20..30"
std::optional<ChannelRange> parse_range(std::string_view text) {
  const auto dots = text.find("..");
  const auto first = parse_channel(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_channel(text.substr(dots + 2));
  if (!first || !last || *last < *first) return {};
  return ChannelRange{*first, *last};
}

// Text that consists only of digits, signs and dots is a wrong number, not a name.
bool may_be_a_name(const std::string& text) {
  return text.find_first_not_of("0123456789.+- ") != std::string::npos &&
         text.find('\0') == std::string::npos;
}

}  // namespace

std::optional<std::vector<ChannelRange>> ChannelsType::read(const Site& site) const {
  if (!is_short_list(site, name())) return {};
  std::vector<ChannelRange> channels;
  for (std::size_t i = 0; i < site.value.items.size(); ++i) {
    const Value& item = site.value.items[i];
    const auto range = item.is_scalar() ? parse_range(item.text) : std::nullopt;
    if (range)
      channels.push_back(*range);
    else if (takes_classes && item.is_scalar() && may_be_a_name(item.text))
      channels.push_back({0, 0, item.text});
    else
      site.at(std::to_string(i), item).expected("a channel such as 3 or a range such as 20..30");
  }
  return channels.size() == site.value.items.size() ? std::optional(channels) : std::nullopt;
}

Value ChannelsType::write(const std::vector<ChannelRange>& channels) const {
  Value list;
  if (channels.empty()) return list;
  list.kind = Value::Kind::list;
  list.flow = true;
  for (const auto& [first, last, class_name] : channels) {
    std::string text = class_name.empty() ? std::to_string(first) : class_name;
    if (last != first) text += fmt::format("..{}", last);
    list.items.push_back(Value::scalar(text));
  }
  return list;
}

}  // namespace dreamreel::cards
