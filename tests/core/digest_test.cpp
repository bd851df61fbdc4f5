#include "dreamreel/core/digest.h"

#include <gtest/gtest.h>

#include <fstream>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel::test {
namespace {

// FIPS 180-2, appendix B, and the empty message.
TEST(Digest, KnowsTheStandardsExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, PiecesGiveWhatTheWholeGives) {
  const std::string text(1000, 'x');
  for (const std::size_t piece : {1U, 7U, 63U, 64U, 65U, 999U}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += piece) hash.update(text.substr(at, piece));
    EXPECT_EQ(hash.hex(), sha256_hex(text)) << piece;
  }
}

TEST(Digest, FilesAreToldApart) {
  const ScratchDir folder;
  write_file(folder / "a", "abc");
  write_file(folder / "b", "abd");
  EXPECT_EQ(sha256_of_file(folder / "a"), sha256_hex("abc"));
  EXPECT_NE(fingerprint_of_file(folder / "a"), fingerprint_of_file(folder / "b"));
  EXPECT_THROW(sha256_of_file(folder / "none"), InputError);
  EXPECT_THROW(fingerprint_of_file(folder.path()), InputError);
}

TEST(Digest, ALargeFileIsSampledAtItsEndsAndBetween) {
  const ScratchDir folder;
  const auto path = folder / "large";
  write_file(path, "begin");
  std::filesystem::resize_file(path, 200 << 20);  // sparse
  auto before = fingerprint_of_file(path);
  for (const long at : {0L, 31L << 20, (200L << 20) - 1}) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put('!');
    file.close();
    const auto now = fingerprint_of_file(path);
    EXPECT_NE(now, before) << at;
    before = now;
  }
}

}  // namespace
}  // namespace dreamreel::test
