#include "dreamreel/study/picture_bytes.h"

#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/media/writer.h"

namespace dreamreel::study {

std::string jpeg_of(const at::Tensor& picture) {
  constexpr std::size_t kMostBytes = std::size_t{256} << 20;
  const TemporaryFolder folder("dreamreel-picture");
  media::VideoInfo info;
  info.width = static_cast<int>(picture.size(2));
  info.height = static_cast<int>(picture.size(1));
  info.is_still = true;
  media::WriterOptions options;
  options.path = folder / "picture.jpg";
  options.pixel_format = "yuvj444p";
  media::Writer writer(options, info);
  media::VideoFrame frame;
  frame.rgb = picture.cpu().contiguous();
  frame.duration = 1;
  writer.write(frame);
  writer.finish();
  return read_whole(options.path, kMostBytes);
}

}  // namespace dreamreel::study
