"""A labelled stream of invented news, for measuring stories.

Events of eight kinds happen over days, several of each kind at a time, in a few dozen towns that
they share. Each is reported by several outlets: an article takes a headline, a lede and three to
six further sentences of its kind at random, each written in one of several wordings; follow-ups
come hours or days later and take the later sentences. So two fires differ only in who, where and
how many; a fire and a trial of the same town share its name. The label is the event.
"""

import datetime as dt
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.articles import Article, Language

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

# `{a|b}` picks a wording; `$who` and the like are the event's own. Early sentences, `/`, later ones.
KINDS = {
    "fire": """Fire {destroys|guts|sweeps through} $thing in $town;{Blaze|Fire} at $town $thing {kills|leaves dead} $few
A {fire|blaze} {tore through|destroyed|swept through} a $thing in $town on $day, {killing|leaving dead} $few people.
{Some|About} $many people {fled|were evacuated} as {flames|smoke} {rose|spread} over the $thing.
Fire chief $who said {crews|firefighters} {fought|battled} the {flames|blaze} through the night.
{Neighbours|Witnesses} in $town {heard|reported} {an explosion|a loud bang} before the {fire|flames} {spread|took hold}.
/
{Investigators|Police} {believe|suspect} an electrical fault {started|caused} the $town {fire|blaze}.
$who {promised|announced} an inquiry into safety at the $thing.
{Families|Relatives} of the $few {victims|dead} {gathered|held a vigil} in $town.""",
    "vote": """$who wins $town {election|vote};{Voters|Election} in $town {choose|puts in} $who
$who {won|claimed victory in} the {race|election} for mayor of $town on $day, {beating|defeating} $other.
{Turnout|Participation} {reached|was} $many percent, {the highest|a record} in $town, officials said.
$other {conceded|accepted defeat} and {urged|asked} supporters to {respect|accept} the result.
$who {campaigned|ran} on a {promise|pledge} to {build|pay for} a new $thing.
/
{Observers|Monitors} {found|reported} {irregularities|long queues} at $few polling stations in $town.
$who {named|presented} a {cabinet|team} and said work on the $thing {starts|begins} soon.
$other {asked|appealed to} a court to {order a recount|annul the vote} in $town.""",
    "deal": """$firm to buy $rival for \\$$many million;$firm {agrees|strikes} deal {for|to acquire} $rival
$firm {said|announced} on $day it would {buy|acquire} $rival for \\$$many million in {cash|shares}.
Shares in $rival {jumped|rose} $few percent after the {news|announcement}, while $firm {fell|slipped}.
{Chief executive|CEO} $who said the {deal|takeover} would {create|form} the largest maker of $thing parts.
{Analysts|Investors} had {expected|predicted} a bid for $rival since $other left the board.
/
{Regulators|Competition authorities} {opened|began} a {review|probe} of the $firm {takeover|deal}.
{Unions|Workers} at $rival fear {layoffs|job cuts} at its $town plant.
$firm {raised|increased} its {offer|bid} for $rival after $other {objected|demanded more}.""",
    "trial": """$who {found guilty|convicted} of {defrauding|cheating} $firm;{Court|Jury} in $town {convicts|finds against} $who
A {court|jury} in $town {convicted|found guilty} $who on $day of {defrauding|stealing from} $firm.
{Prosecutors|The prosecution} said $who {took|siphoned off} \\$$many million over $few years.
{Defence lawyer|Counsel} $other {called|described} the verdict {unjust|a mistake} and will appeal.
The {judge|court} {heard|was told} how {invoices|payments} for a $thing {were forged|never existed}.
/
The {judge|court} in $town {sentenced|sent} $who to $few years in prison.
{An appeals court|Appeal judges} will {hear|take up} the case of $who in the spring.
{Shareholders|Investors} of $firm {demanded|want} {damages|compensation} from $who.""",
    "match": """$team {beat|overcome} $opponent in $town;{Late goal|Winner} from $who {lifts|sends} $team past $opponent
$who {scored|struck} {late|twice} as $team {beat|defeated} $opponent in $town on $day.
A crowd of $many thousand {saw|watched} $opponent {miss|waste} a penalty before half-time.
{Coach|Manager} $other {praised|hailed} {the defence|his side} after $team {kept|held} the lead.
$opponent {hit|struck} the post and had a player {sent off|dismissed} near the end.
/
$who will miss the next match for $team after {hurting|injuring} a knee against $opponent.
$opponent {lodged|made} a {protest|complaint} about the referee of the $town match.
{Fans|Supporters} of $team {celebrated|sang} in $town {after|following} the {win|victory}.""",
    "storm": """Storm $who {batters|hits} $town;{Thousands|Many} without power as storm $who {strikes|reaches} $town
Storm $who {hit|struck} the coast near $town on $day with winds of $many kilometres an hour.
{At least|Some} $few people {died|were killed} and roofs were {torn off|ripped away} in $town.
{Power|Electricity} {failed|went out} in thousands of homes {as|when} storm $who {moved|passed} inland.
{Ferries|Trains} to $town were {cancelled|stopped}, and the $thing {closed|stayed shut}.
/
{Engineers|Crews} {restored|repaired} power lines {brought down|cut} by storm $who.
{Insurers|Officials} {put|estimate} the damage in $town at \\$$many million.
Governor $other {visited|toured} $town and promised {help|aid} after storm $who.""",
    "strike": """{Workers|Staff} at $firm {walk out|strike} over pay;{Strike|Walkout} {shuts|halts} $firm plant in $town
{Workers|Staff} at $firm {walked out|went on strike} in $town on $day {over|in a dispute about} pay.
The union {demands|wants} $few percent more for its $many members, its leader $who said.
$firm said the {strike|walkout} {cost|had cost} it a day of $thing {output|production}.
{Pickets|Strikers} {blocked|stood at} the gates in $town {as|while} talks with $other {failed|broke down}.
/
{Talks|Negotiations} between $firm and the union {resumed|began again} in $town.
$who {called off|ended} the {strike|walkout} after $firm {offered|agreed to} a {rise|bonus}.
{Suppliers|Customers} of $firm {ran short|warned of delays} because of the {strike|walkout}.""",
    "find": """{Scientists|Researchers} {find|discover} new $thing near $town;{Team|Researchers} led by $who {report|describe} $thing find
{Scientists|Researchers} led by $who have {found|discovered} a $thing near $town that is $many thousand years old.
The {find|discovery}, {published|reported} on $day, {changes|rewrites} what is known of the {region|coast}.
{Professor|Dr} $other, who {took no part|was not involved}, called the $thing {remarkable|a surprise}.
The team {dug|worked} for $few {summers|years} {at|on} a site outside $town.
/
A museum in $town will {show|exhibit} the $thing {found|discovered} by the team of $who.
{Critics|Other researchers} {doubt|question} the age that $who {gave|claimed} for the $thing.
{Funding|Money} for the dig near $town was {extended|doubled}, $who said.""",
}
THINGS = (
    "bridge warehouse hospital library tunnel reactor market museum tower mill dam theatre".split()
)
OUTLETS = ("harbour-post.example", "daily-lantern.example", "coastal-wire.example", "north.example")
_ONSETS = "b br d dr f g gr h k kl l m n p r s st t tr v w z".split()
_ENDINGS = "an el in or us ard ek ow ell ini ova ett imo ansky berg field mouth stead".split()


