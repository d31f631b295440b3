"""The rules on pairs of texts: what is a copy and what only looks like one."""

import pytest

from tests.dedup.stories import HARBOUR, ORCHARD
from worker.dedup.fingerprint import fingerprint, level_of
from worker.dedup.judgement import Rule, compare

MARKET = (
    "The {bank} said on {day} it will offer {amount} mln crowns of two-year notes at its weekly "
    "sale, against {before} mln a week ago. Bids are due by {hour} local time. Notes worth {due} mln "
    "crowns mature on the same day, so that the market gains {net} mln. Dealers expect a yield of "
    "{rate} pct, after {last} pct at the last sale."
)
FIRST_SALE = MARKET.format(
    bank="State Treasury", day="Monday", amount=1_450, before=900, hour="11:30", due=700, net=750,
    rate="3.82", last="3.95",
)  # fmt: skip
NEXT_SALE = MARKET.format(
    bank="State Treasury", day="Monday", amount=2_200, before=1_450, hour="11:30", due=1_980,
    net=220, rate="4.10", last="3.82",
)  # fmt: skip
FILING = (
    "{name} said it filed with the regulator to offer shares to the public. The company said it "
    "expects to use the proceeds to repay bank debt and for general purposes, and that a syndicate "
    "of banks led by {bank} would place the shares with investors at home and abroad."
)
MATCH = "{home} beat {away} {goals} in the northern league on Saturday. {scorer} scored for the winners."


def rule(candidate: str, earlier: str, titles: tuple[str, str] = ("", "")) -> Rule:
    """Return the rule that speaks on a pair."""
    return compare(fingerprint(candidate, titles[0]), fingerprint(earlier, titles[1])).rule


def test_the_same_words_in_other_dress_are_the_same() -> None:
    """Given other case, quotes and spaces, when the texts are compared, then they are equal."""
    dressed = HARBOUR.upper().replace(" ", "\n  ").replace(".", " …")
    assert rule(dressed, HARBOUR) is Rule.EXACT


def test_an_edited_text_is_a_copy() -> None:
    """Given a changed lede and a typo, when the texts are compared, then one is near the other."""
    edited = "Divers found new damage in Kelmouth. " + HARBOUR.replace("cracks", "craks")
    like = compare(fingerprint(edited), fingerprint(HARBOUR))
    assert like.rule is Rule.NEAR
    assert 0.6 < like.similarity < 1.0


def test_a_trimmed_text_is_a_copy() -> None:
    """Given the first third of a long story, when it is compared, then it stands within it."""
    story = " ".join(f"{HARBOUR} {ORCHARD}".replace("said", f"told reader {n}") for n in range(3))
    like = compare(fingerprint(" ".join(story.split()[:110])), fingerprint(story))
    assert like.rule in (Rule.NEAR, Rule.CONTAINMENT)
    assert like.containment > 0.7


def test_different_stories_are_different() -> None:
    """Given two stories, when they are compared, then nothing is shared."""
    assert rule(HARBOUR, ORCHARD) is Rule.DIFFERENT


def test_numbers_tell_templated_copy_apart() -> None:
    """Given two market notes from one template, when they differ in numbers, then they are two."""
    assert rule(NEXT_SALE, FIRST_SALE) is Rule.NUMBERS
    assert rule(FIRST_SALE.replace("local time", "in the capital"), FIRST_SALE) is Rule.NEAR


@pytest.mark.parametrize(
    "titles",
    [
        ("Brandt Mills to sell shares", "Oster Shipping files for an offer"),
        ("", ""),
    ],
)
def test_names_tell_templated_copy_apart(titles: tuple[str, str]) -> None:
    """Given two filings without numbers, when their names differ, then they are two."""
    one = FILING.format(name="Oster Shipping", bank="Halden Trust")
    other = FILING.format(name="Brandt Mills", bank="Verein Credit")
    found = rule(other, one, titles)
    assert not found.copy


def test_a_very_short_text_must_agree_in_everything_that_counts() -> None:
    """Given two results of a dozen words, when one name or number differs, then they are two."""
    one = MATCH.format(home="Arvik", away="Solund", goals="2-1", scorer="Nilsen")
    other = MATCH.format(home="Arvik", away="Solund", goals="3-1", scorer="Nilsen")
    assert not rule(other, one).copy
    assert rule(one.upper(), one) is Rule.EXACT


def test_a_follow_up_that_quotes_at_length_is_new() -> None:
    """Given a new story that quotes half of the old one, when it is compared, then it is no copy."""
    quoted = " ".join(HARBOUR.split()[:45])
    follow_up = f"{ORCHARD} {ORCHARD.replace('the', 'its')} Earlier it was reported: {quoted}"
    assert not rule(follow_up, HARBOUR).copy


def test_scripts_without_spaces_are_cut_into_characters() -> None:
    """Given Chinese text with one word changed, when it is compared, then it is near."""
    text = (
        "周二上午,潜水员在码头墙上发现裂缝后,港务局关闭了北港池。前往粮食码头的船只被引导到外锚地,"
        "开往群岛的渡轮改从渔港出发。工程师说,裂缝沿着新混凝土的接缝延伸,目前还没有人知道裂缝有多深。"
        "市议会将于周四开会,决定由谁支付再次维修的费用。建筑商的发言人说,每一步工程都经过检查和批准。"
    )
    assert fingerprint(text).size > 60
    assert rule(text.replace("周四", "周五"), text) is Rule.NEAR
    assert rule(text[::-1], text) is Rule.DIFFERENT


def test_the_title_counts() -> None:
    """Given equal bodies under two titles, when they are compared, then they are near, not equal."""
    assert rule(HARBOUR, HARBOUR, ("Quay wall cracks", "Harbour closed")) is Rule.NEAR


@pytest.mark.parametrize(("size", "level"), [(0, 0), (384, 0), (385, 1), (769, 2), (10**6, 5)])
def test_the_level_follows_the_length(size: int, level: int) -> None:
    """Given a number of shingles, when its level is asked, then the bitmap is never over-full."""
    assert level_of(size) == level


@pytest.mark.parametrize("text", ["", " ", "…", "\ud800", "a", "\x00", "é" * 50, "9"])
def test_odd_texts_have_a_fingerprint(text: str) -> None:
    """Given hardly any text, when it is signed, then it equals itself."""
    assert fingerprint(text) == fingerprint(text)
    assert rule(text, text) is Rule.EXACT
