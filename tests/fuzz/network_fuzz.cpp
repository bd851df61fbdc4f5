// ONNX files. Their layers are listed, and then the network is cut at some of them and made runnable.
#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"
#include "scratch.h"

namespace {

using namespace dreamreel;

void load(const std::filesystem::path& path, const std::string& layer) {
  network::LoadOptions options;
  options.path = path;
  options.layers = {layer};
  try {
    network::Network::load(options);
  } catch (const InputError&) {
  } catch (const UnavailableError&) {
  } catch (const JobError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto path = scratch.write("network.onnx", fuzz::text_of(data, size));
  try {
    const auto layers = network::list_layers(path);
    if (layers.empty()) return 0;
    load(path, layers[layers.size() / 2].name);
    load(path, layers.back().tensor);
  } catch (const InputError&) {
  } catch (const UnavailableError&) {
  }
  return 0;
}
