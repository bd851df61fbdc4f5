#include "dreamreel/core/base64.h"

#include <gtest/gtest.h>

namespace dreamreel {
namespace {

// The examples of RFC 4648, section 10, and bytes above 127.
TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFF\xEF\xBE"), "/+++");
}

}  // namespace
}  // namespace dreamreel
