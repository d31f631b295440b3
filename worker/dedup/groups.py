"""Groups of languages: the shards of an index that is spread over a cluster.

Near copies must be in the same shard, so only the text determines its group: two copies may be marked with
different languages, or with none. The script decides, and within the Latin script the function words. The
groups are coarse, so that a cut or a quotation does not move a text to another group.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from worker.dedup.words import Words, cut

GROUPS = ("english", "germanic", "romance", "latin", "cyrillic", "arabic", "asian", "other")

# Words that are common in one group, and rare or unknown in the others.
_FUNCTION_WORDS = {
    "english": "the and of to with that for was were has have had been which would their they this "
    "from by at said his her who will more about after when than also into not but it its he she",
    "germanic": "der die das und ist nicht mit auf ein eine dem den von zu sich für im auch nach bei "
    "het een van en dat niet voor zijn aan ook maar door werd och att det som inte på är av med har "
    "og ikke til jeg",
    "romance": "de la el los las que y en por con para una del se su le les des et est dans pour qui "
    "sur pas au du il di che non della per gli sono nel alla o os as um uma do da em na no não com "
    "si și să cu pe din",
}
# The code points of a script, and the group of texts in it.
_SCRIPTS = (
    (0x1E00, 0x1EFF, "latin"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0600, 0x077F, "arabic"),
    (0x08A0, 0x08FF, "arabic"),
    (0x1100, 0x11FF, "asian"),
    (0x3040, 0x30FF, "asian"),
    (0x3400, 0x9FFF, "asian"),
    (0xAC00, 0xD7AF, "asian"),
    (0xF900, 0xFAFF, "asian"),
)


def groups_of(words: Words) -> list[str]:
    """Return the group of each text."""
    found = _table().take(words.hashes.astype(np.uint16)).tobytes()
    return [
        _group_of_script(script) if script else _group_of_votes(found[first:last])
        for script, (first, last) in zip(words.scripts, pairwise(words.firsts), strict=True)
    ]


def _group_of_script(script: int) -> str:
    return next((group for low, high, group in _SCRIPTS if low <= script <= high), "other")


def _group_of_votes(found: bytes) -> str:
    votes = [found.count(number) for number in range(1, len(_FUNCTION_WORDS) + 1)]
    best = max(votes)
    # A tenth of the words, and twice as many as of any other group.
    clear = 10 * best >= len(found) and 2 * sorted(votes)[-2] <= best
    return GROUPS[votes.index(best)] if clear else "latin"


@cache
def _table() -> npt.NDArray[np.uint8]:
    """Return the group whose function word has a hash, by the last 16 bits of that; 0: none."""
    table = np.zeros(1 << 16, dtype=np.uint8)
    for group, words in enumerate(_FUNCTION_WORDS.values(), start=1):
        table[cut([(words, "")]).hashes.astype(np.uint16)] = group
    return table
