// Where an unfinished render lives, and who may work in it.
//
//   plan.json            what is being rendered
//   shots.json           the first pass, kept for the next plan of the same source
//   parts/000120.seg     finished segments, by their first frame
//   frames/000126.png    dreamed frames of unfinished segments, 16 bits, and the last one before each unfinished one
//   frames/-00012.png  the frames before frame 0 of a loop
//   frames/000050.out.png  what is to be encoded, where that is not the dreamed frame itself (opacity, masks)
//   lock, chunk-3.lock   who works here: the whole render or join, and a farm's chunk (work_lock.h)
//   chunk-3.done.json    a farm's chunk is whole
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

/// "clip.mp4.work" beside an output; shortened where such a name would be too long.
std::filesystem::path work_folder_beside(const std::filesystem::path& output);

/// Names and contents of the files. Any thread; writes to different frames and segments do not disturb each
/// other.
class WorkFolder {
 public:
  explicit WorkFolder(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path plan() const { return root_ / "plan.json"; }
  std::filesystem::path shots() const { return root_ / "shots.json"; }
  std::filesystem::path part(const schedule::Segment& segment) const;
  std::filesystem::path frame(std::int64_t index) const;
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path chunk_lock(std::size_t chunk) const;

  /// What a part says it holds: its key and its frames.
  static std::string label(const schedule::Plan& plan, const schedule::Segment& segment);

  /// Stores a dreamed frame, and unless key.is_plain what it looks like; float32 (3,H,W), any device. `note` goes along
  /// with the dreamed one.
  void store(const schedule::FrameKey& key, std::int64_t index, const at::Tensor& dreamed,
             const at::Tensor& output, const std::string& note = {}) const;
  struct Stored {
    at::Tensor dreamed;  ///< CPU
    at::Tensor output;   ///< CPU; the same tensor if key.is_plain; undefined where it is to be made anew
    std::string note;
  };
  /// nullopt unless the dreamed frame is whole and has this key, and its output as well where it cannot be made anew.
  std::optional<Stored> load(const schedule::FrameKey& key, std::int64_t index) const;
  /// Whether load() would find files with these labels, though they may turn out to be damaged.
  bool is_labelled(const schedule::FrameKey& key, std::int64_t index) const;
  /// Removes stored frames.
  void forget(std::int64_t begin, std::int64_t end) const;

  /// Removes a piece's parts and stored frames.
  void forget_piece(const schedule::Plan& plan, const schedule::Piece& piece) const;

  /// Removes temporaries of killed processes that belong to the pieces. Only under the right lock.
  void remove_leftovers(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces) const;

  /// Throws Interrupted if a farm's chunk is being rendered here. The caller holds lock().
  void expect_no_chunk_at_work(const std::atomic<bool>* stop) const;

  // What follows removes the files of a render, told by their names and by what is in them. All else in the
  // folder is a person's and stays, with the folders that it lies in. A file that a power cut emptied or tore
  // is one of a render, and so is one in which a byte or two are damaged.

  /// Removes all but the first pass and the locks. The holder of lock() alone may do that.
  void clear(const WorkLock& lock) const;
  /// Removes everything, the folder when `lock` is given back.
  void remove(WorkLock& lock) const;
  /// Bytes that remove() would free.
  std::uint64_t bytes() const;
  /// Throws DataError that names a file which a render would overwrite, but did not make.
  void expect_no_foreign_files() const;
  /// Renames such files to NAME.foreign, with a warning, among those of a farm's chunk: others may be at work on theirs. A damaged
  /// file of our own may look foreign, so a chunk does not end there.
  void set_aside_foreign_files(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
                               std::size_t chunk) const;

 private:
  bool is_ours(const std::filesystem::path& path) const;
  void expect_ours(const std::filesystem::path& path) const;
  std::set<std::string> names_of(const schedule::Plan& plan,
                                 const std::vector<schedule::Piece>& pieces) const;
  std::filesystem::path root_;
};

}  // namespace dreamreel::work
