#include "dreamreel/work/work_folder.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <string_view>

#include "delivery_note.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/file_names.h"
#include "dreamreel/core/list_folder.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/media/frame_store.h"
#include "dreamreel/media/parts.h"
#include "frame_label.h"
#include "lock_file.h"

namespace dreamreel::work {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kDigits = 6;      // least digits of a frame's number in a name
constexpr std::size_t kMarkDigits = 8;  // of an output
constexpr std::string_view kBackwardEnding = ".back.png";
constexpr std::array kFolders{"parts", "encoded", "frames"};
constexpr std::array kAllFolders{"", "parts", "encoded", "frames"};

std::string six_digits(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06lld", static_cast<long long>(number));
  return text;
}

// Whether `name` is `before`, a number and `after`. The number has at least `digits` characters, including a
// minus sign.
bool is_numbered(std::string_view name, std::string_view before, std::string_view after, std::size_t digits) {
  if (name.size() < before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after))
    return false;
  name.remove_prefix(before.size());
  name.remove_suffix(after.size());
  if (name.size() < digits) return false;
  if (name.starts_with('-')) name.remove_prefix(1);
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether `name` is `before`, the eight digits of WorkFolder::mark_of() and `after`.
bool is_marked(std::string_view name, std::string_view before, std::string_view after) {
  if (name.size() != before.size() + kMarkDigits + after.size() || !name.starts_with(before) ||
      !name.ends_with(after))
    return false;
  return name.substr(before.size(), kMarkDigits).find_first_not_of("0123456789abcdef") ==
         std::string_view::npos;
}

// "000120.1a2b3c4d.seg"
bool is_encoded_part(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  return is_numbered(name.substr(0, dot), "", "", kDigits) && is_marked(name.substr(dot), ".", ".seg");
}

// "000126.000100.back.png": the text of its second number, which is the first frame of the piece. "" for
// other names.
std::string_view piece_of_backward(std::string_view name) {
  if (!name.ends_with(kBackwardEnding)) return {};
  name.remove_suffix(kBackwardEnding.size());
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view frame = name.substr(0, dot), piece = name.substr(dot + 1);
  return is_numbered(frame, "", "", kDigits) && is_numbered(piece, "", "", kDigits) ? piece
                                                                                    : std::string_view();
}

// Whether a render uses `name` in a folder of the work folder; "" stands for the work folder itself.
bool is_name_in(std::string_view folder, std::string_view name) {
  if (folder == "encoded") return is_encoded_part(name);
  if (folder == "parts") return is_numbered(name, "", ".seg", kDigits);
  if (folder == "frames")
    return is_numbered(name, "", ".png", kDigits) || is_numbered(name, "", ".out.png", kDigits) ||
           !piece_of_backward(name).empty();
  return name == "plan.json" || name == "shots.json" || name == "lock" ||
         is_numbered(name, "chunk-", ".lock", 1) || is_numbered(name, "chunk-", ".done.json", 1) ||
         is_marked(name, "output-", ".done");
}

// Tells a text file of a render from a person's file of the same name.
struct TextKind {
  std::string_view opening;             // the beginning of the file
  std::vector<std::string_view> marks;  // Every version's file contains all of them; damage may have hit one.
};

TextKind text_kind(std::string_view name) {
  if (name == "plan.json")
    return {"{\n \"chunks\": [",
            {"\"format\": \"dreamreel plan ", "\"job_yaml\":", "\"segment_frames\":", "\"first_pts\":"}};
  if (name == "shots.json")
    return {"{\n \"damage\": \"", {"\"first_pts\":", "\"first_seconds\":", "\"key\":", "\"shots\":"}};
  if (name.starts_with("output-")) return {kDeliveryOpening, {"\nkey ", "\nbytes ", "\ntime "}};
  return {"{\n \"chunk\": ", {"\"chunk\":", "\"frames\":", "\"parts\":", "\"plan\":"}};
}

// Whether the text is what a power cut leaves of a file: its beginning, or its full length with zero bytes at
// the end. A whole file ends with a bracket at the start of a line.
bool is_torn(std::string_view text, std::string_view opening) {
  const auto end = std::min(text.find('\0'), text.size());
  if (text.find_first_not_of('\0', end) != std::string_view::npos) return false;
  text = text.substr(0, end);
  return (text.starts_with(opening) || opening.starts_with(text)) && !text.ends_with("\n}\n") &&
         !text.ends_with("\n}");
}

bool is_text_of_ours(const fs::path& path) {
  const auto text = read_beginning(path, kMostJsonBytes).text;
  if (!text) return false;
  const TextKind kind = text_kind(path.filename().string());
  const auto missing = std::ranges::count_if(
      kind.marks, [&](std::string_view mark) { return text->find(mark) == std::string::npos; });
  return is_torn(*text, kind.opening) || missing <= 1;
}

bool is_lock_of_ours(const fs::path& path) {
  try {
    const auto lock = read_lock(path);
    return lock && signature_from(lock->text);
  } catch (const IoError&) {
    return false;
  }
}

// Moves a file to a name that is not taken yet.
void set_aside(const fs::path& path) {
  constexpr int kMostAsideNames = 1000;
  for (int i = 1; i <= kMostAsideNames; ++i) {
    const fs::path aside = fmt::format("{}.foreign{}", path.string(), i == 1 ? "" : std::to_string(i));
    std::error_code error;
    fs::create_hard_link(path, aside, error);
    if (error == std::errc::file_exists) continue;
    if (error) fs::rename(path, aside, error);  // for a file system without links
    if (error)
      throw IoError(fmt::format("cannot move {} out of the way: {}", path.string(), error.message()));
    fs::remove(path, error);
    log_warning(fmt::format("{} is damaged, or was not made by dreamreel; it is called {} now", path.string(),
                            aside.filename().string()));
    return;
  }
  throw IoError(fmt::format("cannot move {} out of the way: too many files are called so", path.string()));
}

void unlink_file(const fs::path& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == EISDIR) return;
  log_debug(fmt::format("cannot remove {}: {}", path.string(), std::strerror(errno)));
}

