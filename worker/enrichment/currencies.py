"""Signs and words for money, and their ISO 4217 codes."""

SIGNS = {
    "$": "USD", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "CDN$": "CAD",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD",
    "R$": "BRL", "Mex$": "MXN", "J$": "JMD",
    "€": "EUR", "£": "GBP", "¥": "JPY", "CN¥": "CNY", "₹": "INR", "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₦": "NGN", "₱": "PHP", "₫": "VND", "₴": "UAH", "₪": "ILS", "฿": "THB", "₵": "GHS", "₸": "KZT",
    "Rs": "INR", "Rs.": "INR", "Rp": "IDR", "RM": "MYR", "Ksh": "KES", "KSh": "KES", "Tk": "BDT",
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF",
}  # fmt: skip
"""A bare `$` is the United States', a bare `¥` Japan's, unless the text names another country."""

_CODES = """
USD EUR GBP JPY CNY CHF AUD CAD NZD HKD SGD TWD INR PKR LKR NPR BDT RUB UAH PLN CZK HUF RON BGN SEK
NOK DKK ISK TRY ILS AED SAR QAR KWD BHD OMR EGP ZAR NGN KES GHS BRL MXN ARS CLP COP PEN KRW IDR MYR
PHP THB VND KZT GEL RMB
"""
CODES = frozenset(_CODES.split())

NAMES = {
    "euro": "EUR", "euros": "EUR", "pounds sterling": "GBP", "sterling": "GBP", "pence": "GBP",
    "dollar": "USD", "dollars": "USD", "u.s. dollars": "USD", "us dollars": "USD",
    "australian dollars": "AUD", "canadian dollars": "CAD", "new zealand dollars": "NZD",
    "hong kong dollars": "HKD", "singapore dollars": "SGD", "taiwan dollars": "TWD",
    "yen": "JPY", "yuan": "CNY", "renminbi": "CNY", "won": "KRW", "baht": "THB", "ringgit": "MYR",
    "rupiah": "IDR", "dong": "VND", "rupees": "INR", "indian rupees": "INR",
    "pakistani rupees": "PKR", "sri lankan rupees": "LKR", "taka": "BDT", "roubles": "RUB",
    "rubles": "RUB", "hryvnia": "UAH", "hryvnias": "UAH", "zloty": "PLN", "zlotys": "PLN",
    "forints": "HUF", "swiss francs": "CHF", "lira": "TRY", "liras": "TRY", "shekels": "ILS",
    "dirhams": "AED", "riyals": "SAR", "rand": "ZAR", "naira": "NGN", "reais": "BRL",
    "mexican pesos": "MXN", "argentine pesos": "ARS", "philippine pesos": "PHP", "tenge": "KZT",
    "kronor": "SEK", "swedish kronor": "SEK", "swedish crowns": "SEK", "norwegian crowns": "NOK",
    "norwegian kroner": "NOK", "danish kroner": "DKK", "danish crowns": "DKK", "koruna": "CZK",
    "dólares": "USD", "dollari": "USD", "us-dollar": "USD", "franken": "CHF", "pfund": "GBP",
    "libras": "GBP", "livres sterling": "GBP", "złotych": "PLN", "рублей": "RUB", "євро": "EUR",
    "гривень": "UAH", "евро": "EUR", "долларов": "USD",
}  # fmt: skip
"""What may follow a number. Words that mean other things, too (`pounds`, `pesos`, `crowns`), stand
here with their country only."""

AFTER_SCALE = {"pounds": "GBP", "pound": "GBP", "francs": "CHF", "pesos": "MXN", "reals": "BRL"}
"""Words that mean money where a scale stands before them: `3 million pounds`."""

HUNDREDTHS = frozenset({"pence", "cents"})

LETTERS = {
    "k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "bln": 1e9,
    "mrd": 1e9, "tn": 1e12, "trn": 1e12, "t": 1e12,
}  # fmt: skip
"""Abbreviations that multiply; they stand right behind the number, or apart where they have two
letters or more."""

SCALES = LETTERS | {
    "cr": 1e7, "thousand": 1e3, "hundred": 1e2,
    "million": 1e6, "millions": 1e6, "billion": 1e9, "billions": 1e9, "trillion": 1e12,
    "crore": 1e7, "crores": 1e7, "lakh": 1e5, "lakhs": 1e5, "lakh crore": 1e12,
    "millionen": 1e6, "milliarde": 1e9, "milliarden": 1e9, "milliard": 1e9, "milliards": 1e9,
    "billionen": 1e12, "millones": 1e6, "millón": 1e6, "mil millones": 1e9, "mil": 1e3,
    "milhões": 1e6, "milhão": 1e6, "bilhões": 1e9, "bilhão": 1e9, "milioni": 1e6, "milione": 1e6,
    "miliardi": 1e9, "miliardo": 1e9, "miljoen": 1e6, "miljard": 1e9, "miljoner": 1e6,
    "miljarder": 1e9, "tusen": 1e3, "tausend": 1e3, "mille": 1e3, "миллионов": 1e6, "млн": 1e6,
    "миллиардов": 1e9, "млрд": 1e9, "мільйонів": 1e6, "мільярдів": 1e9, "milionów": 1e6,
    "miliardów": 1e9,
}  # fmt: skip
"""Words and letters that multiply. `billion` is the short scale's; `Billionen` the long one's."""

_COMMA = "bg ca cs da de el es fi fr hr hu id it nb nl no pl pt ro ru sk sl sr sv tr uk"
COMMA_DECIMALS = frozenset(_COMMA.split())
"""Languages that write `1.234,5`."""
