// Encoder options that a job may set, and those that name files.
#include "encoder_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/trust.h"

namespace dreamreel::media {
namespace {

using test::make_clip;
using test::message_of;
using test::ScratchDir;
using testing::AllOf;
using testing::HasSubstr;

CodecPtr encoder(const char* name) {
  const AVCodec* const codec = avcodec_find_encoder_by_name(name);
  return CodecPtr(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
}

struct Option {
  const char* encoder;
  const char* key;
  const char* value;
};

TEST(EncoderOptions, ThatPeopleSetAreTaken) {
  for (const auto& [name, key, value] :
       {Option{"libx264", "crf", "18"},
        Option{"libx264", "preset", "slow"},
        Option{"libx264", "tune", "film"},
        Option{"libx264", "profile", "high"},
        Option{"libx264", "level", "4.1"},
        Option{"libx264", "psy-rd", "1.0:0.15"},
        Option{"libx264", "deblock", "-1:-1"},
        Option{"libx264", "g", "48"},
        Option{"libx264", "b", "8M"},
        Option{"libx264", "flags", "+cgop"},
        Option{"libx264", "threads", "2"},
        Option{"libx264", "x264-params", "keyint=48:min-keyint=24:no-scenecut=1:aq_mode=3:deblock=-1,-1"},
        Option{"libx264", "x264opts", "no-mbtree:rc-lookahead=20"},
        Option{"libx265", "x265-params",
               "log-level=error:aq-mode=3:no-sao=1:hdr10=1:master-display=G(1,2)B(3,4)R(5,6)WP(7,8)L(9,1)"},
        Option{"libx265", "preset", "fast"},
        Option{"libvpx-vp9", "row-mt", "1"},
        Option{"libvpx-vp9", "deadline", "good"},
        Option{"libaom-av1", "aom-params", "aq-mode=1:deltaq-mode=0"},
        Option{"libaom-av1", "cpu-used", "6"},
        Option{"libsvtav1", "svtav1-params", "tune=0:film-grain=8"},
        Option{"prores_ks", "vendor", "apl0"},
        Option{"prores_ks", "profile", "4444"},
        Option{"ffv1", "level", "3"},
        Option{"mjpeg", "huffman", "optimal"}}) {
    const CodecPtr codec = encoder(name);
    if (codec) set_encoder_option(*codec, key, value);
  }
}

TEST(EncoderOptions, ThatNameFilesOrNeverEndAreRefused) {
  int tried = 0;
  for (const auto& [name, key, value] : {Option{"libx264", "stats", "made.log"},
                                         Option{"libx264", "passlogfile", "made.log"},
                                         Option{"libx264", "flags", "+pass1"},
                                         Option{"libx264", "flags", "pass2"},
                                         Option{"libx264", "x264-params", "pass=1:stats=made.log"},
                                         Option{"libx264", "x264-params", "crf=9:stats=made.log"},
                                         Option{"libx264", "x264-params", "'stats'=made.log"},
                                         Option{"libx264", "x264-params", "crf='9:stats'=made.log"},
                                         Option{"libx264", "x264-params", "cqmfile=a"},
                                         Option{"libx264", "x264-params", "zones=0,9,stats=made.log"},
                                         Option{"libx264", "x264-params", "dump-yuv=made.yuv"},
                                         Option{"libx264", "x264-params", "st\\ats=made.log"},
                                         Option{"libx264", "x264opts", "qpfile=a"},
                                         Option{"libx264", "x264opts", "no-stats=made.log"},
                                         Option{"libx265", "x265-params", "csv=made.csv:csv-log-level=2"},
                                         Option{"libx265", "x265-params", "log_file=made"},
                                         Option{"libx265", "x265-params", "pass=1"},
                                         Option{"libx265", "x265-params", "analysis-save=made"},
                                         Option{"libx265", "x265-params", "qpfile=a"},
                                         Option{"libx265", "x265-params", "scaling-list=a"},
                                         Option{"libx265", "x265-params", "lambda-file=a"},
                                         Option{"libx265", "x265-params", "dhdr10-info=a"},
                                         Option{"libx265", "x265-params", "recon=made.yuv"},
                                         Option{"libsvtav1", "svtav1-params", "stats=made"},
                                         Option{"libaom-av1", "aom-params", "film-grain-table=a"},
                                         Option{"libaom-av1", "aom-params", "vmaf-model-path=a"},
                                         Option{"mpeg4", "rc_eq", "while(1,1)"},
                                         Option{"mpeg4", "rc_eq", "tex"},
                                         Option{"libx264", "crf", "while(1,1)"},
                                         Option{"libx264", "qmax", "while.(1,1)"},
                                         Option{"libx264", "threads", "100000"}}) {
    const CodecPtr codec = encoder(name);
    if (!codec) continue;
    ++tried;
    EXPECT_THAT(
        message_of<JobError>([&, key = key, value = value] { set_encoder_option(*codec, key, value); }),
        AllOf(HasSubstr("output.video.options"), HasSubstr(key), HasSubstr(kTrustOption)))
        << name << " " << key << "=" << value;
  }
  EXPECT_GT(tried, 15);
}

TEST(EncoderOptions, AreAllowedByThePersonWhoStartsTheProgram) {
  const CodecPtr codec = encoder("libx264");
  ASSERT_TRUE(codec);
  trust_ffmpeg();
  set_encoder_option(*codec, "x264-params", "stats=made.log");
  set_encoder_option(*codec, "passlogfile", "made.log");
  unsetenv(kTrustVariable);
}

TEST(Container, ThatWritesSeveralFilesIsRefused) {
  const ScratchDir scratch;
  make_clip(scratch / "in.mp4", "testsrc2=s=64x48:r=25:d=0.4");
  for (const char* const name : {"out.m3u8", "out.mpd"}) {
    WriterOptions options;
    options.path = scratch / name;
    EXPECT_THAT(message_of<JobError>([&] {
                  ReaderOptions in;
                  in.path = scratch / "in.mp4";
                  test::send_through(in, options);
                }),
                AllOf(HasSubstr("output.path"), HasSubstr(name), HasSubstr(kTrustOption)));
  }
}

}  // namespace
}  // namespace dreamreel::media
