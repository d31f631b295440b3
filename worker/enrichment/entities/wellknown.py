"""Companies, services, clubs and products that everybody knows, and a small model does not always.

The table says what such a name is where the model has found it already; it finds none itself. A name that
many people or places bear as well ("Ford", "Chelsea", "Orange") is not in it.
"""

from worker.enrichment.entities.named import Draft
from worker.enrichment.entities.spans import Label

_ORGANISATIONS = """
Accenture; Adidas; Adobe; AfD; Airbnb; Airbus; Al Jazeera; Al-Qaeda; Alibaba; Aljazeera; Alphabet; AMD;
American Airlines; American Express; Anthropic; AOL; ASEAN; Associated Press; AstraZeneca; AT&T; Audi;
Axios; Baidu; Bank of America; Bank of England; Barclays; Bayer Leverkusen; Bayern Munich; BBC; BioNTech;
BlackRock; Bloomberg; Blue Origin; BMW; BNP Paribas; Boeing; Boko Haram; Booking.com; Borussia Dortmund; BP;
British Airways; Broadcom; Bundesliga; Bundestag; BuzzFeed; ByteDance; Carrefour; CBS; Chevron; Chrysler;
Cisco; Citibank; Citigroup; CNBC; CNN; Coca-Cola; Coinbase; Comcast; Congress; Costco; Credit Suisse;
Daimler; Deliveroo; Dell; Deloitte; Der Spiegel; Deutsche Bank; Deutsche Telekom; DHL; Disney; Disney+;
DoorDash; Dropbox; Duma; EasyJet; eBay; Epic Games; Ericsson; Ernst & Young; ESPN; Etsy; EU; European
Commission; European Union; Europol; Eurostat; Exxon Mobil; ExxonMobil; Facebook; FedEx; Ferrari; FIFA;
Formula 1; Formula One; Fox News; Foxconn; Frontex; Gazprom; GlaxoSmithKline; Goldman Sachs; Google;
Greenpeace; H&M; Hamas; Harvard; HBO; Hezbollah; Hitachi; Home Depot; Honda; House of Commons; House of
Lords; House of Representatives; HSBC; Huawei; Hulu; Hyundai; Hyundai Motor; IBM; IKEA; Ikea; IMF; Infosys;
Instagram; Intel; Inter Milan; Interpol; ISIS; Islamic State; Johnson & Johnson; JP Morgan; JPMorgan;
JPMorgan Chase; Juventus; KFC; Kickstarter; KLM; Knesset; KPMG; Kremlin; L'Oréal; La Liga; Le Monde; Lenovo;
LinkedIn; Liverpool FC; Lockheed Martin; Lufthansa; Lyft; L’Oréal; Manchester City; Manchester United;
Mastercard; Mazda; McDonald's; McDonald’s; McKinsey; Medicaid; Medicare; Mercedes; Mercedes-Benz; Merck;
Meta; Microsoft; Mitsubishi; Moderna; Monsanto; Morgan Stanley; Mossad; Motorola; MSNBC; MTV; NASA; Nasa;
NATO; Nato; NBA; NBC; Nestle; Nestlé; Netflix; Neuralink; New York Times; NFL; NHL; Nike; Nintendo; Nissan;
Nokia; Novartis; Nvidia; NVIDIA; OPEC; Opec; OpenAI; Oxfam; Panasonic; Paramount; Paris Saint-Germain;
Patreon; PayPal; Pentagon; PepsiCo; Petrobras; Peugeot; Pfizer; Pinterest; Pixar; Politico; Porsche; Premier
League; Procter & Gamble; ProPublica; PwC; Qualcomm; Real Madrid; Red Cross; Reddit; Renault; Reuters; Roku;
Rolls-Royce; Rosneft; Ryanair; Salesforce; Samsung; Santander; Scotland Yard; Senate; Serie A; Shopify;
Siemens; Signal Foundation; Sinopec; Skype; Slack; Snapchat; SoftBank; Sony; SpaceX; Spotify; Starbucks;
Starlink; Stellantis; Subaru; Supreme Court; Suzuki; Taliban; Telegram; Tencent; Tesco; Tesla; TikTok;
Toshiba; TotalEnergies; Tottenham Hotspur; Toyota; TSMC; Tumblr; Twitch; Twitter; U.N.; Uber; UBS; UEFA; UN;
Unesco; UNESCO; Unicef; UNICEF; Unilever; United Nations; UPS; Verizon; Vimeo; Vodafone; Volkswagen; Volvo;
VW; Wall Street Journal; Walmart; Washington Post; Waymo; WeChat; Wells Fargo; WeWork; WhatsApp; White
House; Wikileaks; WikiLeaks; Wikipedia; World Bank; Xiaomi; Yahoo; Yelp; YouTube; Zalando; ZTE
"""
_THINGS = """
AirPods; Alexa; Android; Apple Watch; Bitcoin; Black Friday; Brexit; Champions League; ChatGPT; Christmas;
Chromebook; Covid; COVID; Covid-19; COVID-19; Dow Jones Industrial Average; Easter; Ebola; Ethereum;
Fortnite; Game Boy; Halloween; Hanukkah; iOS; iPad; iPhone; Kindle; MacBook; MacBook Air; MacBook Pro;
Minecraft; Nasdaq; Nintendo Switch; Olympics; PlayStation; Pokemon; Pokémon; Ramadan; Siri; Super Bowl;
Thanksgiving; World Cup; Xbox; Xbox Live
"""

_BODIES = "Earth; Jupiter; Neptune; Saturn; Uranus"


def _table(names: str, label: Label) -> dict[str, Label]:
    return {name: label for one in names.split(";") if (name := " ".join(one.split()))}


_NO_EVENTS = frozenset({"person", "place"})
_NAMES = {
    **_table(_ORGANISATIONS, "organisation"),
    **_table(_THINGS, "other"),
    **_table(_BODIES, "place"),
}
WELL_KNOWN = {name.upper(): label for name, label in _NAMES.items() if len(name) > 4} | _NAMES
"""What a name is that needs no introduction, also one in capitals."""
# What may be lost, held or won is no person: "Harbour Cup", "Lantern Awards", "Premiere Edition"
_EVENT_WORDS = (
    "Cup|Open|Championship|Championships|Olympics|Prix|Prize|Award|Awards|Bowl|Festival|Marathon|Edition"
    "|Treaty|Agreement|Act|Day|War|Summit"
)
_EVENTS = frozenset(_EVENT_WORDS.split("|"))


def well_known(draft: Draft) -> None:
    """Give well-known names the label that they have everywhere, and events theirs."""
    text = draft.text
    named = [(one, _label(text[one.start : one.end], one.label)) for one in draft.spans]
    for one, label in named:
        if label != one.label:
            draft.relabel(one, label)


def _label(words: str, label: Label) -> Label:
    if known := WELL_KNOWN.get(words):
        return known
    if label in _NO_EVENTS and " " in words and words.rpartition(" ")[2] in _EVENTS:
        return "other"
    return label
