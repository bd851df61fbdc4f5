// Makes a video in parts. Each segment of frames becomes one closed part file, with its own groups of
// pictures and the same encoder settings. At the end, the packets of all parts are joined without encoding
// anything again. For numbered pictures, a part is only a list: the pictures get their final names at once,
// and joining checks that they are still there.
//
// A part never appears half written, and a checksum shows that it is whole. One thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dreamreel/media/writer.h"

namespace dreamreel::media {

enum class PartFormat {
  of_output,  ///< encoded as the output will be, where its codec's streams can be joined
  lossless,   ///< 16 bits a channel, so that encode_part() can encode the frames for several outputs
};

class PartWriter {
 public:
  /// Writes frames for `output` into the file `part`. `label` says which frames of which render they are;
  /// check_part() compares it. `output.first_frame_number` is the number of the part's first picture. Once
  /// `stop` is set, write() and finish() throw Interrupted. Throws what Writer throws.
  PartWriter(const std::filesystem::path& part, const std::string& label, const WriterOptions& output,
             const VideoInfo& source, const std::atomic<bool>* stop = nullptr,
             PartFormat format = PartFormat::of_output);
  ~PartWriter();  ///< without finish(): the unfinished part is removed
  PartWriter(PartWriter&&) noexcept;
  PartWriter& operator=(PartWriter&&) noexcept;

  /// See Writer::write(). pts are in the time of the whole output.
  void write(const VideoFrame& frame);
  /// Closes, syncs and renames. Throws IoError, RenderError, Interrupted.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Encodes the frames of a lossless part anew, into `part`. That is the part that a PartWriter for `output`
/// writes of frames with 16 bits a channel. Throws what PartWriter throws, and DataError for a damaged part.
void encode_part(const std::filesystem::path& lossless, const std::filesystem::path& part,
                 const std::string& label, const WriterOptions& output, const VideoInfo& source,
                 const std::atomic<bool>* stop = nullptr);

/// Whether the parts of `output` are lossless anyway, because streams of its codec cannot be joined (GIF,
/// APNG, WebP). join_parts() encodes them.
bool joins_lossless_parts(const WriterOptions& output);

/// The label of a part, unchecked; nullopt if there is no part, or its label cannot be read.
std::optional<std::string> label_of_part(const std::filesystem::path& part);

/// Reads a whole part (and the pictures that it lists, in the folder of `output_path`) and returns its number
/// of frames. Throws InputError if the part or a picture is missing, DataError if the part is truncated,
/// damaged, or the first line of its label is another.
std::int64_t check_part(const std::filesystem::path& part, const std::string& label,
                        const std::filesystem::path& output_path);

/// Joins parts that check_part() accepted, in order, into `output.path`, with sound, metadata, chapters and
/// job as Writer has them; written aside and renamed. `source` describes the whole output. Throws DataError
/// for parts that were encoded differently, IoError, Interrupted.
void join_parts(const std::vector<std::filesystem::path>& parts, const WriterOptions& output,
                const VideoInfo& source, const std::atomic<bool>* stop = nullptr);

/// Removes the temporary files that a killed process left beside the output, or among its numbered pictures
/// `first_frame`..`end_frame`. Call it only while holding the lock of that output.
void remove_output_leftovers(const std::filesystem::path& output_path, std::int64_t first_frame,
                             std::int64_t end_frame);

/// Whether a file is surely not a person's: it is a part (whole, torn or damaged), or it is empty, as a power
/// cut may leave it.
bool is_part_file(const std::filesystem::path& path);

/// False for an output of pictures, because pictures lie at their final place and a part only lists them.
bool parts_hold_frames(const std::filesystem::path& output);

}  // namespace dreamreel::media
