// Prints the mattes of a mask with `from: person` on a clip, for tests in Python that know the right values.
//   mattes NETWORK CLIP WINDOWS
// NETWORK is a card's name or an .onnx file. Standard output: a line "frames height width", then for each
// frame two maps of (height,width) in float32: the matte as a render has it, and the matte without the frames
// before.
#include <ATen/core/Tensor.h>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "matte.h"

namespace {

using namespace dreamreel;

void append(std::string& bytes, const at::Tensor& matte) {
  const at::Tensor map = matte.contiguous();
  bytes.append(static_cast<const char*>(map.data_ptr()), map.nbytes());
}

void run(const std::vector<std::string>& arguments) {
  job::Mask mask;
  mask.from = job::Mask::From::person;
  mask.class_name = "person";
  mask.network = cards::find_network(arguments.at(0), job::default_load_options());
  mask.windows = std::stoi(arguments.at(2));
  job::Input input;
  input.path = arguments.at(1);
  masking::Matte matte(mask, input, "mask");
  media::ReaderOptions options;
  options.path = input.path;
  media::Reader reader(options);
  std::string bytes;
  std::int64_t frames = 0;
  while (const auto frame = reader.next()) {
    append(bytes, matte.at(frame->index, frame->rgb));
    append(bytes, matte.of_still(frame->rgb));
    ++frames;
  }
  std::cout << frames << ' ' << reader.info().height << ' ' << reader.info().width << '\n' << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "mattes: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
