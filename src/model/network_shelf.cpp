#include "dreamreel/model/network_shelf.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

namespace dreamreel::model {
namespace {

// Everything that a loaded network depends on. A file that is replaced has another time or size.
std::string key_of_loading(const network::LoadOptions& options) {
  std::error_code unknown;
  std::ostringstream key;
  key.precision(17);
  key << options.path << '\n'
      << std::filesystem::file_size(options.path, unknown) << ' '
      << std::filesystem::last_write_time(options.path, unknown).time_since_epoch().count() << '\n';
  const auto& scaling = options.scaling;
  key << static_cast<int>(scaling.order) << ' ' << scaling.scale;
  for (const double value : scaling.mean) key << ' ' << value;
  for (const double value : scaling.std) key << ' ' << value;
  key << '\n'
      << options.device << ' ' << static_cast<int>(options.precision) << ' '
      << static_cast<int>(options.executor) << ' ' << options.size << '\n';
  for (const auto& layer : options.layers) key << layer << '\n';
  key << "ablated\n";
  for (const auto& layer : options.ablated) key << layer << '\n';
  return key.str();
}

}  // namespace

std::shared_ptr<network::Network> NetworkShelf::take(const network::LoadOptions& options) {
  const std::string key = key_of_loading(options);
  // Two users of one network would undo each other's lesions.
  const auto found = std::ranges::find_if(
      kept_, [&](const Kept& kept) { return kept.key == key && kept.network.use_count() == 1; });
  Kept taken;
  if (found != kept_.end()) {
    taken = std::move(*found);
    kept_.erase(found);
    for (std::size_t layer = 0; layer < taken.network->ablatable().size(); ++layer)
      taken.network->set_ablation(layer, {});
  } else {
    while (kept_.size() >= most_) kept_.pop_back();  // before loading, so that memory never holds one more
    taken = {key, std::make_shared<network::Network>(network::Network::load(options))};
  }
  kept_.push_front(taken);
  return taken.network;
}

}  // namespace dreamreel::model
