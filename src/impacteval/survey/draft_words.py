"""Words by which questions and answers are recognised, in English and Bahasa Indonesia."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from impacteval.survey.wording import plain_text

# Whole labels of answers, or their parts between / and brackets: `Refused`, but not `Staff refused it`.
MISSING_ANSWERS = {
    "dont_know": re.compile(
        r"(?:i |we )?(?:do(?:es)? not|dont|doesnt) know|unknown|(?:not|un)sure|i am not sure|no idea"
        r"|(?:saya )?(?:tidak|tdk|nggak|kurang) (?:tahu|tau)|tidak yakin"
    ),
    "refused": re.compile(
        r"(?:the )?(?:respondent )?(?:refuse[sd]?|refusal|declined?s?)(?: to (?:answer|respond|say|tell))?"
        r"|(?:i )?(?:would )?prefers? not (?:to )?(?:answer|respond|say|tell|disclose)|no answer"
        r"|(?:responden )?(?:menolak|tidak (?:mau|ingin|bersedia))(?: (?:untuk )?(?:men)?jawab)?"
        r"|tidak menjawab"
    ),
    "not_applicable": re.compile(r"(?:not|doesnt|does not) appl(?:icable|y)|tidak (?:berlaku|relevan)"),
    "coded": re.compile(r"(?:system )?missing(?: values?| data)?|no data|tidak ada data"),
}
# Parts of hints that follow a code: `Enter -99 if the respondent does not know`.
MISSING_IN_HINTS = {
    "dont_know": re.compile(r"\b(?:not|dont|doesnt) know\b|\b(?:tidak|tdk) (?:tahu|tau)\b"),
    "refused": re.compile(
        r"\brefuse|\bdeclin|\bnot willing\b|\bprefer(?:s)? not\b|\bno answer\b|\bmenolak\b"
        r"|\btidak (?:mau|ingin|bersedia)\b"
    ),
    "not_applicable": re.compile(r"\bnot applicable\b|\bdoes not apply\b|\btidak (?:berlaku|relevan)\b"),
}
CODE = re.compile(r"(?<![\w.])(?<!\d,)-?\d{2,4}(?!\w|[.,]\d)")
PERSONAL_NAMES = {
    *("name", "nama", "names", "fullname", "firstname", "lastname", "surname", "nickname", "panggilan"),
    *("phone", "telephone", "telepon", "telp", "hp", "handphone", "mobile", "whatsapp", "wa", "phonenum"),
    *("email", "mail", "address", "alamat", "gps", "latitude", "longitude", "geolocation", "signature"),
    *("nik", "ktp", "npwp", "passport", "paspor", "devicephonenum", "phonenumber"),
}
# A name that is asked for is a person's unless it is one of these.
NAMES_OF_PLACES = {
    *("district", "province", "village", "sector", "region", "community", "desa", "kecamatan", "kabupaten"),
    *("provinsi", "kota", "team", "form", "file", "kg", "school", "crop", "product", "produk", "instance"),
}
PERSONAL_LABELS = re.compile(
    r"\b(?:full|first|last|family|nick|your) ?name\b"
    r"|\bname of (?:the |your )?(?:respondent|owner|manager|head|person|contact|director|worker|employee)"
    r"|\b(?:respondent|owner|manager|worker|contact)(?:'?s)? name\b"
    r"|\bnama (?:lengkap|anda|panggilan|responden|pemilik|pekerja|karyawan|kontak|pimpinan|direktur)\b"
    r"|\b(?:phone|mobile|telephone|whatsapp|contact) number"
    r"|\b(?:no|nomor)\.? ?(?:hp|telepon|telp|handphone|wa)\b"
    r"|\be-?mail\b|\baddress\b|\balamat\b|\bgps\b"
    r"|\bnik\b|\bnpwp\b|\bktp\b|\b(?:id|identity) (?:card )?number|\bpassport\b"
)
CONSENT_NAME = re.compile(r"consent|persetujuan|setuju|bersedia|agree_to_participate")
CONSENT_LABEL = re.compile(
    r"\b(?:consent|willing to participate|agree to (?:participate|take part))\b|\bbersedia\b"
)
CONSENT_GIVEN = re.compile(r"(?:yes|ya|i agree|agree|agreed|setuju|saya setuju|bersedia|saya bersedia)\b")
ENUMERATOR = {"enumerator", "enum", "interviewer", "surveyor", "pewawancara", "petugas", "fieldworker"}
NOT_ENUMERATOR = {"comment", "comments", "note", "notes", "gender", "remark", "catatan", "team", "check"}
IDENTIFIERS = {"id", "hhid", "firmid", "caseid", "code", "kode", "nomor", "serial"}
# `firm_number` numbers firms, `number_of_workers` counts workers.
IDENTIFIERS_LAST = {"num", "number", "no", "key"}
TELEPHONE = {
    "phone",
    "telephone",
    "telepon",
    "telp",
    "hp",
    "handphone",
    "mobile",
    "whatsapp",
    "wa",
    "phonenumber",
}
SHARES = {"percent", "percentage", "pct", "perc", "persen", "persentase"}
# What can be lost, and what is a difference, may be below zero.
NEGATIVE = re.compile(r"profit|laba|rugi|loss|net|bersih|margin|balance|saldo|change|growth|diff|selisih")

ROUNDS = {"round", "wave", "period", "putaran", "ronde", "gelombang", "periode", "tahap", "year", "tahun"}
TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
INDONESIAN = re.compile(r"\(id\)|\bbahasa\b|\bindonesian?\b", re.IGNORECASE)


def tokens(name: str) -> set[str]:
    """Words of a column's name, in small letters: ``ownerName_2`` has ``owner``, ``name``, ``2``."""
    return {part.lower() for part in TOKEN.findall(name)}


