// Channels of a layer: [3, 20..30]. If the channels are classes, names are allowed too: [dog, cat, 3..5].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/settings/types.h"

namespace dreamreel::cards {

struct ChannelsType {
  bool takes_classes = false;
  std::string name() const {
    return std::string("a list of channels and ranges such as [3, 20..30]") +
           (takes_classes ? ", or of classes such as [dog, cat]" : "");
  }
  settings::KeyShape shape() const { return {settings::KeyShape::Kind::texts}; }
  std::optional<std::vector<ChannelRange>> read(const settings::Site& site) const;
  settings::Value write(const std::vector<ChannelRange>& channels) const;
};

}  // namespace dreamreel::cards
