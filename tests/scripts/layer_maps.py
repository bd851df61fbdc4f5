"""Runs tests/scripts/layer_maps.cpp: gets a network's maps of a picture from the program itself."""

import os
import subprocess

import numpy as np


def layer_maps(executable, network, picture, layers, **environment):
    """The maps (channels, height, width) of `layers` for a picture (height, width, 3) in [0, 1]."""
    height, width, _ = picture.shape
    command = [executable, str(network), str(height), str(width), *layers]
    data = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32).tobytes()
    result = subprocess.run(command, input=data, capture_output=True, env={**os.environ, **environment})
    if result.returncode:
        raise AssertionError(result.stderr.decode())
    maps, rest = [], result.stdout
    for _ in layers:
        line, rest = rest.split(b"\n", 1)
        shape = [int(side) for side in line.split()]
        size = 4 * int(np.prod(shape))
        maps.append(np.frombuffer(rest[:size], np.float32).reshape(shape))
        rest = rest[size:]
    assert not rest
    return maps


def largest_error(found, expected):
    """The largest difference, in units of the largest expected number."""
    assert found.shape == expected.shape, f"{found.shape} is not {expected.shape}"
    return np.abs(found - expected).max() / np.abs(expected).max()
