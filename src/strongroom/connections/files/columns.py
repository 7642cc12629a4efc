"""What the columns of a table hold, by their headings in many languages.

Only words are judged here; whether a column's cells bear the words out is seen in ``tables``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from strongroom.connections.files.types import FileIsRefused
from strongroom.core.money import Currency, is_official
from strongroom.ui import gettext as _

# Headings as banks write them in English, Norwegian, Swedish, Danish, German, French, Spanish,
# Italian, Dutch, Portuguese, Finnish and Polish; the better ones of a role first.
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "date": """booking date|posting date|posted date|post date|date posted|bokføringsdato|
        bokført dato|bokført|bokföringsdatum|bokföringsdag|bogføringsdato|bokføringsdag|
        bokforingsdag|bokförd|bokförd den|
        buchungstag|buchungsdatum|
        date de comptabilisation|date comptable|date operation|date opération|
        date d'opération|
        date de l'opération|fecha operación|fecha de operación|fecha contable|fecha operacion|
        data contabile|data operazione|boekdatum|boekingsdatum|data operacji|
        data księgowania|
        kirjauspäivä|date|dato|datum|fecha|data|päivä|pvm|dag|dato bokført|
        transaction date|trans date|trans. date|transaksjonsdato|transaktionsdatum|
        transaktionsdag|transactiedatum|date de transaction|fecha de transacción|
        data movimento|data transakcji|completed date|date completed|started date|utført dato|
        value date|valuta|verdidato|valutadatum|valutadag|wertstellung|date de valeur|date valeur|
        fecha valor|data valuta|rentedato|rentedatum|data valor|arvopäivä|timestamp|time|when""",
        "amount": """amount|transaction amount|beløp|belop|belopp|beløb|betrag|umsatz|montant|
        importe|
        importo|bedrag|valor|quantia|montante|määrä|summa|summe|sum|kwota|
        amount in account currency|
        billing amount|amount local|beløp i nok|kwota transakcji|monto|cantidad|net amount|
        amount net|net|value|betrag in eur|total|total amount""",
        "debit": """debit|debit amount|debits|withdrawal|withdrawals|withdrawal amount|paid out|
        money out|outflow|out|ut|ut av konto|ut fra konto|uttak|uttag|belastet|belastning|
        debet|hævet|soll|belastung|lastschrift|ausgabe|ausgaben|débit|debit euros|débit euros|
        cargo|cargos|debe|gasto|retiros|addebito|addebiti|uscite|dare|af bedrag|débito|debito|
        saída|obciążenia|wydatek|charge|charges|spent|payments out|expense""",
        "credit": """credit|credit amount|credits|deposit|deposits|deposit amount|paid in|money in|
        inflow|in|inn|inn på konto|innskudd|insättning|insatt|indsat|kreditering|haben|gutschrift|
        einnahme|einnahmen|crédit|credit euros|crédit euros|abono|abonos|haber|ingreso|ingresos|
        depósitos|accredito|accrediti|entrate|avere|bij bedrag|crédito|credito|entrada|uznania|
        przychód|received|payments in|income""",
        "type": """type|transaction type|debit/credit|credit/debit|debit credit|credit debit|
        d/c|c/d|
        dr/cr|cr/dr|dc|cdi|debit or credit|credit debit indicator|af bij|af/bij|soll/haben|s/h|
        sens|+/-|sign|kind|direction|betalingstype|transaksjonstype|transaktionstyp|
        buchungstext|umsatzart|type d'opération|tipo|mutatiesoort|tapahtumalaji""",
        "balance": """balance|running balance|running bal|account balance|balance after|
        closing balance|saldo|
        bokført saldo|bokfört saldo|saldo etter bevegelse|kontostand|saldo nach buchung|solde|
        saldo dopo|saldo na mutatie|saldo contabile|saldo disponible|saldo końcowy|
        saldo po operacji|available balance|remaining balance""",
        "payee": """payee|payee name|name|navn|partner name|merchant|merchant name|counterparty|
        counterparty name|
        counter party|recipient|beneficiary|beneficiary name|mottaker|mottakernavn|avsender|
        mottaker/avsender|motpart|mottagare|modtager|empfänger|auftraggeber|
        auftraggeber/empfänger|auftraggeber/begünstigter|empfänger/auftraggeber|
        beguenstigter/zahlungspflichtiger|begünstigter/zahlungspflichtiger|
        zahlungspflichtiger|name zahlungsbeteiligter|bénéficiaire|nom|tiers|beneficiario|
        ordenante|naam|naam/omschrijving|naam tegenpartij|tegenpartij|saaja|saaja/maksaja|
        kontrahent|nadawca/odbiorca|target name|from/to|vendor|store|butikk|brukersted""",
        "description": """description|payment reference|tittel|transaction description|
        narrative|narration|details|
        transaction details|particulars|text|tekst|beskrivelse|forklaring|forklarende tekst|
        rubrik|beskrivning|meddelande|besked|posteringstekst|verwendungszweck|vorgang|beschreibung|
        libellé|libelle|libellé opération|description opération|concepto|descripción|descripcion|
        movimiento|detalle|descrizione|causale|descrizione operazione|omschrijving|mededelingen|
        descrição|histórico|selitys|viesti|opis|opis operacji|tytuł|title|original description|
        statement description|payment details|reason""",
        "note": """note|notes|memo|comment|comments|message|reference text|notat|melding|kommentar|
        anteckning|note personali|notiz|notizen|remarque|commentaire|nota|notas|notitie|muistio|
        melding/kid/fakturanr|additional information|extra information|uwagi""",
        "category": """category|categories|kategori|hovedkategori|kategorie|catégorie|categorie|
        categoría|categoria|luokka|kategoria|main category""",
        "tags": """tags|labels|label|tag|etiketter|merkelapper|schlagworte|etiquettes|etiquetas""",
        "account": """account|account name|account number|account no|from account|own account|
        konto|
        kontonavn|kontonummer|konto nr|fra konto|från konto|auftragskonto|iban auftragskonto|compte|
        numéro de compte|cuenta|conto|rekening|rekeningnummer|conta|tili|numer konta|wallet|
        account id|source account""",
        "counter_account": """counter account|partner iban|counterparty account|counterparty iban|
        counterparty account number|to account|til konto|till konto|motkonto|mottakerkonto|
        gegenkonto|kontonummer/iban|iban zahlungsbeteiligter|kontonr/iban|compte contrepartie|
        tegenrekening|tegenrekening iban/bban|saajan tilinumero|rachunek kontrahenta|
        transfer account|destination account|cuenta destino""",
        "currency": """currency|currency code|valutakode|myntenhet|valuuttakoodi|währung|waehrung|
        devise|divisa|moneda|munt|moeda|valuutta|waluta|ccy|valutasort|account currency""",
        "fitid": """transaction id|transferwise id|transactionid|trans id|transaction number|id|
        uuid|fitid|
        unique id|arkivreferanse|arkivref|transaksjonsid|transaktions-id|transactie id|
        identifiant|id transacción|numero operazione|transaction reference number|
        arkistointitunnus|reference number|external id""",
        "fee": """fee|fees|gebyr|avgift|gebühr|frais|comisión|commissione|kosten|taxa|opłata""",
        "status": """status|state|tilstand|statut|estado|stato|cleared|booking status|pending""",
    }
)
_ROLE_OF: Final[dict[str, tuple[str, int]]] = {}
_IN_BRACKETS: Final = re.compile(r"[(\[]([^)\]]*)[)\]]")
_FROM: Final = frozenset({"from account", "fra konto", "fran konto", "von konto"})
_TO: Final = frozenset({"to account", "til konto", "till konto", "an konto"})
_MOST_COLUMNS: Final = 1000
_CODE: Final = re.compile(r"\b([A-Z]{3})\b")


