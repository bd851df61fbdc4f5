#include "guard.h"

#include <gtest/gtest.h>

namespace dreamreel::studio {
namespace {

constexpr int kPort = 4321;

httplib::Request request(const httplib::Headers& headers) {
  httplib::Request made;
  made.headers = headers;
  return made;
}

TEST(GuardTest, TakesTheTokenFromHeaderOrCookie) {
  const Guard guard;
  const std::string host = "127.0.0.1:4321";
  EXPECT_EQ(
      guard.look_at(request({{"Host", host}, {"Authorization", "Bearer " + guard.token()}}), kPort).status,
      0);
  EXPECT_EQ(guard
                .look_at(request({{"Host", "localhost:4321"},
                                  {"Cookie", "a=b; dreamreel_studio_4321=" + guard.token()}}),
                         kPort)
                .status,
            0);
  EXPECT_EQ(guard.look_at(request({{"Host", host}}), kPort).status, 401);
  EXPECT_EQ(
      guard.look_at(request({{"Host", host}, {"Authorization", "Bearer " + Guard().token()}}), kPort).status,
      401);
  EXPECT_EQ(guard.look_at(request({{"Host", host}, {"Cookie", "dreamreel_studio_9=" + guard.token()}}), kPort)
                .status,
            401);
}

TEST(GuardTest, RefusesForeignHostsAndOriginsEvenWithTheToken) {
  const Guard guard;
  const std::string bearer = "Bearer " + guard.token();
  for (const char* const host :
       {"evil.example:4321", "127.0.0.1:4322", "127.0.0.1", "", "127.0.0.1:4321.evil"})
    EXPECT_EQ(guard.look_at(request({{"Host", host}, {"Authorization", bearer}}), kPort).status, 421) << host;
  for (const char* const origin :
       {"http://evil.example", "null", "https://127.0.0.1:4321", "http://127.0.0.1:80"})
    EXPECT_EQ(
        guard
            .look_at(request({{"Host", "127.0.0.1:4321"}, {"Authorization", bearer}, {"Origin", origin}}),
                     kPort)
            .status,
        403)
        << origin;
  const auto from = [&](const char* site) {
    return guard
        .look_at(request({{"Host", "127.0.0.1:4321"}, {"Authorization", bearer}, {"Sec-Fetch-Site", site}}),
                 kPort)
        .status;
  };
  EXPECT_EQ(from("cross-site"), 403);
  EXPECT_EQ(from("same-site"), 403);
  EXPECT_EQ(from("same-origin"), 0);
}

TEST(GuardTest, MakesAnotherLongTokenEachTime) {
  EXPECT_EQ(Guard().token().size(), 32U);
  EXPECT_NE(Guard().token(), Guard().token());
}

}  // namespace
}  // namespace dreamreel::studio
