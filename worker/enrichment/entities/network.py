"""The forward pass of a spaCy `ner` model in numpy, over whole batches.

The weights and the arithmetic are the model's own: hash embeddings, a maxout layer, four residual
convolutions of maxout and layer normalisation (`spacy.MaxoutWindowEncoder`), a linear layer and
the affine layer of the transition model. It is faster than spaCy because

* the embedding depends only on the token, so it is computed once for each distinct token and kept;
* the same holds for each third of the first convolution, which becomes a sum of three rows of a table;
* the other convolutions need half the multiplications (`convolution`);
* the affine layer computes only the features that a decision reads, not all features of every token;
* products run in numpy's OpenBLAS, in blocks that stay in the processor's cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from worker.enrichment.entities.convolution import TILE, Convolution, Floats

Ids: TypeAlias = npt.NDArray[np.int64]

BLOCK = 96
"""Tiles of four tokens. A block's products take about 0.7 MB, and each has fewer than a million
multiplications: on processors with AVX-512 OpenBLAS has a faster way for products as small as this."""


class UnknownArchitectureError(Exception):
    """The model has another architecture than this module computes."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A maxout layer of three pieces followed by layer normalisation.

    `weights` is (inputs, 3 × width), one piece after the other, so that the columns of each piece are
    contiguous when their maximum is taken; `bias` is (3 × width); `gain` and `shift` are (width).
    """

    weights: Floats
    bias: Floats
    gain: Floats
    shift: Floats

    @classmethod
    def of(cls, maxout: Any, norm: Any) -> "Layer":
        """Read the layer's parameters from thinc's nodes."""
        weights, bias = maxout.get_param("W"), maxout.get_param("b")  # (width, pieces, inputs)
        if weights.shape[1] != 3:
            raise UnknownArchitectureError(f"{weights.shape[1]} maxout pieces")
        return cls(
            weights=np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(weights.shape[2], -1)),
            bias=np.ascontiguousarray(bias.T.reshape(-1)),
            gain=norm.get_param("G").copy(),
            shift=norm.get_param("b").copy(),
        )

    def activate(self, first: Floats, second: Floats, third: Floats) -> Floats:
        """Return (…, width), without `shift`, from the pieces: products with `weights` plus `bias`."""
        width = len(self.gain)
        out = np.maximum(first, second)
        np.maximum(out, third, out=out)
        rows = out.reshape(-1, width)
        rows -= rows @ np.full((width, 1), 1 / width, dtype=np.float32)
        variance = np.einsum("ij,ij->i", rows, rows) / np.float32(width) + np.float32(1e-8)
        rows *= (1 / np.sqrt(variance))[:, None]
        rows *= self.gain
        return out


class Network:
    """Computes each token's share of the transition model's hidden layer."""

    def __init__(self, model: Any) -> None:
        """Read the weights of a `ner` model.

        Raises:
            UnknownArchitectureError: it has another architecture.
        """
        tok2vec = model.get_ref("tok2vec")
        encoders = [node for node in tok2vec.walk() if node.has_ref("encode")]
        linears = [node for node in tok2vec.layers if node.name == "linear"]
        if len(encoders) != 1 or len(linears) != 1:
            raise UnknownArchitectureError("no embedding and encoding of its own")
        embed, encode = encoders[0].get_ref("embed"), encoders[0].get_ref("encode")
        self._embed = [node for node in embed.layers if node.name.startswith("with_array")]
        columns = [node.attrs["columns"] for node in embed.walk() if "columns" in node.attrs]
        self.columns: list[str] = list(columns[0]) if len(columns) == 1 else []
        self._first, *others = _layers(encode)
        # A layer's normalisation adds the same to each token, so it is made part of the bias of the layers
        # after it. The rows between texts get it, too, as in training.
        shift = self._first.shift.astype(np.float64)
        self._others: list[tuple[Layer, Convolution]] = []
        for layer in others:
            weights = layer.weights.astype(np.float64)
            bias = layer.bias + np.tile(shift, 3) @ weights
            self._others.append((layer, Convolution(weights, bias)))
            shift += layer.shift
        lower = model.get_ref("lower")
        affine = lower.get_param("W")  # (features, hidden, pieces, inputs)
        if affine.shape[0] != 3 or affine.shape[2] != 2:
            raise UnknownArchitectureError("a transition model of other features")
        # Pieces before hidden units, so that each is contiguous; then both layers in one.
        affine = affine.transpose(0, 2, 1, 3).reshape(3, -1, affine.shape[3]).astype(np.float64)
        linear = linears[0]
        weights = affine @ linear.get_param("W")
        biases = affine @ linear.get_param("b") + weights @ shift
        self._share = np.ascontiguousarray(weights.transpose(0, 2, 1), dtype=np.float32)
        self._share_bias = biases.astype(np.float32)
        self.padding = _pieces_first(lower.get_param("pad")[0])
        """(3, 2 × hidden): the share of a feature that is missing."""
        self.bias = _pieces_first(lower.get_param("b")[None])[0]
        """(2 × hidden)"""

    def embed(self, features: npt.NDArray[np.uint64]) -> Floats:
        """Return (tokens, width) from the ids of (tokens, 4) features."""
        vectors: Any = features
        for layer in self._embed:
            vectors = layer.predict(vectors)
        result: Floats = vectors
        return result

    def hidden(self, vectors: Floats, ids: Ids) -> Floats:
        """Return (tokens, width) of a sequence of tokens.

        `vectors` are rows from `embed`, and `ids` are the row of each token; row 0 is zero. Each text has
        `reach` zero rows before and after it, as in training.
        """
        first, width = self._first, vectors.shape[1]
        before, here, behind = (vectors @ third for third in np.split(first.weights, 3))
        here += first.bias
        # A block has extra tiles at either end, since its outermost tiles lack neighbours.
        more = -(-self.reach // TILE)
        tiles = -(-len(ids) // TILE) + 2 * more
        padded = np.zeros(tiles * TILE + 2, dtype=np.int64)
        padded[1 + more * TILE :][: len(ids)] = ids
        of_before, of_here, of_behind = (
            padded[offset:][: tiles * TILE].reshape(tiles, TILE).T for offset in range(3)
        )
        out = np.empty((tiles - 2 * more, TILE, width), dtype=np.float32)
        for begin in range(0, len(out), BLOCK):
            block = slice(begin, begin + BLOCK + 2 * more)
            product = here[of_here[:, block]]
            product += before[of_before[:, block]]
            product += behind[of_behind[:, block]]
            window = np.zeros((TILE + 2, product.shape[1], width), dtype=np.float32)
            tokens = window[1:-1]
            pieces = np.split(product, 3, axis=-1)
            np.add(vectors[of_here[:, block]], first.activate(*pieces), out=tokens)
            for layer, convolution in self._others:
                tokens += layer.activate(*convolution.of(window).swapaxes(0, 1))
            out[begin : begin + BLOCK] = tokens[:, more:-more].transpose(1, 0, 2)
        return out.reshape(-1, width)[: len(ids)]

    def shares(self, hidden: Floats, feature: int, more: Floats | float = 0.0) -> Floats:
        """Return (tokens, 2 × hidden): the tokens' shares as a feature of a state, plus `more`.

        Feature 0 is the token that a state looks at, 1 the first token of the open entity, 2 the token
        before.
        """
        shares: Floats = hidden @ self._share[feature]
        shares += self._share_bias[feature] + more
        return shares

    @property
    def reach(self) -> int:
        """The number of tokens on each side that affect a token's vector."""
        return 1 + len(self._others)


def _layers(encode: Any) -> Iterator[Layer]:
    for node in encode.walk():
        if node.name == "expand_window" and node.attrs["window_size"] != 1:
            raise UnknownArchitectureError(f"a window of {node.attrs['window_size']}")
    maxouts = [node for node in encode.walk() if node.name == "maxout"]
    norms = [node for node in encode.walk() if node.name == "layernorm"]
    residuals = [node for node in encode.walk() if node.name.startswith("residual(")]
    if not len(maxouts) == len(norms) or not maxouts or len(residuals) < len(maxouts):
        raise UnknownArchitectureError("an encoder that is not of maxout windows")
    for maxout, norm in zip(maxouts, norms, strict=True):
        yield Layer.of(maxout, norm)


def _pieces_first(values: Floats) -> Floats:
    """Reshape (features, hidden, 2) to (features, 2 × hidden), one piece after the other."""
    return np.ascontiguousarray(values.transpose(0, 2, 1).reshape(len(values), -1))
