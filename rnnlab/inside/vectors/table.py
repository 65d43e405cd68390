"""Words and their vectors: nearest ones by cosine, and analogies.

Shapes: V words, D features, Q questions, K answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from rnnlab.data.words import find_word, places_of
from rnnlab.errors import RequestError, did_you_mean

Neighbour = tuple[str, float]
"""A word and the cosine of the angle to it."""


class WordVectors:
    """words: V different ones, the most frequent first where they come from a text. vectors_VD: float32."""

    def __init__(self, words: Sequence[str], vectors_VD: np.ndarray) -> None:
        assert len(words) == len(vectors_VD), (len(words), vectors_VD.shape)
        self.words = tuple(words)
        self.vectors_VD = np.asarray(vectors_VD, dtype=np.float32)

    @cached_property
    def unit_VD(self) -> np.ndarray:
        """Each vector divided by its length, float64; a vector of zeros stays one."""
        vectors_VD = self.vectors_VD.astype(np.float64)
        lengths_V1 = np.linalg.norm(vectors_VD, axis=1, keepdims=True)
        return vectors_VD / np.where(lengths_V1 == 0, 1, lengths_V1)

    @cached_property
    def places(self) -> dict[str, int]:
        return places_of(self.words)

    def find(self, word: str) -> int | None:
        """The place of a word as it is, or else in lower case; None for an unknown one."""
        return find_word(word, self.places)

    def place(self, word: str, option: str) -> int:
        """The same. RequestError, with the nearest known word, for an unknown one."""
        found = self.find(word)
        if found is None:
            near = did_you_mean(word, self.words) or did_you_mean(word.lower(), self.words)
            raise RequestError(f"{option}: {word!r} is not among the {len(self.words):,} words of the vocabulary{near}")
        return found

    def nearest(self, place: int, count: int) -> list[Neighbour]:
        """The words with the largest cosine to one, without itself."""
        return self._best(self.unit_VD[place], [place], count)

    def analogy(self, terms: Sequence[tuple[int, int]], count: int) -> list[Neighbour]:
        """The words nearest to a sum, without those in it. terms: (sign, place), each vector of length 1.

        Mikolov, Yih & Zweig (2013): king - man + woman; the method that Levy & Goldberg (2014) call 3CosAdd.
        """
        total_D = sum(sign * self.unit_VD[place] for sign, place in terms)
        return self._best(np.asarray(total_D), [place for _, place in terms], count)

    def answers(self, questions_Q3: np.ndarray) -> np.ndarray:
        """The place of d in a : b :: c : d for the places a, b, c of each question, int64 (Q,): none of the three."""
        answers = [np.empty(0, dtype=np.int64)]
        for block_Q3 in np.array_split(questions_Q3, -(-len(questions_Q3) // 512) or 1):
            a_QD, b_QD, c_QD = (self.unit_VD[block_Q3[:, column]] for column in range(3))
            cosines_QV = (b_QD - a_QD + c_QD) @ self.unit_VD.T
            np.put_along_axis(cosines_QV, block_Q3, -np.inf, axis=1)
            answers.append(cosines_QV.argmax(axis=1))
        return np.concatenate(answers)

    def cosines(self, pairs: Iterable[tuple[int, int]]) -> np.ndarray:
        """The cosine of each pair, float64."""
        return np.array([float(self.unit_VD[a] @ self.unit_VD[b]) for a, b in pairs])

    def _best(self, towards_D: np.ndarray, without: Sequence[int], count: int) -> list[Neighbour]:
        length = float(np.linalg.norm(towards_D))
        cosines_V = self.unit_VD @ towards_D / (length or 1.0)
        cosines_V[list(without)] = -np.inf
        order = np.argsort(-cosines_V, kind="stable")[: min(count, len(self.words) - len(set(without)))]
        return [(self.words[place], float(cosines_V[place])) for place in order]