@dataclass(frozen=True)
class Labelled:
    """An article and the event it reports."""

    article: Article
    event: str


def stream(events: int = 200, days: int = 10, seed: int = 7) -> list[Labelled]:
    """Return the articles of so many events within so many days, in order of time."""
    dice = random.Random(seed)
    towns = [_name(dice) for _ in range(30)]
    found = [
        labelled
        for number in range(events)
        for labelled in _event(dice, f"event-{number}", towns, days)
    ]
    found.sort(key=lambda labelled: labelled.article.published_at or START)
    return found


def _event(dice: random.Random, label: str, towns: list[str], days: int) -> Iterator[Labelled]:
    early, later = KINDS[dice.choice(list(KINDS))].split("\n/\n")
    heads, *first = early.split("\n")
    begin = START + dt.timedelta(hours=dice.uniform(0, days * 24))
    words = {
        "who": f"{_name(dice)} {_name(dice)}", "other": f"{_name(dice)} {_name(dice)}",
        "firm": f"{_name(dice)} {dice.choice(['Motors', 'Foods', 'Energy', 'Group'])}",
        "rival": _name(dice), "team": f"{_name(dice)} {dice.choice(['United', 'City', 'Rovers'])}",
        "opponent": _name(dice), "town": dice.choice(towns), "thing": dice.choice(THINGS),
        "few": str(dice.randint(2, 19)), "many": str(dice.randint(20, 900)),
        "day": f"{begin:%A}",
    }  # fmt: skip
    for copy in range(min(40, int(dice.paretovariate(1.1)))):
        late = copy > 0 and dice.random() < 0.4
        wait = dice.uniform(20, 72) if late else dice.uniform(0, 10)
        body = [dice.choice(first), *dice.sample(later.split("\n"), 2)] if late else [first[0]]
        others = [line for line in first if line not in body]
        body += dice.sample(others, dice.randint(2, len(others) - 1))
        at = begin + dt.timedelta(hours=wait)
        article = Article(
            id=f"{label}/{copy}",
            source=dice.choice(OUTLETS),
            title=_told(dice, dice.choice(heads.split(";")), words),
            text=" ".join(_told(dice, line, words) for line in body),
            published_at=at,
            language=Language(code="en", confidence=1.0),
        )
        yield Labelled(article, label)


def _told(dice: random.Random, line: str, words: dict[str, str]) -> str:
    line = re.sub(r"\{([^{}]*)\}", lambda match: dice.choice(match[1].split("|")), line)
    line = line.replace("\\$$many", "$" + words["many"])
    return re.sub(r"\$([a-z]+)", lambda match: words[match[1]], line)


def _name(dice: random.Random) -> str:
    vowel = dice.choice("aeiou")
    return (
        dice.choice(_ONSETS) + vowel + dice.choice(_ONSETS) + dice.choice(_ENDINGS)
    ).capitalize()
