#include "dreamreel/study/atlas_page.h"

#include <ATen/ATen.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "atlas_classes.h"
#include "atlas_sheet.h"
#include "atlas_tiles.h"
#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/random.h"
#include "dreamreel/dream/class_slope.h"
#include "dreamreel/job/job.h"
#include "lettering.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class AtlasOfTiny : public testing::Test {
 protected:
  AtlasOfTiny() {
    options_.network.path = test::write_tiny_network(scratch_.path());
    options_.network.name = options_.network.path;
    options_.size = 48;
    options_.iterations = 12;
    options_.precision = job::Precision::fp32;
  }

  network::Network load(const std::string& layer) const {
    network::LoadOptions load;
    load.path = options_.network.path;
    load.layers = {layer};
    return network::Network::load(load);
  }

  double response(const at::Tensor& picture, const std::string& layer, std::int64_t channel) const {
    const auto activation = load(layer).forward(picture.unsqueeze(0)).at(0);
    return activation[0][channel].mean().item<double>();
  }

  test::ScratchDir scratch_;
  AtlasOptions options_;
};

TEST_F(AtlasOfTiny, HasThreeTilesOfEveryLayerButThoseBeforeAnActivation) {
  const auto atlas = make_atlas(options_);
  std::vector<std::string> names;
  for (const auto& layer : atlas.layers) {
    names.push_back(layer.info.name);
    ASSERT_EQ(layer.tiles.size(), 3U);
    EXPECT_FALSE(layer.tiles[0].channel);
    EXPECT_EQ(layer.tiles[0].yaml, "{layer: " + layer.info.name + "}");
    EXPECT_NE(*layer.tiles[1].channel, *layer.tiles[2].channel);
    EXPECT_EQ(layer.tiles[1].yaml, "{layer: " + layer.info.name + ", kind: channels, channels: [" +
                                       std::to_string(*layer.tiles[1].channel) + "]}");
    for (const auto& tile : layer.tiles)
      EXPECT_EQ(tile.picture.sizes(), (std::vector<std::int64_t>{3, 48, 48}));
  }
  EXPECT_THAT(names, ElementsAre("relu1", "pool1", "relu2a", "relu2b", "mixed1", "relu3"));
}

// Each tile climbs on its own, in one batch or alone. A tile must excite its channel more than any other tile
// does.
TEST_F(AtlasOfTiny, ATileExcitesItsChannel) {
  options_.layers = {"mixed1"};
  options_.channels = {{0, 15}};
  const auto tiles = make_atlas(options_).layers.at(0).tiles;
  ASSERT_EQ(tiles.size(), 16U);
  int best = 0;
  for (const auto& tile : tiles) {
    const double own = response(tile.picture, "mixed1", *tile.channel);
    best += std::ranges::all_of(tiles, [&](const AtlasTile& other) {
      return response(other.picture, "mixed1", *tile.channel) <= own;
    });
  }
  EXPECT_GE(best, 6) << "channels that look for the same may swap places; chance is 1";

  options_.channels = {{5, 5}};
  const auto alone = make_atlas(options_).layers.at(0).tiles.at(0);
  constexpr double kRoundingTolerance = 0.02;  // Adam divides by small numbers, which rounding changes
  EXPECT_LT((alone.picture - tiles[5].picture).abs().mean().item<double>(), kRoundingTolerance);
}