fs::path output_of(const fs::path& frame) {
  return fs::path(frame).replace_extension(".out.png");
}

void store_tensor(const fs::path& path, const at::Tensor& picture, const std::string& label,
                  const std::string& note = {}) {
  media::store_frame(
      path,
      {static_cast<int>(picture.size(2)), static_cast<int>(picture.size(1)), image::to_rgb48(picture), note},
      label);
}

struct Loaded {
  at::Tensor picture;
  std::string note;
};

std::optional<Loaded> load_tensor(const fs::path& path, const std::string& label) {
  const auto stored = media::load_frame(path, label);
  if (!stored) return {};
  return Loaded{image::from_rgb48(stored->rgb.data(), stored->height, stored->width), stored->note};
}

}  // namespace

fs::path work_folder_beside(const fs::path& output) {
  return with_suffix(output, ".work");
}

fs::path WorkFolder::part(const schedule::Segment& segment) const {
  return root_ / "parts" / (six_digits(segment.begin) + ".seg");
}

fs::path WorkFolder::frame(std::int64_t index) const {
  return root_ / "frames" / (six_digits(index) + ".png");
}

fs::path WorkFolder::backward_frame(const schedule::Piece& piece, std::int64_t index) const {
  return root_ / "frames" /
         (six_digits(index) + "." + six_digits(piece.begin) + std::string(kBackwardEnding));
}

fs::path WorkFolder::chunk_lock(std::size_t chunk) const {
  return root_ / fmt::format("chunk-{}.lock", chunk);
}

std::string WorkFolder::mark_of(const fs::path& output) {
  return sha256_hex(output.string()).substr(0, kMarkDigits);
}

fs::path WorkFolder::encoded_part(const schedule::Segment& segment, const fs::path& output) const {
  return root_ / "encoded" / fmt::format("{}.{}.seg", six_digits(segment.begin), mark_of(output));
}

fs::path WorkFolder::delivery(const fs::path& output) const {
  return root_ / fmt::format("output-{}.done", mark_of(output));
}

void WorkFolder::forget_encoded(const fs::path& output) const {
  std::error_code ignored;
  const std::string end = fmt::format(".{}.seg", mark_of(output));
  for (const auto& path : list_files(root_ / "encoded", ignored))
    if (path.filename().string().ends_with(end) && is_ours(path)) unlink_file(path);
}

void WorkFolder::remove_encoding_leftovers() const {
  std::error_code ignored;
  for (const auto& path : list_files(root_ / "encoded", ignored))
    if (!final_name_of_leftover(path.filename().string()).empty() && is_ours(path)) unlink_file(path);
}

