// A video made in pieces: each run of frames becomes one closed part file (its own groups of pictures, the
// same encoder settings), and at the end the parts' packets are joined without encoding anything again. For
// numbered pictures a part is only a list: the pictures stand under their final names at once, and joining
// checks that they still do.
//
// A part is never seen half written, and says by a checksum that it is whole. One thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "dreamreel/media/writer.h"

namespace dreamreel::media {

class PartWriter {
 public:
  /// Frames for `output` go into the file `part`. `label` says which frames of which render they are;
  /// check_part() asks for it again. `output.first_frame_number` is the number of the part's first picture.
  /// Once `stop` is set, write() and finish() throw Interrupted. Throws what Writer throws.
  PartWriter(const std::filesystem::path& part, const std::string& label, const WriterOptions& output,
             const VideoInfo& source, const std::atomic<bool>* stop = nullptr);
  ~PartWriter();  ///< without finish(): the unfinished part is removed
  PartWriter(PartWriter&&) noexcept;
  PartWriter& operator=(PartWriter&&) noexcept;

  /// As Writer::write(); pts in the time of the whole output.
  void write(const VideoFrame& frame);
  /// Closes, syncs and renames. Throws IoError, RenderError, Interrupted.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a part whole (and the pictures that it lists, in the folder of `output_path`) and returns how many
/// frames it holds. Throws InputError if it or a picture is missing, DataError if it is truncated, damaged,
/// or labelled otherwise.
std::int64_t check_part(const std::filesystem::path& part, const std::string& label,
                        const std::filesystem::path& output_path);

/// Joins parts that check_part() accepted, in order, into `output.path`, with sound, metadata, chapters and
/// job as Writer has them; written aside and renamed. `source` describes the whole output. Throws DataError
/// for parts that were encoded differently, IoError, Interrupted.
void join_parts(const std::vector<std::filesystem::path>& parts, const WriterOptions& output,
                const VideoInfo& source, const std::atomic<bool>* stop = nullptr);

/// Removes the temporary files that a killed process left beside the output, or among its numbered pictures
/// `first_frame`..`end_frame`. Only for the one who holds the right to write that output.
void remove_output_leftovers(const std::filesystem::path& output_path, std::int64_t first_frame,
                             std::int64_t end_frame);

/// Whether a file is a part (whole, torn or damaged), or empty as a power cut may leave one: nothing that a
/// person made.
bool is_part_file(const std::filesystem::path& path);
/// The label of a whole part; nullopt for a damaged one, and for any other file.
std::optional<std::string> label_of_part(const std::filesystem::path& path);

/// False for an output of pictures: those lie at their final place, and a part only lists them.
bool parts_hold_frames(const std::filesystem::path& output);

}  // namespace dreamreel::media