// The classes are the last layer's channels. A tile must show its own class more clearly than all other
// classes.
TEST_F(AtlasOfTiny, HasATileOfEveryClassUnderItsName) {
  options_.classes = true;
  EXPECT_THROW(make_atlas(options_), JobError) << "no card says where the classes are";
  options_.network.class_layers = {"relu3"};
  std::string names;
  for (char letter = 'a'; letter < 'q'; ++letter) names += "the " + std::string(1, letter) + "\n";
  options_.network.labels = scratch_ / "labels.txt";
  test::write_file(options_.network.labels, names);
  options_.iterations = 30;
  const auto atlas = make_atlas(options_);
  ASSERT_EQ(atlas.layers.size(), 1U);
  const auto& tiles = atlas.layers[0].tiles;
  ASSERT_EQ(tiles.size(), 16U);
  EXPECT_EQ(tiles[3].name, "the d");
  EXPECT_EQ(tiles[3].yaml, "{class: \"the d\", rivals: 1, selectivity: 1}");
  EXPECT_THAT(atlas_html(atlas), AllOf(HasSubstr("data-find=\"the d\""), HasSubstr("data-unit=\"classes\""),
                                       HasSubstr("Search classes"), Not(HasSubstr("No layer"))));
  // How clearly each tile shows each class, (16,16). A tile must show its own class more than the average
  // tile does.
  const auto network = load("relu3");
  auto shown = at::zeros({16, 16});
  for (std::int64_t tile = 0; tile < 16; ++tile) {
    const auto map = network.forward(tiles[static_cast<std::size_t>(tile)].picture.unsqueeze(0)).at(0);
    for (std::int64_t of = 0; of < 16; ++of) shown[tile][of] = dream::class_slope(map, of, 1, 1).value.mean();
  }
  const auto more = shown.diagonal().gt(shown.mean(0)).sum().item<std::int64_t>();
  EXPECT_GE(more, 13) << "chance is 8";
}

// The copied line, in a job like the shipped one, dreams of the tile.
TEST(AtlasOfClasses, ClimbsAsTheShippedJobDoes) {
  const auto job = job::load_job(fs::path(DREAMREEL_SOURCE_DIR) / "configs/class_picture.yaml",
                                 job::default_load_options());
  const std::string line = "{class: dog, rivals: 1, selectivity: 1}";
  EXPECT_THAT(test::read_file(fs::path(DREAMREEL_SOURCE_DIR) / "configs/class_picture.yaml"),
              HasSubstr(line));
  const auto wanted = carry::ascent_options(job, {}, {0, 1}, false, false);
  const auto got = class_ascent(wanted.iterations, false);
  EXPECT_EQ(got.iterations, wanted.iterations);
  EXPECT_EQ(got.octaves, wanted.octaves);
  EXPECT_EQ(got.octave_scale, wanted.octave_scale);
  EXPECT_EQ(got.step, wanted.step);
  EXPECT_EQ(got.jitter, wanted.jitter);
  EXPECT_EQ(got.gradient.decorrelate, wanted.gradient.decorrelate);
  EXPECT_EQ(got.regularise.total_variation, wanted.regularise.total_variation);
  EXPECT_EQ(got.regularise.keep_start, wanted.regularise.keep_start);
  EXPECT_EQ(got.transforms.scale, wanted.transforms.scale);
  EXPECT_EQ(got.transforms.rotate, wanted.transforms.rotate);
  EXPECT_EQ(got.optimizer, wanted.optimizer);
  EXPECT_EQ(got.parameterization, wanted.parameterization);
}

TEST_F(AtlasOfTiny, AClassOnAPictureKeepsThePicture) {
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64", "-frames:v", "1", (scratch_ / "p.png").string()});
  options_.classes = true;
  options_.network.class_layers = {"relu3"};
  options_.network.labels = scratch_ / "labels.txt";
  test::write_file(options_.network.labels, "first\nbackground\nthird\n");
  options_.iterations = 4;
  const auto of_noise = make_atlas(options_).layers[0].tiles;
  options_.image = scratch_ / "p.png";
  const auto on_picture = make_atlas(options_).layers[0].tiles;
  ASSERT_EQ(on_picture.size(), 2U) << "a background is no class to show";
  EXPECT_EQ(on_picture[1].name, "third");
  const auto colours = [](const at::Tensor& picture) { return picture.std().item<double>(); };
  EXPECT_GT(colours(on_picture[0].picture), 2 * colours(of_noise[0].picture)) << "the test picture's";
  const auto apart = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().mean().item<double>();
  };
  EXPECT_GT(apart(on_picture[0].picture, on_picture[1].picture), 0);
  EXPECT_LT(apart(on_picture[0].picture, on_picture[1].picture),
            0.5 * apart(on_picture[0].picture, of_noise[0].picture));
}