std::string WorkFolder::label(const schedule::Plan& plan, const schedule::Segment& segment) {
  return fmt::format("key {} frames {}..{}", plan.part_key(segment), segment.begin, segment.end);
}

void WorkFolder::store(const schedule::FrameKey& key, std::int64_t index, const at::Tensor& dreamed,
                       const at::Tensor& output, const std::string& note) const {
  // The shown picture is stored first, because a frame counts as stored once its dream exists.
  if (!key.is_plain) store_tensor(output_of(frame(index)), output, frame_label(key.shown, index, "output"));
  store_tensor(frame(index), dreamed, frame_label(key.dream, index, "dream"), note);
  std::error_code ignored;  // an earlier job's picture shows this dream no more
  if (key.is_plain) fs::remove(output_of(frame(index)), ignored);
}

std::optional<WorkFolder::Stored> WorkFolder::load(const schedule::FrameKey& key, std::int64_t index) const {
  const auto dreamed = load_tensor(frame(index), frame_label(key.dream, index, "dream"));
  if (!dreamed) return {};
  if (key.is_plain) return Stored{dreamed->picture, dreamed->picture, dreamed->note};
  const auto output = load_tensor(output_of(frame(index)), frame_label(key.shown, index, "output"));
  if (!output && !key.can_be_shown_anew) return {};
  return Stored{dreamed->picture, output ? output->picture : at::Tensor(), dreamed->note};
}

bool WorkFolder::is_labelled(const schedule::FrameKey& key, std::int64_t index) const {
  const auto has = [](const fs::path& path, const std::string& label) {
    std::error_code ignored;
    return fs::exists(path, ignored) && media::is_stored_frame(path, label);
  };
  return has(frame(index), frame_label(key.dream, index, "dream")) &&
         (key.is_plain || key.can_be_shown_anew ||
          has(output_of(frame(index)), frame_label(key.shown, index, "output")));
}

void WorkFolder::store_backward(const std::string& key, const schedule::Piece& piece, std::int64_t index,
                                const at::Tensor& dreamed, const std::string& note) const {
  store_tensor(backward_frame(piece, index), dreamed, frame_label(key, index, "backward"), note);
}

std::optional<WorkFolder::Stored> WorkFolder::load_backward(const std::string& key,
                                                            const schedule::Piece& piece,
                                                            std::int64_t index) const {
  const auto dreamed = load_tensor(backward_frame(piece, index), frame_label(key, index, "backward"));
  if (!dreamed) return {};
  return Stored{dreamed->picture, at::Tensor(), dreamed->note};
}

void WorkFolder::forget_backward(const schedule::Piece& piece, std::int64_t begin, std::int64_t end) const {
  std::error_code ignored;
  for (std::int64_t index = begin; index < end; ++index) fs::remove(backward_frame(piece, index), ignored);
}

void WorkFolder::forget(std::int64_t begin, std::int64_t end) const {
  std::error_code ignored;
  for (std::int64_t index = begin; index < end; ++index) {
    fs::remove(frame(index), ignored);
    fs::remove(output_of(frame(index)), ignored);
  }
}

void WorkFolder::forget_piece(const schedule::Plan& plan, const schedule::Piece& piece) const {
  std::error_code ignored;
  for (const auto& segment : schedule::segments_of(plan, piece)) fs::remove(part(segment), ignored);
  forget(piece.begin, piece.end);
  const std::string begin = six_digits(piece.begin);
  for (const auto& path : list_files(root_ / "frames"))
    if (piece_of_backward(path.filename().string()) == begin) unlink_file(path);
}

class WorkFolder::Names {
 public:
  Names(const WorkFolder& work, const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces)
      : work_(work) {
    for (const auto& piece : pieces) {
      begins_.insert(six_digits(piece.begin));
      for (const auto& segment : schedule::segments_of(plan, piece))
        names_.insert(work.part(segment).filename().string());
      for (std::int64_t index = piece.begin; index < piece.end; ++index) add_frame(index);
    }
  }
  void add_frame(std::int64_t index) {
    names_.insert(work_.frame(index).filename().string());
    names_.insert(output_of(work_.frame(index)).filename().string());
  }
  bool contain(const std::string& name) const {
    return names_.contains(name) || begins_.contains(std::string(piece_of_backward(name)));
  }

