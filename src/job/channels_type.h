// Channels of a layer: [3, 20..30].
#pragma once

#include "types.h"

namespace dreamreel::job {

struct ChannelsType {
  std::string name() const { return "a list of channels and ranges such as [3, 20..30]"; }
  std::optional<std::vector<ChannelRange>> read(const Site& site) const;
  Value write(const std::vector<ChannelRange>& channels) const;
};

}  // namespace dreamreel::job
