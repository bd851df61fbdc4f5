#include "survey.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "packets.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

using Key = std::tuple<std::string, std::uintmax_t, fs::file_time_type, int>;

Key survey_key(const fs::path& path, int stream) {
  std::error_code ignored;
  return {path.string(), fs::file_size(path, ignored), fs::last_write_time(path, ignored), stream};
}

Survey read_all(const fs::path& path, int stream) {
  const InputFile input = open_input(path);
  const LibavErrors quiet;
  PacketReader reader(input);
  reader.want({stream});
  const PacketPtr packet = new_packet();
  Survey survey;
  for (;;) {
    const int error = reader.read(*packet);
    if (error == AVERROR(EAGAIN)) continue;
    if (error < 0) break;
    if (packet->stream_index != stream) continue;
    ++survey.packets;
    const std::int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    if (time == AV_NOPTS_VALUE) continue;
    const double unit = av_q2d(input.context->streams[stream]->time_base);
    const double end = static_cast<double>(time + packet->duration) * unit -
                       static_cast<double>(input.beginning()) / AV_TIME_BASE;
    survey.end_seconds = std::max(survey.end_seconds, end);
  }
  return survey;
}

}  // namespace

Survey survey_of(const fs::path& path, int stream) {
  static std::mutex mutex;
  static std::map<Key, Survey> known;
  const Key key = survey_key(path, stream);
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = known.find(key); found != known.end()) return found->second;
  }
  const Survey survey = read_all(path, stream);
  const std::scoped_lock lock(mutex);
  return known[key] = survey;
}

}  // namespace dreamreel::media
