"""Tests that check_includes.py finds violations."""

import tempfile
import unittest
from pathlib import Path

import check_includes


class CheckIncludesTest(unittest.TestCase):
    def check(self, **files):
        """The violations in a tree of one-line files. Names like src__image__a_cpp stand for paths."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, line in files.items():
                stem, suffix = name.replace("__", "/").rsplit("_", 1)
                path = root / f"{stem}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"// A comment.\n{line}\n")
            return check_includes.violations(root)

    def assert_violation(self, words, **files):
        found = self.check(**files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_what_is_allowed(self):
        self.assertEqual(self.check(src__dream__a_cpp='#include "dreamreel/network/network.h"'), [])
        self.assertEqual(self.check(src__render__a_cpp='#include "dreamreel/curve/curve.h"'), [])
        self.assertEqual(self.check(include__dreamreel__image__a_h="#include <ATen/core/Tensor.h>"), [])
        self.assertEqual(self.check(src__media__a_cpp="#include <libavutil/opt.h>"), [])
        self.assertEqual(self.check(src__curve__a_cpp="#include <libavutil/eval.h>"), [])
        self.assertEqual(self.check(src__core__a_cpp="#include <sys/stat.h>"), [])
        self.assertEqual(self.check(src__core__a_cpp="#include <fmt/core.h>", src__app__a_cpp="#include <fmt/core.h>"), [])
        self.assertEqual(self.check(src__core__a_cpp='#include "b.h"', src__core__b_h="#include <vector>"), [])

    def test_line_is_named(self):
        self.assert_violation("src/core/a.cpp:2: ", src__core__a_cpp="#include <opencv2/core.hpp>")

    def test_module_graph(self):
        self.assert_violation("image may include core, not media", src__image__a_cpp='#include "dreamreel/media/reader.h"')
        self.assert_violation("core may include no module", src__core__a_cpp='#include "dreamreel/curve/curve.h"')
        self.assert_violation("job may include", include__dreamreel__job__a_h='#include "dreamreel/image/frame.h"')
        self.assert_violation("not network", src__app__a_cpp='#  include "dreamreel/network/network.h"')
        self.assert_violation("unknown module", src__other__a_cpp="#include <vector>")

    def test_arrows_that_nothing_uses_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "src" / "media" / "a.cpp"
            source.parent.mkdir(parents=True)
            source.write_text('#include "dreamreel/image/frame.h"\n')
            found = check_includes.unused_arrows(Path(folder))
        self.assertTrue(any(line.startswith("media no longer includes core:") for line in found), found)
        self.assertFalse(any(line.startswith("media no longer includes image:") for line in found), found)

    def test_third_parties_stay_with_their_module(self):
        self.assert_violation("belongs to flow", src__image__a_cpp="#include <opencv2/core.hpp>")
        self.assert_violation("belongs to media", src__render__a_cpp="#include <libavformat/avformat.h>")
        self.assert_violation("not to job", src__job__a_cpp="#include <ATen/ATen.h>")
        self.assert_violation("no known third party", src__media__a_cpp="#include <boost/any.hpp>")

    def test_third_parties_stay_out_of_public_headers(self):
        self.assert_violation("public header", include__dreamreel__flow__a_h="#include <opencv2/core.hpp>")
        self.assert_violation("public header", include__dreamreel__network__a_h="#include <torch/csrc/autograd/grad_mode.h>")
        self.assert_violation("public header", include__dreamreel__core__a_h="#include <fmt/core.h>")

    def test_torch_umbrella_is_refused_everywhere(self):
        self.assert_violation("all of Torch", src__network__a_cpp="#include <torch/torch.h>")

    def test_names_that_need_a_header_of_their_own(self):
        guard = "const at::NoGradGuard no_grad;"
        self.assert_violation("grad_mode.h", src__network__a_cpp=guard)
        self.assertEqual(self.check(src__network__a_cpp="#include <ATen/core/grad_mode.h>\n" + guard), [])

    def test_quoted_headers_stay_in_their_folder(self):
        self.assert_violation("same folder", src__image__a_cpp='#include "../flow/dis.h"')
        self.assert_violation("same folder", src__image__a_cpp='#include "missing.h"')


if __name__ == "__main__":
    unittest.main()
