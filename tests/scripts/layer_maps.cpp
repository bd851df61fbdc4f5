// Prints a network's maps of a picture, layer by layer, for tests in Python that know the right values.
//   layer_maps NETWORK HEIGHT WIDTH LAYER...
// NETWORK is a card's name or an .onnx file. Standard input: the picture, float32 RGB (3,HEIGHT,WIDTH) in
// [0,1]. Standard output: for each layer a line "channels height width", then its map in float32.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/job/job.h"
#include "dreamreel/model/device.h"
#include "dreamreel/network/network.h"

namespace {

at::Tensor read_picture(std::int64_t height, std::int64_t width) {
  at::Tensor picture = at::empty({1, 3, height, width}, at::kFloat);
  const auto bytes = static_cast<std::streamsize>(picture.nbytes());
  if (!std::cin.read(static_cast<char*>(picture.data_ptr()), bytes) || std::cin.peek() != EOF)
    throw std::runtime_error("expected a picture of " + std::to_string(bytes) + " bytes");
  return picture;
}

void write_map(const at::Tensor& activation) {
  const at::Tensor map = activation.to(at::kFloat).contiguous();
  std::cout << map.size(1) << ' ' << map.size(2) << ' ' << map.size(3) << '\n';
  std::cout.write(static_cast<const char*>(map.data_ptr()), static_cast<std::streamsize>(map.nbytes()));
}

void run(const std::vector<std::string>& arguments) {
  using namespace dreamreel;
  const auto ref = cards::find_network(arguments.at(0), job::default_load_options());
  cards::require_file(ref);
  network::LoadOptions options;
  options.path = ref.path;
  options.scaling = model::input_scaling(ref.input);
  options.layers = {arguments.begin() + 3, arguments.end()};
  const auto network = network::Network::load(options);
  for (const auto& map :
       network.forward(read_picture(std::stoll(arguments.at(1)), std::stoll(arguments.at(2)))))
    write_map(map);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "layer_maps: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
