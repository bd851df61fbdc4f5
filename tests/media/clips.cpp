#include <ATen/ATen.h>

#include "clips.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace dreamreel::test {
namespace {

std::vector<double> numbers(const std::vector<std::string>& lines) {
  std::vector<double> values;
  for (const auto& line : lines) values.push_back(std::stod(line));
  return values;
}

}  // namespace

std::vector<std::string> probe(const std::filesystem::path& file, const std::string& arguments) {
  std::vector<std::string> argv{"ffprobe", "-v", "error", "-of", "csv=p=0"};
  std::istringstream words(arguments);
  for (std::string word; words >> word;) argv.push_back(word);
  argv.push_back(file.string());
  const auto result = run_process(argv);
  if (result.exit_code != 0) throw std::runtime_error("ffprobe failed: " + result.err);
  std::vector<std::string> lines;
  std::istringstream out(result.out);
  for (std::string line; std::getline(out, line);) {
    while (!line.empty() && line.back() == ',') line.pop_back();  // side data leave empty columns
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::vector<double> frame_times(const std::filesystem::path& file) {
  return numbers(probe(file, "-select_streams v:0 -show_entries frame=best_effort_timestamp_time"));
}

std::vector<std::string> packet_hashes(const std::filesystem::path& file, const std::string& stream) {
  std::vector<std::string> hashes;
  for (const auto& line :
       probe(file, "-select_streams " + stream +
                       " -show_packets -show_data_hash md5 -show_entries packet=data_hash"))
    if (const auto at = line.find("MD5:"); at != std::string::npos)  // other lines are side data
      hashes.push_back(line.substr(at));
  return hashes;
}

std::vector<double> packet_times(const std::filesystem::path& file, const std::string& stream) {
  return numbers(probe(file, "-select_streams " + stream + " -show_entries packet=pts_time"));
}

std::vector<media::VideoFrame> read_all(media::Reader& reader) {
  std::vector<media::VideoFrame> frames;
  while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  return frames;
}

std::vector<media::VideoFrame> read_all(const media::ReaderOptions& options) {
  media::Reader reader(options);
  return read_all(reader);
}

media::VideoInfo send_through(const media::ReaderOptions& in, media::WriterOptions out) {
  media::Reader reader(in);
  auto frame = reader.next();
  if (reader.info().sound_tracks > 0) out.sound_from = in.path;
  out.sound_start_seconds = reader.info().start_seconds;
  out.metadata_from = in.path;
  out.metadata_start_seconds = reader.info().start_seconds;
  media::Writer writer(out, reader.info());
  for (; frame; frame = reader.next()) writer.write(*frame);
  writer.finish();
  return reader.info();
}

media::VideoInfo send_through(const std::filesystem::path& in, const std::filesystem::path& out) {
  media::ReaderOptions reader;
  reader.path = in;
  media::WriterOptions writer;
  writer.path = out;
  return send_through(reader, writer);
}

void make_clip(const std::filesystem::path& out, const std::string& source,
               const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{"-f", "lavfi", "-i", source};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.push_back(out.string());
  ffmpeg(argv);
}

double largest_difference_in_levels(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) throw std::runtime_error("frames of different sizes");
  const float* x = a.data_ptr<float>();
  const float* y = b.data_ptr<float>();
  float largest = 0;
  for (std::int64_t i = 0; i < a.numel(); ++i) largest = std::max(largest, std::abs(x[i] - y[i]));
  return largest * 255.0;
}

at::Tensor frame_by_ffmpeg(const std::filesystem::path& file, const std::string& filters, int width,
                           int height) {
  const ScratchDir scratch;
  ffmpeg({"-i", file.string(), "-vf", filters, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gbrp16le",
          (scratch / "raw").string()});
  const std::string bytes = read_file(scratch / "raw");
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (bytes.size() != 6 * pixels) throw std::runtime_error("ffmpeg gave a frame of another size");
  at::Tensor frame = at::empty({3, height, width}, at::kFloat);
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const std::size_t source_plane = (plane + 2) % 3;  // stored as G, B, R
    for (std::size_t i = 0; i < pixels; ++i) {
      std::uint16_t sample = 0;
      std::memcpy(&sample, bytes.data() + 2 * (source_plane * pixels + i), 2);
      frame.data_ptr<float>()[plane * pixels + i] = static_cast<float>(sample) / 65535.0F;
    }
  }
  return frame;
}

}  // namespace dreamreel::test