 private:
  const WorkFolder& work_;
  std::set<std::string> names_, begins_;  // backward dreams are known by the beginnings of their pieces
};

void WorkFolder::remove_leftovers(const schedule::Plan& plan,
                                  const std::vector<schedule::Piece>& pieces) const {
  Names names(*this, plan, pieces);
  if (plan.chunks.empty())  // in a farm, other processes may be storing the run-in
    for (const auto& shot : plan.run_in)
      for (std::int64_t index = shot.begin; index < shot.end; ++index) names.add_frame(index);
  for (const char* const folder : {"parts", "frames"})
    for (const auto& path : list_files(root_ / folder))
      if (names.contain(final_name_of_leftover(path.filename().string()))) unlink_file(path);
}

bool WorkFolder::is_ours(const fs::path& path) const {
  const std::string name = path.filename().string();
  const fs::path folder = path.parent_path();
  if (const auto final_name = final_name_of_leftover(name); !final_name.empty())
    return is_name_in(folder == root_ ? "" : folder.filename().string(), final_name);
  if (folder == root_ && !is_name_in("", name)) return false;
  if (folder == root_) return name.ends_with("lock") ? is_lock_of_ours(path) : is_text_of_ours(path);
  if (!is_name_in(folder.filename().string(), name)) return false;
  return folder.filename() == "frames" ? media::is_stored_frame(path, kLabelStart)
                                       : media::is_part_file(path);
}

void WorkFolder::expect_no_chunk_at_work(const std::atomic<bool>* stop) const {
  for (const auto& path : list_files(root_))
    if (is_numbered(path.filename().string(), "chunk-", ".lock", 1))
      expect_free_or_parents(path, fmt::format("{} in {}", path.stem().string(), root_.string()), stop);
}

void WorkFolder::clear(const WorkLock& lock) const {
  lock.expect_held();
  std::error_code ignored;  // what cannot be listed stays
  // First, because without a plan nothing is continued from the rest.
  if (is_ours(plan())) unlink_file(plan());
  for (const auto& path : list_files(root_, ignored))
    if (is_ours(path) && path != shots() && path.extension() != ".lock" && path != this->lock())
      unlink_file(path);
  for (const char* const folder : kFolders) {
    for (const auto& path : list_files(root_ / folder, ignored))
      if (is_ours(path)) unlink_file(path);
    rmdir((root_ / folder).c_str());  // removes only an empty folder
  }
}

void WorkFolder::remove(WorkLock& lock) const {
  clear(lock);
  std::error_code ignored;
  for (const auto& path : list_files(root_, ignored))
    if (path != this->lock() && is_ours(path)) unlink_file(path);
  lock.remove_folder_at_end();
}

std::uint64_t WorkFolder::bytes() const {
  std::uint64_t sum = 0;
  std::error_code unreadable;  // counts as nothing
  for (const char* const folder : kAllFolders)
    for (const auto& path : list_files(*folder == 0 ? root_ : root_ / folder, unreadable)) {
      std::error_code error;
      const auto size = is_ours(path) ? fs::file_size(path, error) : 0;
      if (!error) sum += size;
    }
  return sum;
}

void WorkFolder::expect_ours(const fs::path& path) const {
  if (!is_ours(path))
    throw DataError(path.string() +
                    " is badly damaged, or was not made by dreamreel, and this render would overwrite it; "
                    "move it away, or choose another output");
}

void WorkFolder::expect_no_foreign_files() const {
  for (const char* const folder : kAllFolders)
    for (const auto& path : list_files(*folder == 0 ? root_ : root_ / folder))
      if (is_name_in(folder, path.filename().string())) expect_ours(path);
}

void WorkFolder::set_aside_foreign_files(const schedule::Plan& plan,
                                         const std::vector<schedule::Piece>& pieces,
                                         std::size_t chunk) const {
  const Names names(*this, plan, pieces);
  const std::string done = fmt::format("chunk-{}.done.json", chunk);
  for (const auto& path : list_files(root_))
    if (path.filename() == done && !is_ours(path)) set_aside(path);
  for (const char* const folder : {"parts", "frames"})
    for (const auto& path : list_files(root_ / folder))
      if (names.contain(path.filename().string()) && !is_ours(path)) set_aside(path);
}

}  // namespace dreamreel::work