def missing_reason(label: str) -> str:
    """The reason for which an answer with this label is missing; empty where it is an answer.

    Each part of ``Don't know / refused`` must be such a reason; the first counts.
    """
    whole = _spoken(label)
    if whole in {"n a", "na", "nr"}:
        return "not_applicable" if whole != "nr" else "refused"
    reasons = [_reason(_spoken(part)) for part in re.split(r"[/(),;]", plain_text(label)) if _spoken(part)]
    return reasons[0] if reasons and all(reasons) else ""


def _reason(words: str) -> str:
    return next((reason for reason, pattern in MISSING_ANSWERS.items() if pattern.fullmatch(words)), "")


def _spoken(text: str) -> str:
    plain = re.sub(r"['\u2019\u02bc`]", "", plain_text(text).casefold())
    return " ".join(re.sub(r"[^\w\s]", " ", plain).split())


def codes_in_hint(hint: str) -> dict[str, str]:
    """Codes that a hint gives for missing answers, with their reasons."""
    text = plain_text(hint)
    found = list(CODE.finditer(text))
    ends = [*(m.start() for m in found[1:]), len(text)]
    codes: dict[str, str] = {}
    for code, end in zip(found, ends, strict=False):
        reason = _reason_in(_spoken(text[code.end() : end]))
        if reason:
            codes.setdefault(code[0], reason)
    return codes


def _reason_in(words: str) -> str:
    return next((reason for reason, pattern in MISSING_IN_HINTS.items() if pattern.search(words)), "")


def is_personal(name: str, labels: Iterable[str] = ()) -> bool:
    """Whether a column's name or label suggests that it holds personal data."""
    words = tokens(name)
    personal = words & PERSONAL_NAMES
    if personal and not (personal <= {"name", "nama", "names"} and words & NAMES_OF_PLACES):
        return True
    return any(PERSONAL_LABELS.search(plain_text(label).casefold()) for label in labels)


def is_identifier(name: str) -> bool:
    """Whether a column's name says that it numbers things, and does not count them."""
    words = [part.lower() for part in TOKEN.findall(name)]
    return bool(IDENTIFIERS & set(words) or IDENTIFIERS_LAST & set(words[-1:])) or name.lower().endswith("id")


def is_indonesian(language: str) -> bool:
    """Whether a form's name for a language means Bahasa Indonesia."""
    return language.strip().lower() == "id" or bool(INDONESIAN.search(language))


def label_languages(languages: Iterable[str]) -> tuple[str, str]:
    """The two languages of labels that matter most: the first, and Bahasa Indonesia or else the second.

    The first is one that is not Indonesian where there is one; the second may be missing (empty text
    is also the name of a language that has none, so it is returned as the first).
    """
    listed = list(languages) or [""]
    indonesian = [name for name in listed if is_indonesian(name)]
    others = [name for name in listed if name not in indonesian]
    if not others:
        return indonesian[0], indonesian[0]
    second = [*indonesian, *others[1:]]
    return others[0], second[0] if second else ""


def label_in(labels: Mapping[str, str], language: str) -> str:
    """A label as plain text on one line; empty where there is none in this language."""
    return plain_text(labels.get(language, "")).replace("|", "/")


def is_telephone(name: str) -> bool:
    """Whether a column's name says that it holds telephone numbers."""
    return bool(tokens(name) & TELEPHONE)


def is_share(name: str, label: str) -> bool:
    """Whether a column's name or label says that it is measured in per cent."""
    said = plain_text(label).casefold()
    return bool(
        tokens(name) & SHARES or "%" in said or re.search(r"\b(?:per ?cent|percentage|persen)\b", said)
    )


def may_be_negative(name: str) -> bool:
    """Whether a column's name says that it measures what can be below zero."""
    return bool(NEGATIVE.search(name.lower()))


def names_a_round(name: str) -> bool:
    """Whether a column's name says that it tells rounds or years apart."""
    return bool(tokens(name) & ROUNDS)