TEST_F(AtlasOfTiny, SomeClassesAreTheSameAsAmongAll) {
  options_.classes = true;
  options_.network.class_layers = {"relu3"};
  options_.network.labels = scratch_ / "labels.txt";
  test::write_file(options_.network.labels, "first\nbackground\nthird\n");
  options_.iterations = 4;
  const auto all = make_atlas(options_).layers[0].tiles;
  options_.channels = {{1, 2}};
  const auto some = make_atlas(options_).layers[0].tiles;
  ASSERT_EQ(some.size(), 1U);
  EXPECT_EQ(some[0].name, "third");
  EXPECT_TRUE(at::equal(some[0].picture, all[1].picture));
  options_.channels = {{3, 9}};
  EXPECT_THROW(make_atlas(options_), JobError);
}

TEST_F(AtlasOfTiny, AStopIsHeardWithinAClass) {
  options_.classes = true;
  options_.network.class_layers = {"relu3"};
  options_.network.labels = scratch_ / "labels.txt";
  test::write_file(options_.network.labels, "only\n");
  std::atomic<bool> stop = false;
  options_.stop = &stop;
  double last = 0;
  options_.progress = [&](double share) {
    EXPECT_GT(share, last);
    last = share;
    if (share > 0.3) stop = true;
  };
  EXPECT_THROW(make_atlas(options_), Interrupted);
  EXPECT_LT(last, 0.5);
}

TEST_F(AtlasOfTiny, StartsFromAPictureAndKeepsIt) {
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64", "-frames:v", "1", (scratch_ / "p.png").string()});
  options_.image = scratch_ / "p.png";
  options_.layers = {"mixed1"};
  options_.iterations = 4;
  const auto near = make_atlas(options_).layers[0].tiles[0].picture;
  options_.image = {};
  const auto far = make_atlas(options_).layers[0].tiles[0].picture;
  options_.image = scratch_ / "p.png";
  options_.iterations = 1;
  const auto start = make_atlas(options_).layers[0].tiles[0].picture;
  EXPECT_LT((near - start).abs().mean().item<double>(), 0.5 * (far - start).abs().mean().item<double>());
}

TEST_F(AtlasOfTiny, SmallTilesLeaveDeepLayersOut) {
  options_.size = 16;
  EXPECT_TRUE(make_atlas(options_).skipped.empty());
  options_.size = 16;
  options_.layers = {"relu9"};
  EXPECT_THROW(make_atlas(options_), JobError);
  options_.layers = {"relu1"};
  options_.channels = {{8, 12}};
  EXPECT_THROW(make_atlas(options_), JobError);
  options_.channels = {{6, 12}};
  EXPECT_EQ(make_atlas(options_).layers[0].tiles.size(), 2U);
}

TEST_F(AtlasOfTiny, StopsWhenAsked) {
  std::atomic<bool> stop = false;
  options_.stop = &stop;
  double last = 0;
  options_.progress = [&](double share) {
    EXPECT_GT(share, last);
    last = share;
    stop = share > 0.3;
  };
  EXPECT_THROW(make_atlas(options_), Interrupted);
  EXPECT_LT(last, 0.5);
}

TEST_F(AtlasOfTiny, ThePageHoldsEverythingAndEscapesNames) {
  options_.layers = {"mixed1"};
  options_.iterations = 1;
  auto atlas = make_atlas(options_);
  atlas.layers[0].info.name = "<b>\"x\" & y";
  const auto html = atlas_html(atlas);
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;&quot;x&quot; &amp; y"));
  EXPECT_THAT(html, HasSubstr("data:image/jpeg;base64,/9j/"));
  EXPECT_THAT(html, HasSubstr("data-yaml=\"{layer: mixed1}\""));
  for (const char* const address : {"http://", "https://", "src=\"/", "@import", "url("})
    EXPECT_EQ(html.find(address), std::string::npos) << address;
}

TEST_F(AtlasOfTiny, TheSheetShowsTheTilesUnderTheirNames) {
  options_.layers = {"mixed1", "relu1"};
  options_.iterations = 1;
  const auto atlas = make_atlas(options_);
  const auto sheet = atlas_sheet(atlas);
  int found = 0;
  for (std::int64_t y = 0; y + 48 <= sheet.size(1); ++y)
    for (std::int64_t x = 0; x + 48 <= sheet.size(2); x += 4)
      found += at::equal(sheet.narrow(1, y, 48).narrow(2, x, 48), atlas.layers[0].tiles[1].picture) ? 1 : 0;
  EXPECT_EQ(found, 1);
  EXPECT_GT(sheet.max().item<float>(), 0.9F) << "the letters";
  check_atlas_path("a.png");
  EXPECT_THROW(check_atlas_path("a.jpg"), UsageError);
}

