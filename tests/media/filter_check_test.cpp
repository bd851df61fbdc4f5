// Tests what the filter text of a stranger's job may do, and what it may not do.
#include "filter_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/trust.h"
#include "filter_input.h"
#include "filter_list.h"
#include "filter_text.h"
#include "filter_time.h"

namespace dreamreel::media {
namespace {

using test::filter_input;
using test::message_of;
using test::ScratchDir;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string filter_refusal(const std::string& filter) {
  return message_of<JobError>([&] { check_filters(filter_input(filter)); });
}

/// Trusts all of FFmpeg during its life.
struct Trusted {
  Trusted() { trust_ffmpeg(); }
  ~Trusted() { unsetenv(kTrustVariable); }
};

TEST(FilterText, IsReadAsLibavfilterReadsIt) {
  const auto text = parse_filter_text(
      " [in] split = 2 [a] [b]; [a]'h'fl\\ip [c] ;[b] [c] overlay@top = x='1,2' : y = 3\\;4, scale = 8 : 8 "
      "[out] ");
  ASSERT_EQ(text.calls.size(), 4U);
  EXPECT_EQ(text.calls[0].name, "split");
  EXPECT_EQ(text.calls[0].arguments, "2");
  EXPECT_THAT(text.calls[0].inputs, ElementsAre("in"));
  EXPECT_THAT(text.calls[0].outputs, ElementsAre("a", "b"));
  EXPECT_EQ(text.calls[1].name, "hflip");
  EXPECT_TRUE(text.calls[1].ends_chain);
  EXPECT_EQ(text.calls[2].name, "overlay");
  EXPECT_EQ(text.calls[2].arguments, "x=1,2 : y = 3;4");
  EXPECT_FALSE(text.calls[2].ends_chain);
  EXPECT_THAT(text.calls[3].outputs, ElementsAre("out"));
  EXPECT_EQ(parse_filter_text("sws_flags=bilinear+accurate_rnd;scale=8:8").scaler_flags,
            "bilinear+accurate_rnd");
}

TEST(FilterText, ThatCannotBeReadIsRefused) {
  using std::string_literals::operator""s;
  for (const std::string& text :
       {""s, ","s, "scale;"s, "scale,"s, "scale="s, "[a"s, "[]scale"s, "scale]"s, "scale=1:1]x"s, "Scale"s,
        "scale@"s, "scale@a b"s, "sws_flags=bicubic:w=9;scale"s, "sws_flags=bicubic"s, "hflip\0,movie=x"s,
        "hfl\x01ip"s, "a-b"s})
    EXPECT_THAT(message_of<JobError>([&] { parse_filter_text(text); }), HasSubstr("input.filter")) << text;
  EXPECT_THAT(filter_refusal(std::string(20000, ' ') + "hflip"), HasSubstr("at most 10000"));
  std::string many = "null";
  for (int i = 0; i < 200; ++i) many += ",null";
  EXPECT_THAT(filter_refusal(many), HasSubstr("more than 100 filters"));
}

TEST(FilterList, EveryFilterOfItCanBeSetUp) {
  int tried = 0;
  for (const auto& rule : filter_rules()) {
    const std::string name(rule.name);
    const AVFilter* const filter = avfilter_get_by_name(name.c_str());
    if (filter == nullptr) continue;
    ++tried;
    // A filter may be refused for its links, sizes or missing options, but never because a job may not use
    // it.
    try {
      check_filters(filter_input(name));
    } catch (const JobError& error) {
      EXPECT_THAT(error.what(), testing::Not(HasSubstr(kTrustOption))) << name;
    }
  }
  EXPECT_GT(tried, 120);
}

// Finds text options that name a file by the option's name, so it does not depend on the version of FFmpeg.
TEST(FilterList, AllowsNoTextThatIsCalledLikeAFile) {
  for (const auto& rule : filter_rules())
    for (const char* const word : {"file", "filename", "path", "stats_file", "psfile", "plot", "textfile",
                                   "fontfile", "model", "commands", "hint", "result", "input", "f"})
      EXPECT_FALSE(allows_text(rule, word)) << rule.name << " " << word;
}

TEST(FilterList, HasNoFilterThatOpensFilesRunsCodeOrNeverEnds) {
  for (const char* const name : {"movie",
                                 "amovie",
                                 "ladspa",
                                 "lv2",
                                 "frei0r",
                                 "metadata",
                                 "ametadata",
                                 "sendcmd",
                                 "asendcmd",
                                 "zmq",
                                 "azmq",
                                 "drawtext",
                                 "subtitles",
                                 "ass",
                                 "lut1d",
                                 "lut3d",
                                 "vidstabdetect",
                                 "vidstabtransform",
                                 "psnr",
                                 "ssim",
                                 "vmafmotion",
                                 "signature",
                                 "removelogo",
                                 "find_rect",
                                 "cover_rect",
                                 "derain",
                                 "sr",
                                 "dnn_processing",
                                 "nnedi",
                                 "fieldhint",
                                 "program_opencl",
                                 "openclsrc",
                                 "libplacebo",
                                 "realtime",
                                 "arealtime",
                                 "cue",
                                 "testsrc",
                                 "color",
                                 "nullsrc",
                                 "buffer",
                                 "buffersink",
                                 "hwupload",
                                 "v360",
                                 "bench",
                                 "sofalizer",
                                 "afir",
                                 "xfade_opencl",
                                 "coreimage"})
    EXPECT_EQ(find_filter_rule(name), nullptr) << name;
}

TEST(FilterCheck, AllowsWhatFootageNeeds) {
  for (const char* const filter : {"yadif,scale=1280:-2",
                                   "scale=480:-2",
                                   "fps=4,scale=160:96,setsar=1",
                                   "crop=iw/2:ih,scale=64:48",
                                   "scale=trunc(iw/4)*2:trunc(ih/4)*2:flags=area",
                                   "pad=iw+16:ih:8:0:black",
                                   "eq=contrast=1.2:saturation=0.8",
                                   "hue=s=0",
                                   "curves=preset=vintage",
                                   "curves=r='0/0 0.5/0.58 1/1':b='0/0 1/0.9'",
                                   "rotate=PI/6:c=none:ow=80",
                                   "transpose=clock,hflip,vflip",
                                   "format=yuv420p|rgb24",
                                   "setpts=PTS-STARTPTS,fps=30",
                                   "setpts=2.0*PTS,fps=50",
                                   "setpts=N/(25*TB),fps=25",
                                   "setpts=0.5*PTS",
                                   "trim=start=1:end=2,setpts=PTS-STARTPTS",
                                   "select='not(mod(n\\,5))'",
                                   "tpad=stop_mode=clone:stop_duration=3",
                                   "loop=loop=50:size=1:start=0",
                                   "minterpolate=fps=50:mi_mode=blend",
                                   "hqdn3d=4:3:6:4.5",
                                   "nlmeans=s=2:r=9",
                                   "deband",
                                   "unsharp=5:5:0.8",
                                   "gblur=sigma=2",
                                   "lutyuv=y=negval",
                                   "geq=lum='255-lum(X,Y)':cb=128:cr=128",
                                   "colorchannelmixer=.3:.4:.3:0:.3:.4:.3",
                                   "tonemap=hable",
                                   "zoompan=z=1.1:d=1",
                                   "[in]split[a][b];[a]hflip[c];[b][c]hstack[out]",
                                   "split[a][b];[b]reverse[r];[a][r]concat",
                                   "split[m][t];[t]gblur=8[g];[m][g]blend=all_mode=screen:all_opacity=0.5",
                                   "chromakey=green:0.1:0.05,format=yuva420p",
                                   "format=yuva420p,alphaextract",
                                   "extractplanes=y",
                                   "tmix=frames=3:weights='1 1 1'",
                                   "hqdn3d=enable='between(t,1,2)'",
                                   "tblend=all_mode=average",
                                   "framestep=2",
                                   "separatefields",
                                   "bwdif=1",
                                   "drawbox=x=1:y=1:w=8:h=8:color=red@0.5",
                                   "sws_flags=bilinear;scale=32:24",
                                   "scale=-1:24:sws_dither=none:in_range=full",
                                   "split[a][b];[a]hflip[c];[b][c]overlay=shortest=1:eof_action=pass",
                                   "tile=2x2",
                                   "lagfun",
                                   "delogo=x=2:y=2:w=4:h=4",
                                   "negate",
                                   "reverse",
                                   "palettegen",
                                   "split[a][b];[a]palettegen[p];[b][p]paletteuse"}) {
    try {
      FilterChain{filter_input(filter)};
    } catch (const Error& error) {
      ADD_FAILURE() << filter << "\n" << error.what();
    }
  }
}

TEST(FilterCheck, RefusesOptionsThatNameFiles) {
  const ScratchDir scratch;
  const std::string file = (scratch / "made").string();
  for (const std::string& filter :
       {"curves=psfile=" + file, "curves=plot=" + file, "selectivecolor=psfile=" + file,
        "deshake=filename=" + file, "deshake=-1:-1:-1:-1:16:16:blank:8:125:exhaustive:" + file,
        "paletteuse=debug_kdtree=" + file, "hflip,curves@a=psfile='" + file + "'",
        "cu'rv'es = p\\sfile = " + file, "[in]split[a][b];[b]curves=plot=" + file + "[c];[a][c]blend"}) {
    EXPECT_THAT(filter_refusal(filter), AllOf(HasSubstr("may not"), HasSubstr(kTrustOption))) << filter;
    EXPECT_FALSE(std::filesystem::exists(file)) << filter;
  }
  // A value without a name belongs to the next option. A file name at the place of a forbidden option is
  // found too.
  std::string values = "curves=none";
  for (int i = 0; i < 5; ++i) values += ":0/0 1/1";
  EXPECT_THAT(filter_refusal(values + ":" + file), HasSubstr("psfile"));
}

TEST(FilterCheck, LooksAtAllNamesBeforeItTouchesAnyFilter) {
  const ScratchDir scratch;
  const std::string file = (scratch / "made").string();
  for (const std::string& filter :
       {"metadata=print:file=" + file, "hflip,metadata=mode=print:file='" + file + "'",
        "'meta'data=print:file=" + file, "metadata@x=print:file=" + file,
        "[in]metadata=print:file=" + file + "[out]", "ssim=stats_file=" + file,
        "split[a][b];[a][b]psnr=f=" + file, "movie=" + file + "[m];[in][m]overlay",
        "drawtext=textfile=" + file, "lut3d=" + file, "sendcmd=f=" + file, std::string("zmq"),
        "frei0r=" + file, "ladspa=file=" + file, "vidstabdetect=result=" + file}) {
    const auto message = filter_refusal(filter);
    if (message.find("No such filter") != std::string::npos) continue;  // this FFmpeg lacks it
    EXPECT_THAT(message, AllOf(HasSubstr("may use"), HasSubstr("docs/trust.md"), HasSubstr(kTrustOption)))
        << filter;
    EXPECT_FALSE(std::filesystem::exists(file)) << filter;
  }
}

TEST(FilterCheck, BoundsWhatWouldNeverEnd) {
  EXPECT_THAT(filter_refusal("loop=-1:1"), AllOf(HasSubstr("loop=-1"), HasSubstr("100000")));
  EXPECT_THAT(filter_refusal("loop=loop=1000000:size=1"), HasSubstr("loop=1000000"));
  EXPECT_THAT(filter_refusal("loop=100000:1,zoompan=d=100"), HasSubstr("frames of one"));
  EXPECT_THAT(filter_refusal("tpad=stop=-1"), HasSubstr("stop=-1"));
  EXPECT_THAT(filter_refusal("tpad=stop_duration=1000000"), HasSubstr("stop_duration"));
  EXPECT_THAT(filter_refusal("fps=1e6"),
              AllOf(HasSubstr("1000000 frames a second"), HasSubstr("at most 1000")));
  EXPECT_THAT(filter_refusal("minterpolate=fps=100000:mi_mode=dup"), HasSubstr("frames a second"));
  EXPECT_THAT(filter_refusal("framerate=fps=5000"), HasSubstr("frames a second"));
  EXPECT_THAT(filter_refusal("fps=fps=25:start_time=-1e9"), HasSubstr("start_time"));
  EXPECT_THAT(filter_refusal("setpts=PTS+1000000/TB,fps=25:start_time=0"), HasSubstr("start_time"));
  EXPECT_THAT(filter_refusal("setpts=N*59/TB,setpts=PTS*20000,fps=1000"), HasSubstr("more than one setpts"));
  EXPECT_THAT(filter_refusal("boxblur=lr=1:lp=2147483647"), HasSubstr("luma_power"));
  EXPECT_THAT(filter_refusal("zoompan=d=1e9"), HasSubstr("frames of one"));
  EXPECT_THAT(filter_refusal("zoompan=d=in_w*1000"), HasSubstr("plain number"));
  EXPECT_THAT(filter_refusal("setpts=if(eq(N\\,3)\\,1e15\\,PTS),fps=25"), HasSubstr("setpts"));
  EXPECT_THAT(filter_refusal("split[a][b];[b]setpts=PTS/1000[c];[a][c]hstack"), HasSubstr("branches"));
  for (const char* const filter :
       {"scale=w='while(1,1)'", "select='wh ile(1,1)'", "setpts='root(while(1,0),9)'", "hqdn3d=while(1\\,1)",
        "geq=lum='taylor(taylor(1,1),1)'", "hflip=enable='while(1,1)'", "fps='root(t,1)'",
        "eq=contrast='while.(1,1)'", "hqdn3d='root@(1,1)'", "scale=w='taylor!(1,1)'",
        "zoompan=d='if(lt(mod(time(0),60),50),1,1e12)'"})
    EXPECT_THAT(filter_refusal(filter), HasSubstr("for ever")) << filter;
}

TEST(FilterCheck, BoundsSizesBeforeTheNextFilterTakesMemory) {
  for (const char* const filter :
       {"scale=30000:30000", "scale=30000:30000,gblur", "pad=40000:40000", "tile=400x400",
        "rotate=0:ow=20000:oh=20000", "zoompan=d=1:s=30000x30000", "scale=16384:16384,scale=iw*2:ih",
        "[in]scale=20000:20000[out]", "scale=10000:10000,split[a][b];[a][b]xstack=layout=0_0|w0_h0"})
    EXPECT_THAT(filter_refusal(filter), AllOf(HasSubstr("makes pictures of"), HasSubstr("16000x16000")))
        << filter;
  EXPECT_THAT(filter_refusal("scale=w=64*(1+10000*gt(n\\,2)):h=64:eval=frame"), HasSubstr("eval=1"));
  EXPECT_THAT(filter_refusal("split=1000000000"), HasSubstr("outputs=1000000000"));
  EXPECT_THAT(filter_refusal("scale=8000:8000,tmix=frames=1024"), HasSubstr("GiB"));
  EXPECT_THAT(filter_refusal("hflip=threads=100000"), HasSubstr("threads=100000"));
}

TEST(FilterCheck, BoundsWhatIsHeldBackAndFilledWhileFramesGoThrough) {
  const FramePtr frame = new_frame();
  frame->width = 64;
  frame->height = 48;
  frame->format = AV_PIX_FMT_YUV420P;
  ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  const auto pushed = [&](FilterChain& chain, std::int64_t pts) {
    const FramePtr copy(av_frame_clone(frame.get()));
    copy->pts = pts;
    chain.push(copy.get());
  };
  FilterChain filling(filter_input("fps=25"));
  pushed(filling, 0);
  pushed(filling, 250);
  EXPECT_THAT(message_of<JobError>([&] { pushed(filling, std::int64_t{1} << 40); }), HasSubstr("gap"));
  // 16384x10923 is about a quarter of a GiB a frame as the filters see it.
  auto large = filter_input("reverse,scale=8:8");
  large.width = 16384;
  large.height = 10923;
  FilterChain holding(large);
  EXPECT_THAT(message_of<JobError>([&] {
                for (int i = 0; i < 40; ++i) pushed(holding, i);
              }),
              HasSubstr("holds back"));
}

// concat holds back the frames of its later inputs until it reaches them, although frames of its first input
// come out all the time. Frames of the size between the two scales never exist, so the test takes little
// memory.
TEST(FilterCheck, BoundsWhatConcatHolds) {
  FilterChain chain(
      filter_input("split=3[a][b][c];[c]select=0,scale=16384:10923,scale=64:48[d];[a][b][d]concat=n=3"));
  const FramePtr frame = new_frame(), out = new_frame();
  frame->width = 64;
  frame->height = 48;
  frame->format = AV_PIX_FMT_YUV420P;
  ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  int came = 0;
  EXPECT_THAT(message_of<JobError>([&] {
                for (int i = 0; i < 40; ++i) {
                  const FramePtr copy(av_frame_clone(frame.get()));
                  copy->pts = i;
                  chain.push(copy.get());
                  while (chain.pull(*out)) {
                    ++came;
                    av_frame_unref(out.get());
                  }
                }
              }),
              HasSubstr("holds back"));
  EXPECT_GT(came, 10);
}

TEST(FilterCheck, CountsWhatAFilterHoldsBackAsItIsInMemory) {
  auto input = filter_input("loop=5:size=1000");
  input.width = 1920;
  input.height = 1080;
  const auto refusal_of = [&](const char* filter, AVPixelFormat format) {
    input.user = filter;
    input.format = format;
    try {
      check_filters(input);
      return std::string();
    } catch (const JobError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(refusal_of("loop=5:size=1000", AV_PIX_FMT_YUV420P), "");  // 3.1 GB
  EXPECT_THAT(refusal_of("loop=5:size=1400", AV_PIX_FMT_YUV420P), HasSubstr("1401 frames"));
  // A sample of 10 bits takes two bytes.
  EXPECT_EQ(refusal_of("loop=5:size=680", AV_PIX_FMT_YUV420P10), "");
  EXPECT_THAT(refusal_of("loop=5:size=700", AV_PIX_FMT_YUV420P10), HasSubstr("701 frames"));
  EXPECT_THAT(refusal_of("format=gbrapf32,loop=5:size=200", AV_PIX_FMT_YUV420P), HasSubstr("201 frames"));
  // tmedian holds frames before a frame and after it.
  EXPECT_EQ(refusal_of("tmedian=radius=127", AV_PIX_FMT_YUV444P12), "");
  EXPECT_THAT(refusal_of("scale=3840:-2,tmedian=radius=127", AV_PIX_FMT_YUV444P12), HasSubstr("255 frames"));
  // The size of a frame counts as the filter itself gets it: thumbnail takes 8 bits.
  EXPECT_EQ(refusal_of("format=gbrapf32le,scale=3840:2160,thumbnail=40", AV_PIX_FMT_YUV420P), "");
}

// Four bytes of a header set the pixels' aspect, and could ask for pictures of any size.
TEST(SquarePixels, AreMadeOfWhatCamerasHaveOnly) {
  const auto size_of = [](AVRational aspect, int width, int height) {
    auto input = filter_input("");
    input.width = width;
    input.height = height;
    input.sample_aspect = aspect;
    const FilterChain chain(input);
    return std::pair(chain.width(), chain.height());
  };
  EXPECT_EQ(size_of({2, 1}, 64, 48), std::pair(128, 48));
  EXPECT_EQ(size_of({1, 16}, 64, 48), std::pair(64, 768));
  EXPECT_EQ(size_of({30000, 1}, 64, 48), std::pair(64, 48));
  EXPECT_EQ(size_of({1, 65535}, 64, 48), std::pair(64, 48));
  EXPECT_THAT(message_of<InputError>([&] {
                size_of({4, 1}, 16000, 8000);
              }),
              AllOf(HasSubstr("64000x8000"), HasSubstr("setsar=1")));
}

TEST(FilterCheck, IsLiftedByThePersonWhoStartsTheProgram) {
  const ScratchDir scratch;
  const Trusted trusted;
  const std::string file = (scratch / "made").string();
  const FilterChain chain{filter_input("metadata=print:file=" + file)};
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(FilterTime, KnowsMultiplesOfTimes) {
  const AVRational unit{1, 1000};
  const auto scale = [&](const char* expression) { return time_scale_of(expression, unit, 25); };
  EXPECT_EQ(scale("PTS-STARTPTS"), 1);
  EXPECT_EQ(scale("2*PTS"), 2);
  EXPECT_EQ(scale("(PTS - STARTPTS) * 0.5 + 10/TB"), 0.5);
  EXPECT_EQ(scale("PTS/4"), 0.25);
  EXPECT_EQ(scale("N/FRAME_RATE/TB"), 1);
  EXPECT_EQ(scale("N/(25*TB)"), 1);
  for (const char* const expression :
       {"PTS*PTS", "1/PTS", "if(1,PTS,0)", "N*1e9", "PTS^2", "RTCTIME", "PTS+N", "", "PTS)",
        "((((((((((((((((((((((((((((((1", "PTS/0", "pts"})
    EXPECT_EQ(scale(expression), std::nullopt) << expression;
  EXPECT_EQ(scale("--PTS"), 1);
  for (const char repeated : {'-', '('})
    EXPECT_EQ(scale((std::string(2'000'000, repeated) + "PTS").c_str()), std::nullopt) << repeated;
}

}  // namespace
}  // namespace dreamreel::media
