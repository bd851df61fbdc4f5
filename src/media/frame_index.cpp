#include "frame_index.h"

extern "C" {
#include <libavutil/adler32.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <utility>

#include "dreamreel/core/blob_cache.h"
#include "dreamreel/core/cache_folder.h"

namespace dreamreel::media {
namespace {

constexpr int kEveryLine = 8;
constexpr std::int64_t kMostFrames = 10'000'000;  // two days; later frames are reached by decoding
constexpr std::size_t kKept = 64;

std::optional<BlobCache> cache() {
  if (const auto folder = cache_folder()) return BlobCache(*folder / "frames", ".frames", kKept);
  return {};
}

}  // namespace

std::uint32_t fingerprint_of_picture(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const AVPixFmtDescriptor* const about = av_pix_fmt_desc_get(format);
  auto sum = static_cast<std::uint32_t>(frame.width * 31 + frame.height);
  if (about == nullptr) return sum;
  if ((about->flags & AV_PIX_FMT_FLAG_PAL) != 0 && frame.data[1] != nullptr)
    sum = static_cast<std::uint32_t>(av_adler32_update(sum, frame.data[1], AVPALETTE_SIZE));
  for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
    const bool is_chroma = plane == 1 || plane == 2;
    const int lines = is_chroma ? AV_CEIL_RSHIFT(frame.height, about->log2_chroma_h) : frame.height;
    const int bytes = av_image_get_linesize(format, frame.width, plane);
    if (bytes <= 0 || frame.data[plane] == nullptr) continue;
    for (int line = 0; line < lines; line += kEveryLine)
      sum = static_cast<std::uint32_t>(av_adler32_update(
          sum, frame.data[plane] + static_cast<std::ptrdiff_t>(line) * frame.linesize[plane],
          static_cast<unsigned>(bytes)));
  }
  return sum;
}

FrameIndex::FrameIndex(std::string key) : key_(std::move(key)) {
  const auto kept = key_.empty() ? std::nullopt : cache();
  if (!kept) return;
  const auto bytes = kept->find(key_);
  if (!bytes) return;
  BlobReader reader(*bytes);
  if (reader.take_all(pts_) && reader.take_all(pictures_) && reader.at_end() &&
      pts_.size() == pictures_.size() && std::ranges::is_sorted(pts_))
    return;
  pts_.clear();
  pictures_.clear();
}

std::optional<std::int64_t> FrameIndex::find(const AVFrame& frame) const {
  const auto found = std::ranges::lower_bound(pts_, frame.pts);
  if (found == pts_.end() || *found != frame.pts) return {};
  const auto number = found - pts_.begin();
  if (pictures_[static_cast<std::size_t>(number)] != fingerprint_of_picture(frame)) return {};
  return number;
}

void FrameIndex::add(std::int64_t number, const AVFrame& frame) {
  if (key_.empty() || number != size() || number >= kMostFrames) return;
  pts_.push_back(frame.pts);
  pictures_.push_back(fingerprint_of_picture(frame));
  has_news_ = true;
}

void FrameIndex::store() {
  if (!has_news_) return;
  has_news_ = false;
  BlobWriter out;
  out.put_all(pts_);
  out.put_all(pictures_);
  if (const auto kept = cache()) kept->store(key_, out.bytes());
}

}  // namespace dreamreel::media
