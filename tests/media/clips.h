// Helpers that the tests of this module share: probing with ffprobe, and sending a clip through Reader and
// Writer unchanged.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dreamreel/media/reader.h"
#include "dreamreel/media/writer.h"
#include "support/files.h"

namespace dreamreel::test {

/// ffprobe's answer, one value a line: probe(file, "-select_streams v -show_entries packet=pts_time").
std::vector<std::string> probe(const std::filesystem::path& file, const std::string& arguments);

/// Presentation times in seconds of every video frame, in display order.
std::vector<double> frame_times(const std::filesystem::path& file);

/// MD5 of every packet of one stream ("a:0"), in order.
std::vector<std::string> packet_hashes(const std::filesystem::path& file, const std::string& stream);

/// Times in seconds of every packet of one stream, in order.
std::vector<double> packet_times(const std::filesystem::path& file, const std::string& stream);

/// The options that read this file.
inline media::ReaderOptions from(const std::filesystem::path& path, const std::string& filter = "") {
  media::ReaderOptions options;
  options.path = path;
  options.filter = filter;
  return options;
}

/// The options that write this file.
inline media::WriterOptions to(const std::filesystem::path& path, const std::string& codec = "",
                               std::map<std::string, std::string> options = {}) {
  media::WriterOptions output;
  output.path = path;
  output.codec = codec;
  output.options = std::move(options);
  return output;
}

/// All frames of a reader.
std::vector<media::VideoFrame> read_all(media::Reader& reader);
std::vector<media::VideoFrame> read_all(const media::ReaderOptions& options);

/// Reads `in` and writes every frame unchanged, with the sound, tags and start of the input. Returns the
/// facts about the input.
media::VideoInfo send_through(const media::ReaderOptions& in, media::WriterOptions out);
/// The same with all defaults.
media::VideoInfo send_through(const std::filesystem::path& in, const std::filesystem::path& out);

/// Makes a clip by a lavfi source: make_clip(out, "testsrc2=s=64x48:r=25:d=1", {"-c:v", "ffv1"}).
void make_clip(const std::filesystem::path& out, const std::string& source,
               const std::vector<std::string>& arguments = {});

/// Largest difference of two frames of the same shape, in units of 1/255.
double largest_difference_in_levels(const at::Tensor& a, const at::Tensor& b);

/// The frame number `index` of a file as ffmpeg converts it with `filters`, which end in a 16-bit RGB format.
at::Tensor frame_by_ffmpeg(const std::filesystem::path& file, const std::string& filters, int width,
                           int height);

/// The message of the exception of type E that `action` throws; fails the test if it throws none or another.
template <typename E, typename Action>
std::string message_of(Action action);

}  // namespace dreamreel::test

#include <gtest/gtest.h>

namespace dreamreel::test {

template <typename E, typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception: " << error.what();
    return "";
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace dreamreel::test
