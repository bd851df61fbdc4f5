// What each key of a job matters to. A render that was begun under another job keeps what no changed key matters to.
#pragma once

#include <optional>
#include <string_view>

namespace dreamreel::schedule {

enum class KeyClass {
  dream,     ///< the dreamed frames, and with them everything below
  shown,     ///< how the dream is laid over the source; of a source without pictures, the dream as well
  encoding,  ///< how the pictures are encoded
  finished,  ///< the finished file alone: its name, its sound
  nothing,   ///< no frame and no file
};

/// `path` is a job::KeyInfo's, as "dream.objectives.N.layer". nullopt for a key that has no class, which a test refuses.
std::optional<KeyClass> class_of(std::string_view path);

}  // namespace dreamreel::schedule
