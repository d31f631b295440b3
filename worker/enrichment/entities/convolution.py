"""A convolution over three tokens with half the multiplications (Winograd's minimal filtering).

Four outputs of a filter of three taps are a polynomial product. Computed from its values at six points it
takes six products of matrices; computed directly, twelve (Winograd 1980; Lavin & Gray 2016, "Fast
Algorithms for Convolutional Neural Networks", F(4, 3)). Converting to the points and back needs only
additions, a tenth of what is saved. The results differ only by rounding.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]

TILE = 4
"""Neighbouring outputs that are computed together."""

# Values at the points 0, 1, -1, 2, -2 and infinity of a tile of six tokens, ...
TO_POINTS = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    dtype=np.float32,
)
# ... of a filter of three taps, ...
TAPS = np.array(
    [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]], dtype=np.float64
)
TAPS /= 24
# ... and the four outputs from the products. The second point has the same factor in all of them.
FROM_POINTS = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    dtype=np.float32,
)


class Convolution:
    """Multiplies the window of each token, (before, here, after), by a layer's weights."""

    def __init__(self, weights: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]) -> None:
        """Prepare `weights` (3 × inputs, 3 × width) and `bias` (3 × width) of three maxout pieces."""
        taps = weights.reshape(3, -1, 3, weights.shape[1] // 3)
        self._weights = np.einsum("pt,tiko->pkio", TAPS, taps).astype(np.float32)
        self._bias = bias.reshape(3, 1, -1).astype(np.float32)

    def of(self, tiles: Floats) -> Floats:
        """Return (4, 3, tiles, width), with the pieces separate, from (6, tiles, inputs).

        `tiles[1:5]` are the tokens: the first of each tile, then the second, and so on. `tiles[0]` and
        `tiles[5]` are overwritten with the neighbouring tokens in other tiles; the first and the last tile
        keep what is there.
        """
        points, count, width = tiles.shape
        tiles[0, 1:] = tiles[TILE, :-1]
        tiles[TILE + 1, :-1] = tiles[1, 1:]
        values = (TO_POINTS @ tiles.reshape(points, -1)).reshape(points, 1, count, width)
        products = values @ self._weights
        products[1] += self._bias
        outputs: Floats = FROM_POINTS @ products.reshape(points, -1)
        return outputs.reshape(TILE, *products.shape[1:])
