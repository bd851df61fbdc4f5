// A change of every key of the schema, for tests that must not miss one.
#pragma once

#include <string>
#include <vector>

namespace dreamreel::test {

/// Jobs for the changes. The files that they name need not be there.
inline const std::string kClipJob =
    "input: {path: clip.mkv, audio: song.flac}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
    "dream: {objectives: [{layer: a}]}\n";
inline const std::string kNoiseJob =
    "input: {noise: {size: 32x32, duration: 48f}}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
    "dream: {objectives: [{layer: a}]}\n";
inline const std::string kStillJob =
    "input: {path: still.png, duration: 48f}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
    "dream: {objectives: [{layer: a}]}\n";

/// A key of the schema with two values, and the text of a job that has the key. `before` and `after` are
/// overrides, KEY=VALUE; `before` may be "". Paths have N for an index and NAME for a name of the job's own.
struct KeyChange {
  std::string key, text, before, after;
};

/// Every key has a change but sections, `extends`, `look` and `dream.journey.classes`.
std::vector<KeyChange> all_key_changes();

}  // namespace dreamreel::test
