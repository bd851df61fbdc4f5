#include "dreamreel/work/stored_note.h"

#include <gtest/gtest.h>

namespace dreamreel::work {
namespace {

TEST(Note, TellsTheDrawingApartFromTheRest) {
  EXPECT_EQ(drawing_in(""), std::nullopt);
  EXPECT_EQ(drawing_in("0x1p-1 0x1p+3"), std::nullopt);
  const auto note = with_drawing("0x1p-1 0x1p+3", 118);
  EXPECT_EQ(drawing_in(note), 118);
  EXPECT_EQ(without_drawing(note), "0x1p-1 0x1p+3");
  EXPECT_EQ(drawing_in(with_drawing("", -3)), -3);
  EXPECT_EQ(without_drawing(with_drawing("", -3)), "");
  for (const char* const broken : {";", ";x", ";12 ", "a;b;12"}) EXPECT_EQ(drawing_in(broken), std::nullopt);
}

}  // namespace
}  // namespace dreamreel::work
