// Expressions are parsed, and evaluated at a few frames. Their values may be any number.
#include "dreamreel/curve/expression.h"

#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dreamreel;
  std::string text(fuzz::text_of(data, size));
  try {
    const curve::Expression expression(text);
    SoundLevels sound;
    sound.loudness = 0.5;
    for (const double frame : {0.0, 7.0, 1e9}) expression.at({frame / 25, 25, frame, 60, &sound});
    expression.uses_sound();
  } catch (const curve::ExpressionError& error) {
    if (error.position() > text.size()) fuzz::fail("an error is said to be past the end of the text");
  }
  return 0;
}