TEST(AtlasTiles, ComeBackAsTheyWerePutIn) {
  const auto start = at::linspace(0.1, 0.9, std::int64_t{2} * 3 * 20 * 20).view({2, 3, 20, 20});
  constexpr double kFourierTolerance = 1e-4;  // to the spectrum and back in float32
  EXPECT_LT((AtlasTiles(start).pictures() - start).abs().max().item<double>(), kFourierTolerance);
  EXPECT_LT((AtlasTiles(start.narrow(2, 0, 19).narrow(3, 0, 19)).pictures() -
             start.narrow(2, 0, 19).narrow(3, 0, 19))
                .abs()
                .max()
                .item<double>(),
            kFourierTolerance)
      << "odd sides too";
}

TEST(AtlasTiles, ClimbEachOnTheirOwnScale) {
  AtlasTiles tiles(noise_tiles(3, 24, 1, 0));
  const auto before = tiles.pictures();
  auto gradient = at::zeros_like(before);
  gradient[0].fill_(1e-6F);  // brighter, even if the number is small
  gradient[1].fill_(-1e3F);
  for (int i = 0; i < 5; ++i) tiles.climb(gradient, 0.05);
  const auto change = tiles.pictures() - before;
  EXPECT_GT(change[0].mean().item<double>(), 0.002);
  EXPECT_LT(change[1].mean().item<double>(), -0.002);
  EXPECT_EQ(change[2].abs().max().item<float>(), 0);
}

// Adam moves all coefficients at one pace, so the lengths of the axes decide how colourful a tile becomes.
TEST(AtlasTiles, ArePaintedInTheColoursOfPhotographs) {
  AtlasTiles tiles(at::full({1, 3, 32, 32}, 0.5));
  auto gradient = at::empty({1, 3, 32, 32}, at::kFloat);
  for (int i = 0; i < 20; ++i) {
    fill_normal({gradient.data_ptr<float>(), static_cast<std::size_t>(gradient.numel())}, {1, i, 0, 0},
                Purpose::fresh_noise);
    tiles.climb(gradient, 0.05);
  }
  const auto picture = tiles.pictures()[0];
  const double light = picture.mean(0).std().item<double>();
  EXPECT_LT((picture[0] - picture[1]).std().item<double>(), 0.5 * light) << "red against green";
  EXPECT_LT((picture[2] - picture[1]).std().item<double>(), 0.8 * light) << "blue against green";
  EXPECT_GT((picture[2] - picture[1]).std().item<double>(), 0.2 * light) << "still in colour";
}

TEST(NoiseTiles, DependOnSeedAndNumberAlone) {
  const auto three = noise_tiles(3, 24, 1, 0);
  EXPECT_TRUE(at::equal(noise_tiles(1, 24, 1, 2)[0], three[2]));
  EXPECT_FALSE(at::equal(noise_tiles(1, 24, 2, 2)[0], three[2]));
  EXPECT_GT(three.std().item<double>(), 0.02);
  EXPECT_LT(three.std().item<double>(), 0.2);
}

TEST(Lettering, DrawsDotsAndStaysInside) {
  auto picture = at::zeros({3, 20, 30});
  write_text(picture, "L", 2, 3, 2, 1);
  EXPECT_EQ(picture[0].sum().item<float>(), 4 * (6 + 5))
      << "a bar of 7 and a foot of 5 dots, which share one";
  EXPECT_EQ(picture[0][3][2].item<float>(), 1);
  EXPECT_EQ(picture[0][16][11].item<float>(), 1);
  write_text(picture, "WWWWWWWW\xC3", -3, 12, 3, 1);  // reaches beyond three sides
  EXPECT_EQ(fitted("abcdefgh", 36, 1), "..efgh");
  EXPECT_EQ(fitted("abcdef", 36, 1), "abcdef");
}

}  // namespace
}  // namespace dreamreel::study
