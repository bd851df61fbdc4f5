// Channels of a layer: [3, 20..30]. If the channels are classes, names are allowed too: [dog, cat, 3..5].
#pragma once

#include "types.h"

namespace dreamreel::job {

struct ChannelsType {
  bool takes_classes = false;
  std::string name() const {
    return std::string("a list of channels and ranges such as [3, 20..30]") +
           (takes_classes ? ", or of classes such as [dog, cat]" : "");
  }
  KeyShape shape() const { return {KeyShape::Kind::texts}; }
  std::optional<std::vector<ChannelRange>> read(const Site& site) const;
  Value write(const std::vector<ChannelRange>& channels) const;
};

}  // namespace dreamreel::job
