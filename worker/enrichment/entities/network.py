"""The forward pass of a spaCy `ner` model in numpy, over whole batches.

The weights and the arithmetic are the model's own: hash embeddings, a maxout layer, four residual
convolutions of maxout and layer normalisation (`spacy.MaxoutWindowEncoder`), a linear layer and
the affine layer of the transition model. Three things make it quicker than spaCy's way:

* the embedding depends on the token alone: it is computed once for each different token and kept;
* so does each third of the first convolution: it becomes a sum of three rows of a table;
* products run in numpy's OpenBLAS, in blocks that stay in the processor's cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Ids: TypeAlias = npt.NDArray[np.int64]

BLOCK = 512  # tokens: a block's activations take some 1 MB


class UnknownArchitectureError(Exception):
    """The model is built in another way than this module computes."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A maxout layer of three pieces followed by layer normalisation.

    `weights` is (inputs, 3 × width) with the pieces one behind the other, so that the maximum
    of the pieces is one of contiguous columns; `bias` (3 × width); `gain` and `shift` (width).
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

    def activate(self, product: Floats) -> Floats:
        """Return (rows, width) from the product with `weights`; `product` is overwritten."""
        width = len(self.gain)
        product += self.bias
        out = np.maximum(product[:, :width], product[:, width : 2 * width])
        np.maximum(out, product[:, 2 * width :], out=out)
        out -= out.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", out, out) / np.float32(width) + np.float32(1e-8)
        out *= (1 / np.sqrt(variance))[:, None]
        out *= self.gain
        out += self.shift
        return out


class Network:
    """Computes each token's share of the transition model's hidden layer."""

    def __init__(self, model: Any) -> None:
        """Read the weights of a `ner` model.

        Raises:
            UnknownArchitectureError: the model is built in another way.
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
        self._layers = list(_layers(encode))
        lower = model.get_ref("lower")
        affine = lower.get_param("W")  # (features, hidden, pieces, inputs)
        if affine.shape[0] != 3 or affine.shape[2] != 2:
            raise UnknownArchitectureError("a transition model of other features")
        # Pieces before hidden units, for the same reason as above; then both layers as one.
        affine = affine.transpose(0, 2, 1, 3).reshape(-1, affine.shape[3])
        linear = linears[0]
        self._share = np.ascontiguousarray((affine @ linear.get_param("W")).T)
        self._share_bias = affine @ linear.get_param("b")
        self.padding = _pieces_first(lower.get_param("pad")[0])
        """(3, 2 × hidden): the share of a feature that is not there."""
        self.bias = _pieces_first(lower.get_param("b")[None])[0]
        """(2 × hidden)"""

    def embed(self, features: npt.NDArray[np.uint64]) -> Floats:
        """Return (tokens, width) from the ids of (tokens, 4) features."""
        vectors: Any = features
        for layer in self._embed:
            vectors = layer.predict(vectors)
        result: Floats = vectors
        return result

    def shares(self, vectors: Floats, ids: Ids) -> Floats:
        """Return (tokens, 3, 2 × hidden) of a sequence of tokens.

        `vectors` are rows from `embed`, `ids` which of them each token is. Each text has
        `reach` zero rows before and behind it, as in training.
        """
        first = self._layers[0]
        width = vectors.shape[1]
        # Columns: the product with the left, the middle and the right third of the weights.
        thirds = np.concatenate(np.split(first.weights, 3, axis=0), axis=1)
        table = vectors @ thirds
        table = table.reshape(len(vectors), 3, -1)
        out = np.empty((len(ids), len(self._share_bias)), dtype=np.float32)
        reach = self.reach
        for begin in range(0, len(ids), BLOCK):
            end = min(begin + BLOCK, len(ids))
            low, high = max(begin - reach, 0), min(end + reach, len(ids))
            block = ids[low:high]
            product = table[block, 1]
            product[1:] += table[block[:-1], 0]
            product[:-1] += table[block[1:], 2]
            hidden = vectors[block] + first.activate(product)
            window = np.empty((len(block), 3 * width), dtype=np.float32)
            for layer in self._layers[1:]:
                window[0, :width] = 0
                window[1:, :width] = hidden[:-1]
                window[:, width : 2 * width] = hidden
                window[:-1, 2 * width :] = hidden[1:]
                window[-1, 2 * width :] = 0
                hidden += layer.activate(window @ layer.weights)
            np.matmul(hidden[begin - low : end - low], self._share, out=out[begin:end])
        out += self._share_bias
        return out.reshape(len(ids), 3, -1)

    @property
    def reach(self) -> int:
        """How many tokens to each side change a token's vector."""
        return len(self._layers)


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
    """(features, hidden, 2) to (features, 2 × hidden), one piece behind the other."""
    return np.ascontiguousarray(values.transpose(0, 2, 1).reshape(len(values), -1))


def joined(sequences: Sequence[Ids], reach: int) -> tuple[Ids, Ids]:
    """Put sequences of rows behind one another with `reach` zero rows (row 0) around each.

    Returns the rows, and where each sequence begins.
    """
    gap = np.zeros(reach, dtype=np.int64)
    parts, starts = [gap], list[int]()
    position = reach
    for sequence in sequences:
        starts.append(position)
        parts += [sequence, gap]
        position += len(sequence) + reach
    return np.concatenate(parts), np.array(starts, dtype=np.int64)
