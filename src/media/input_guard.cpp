#include "input_guard.h"

#include <string_view>
#include <utility>

extern "C" {
#include <libavutil/avstring.h>
}

#include "dreamreel/core/trust.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

// The allowed formats. These are left out: lists of files (concat, hls, dash, imf, sdp, ...), drawings that
// may name files (svg), texts, music that other libraries play (libopenmpt, libgme), scripts (avisynth,
// vapoursynth), and samples without a header. A format with several names is allowed if one of them is here.
constexpr const char* kFormats =
    // videos
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,rm,mxf,gxf,dv,nut,ivf,obu,av1,h264,hevc,vvc,evc,"
    "m4v,h261,h263,vc1,vc1test,dirac,dnxhd,mjpeg,mjpeg_2000,yuv4mpegpipe,gif,apng,swf,wtv,nsv,roq,smk,bink,"
    "flic,cavsvideo,avs2,avs3,r3d,cine,ingenient,lvf,mtv,mv,mvi,nuv,pva,ty,viv,xmv,"
    // pictures
    "image2,image2pipe,bmp_pipe,cri_pipe,dds_pipe,dpx_pipe,exr_pipe,gem_pipe,gif_pipe,hdr_pipe,j2k_pipe,"
    "jpeg_pipe,jpegls_pipe,jpegxl_pipe,jpegxl_anim,pam_pipe,pbm_pipe,pcx_pipe,pfm_pipe,pgm_pipe,pgmyuv_pipe,"
    "pgx_pipe,phm_pipe,photocd_pipe,pictor_pipe,png_pipe,ppm_pipe,psd_pipe,qdraw_pipe,qoi_pipe,sgi_pipe,"
    "sunrast_pipe,tiff_pipe,vbn_pipe,webp_pipe,webp,xbm_pipe,xpm_pipe,xwd_pipe,ico,iff,"
    // sound
    "wav,w64,aiff,au,caf,flac,mp3,aac,ac3,eac3,ac4,dts,dtshd,truehd,mlp,tta,tak,wv,ape,mpc,mpc8,amr,amrnb,"
    "amrwb,voc,loas,latm,spdif,dsf,oma,sox,gsm,adx,qcp,aa,osq,shn";

constexpr std::string_view kFile = "file:";

}  // namespace

InputGuard::InputGuard(const fs::path& path, std::optional<NumberPattern> pattern)
    : path_(path), pattern_(std::move(pattern)) {}

void InputGuard::protect(AVFormatContext& context, Dictionary& options) {
  context.interrupt_callback = {&InputGuard::is_stopped, this};
  if (trusts_ffmpeg()) return;
  options.set("protocol_whitelist", "file");
  options.set("format_whitelist", kFormats);
  open_file_ = context.io_open;
  context.opaque = this;
  context.io_open = &InputGuard::open;
}

int InputGuard::open(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                     AVDictionary** options) {
  const auto& self = *static_cast<const InputGuard*>(context->opaque);
  if (!self.allows(url) || (flags & AVIO_FLAG_WRITE) != 0) return AVERROR(EACCES);
  return self.open_file_(context, io, url, flags, options);
}

bool InputGuard::allows(const std::string& url) const {
  if (url == file_url(path_)) return true;
  if (!pattern_ || !url.starts_with(kFile)) return false;
  const fs::path file = url.substr(kFile.size());
  return file.parent_path() == path_.parent_path() && pattern_->matches(file.filename().string());
}

std::optional<std::string> refused_format(const fs::path& path) {
  const LibavErrors quiet;
  AVIOContext* raw = nullptr;
  if (avio_open2(&raw, file_url(path).c_str(), AVIO_FLAG_READ, nullptr, nullptr) < 0) return {};
  const IoPtr io(raw);
  const AVInputFormat* format = nullptr;
  if (av_probe_input_buffer2(io.get(), &format, file_url(path).c_str(), nullptr, 0, 0) < 0 ||
      format == nullptr)
    return {};
  if (av_match_list(format->name, kFormats, ',') > 0) return {};
  return format->name;
}

std::optional<std::string> protocol_in(const fs::path& path) {
  const std::string text = path.string();
  for (const int output : {0, 1}) {
    void* state = nullptr;
    while (const char* name = avio_enum_protocols(&state, output)) {
      // Making a path absolute removes one of the slashes of "http://", but keeps the protocol's name.
      // Options of a protocol stand between commas.
      for (const char end : {':', ','}) {
        const std::string scheme = std::string(name) + end;
        if (text.starts_with(scheme) || text.find("/" + scheme) != std::string::npos) return name;
      }
    }
  }
  return {};
}

}  // namespace dreamreel::media
