#include "sheet_picture.h"

#include "dreamreel/media/writer.h"

namespace dreamreel::study {

void write_picture(const at::Tensor& picture, const std::filesystem::path& path) {
  media::VideoInfo info;
  info.height = static_cast<int>(picture.size(1));
  info.width = static_cast<int>(picture.size(2));
  info.is_still = true;
  media::WriterOptions options;
  options.path = path;
  if (path.extension() == ".jpg") options.pixel_format = "yuvj444p";
  media::Writer writer(options, info);
  media::VideoFrame frame;
  frame.rgb = picture;
  writer.write(frame);
  writer.finish();
}

}  // namespace dreamreel::study
