// Networks as the page offers them: cards, their recommended layers, and the names of their classes.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "dreamreel/cards/network_ref.h"
#include "jobs.h"
#include "workspace.h"

namespace dreamreel::studio {

/// Every card by name, with its description, and whether its file is here.
nlohmann::json list_networks();

/// One network: a card by its name, or an .onnx file by its name in the folder. docs/studio.md lists the
/// keys. Throws ApiError for a file of elsewhere, and JobError for an unknown card.
nlohmann::json describe_network(const std::string& name, const Workspace& workspace, const Jobs& jobs);

/// The network that describe_network() describes. Throws as it does.
cards::NetworkRef network_called(const std::string& name, const Workspace& workspace);

/// What describe_network() takes for a job's own network; "" for a file of elsewhere.
std::string network_name(const cards::NetworkRef& network, const Workspace& workspace);

}  // namespace dreamreel::studio