def plain(heading: str) -> str:
    """Return a heading without case, accents, brackets and doubled spaces."""
    text = unicodedata.normalize("NFKD", _IN_BRACKETS.sub(" ", heading).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = (
        text.replace(" / ", "/")
        .replace("ø", "o")
        .replace("æ", "ae")
        .replace("_", " ")
        .replace("ł", "l")
    )
    return " ".join(text.strip("\ufeff \t\"'*:.#").split())


for _role, _names in _WORDS.items():
    for _rank, _name in enumerate(" ".join(_names.split()).replace("| ", "|").split("|")):
        _ROLE_OF.setdefault(plain(_name), (_role, _rank))


def roles(headings: Sequence[str]) -> dict[str, int]:
    """Return which column plays which role; the better heading wins, then the first."""
    found: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(headings):
        role, rank = _role_of(plain(heading))
        if role and (role not in found or rank < found[role][0]):
            found[role] = (rank, place)
    if "description" not in found and "payee" not in found and "note" in found:
        found["description"] = found.pop("note")
    return {role: place for role, (_rank, place) in found.items()}


def _role_of(heading: str) -> tuple[str, int]:
    if heading in _ROLE_OF:
        return _ROLE_OF[heading]
    # "Beløp NOK", "Saldo EUR": the currency stands behind the word.
    first, _space, last = heading.rpartition(" ")
    if len(last) == 3 and first in _ROLE_OF:
        role, rank = _ROLE_OF[first]
        return role, rank + 500
    return "", 0


def from_and_to(columns: Mapping[str, int], header: Sequence[str]) -> bool:
    """Whether two columns hold where money came from and went to, not whose account it is."""
    own, other = columns.get("account"), columns.get("counter_account")
    if own is None or other is None or max(own, other) >= len(header):
        return False
    return plain(header[own]) in _FROM and plain(header[other]) in _TO


def currency_in(heading: str) -> str | None:
    """Return the ISO 4217 code that a heading such as ``Amount (EUR)`` names."""
    for code in _CODE.findall(heading):
        if is_official(Currency(code)):
            return str(code)
    return None


def resolved(columns: Mapping[str, int | str], header: Sequence[str]) -> dict[str, int]:
    """Return places for columns that may be named by their heading.

    Raises ``FileIsRefused`` for a heading that the file does not have.
    """
    places = {plain(heading): place for place, heading in reversed(list(enumerate(header)))}
    found = {}
    for role, column in columns.items():
        if isinstance(column, int) and 0 <= column < _MOST_COLUMNS:
            found[role] = column
            continue
        if isinstance(column, int) or plain(column) not in places:
            raise FileIsRefused(
                _("The file has no column “%(column)s”.", column=column), field=role,
                hint=_("Choose the columns again."),
            )  # fmt: skip
        found[role] = places[plain(column)]
    return found
