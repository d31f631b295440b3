"""The words and forms that the rules in `corrections` look for."""

import re

CAP = r"[A-ZÀ-ÖØ-Þ][\w’'&.-]*"
# Words of a name that say it is an organisation: "Istrian Democratic Assembly"
HEADS = (
    "Party|Alliance|League|Union|Front|Movement|Congress|Association|Federation|Council|Committee"
    "|Commission|Institute|Institution|University|College|School|Academy|Society|Foundation|Court|Tribunal"
    "|Ministry|Department|Departments|Assembly|Parliament|Senate|Bank|Church|Army|Club|Agency|Authority|Corps|Trust"
    "|Group|Inc|Ltd|Corp|Corporation|Company|Partnership|Coalition|Confederation|Organization"
    "|Organisation|Bureau|Board|Brigade|Network|Service|Services|Office|Center|Centre|Forum"
    "|Guard|Forces|Command|Administration|Hospital|Museum|Library|Times|Post|Herald"
    "|Tribune|Gazette|Chronicle|Journal|Bloc|Bund|Partido|Partito|Parti|Partei|Caucus|Cabinet"
)
LINK = r"(?:of|for|on|de|du|des|del|della|di)\s(?:the\s)?"
NOT_FIRST = (
    r"(?!(?:The|A|An|In|On|At|By|For|From|With|As|And|But|Or|To|Of|He|She|It|They|His|Her|Its|Their"
    r"|This|That|These|Those|When|While|After|Before|During|Since|Former|Then|Both|Although|If)\s)"
)
# what stands before the word: "Istrian Democratic ", "Croatian People 's ", "Stop the War "
BEFORE_HEAD = re.compile(
    rf"(?:^|(?<=[\s(“\"‘/]))(?:{NOT_FIRST}{CAP}\s(?:(?:[’']s?|the|de|–|-)\s(?={CAP}\s|$))?)+$"
)
JOINING = ("the", "de", "–", "-", "'", "’")  # what may stand in it between two capitals
# "City Council on Wednesday": the day is no part of the name
DAYS = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# what stands behind it: "of the Russian Federation", "of Economy and Finance", "for Gun Safety"
BEHIND_HEAD = re.compile(
    rf"\.?(?:\s(?!on\s(?:{DAYS}|{MONTHS})\b){LINK}{CAP}(?:\s{CAP})*(?:\sand\s{CAP}(?=[\s,.;]|$)(?!\s{CAP}))?)?"
)
ARTICLE = 600
"""Characters from which a text is an article, and no sentence out of one."""
REACH = 80  # characters before a word for an organisation that may belong to its name
CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ](?<!\w.)[\w’'-]*[^\W_’'-]\b")  # "Okafor", "O’Shea"
WORD = re.compile(r"[^\W_][\w’'-]*")
WITHIN = "_’'-"  # what `WORD` has beside letters and digits
YEARS = frozenset(map(str, range(1600, 2100)))
# "2016 United States presidential election in Ohio", "1995 Quebec referendum"
ELECTION = re.compile(
    rf"(?:1[6-9]|20)\d\d(?:\s?[-–]\s?\d\d(?:\d\d)?)?\s(?:{CAP}\s)(?:(?:{CAP}|of|and|the|s|')\s){{0,6}}?"
    r"(?:(?:[a-z-]+\s){0,3}?)"
    r"(?:elections?|referendums?|by-elections?|primary|primaries|caucus|caucuses|plebiscite|census"
    rf"|Championships?|Olympics|Games|Cup|summit|Summit)\b(?:\sin\s{CAP}(?:\s{CAP})*)?"
)
# "( ALP )", "(UKIP)" behind a name
INITIALS = re.compile(r"\s\(\s?([A-Z][A-Za-z&.-]{1,9})\s?\)")
# what joins the members of a list: ", ", " and ", ", and the "
LIST = re.compile(r"\s?(?:,|;)\s(?:(?:and|or)\s)?(?:the\s)?|\s(?:and|or)\s(?:the\s)?|\s?/\s?")
LONGEST_LINK = len(" , and the ")
# "the U.S.", "Today the Department of State", "’s Harbour Trust" behind a name, "n’t"
LEADING = re.compile(
    r"(?:(?:Today|Yesterday|Tonight|Tomorrow|Earlier|Later|Meanwhile|But|And|So|Then|Now|When|While|As|If)"
    r"\s+(?=the\s)|(?:the|The|a|an|A|An|our|their|its|his|her)\s+|n?[’'](?:s|t|re|ve|ll|d|m)(?:\s+|$)"
    r"|[\s“\"‘'(\[]+)+"
)
LINE_END = re.compile(r"[\n\t]")  # a cell of a table ends with a tab
# "Iraq's", "Reuters,", "Warwick Road and", "Schild &"
TRAILING = re.compile(
    r"(?:\s?[’']s?|[\s,;:”\")\]–—-]+|\s(?:and|or|of|in|at|on|for|from|to|by|with|the|&))+$"
)
# "Ida Brandt’s " in "Ida Brandt’s Harbour Trust"
OWNER = re.compile(rf"({CAP}(?:\s{CAP}){{0,3}}?)[’']s\s(?=[A-Z0-9])")
# "Teatro | do | Fundo": what joins two words of a Portuguese, Italian, Spanish or French name
PARTICLE = re.compile(r"\s(?:do|da|dos|das|du|des|del|della|di|de la)\s")
OWNS = re.compile(r"[’']s\s")
# "July 25", "Monday"
DATE = re.compile(rf"(?:{DAYS}|{MONTHS})\b")
CALENDAR = re.compile(rf"(?:{DAYS}|{MONTHS})s?", re.IGNORECASE)
OFFICE = re.compile(r"\b(?:[Ss]ecretary|[Mm]inister)\sof\s(?:the\s)?$")  # in front of "State"
INTO_PLACE = re.compile(
    r"\b(?:in|near|at|from|to|outside|around|across|throughout|into|toward|towards|through|visiting"
    r"|between|north of|south of|east of|west of|city of|town of|village of|province of|region of"
    r"|northern|southern|eastern|western|central|downtown)\s(the\s)?$"
)
# ", Ky.", ", Ontario" behind a town
QUALIFIED = re.compile(rf",\s({CAP}(?:\s{CAP})?)")
# A town's people or offices right behind its name: "Leeds woman", "Lagos police"
BEHIND_TOWN = re.compile(
    r"\s(?:woman|man|teen|teenager|girl|boy|couple|family|parents|mother|father|resident|residents|native|police"
    r"|firefighters|officials|mayor|Mayor|Police|City Council|council|schools|area|suburb|hospital"
    r"|-based|businessman|home)\b"
)
# "in Innisfail", "near Gori": capitals behind a word that leads to a place
UNNAMED_PLACE = re.compile(
    rf"\b(?:in|near|outside|around|across|from|at)\s(?:the\s)?({CAP}(?:\s{CAP}){{0,3}})"
)
TITLES = (
    "Mr|Mrs|Ms|Miss|Dr|Sir|Lord|Lady|Dame|Sen|Rep|Gov|Lt|Gen|Col|Capt|Sgt|Maj|Prof|Rev|Judge|Justice"
    "|President|Senator|Governor|Mayor|Minister|Chancellor|Secretary|Congressman|Congresswoman"
    "|Representative|Councillor|Councilman|Councilwoman|Sheriff|Detective|Officer|Chief|Coach|Pope|Bishop"
    "|Archbishop|Cardinal|King|Queen|Prince|Princess|Emperor|General|Colonel|Captain|Admiral|Sergeant"
    "|Premier|leader|chairman|chairwoman|spokesman|spokeswoman|candidate|incumbent|politician|lawyer"
    "|journalist|economist|activist|analyst|historian|businessman|minister|senator|governor|mayor"
    "|secretary|president|director|founder|author|MP|MLA|MPP|MEP|nominee|lawmaker|ambassador|actor"
    "|actress|singer|writer|professor|accountant|publicist|translator|officer|deputy|commissioner"
)
NAME = r"[A-ZÀ-ÖØ-Þ][a-zß-ÿ’'A-Zā-ſ-]+"
# "chairman Nenad Popović", "Mr. Ortega", "MPP Tony Ruprecht"
TITLED = re.compile(
    rf"\.?\s((?:{NAME}|[A-Z]\.)(?:\s(?:van|von|de|der|al|bin|el|la)){{0,2}}"
    rf"(?:\s(?:{NAME}|[A-Z]\.?(?=\s))){{0,4}})"
)
ROLE_WORDS = frozenset(TITLES.split("|"))
FUNCTION = re.compile(
    r"(?:The|An?|In|On|At|By|For|From|With|As|And|But|Or|To|Of|H|Sh)e?$|(?:It|They|His|Her|Its|Th\w+)$"
)

HEAD_WORDS = frozenset(HEADS.split("|"))
ANNOUNCING = HEAD_WORDS | ROLE_WORDS | YEARS
