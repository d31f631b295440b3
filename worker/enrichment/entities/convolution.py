"""A convolution over three tokens with half of the multiplications (Winograd's minimal filtering).

Four outputs of a filter of three taps are a polynomial product: its values at six points take six
products of matrices, where the sums as they stand take twelve (Winograd 1980; Lavin & Gray 2016,
"Fast Algorithms for Convolutional Neural Networks", F(4, 3)). Going to the points and back is
additions, and costs a tenth of what it saves. The result differs by rounding alone.
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
# ... and the four outputs out of the products. The second point counts alike in all of them.
FROM_POINTS = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    dtype=np.float32,
)


class Convolution:
    """Multiplies the window of each token, (before, here, behind), with a layer's weights."""

    def __init__(self, weights: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]) -> None:
        """Take `weights` (3 × inputs, 3 × width) and `bias` (3 × width): three maxout pieces."""
        taps = weights.reshape(3, -1, 3, weights.shape[1] // 3)
        self._weights = np.einsum("pt,tiko->pkio", TAPS, taps).astype(np.float32)
        self._bias = bias.reshape(3, 1, -1).astype(np.float32)

    def of(self, tiles: Floats) -> Floats:
        """Return (4, 3, tiles, width), each piece by itself, from (6, tiles, inputs).

        `tiles[1:5]` are the tokens, the first of each tile, then the second and so on. What stands
        in `tiles[0]` and `tiles[5]` is overwritten with their neighbours in other tiles, nothing
        in front of the first and behind the last.
        """
        points, count, width = tiles.shape
        tiles[0, 1:] = tiles[TILE, :-1]
        tiles[TILE + 1, :-1] = tiles[1, 1:]
        values = (TO_POINTS @ tiles.reshape(points, -1)).reshape(points, 1, count, width)
        products = values @ self._weights
        products[1] += self._bias
        outputs: Floats = FROM_POINTS @ products.reshape(points, -1)
        return outputs.reshape(TILE, *products.shape[1:])
