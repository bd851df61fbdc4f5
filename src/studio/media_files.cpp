#include "media_files.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api_error.h"
#include "dreamreel/core/plain_file.h"

namespace dreamreel::studio {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 17> kTypes{{{".jpg", "image/jpeg"},
                                                                           {".jpeg", "image/jpeg"},
                                                                           {".png", "image/png"},
                                                                           {".apng", "image/apng"},
                                                                           {".gif", "image/gif"},
                                                                           {".webp", "image/webp"},
                                                                           {".avif", "image/avif"},
                                                                           {".mp4", "video/mp4"},
                                                                           {".m4v", "video/mp4"},
                                                                           {".mov", "video/quicktime"},
                                                                           {".webm", "video/webm"},
                                                                           {".mkv", "video/x-matroska"},
                                                                           {".wav", "audio/wav"},
                                                                           {".mp3", "audio/mpeg"},
                                                                           {".flac", "audio/flac"},
                                                                           {".ogg", "audio/ogg"},
                                                                           {".m4a", "audio/mp4"}}};

// Never a type that a browser would run: a folder may hold strangers' pages.
const char* type_of(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  const auto found = std::ranges::find(kTypes, extension, &decltype(kTypes)::value_type::first);
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace

void answer_with_file(const std::filesystem::path& file, const httplib::Request& request,
                      httplib::Response& response) {
  if (const std::string why = why_not_a_file(file); !why.empty())
    throw ApiError(404, file.filename().string() + ": " + why);
  const auto in = std::make_shared<std::ifstream>(file, std::ios::binary);
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  if (!*in || failed) throw ApiError(404, file.filename().string() + ": cannot be read");
  if (request.has_param("save")) response.set_header("Content-Disposition", "attachment");
  response.set_content_provider(
      static_cast<std::size_t>(size), type_of(file),
      [in](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        std::array<char, 65536> block{};
        in->clear();
        in->seekg(static_cast<std::streamoff>(offset));
        in->read(block.data(), static_cast<std::streamsize>(std::min(length, block.size())));
        const auto count = in->gcount();
        return count > 0 && sink.write(block.data(), static_cast<std::size_t>(count));
      });
}

}  // namespace dreamreel::studio
