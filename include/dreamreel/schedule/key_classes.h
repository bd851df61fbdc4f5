// Tells what each key of a job matters to. A job may be edited while its render is unfinished. The render
// then keeps everything that no changed key matters to.
#pragma once

#include <optional>
#include <string_view>

namespace dreamreel::schedule {

enum class KeyClass {
  dream,     ///< the dreamed frames, and therefore the classes below as well, except `nothing`
  shown,     ///< how the dream is laid over the source; for a source without pictures, the dream as well
  encoding,  ///< how the pictures are encoded
  finished,  ///< only the finished file: its name, its sound; of several outputs, its encoding too
  nothing,   ///< no frame and no file
};

/// `path` is the path of a settings::KeyInfo, such as "dream.objectives.N.layer". nullopt if the key has no
/// class; a test finds every such key.
std::optional<KeyClass> class_of(std::string_view path);

}  // namespace dreamreel::schedule
