"""Convolutions by minimal filtering against the sums as they stand."""

import numpy as np
import pytest

from worker.enrichment.entities.convolution import TILE, Convolution


@pytest.mark.parametrize("tiles", [1, 2, 7])
def test_the_outputs_are_those_of_windows(tiles: int) -> None:
    """Given tokens in tiles, then each output is its window times the weights, and the bias."""
    chance = np.random.default_rng(3)
    width, outputs = 5, 9
    tokens = chance.normal(size=(tiles * TILE, width))
    weights, bias = chance.normal(size=(3 * width, outputs)), chance.normal(size=outputs)
    padded = np.pad(tokens, ((1, 1), (0, 0)))
    windows = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)

    window = np.zeros((TILE + 2, tiles, width), dtype=np.float32)
    window[1:-1] = tokens.reshape(tiles, TILE, width).transpose(1, 0, 2)
    found = Convolution(weights, bias).of(window)

    in_order = found.transpose(2, 0, 1, 3).reshape(-1, outputs)
    np.testing.assert_allclose(in_order, windows @ weights + bias, rtol=0, atol=2e-5)
