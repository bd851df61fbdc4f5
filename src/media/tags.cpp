#include "tags.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string_view>

#include "input.h"

namespace dreamreel::media {
namespace {

constexpr const char* kJobTag = "DREAMREEL_JOB";
// This line stands before a job inside a tag "comment". To YAML, the line itself is a comment.
constexpr std::string_view kJobMark = "# dreamreel job\n";

// Tags that describe how the old file was made, not its content.
constexpr std::array<std::string_view, 12> kMakeTags{
    "encoder",          "major_brand",     "minor_version", "compatible_brands", "duration",  "bps",
    "number_of_frames", "number_of_bytes", "timecode",      "creation_tool",     "vendor_id", kJobTag};

bool same_key(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Matroska adds a language to a key ("BPS-eng").
bool describes_make(std::string_view key) {
  if (key.starts_with("_STATISTICS")) return true;
  const auto dash = key.size() > 4 && key[key.size() - 4] == '-' ? key.size() - 4 : key.size();
  const auto name = key.substr(0, dash);
  return std::ranges::any_of(kMakeTags, [&](auto tag) { return same_key(tag, name); });
}

void copy_tags(const AVDictionary* from, AVDictionary*& to) {
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(from, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    if (describes_make(tag->key)) continue;
    std::string value = tag->value;  // a dreamed source carries a job, which the new job replaces
    if (const auto mark = value.find(kJobMark); mark != std::string::npos) value.resize(mark);
    if (!value.empty()) av_dict_set(&to, tag->key, value.c_str(), 0);
  }
}

// libav has no function that makes a chapter. By its documentation, the caller allocates the array and its
// members.
void add_chapter(AVFormatContext& output, std::int64_t start, std::int64_t end, const AVChapter& source) {
  const auto count = static_cast<std::size_t>(output.nb_chapters) + 1;
  auto* list = static_cast<AVChapter**>(av_realloc_array(output.chapters, count, sizeof(AVChapter*)));
  if (list == nullptr) throw std::bad_alloc();
  output.chapters = list;
  auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
  if (chapter == nullptr) throw std::bad_alloc();
  chapter->id = source.id;
  chapter->time_base = source.time_base;
  chapter->start = start;
  chapter->end = end;
  av_dict_copy(&chapter->metadata, source.metadata, 0);
  output.chapters[output.nb_chapters++] = chapter;
}

void copy_chapters(const AVFormatContext& input, std::int64_t beginning, double start_seconds,
                   double duration_seconds, AVFormatContext& output) {
  for (unsigned i = 0; i < input.nb_chapters; ++i) {
    const AVChapter& chapter = *input.chapters[i];
    const auto units = [&](double seconds) {
      return static_cast<std::int64_t>(std::llround(seconds / av_q2d(chapter.time_base)));
    };
    const std::int64_t shift = units(start_seconds + static_cast<double>(beginning) / AV_TIME_BASE);
    const std::int64_t start = std::max<std::int64_t>(0, chapter.start - shift);
    std::int64_t end = chapter.end - shift;
    if (duration_seconds > 0) end = std::min(end, units(duration_seconds));
    if (end > start) add_chapter(output, start, end, chapter);
  }
}

}  // namespace

void copy_stream_tags(const AVStream& in, AVStream& out) {
  copy_tags(in.metadata, out.metadata);
  out.disposition = in.disposition;
}

void copy_metadata(const std::filesystem::path& from, double start_seconds, double duration_seconds,
                   AVFormatContext& output, AVStream& video) {
  const InputFile input = open_input(from);
  copy_tags(input.context->metadata, output.metadata);
  if (const AVStream* stream = find_video_stream(*input.context)) copy_stream_tags(*stream, video);
  copy_chapters(*input.context, input.beginning(), start_seconds, duration_seconds, output);
}

void embed_job(const std::string& yaml, AVFormatContext& output) {
  if (yaml.empty()) return;
  if (is_matroska(*output.oformat)) {
    av_dict_set(&output.metadata, kJobTag, yaml.c_str(), 0);
    return;
  }
  std::string comment;
  if (const AVDictionaryEntry* own = av_dict_get(output.metadata, "comment", nullptr, 0)) {
    comment = own->value;
    if (comment.back() != '\n') comment += '\n';
  }
  comment.append(kJobMark).append(yaml);
  av_dict_set(&output.metadata, "comment", comment.c_str(), 0);
}

std::optional<std::string> job_in_tags(const AVFormatContext& input) {
  if (const AVDictionaryEntry* own = av_dict_get(input.metadata, kJobTag, nullptr, 0)) return own->value;
  const AVDictionaryEntry* comment = av_dict_get(input.metadata, "comment", nullptr, 0);
  if (comment == nullptr) return {};
  const std::string_view text = comment->value;
  const auto mark = text.find(kJobMark);
  if (mark == std::string_view::npos) return {};
  return std::string(text.substr(mark + kJobMark.size()));
}

}  // namespace dreamreel::media
