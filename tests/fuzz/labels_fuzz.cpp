// A label file, and a class to look up in it, whose name is the first line of the input.
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  static const fuzz::Scratch scratch;
  const auto text = fuzz::text_of(data, size);
  const auto end = text.find('\n');
  const std::string name(text.substr(0, end));
  cards::NetworkRef network;
  network.name = "net";
  network.labels = scratch.write("labels.txt", end == std::string_view::npos ? "" : text.substr(end + 1));
  try {
    const auto labels = cards::read_labels(network.labels);
    for (const auto& label : labels)
      if (label.names.empty()) fuzz::fail("a class without a name");
    const auto index = cards::find_class(network, name);
    if (index < 0 || index >= std::ssize(labels)) fuzz::fail("a class that the file does not have");
  } catch (const InputError&) {
  } catch (const JobError&) {
  }
  return 0;
}
