// The folder of an unfinished render, and the rules for working in it.
//
//   plan.json              what is being rendered
//   shots.json             the first pass, kept for the next plan of the same source
//   parts/000120.seg       finished segments, named by their first frames
//   encoded/000120.1a2b3c4d.seg  a segment encoded for one of several outputs
//   output-1a2b3c4d.done         says that one of several outputs is finished
//   frames/000126.png      dreamed frames of unfinished segments and the last frame before each; 16 bits
//   frames/-00012.png      frames of a loop before frame 0
//   frames/000126.000100.back.png  the backward dream of frame 126, for the piece that begins at frame 100
//   frames/000050.out.png  the picture to encode, if it differs from the dreamed frame (opacity, masks)
//   lock, chunk-3.lock     held by a whole render or a join, and by a farm's chunk (work_lock.h)
//   chunk-3.done.json      says that a farm's chunk is whole
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/work/work_lock.h"

namespace dreamreel::work {

/// "clip.mp4.work" beside an output. The name is shortened if it would be too long.
std::filesystem::path work_folder_beside(const std::filesystem::path& output);

/// Names and contents of the files in a work folder. Any thread may call the functions. Writes to different
/// frames and segments do not disturb each other.
class WorkFolder {
 public:
  explicit WorkFolder(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path plan() const { return root_ / "plan.json"; }
  std::filesystem::path shots() const { return root_ / "shots.json"; }
  std::filesystem::path part(const schedule::Segment& segment) const;
  std::filesystem::path frame(std::int64_t index) const;
  std::filesystem::path backward_frame(const schedule::Piece& piece, std::int64_t index) const;
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path chunk_lock(std::size_t chunk) const;

  /// The part of a segment that is encoded for one of several outputs.
  std::filesystem::path encoded_part(const schedule::Segment& segment,
                                     const std::filesystem::path& output) const;
  /// The note that one of several outputs is finished (work/deliveries.h).
  std::filesystem::path delivery(const std::filesystem::path& output) const;
  /// Eight hexadecimal digits that stand for an output in names of files.
  static std::string mark_of(const std::filesystem::path& output);

  /// The text that a part carries: its key and its frames.
  static std::string label(const schedule::Plan& plan, const schedule::Segment& segment);

  /// Stores a dreamed frame, and its shown picture unless key.is_plain. Both are float32 (3,H,W) in [0,1] on
  /// any device. `note` is stored with the dreamed frame.
  void store(const schedule::FrameKey& key, std::int64_t index, const at::Tensor& dreamed,
             const at::Tensor& output, const std::string& note = {}) const;
  struct Stored {
    at::Tensor dreamed;  ///< CPU
    at::Tensor output;   ///< CPU; the same tensor if key.is_plain; undefined if it is to be made anew
    std::string note;
  };
  /// Loads a stored frame. nullopt unless the dreamed frame is whole and has this key. The shown picture must
  /// be whole too if it cannot be made anew.
  std::optional<Stored> load(const schedule::FrameKey& key, std::int64_t index) const;
  /// Whether files with the labels that load() expects exist. Their contents may still be damaged.
  bool is_labelled(const schedule::FrameKey& key, std::int64_t index) const;
  /// Stores and loads the backward dream of a frame (schedule/backward.h). Each piece has its own, so that no
  /// process removes what another one needs. `key` is of FrameKeys::of_backward(). load_backward() returns
  /// nullopt unless the file is whole and has this key; `output` is undefined.
  void store_backward(const std::string& key, const schedule::Piece& piece, std::int64_t index,
                      const at::Tensor& dreamed, const std::string& note) const;
  std::optional<Stored> load_backward(const std::string& key, const schedule::Piece& piece,
                                      std::int64_t index) const;
  /// Removes the piece's backward dreams of frames begin..end (half-open).
  void forget_backward(const schedule::Piece& piece, std::int64_t begin, std::int64_t end) const;

  /// Removes the stored frames begin..end (half-open).
  void forget(std::int64_t begin, std::int64_t end) const;

  /// Removes a piece's parts and stored frames.
  void forget_piece(const schedule::Plan& plan, const schedule::Piece& piece) const;

  /// Removes the parts that were encoded for one of several outputs. The caller must hold lock().
  void forget_encoded(const std::filesystem::path& output) const;
  /// Removes temporary files of killed processes among such parts. The caller must hold lock().
  void remove_encoding_leftovers() const;

  /// Removes temporary files of killed processes that belong to the pieces. The caller must hold the lock of
  /// these pieces.
  void remove_leftovers(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces) const;

  /// Throws Interrupted if a chunk of a farm is being rendered here. The caller must hold lock().
  void expect_no_chunk_at_work(const std::atomic<bool>* stop) const;

  // The functions below remove only files of a render, which they recognise by name and content. All other
  // files belong to a person and stay, with their folders. A file that a power cut emptied or tore counts as
  // a render's, and so does a file with a byte or two damaged.

  /// Removes everything except the first pass and the locks. The caller must hold lock().
  void clear(const WorkLock& lock) const;
  /// Removes everything. The folder itself goes when `lock` is given back.
  void remove(WorkLock& lock) const;
  /// The number of bytes that remove() would free.
  std::uint64_t bytes() const;
  /// Throws DataError with the name of a file that a render would overwrite, but did not make.
  void expect_no_foreign_files() const;
  /// Renames such files to NAME.foreign, with a warning, but only among the files of a farm's chunk, because
  /// other processes may be working on theirs. A damaged file of our own may look foreign, so the chunk does
  /// not stop.
  void set_aside_foreign_files(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
                               std::size_t chunk) const;

 private:
  bool is_ours(const std::filesystem::path& path) const;
  void expect_ours(const std::filesystem::path& path) const;
  /// The names of the files of pieces in parts/ and frames/.
  class Names;
  std::filesystem::path root_;
};

}  // namespace dreamreel::work
