"""The words that scenarios may use for facts, and what the facts are in a dossier."""

from __future__ import annotations

from typing import Any

PLACES = {
    "een reguliere afdeling": "regular",
    "een beperkt beveiligde inrichting": "low_security",
    "een zeer beperkt beveiligde inrichting": "very_low_security",
    "een extra beveiligde inrichting": "ebi",
    "een uitgebreid beveiligde inrichting": "ubi",
    "een terroristenafdeling": "ta",
    "een penitentiair psychiatrisch centrum": "ppc",
    "het justitieel centrum voor somatische zorg": "jcvsz",
    "een elektronisch detentiehuis": "electronic_detention",
}
REGIMES = {
    "hij zit in voorlopige hechtenis na een vonnis dat niet onherroepelijk is": "remand",
    "hij is zelfmelder": "self_reporter",
    "hij is arrestant": "arrestant",
    "hij ondergaat de ISD-maatregel": "isd",
}
DETENTION_FACTS: dict[str, dict[str, Any]] = {
    "de rechter legde ook tbs met dwangverpleging op": {"tbs_with_care": True},
    "het is niet bekend of ook tbs met dwangverpleging is opgelegd": {"tbs_with_care": None},
    "het staat vast dat hij na de detentie wordt uitgezet": {"removal_or_extradition": True},
    "het staat vast dat hij na de detentie wordt uitgeleverd": {"removal_or_extradition": True},
    "het is niet bekend of hij wordt uitgezet of uitgeleverd": {"removal_or_extradition": None},
    "hij is een vreemdeling zonder rechtmatig verblijf": {"unlawful_stay": True},
    "het is niet bekend of hij rechtmatig verblijf heeft": {"unlawful_stay": None},
    "hij zit in voorlopige hechtenis, zonder vonnis": {
        "regime": "remand",
        "judged_on": None,
        "sentence_days": None,
        "expected_release_on": None,
    },
    "de duur van de straf is niet bekend": {"sentence_days": None, "expected_release_on": None},
    "de verwachte invrijheidstelling is niet bekend": {"expected_release_on": None},
    "de dag van het vonnis is niet bekend": {"judged_on": None},
    "het voorwaardelijke deel van de straf is niet bekend": {
        "conditional_days": None,
    },
    "hij is geselecteerd voor een extra beveiligde inrichting": {"selected_for": "ebi"},
    "het openbaar ministerie vordert de ISD-maatregel": {"isd_claimed": True},
    "hij wordt vervolgd voor een misdrijf in detentie": {"prosecuted_inside": True},
    "een voorwaardelijk deel wordt alsnog ten uitvoer gelegd": {"suspended_part_executed": True},
    "de datum van invrijheidstelling is onzeker": {"release_uncertain": True},
    "de datum van voorwaardelijke invrijheidstelling is niet bekend": {
        "conditional_release_on": None
    },
    **{sentence: {"regime": regime} for sentence, regime in REGIMES.items()},
    **{f"hij verblijft in {place}": {"unit": unit} for place, unit in PLACES.items()},
}
ADDRESSES: dict[str, dict[str, Any] | None] = {
    "een aanvaardbaar verlofadres": {"status": "with_family", "address_check": "accepted"},
    "een niet aanvaardbaar verlofadres": {"status": "with_family", "address_check": "rejected"},
    "een verlofadres dat niet is onderzocht": {
        "status": "with_family",
        "address_check": "not_checked",
    },
    "geen enkel adres": {"status": "none"},
}
VICTIM_FACTS: dict[str, dict[str, Any]] = {
    "een slachtoffer vraagt om een contactverbod": {"no_contact_asked": True},
    "een slachtoffer vraagt om een gebiedsverbod": {"area_ban_asked": True},
    "een slachtoffer met een hoge behoefte aan bescherming": {"protection_need": "high"},
    "een slachtoffer maakt bezwaar": {"objects_to_liberty": True},
    "een slachtoffer van wie niet bekend is of het bescherming nodig heeft": {
        "protection_need": None
    },
    "een slachtoffer zonder wensen": {},
}
SUBJECTS = {
    "agressie": "aggression",
    "bedreiging": "threat",
    "vernieling": "vandalism",
    "drugs": "drugs",
    "contrabande": "contraband",
    "ontvluchting": "escape",
    "weigering van arbeid": "refusal",
    "te laat komen": "late",
    "zorg en begeleiding": "care_guidance",
}
GRADES = {"ontoelaatbaar": "intolerable", "ongewenst": "undesired"}
IMPAIRMENTS = {
    "hij heeft een ernstige verslaving": "addiction",
    "hij heeft een verstandelijke beperking": "intellectual_disability",
    "hij heeft psychische problemen": "mental_health",
    "hij heeft geen beperking, stoornis of verslaving": None,
}
IMPROVEMENT = {
    "hij toont zich bereid tot verbetering": True,
    "hij toont zich niet bereid tot verbetering": False,
    "over zorg en begeleiding is niet met hem gesproken": None,
}
EVENTS = {
    "naaste in levensgevaar": "grave_illness",
    "uitvaart": "funeral",
    "rouwbezoek": "mourning_visit",
    "kraambezoek": "birth",
    "examen": "exam",
    "studie": "study",
    "voorbereiding op de invrijheidstelling": "release_preparation",
}
IN_ORDER = {
    "presence_needed": True,
    "event_confirmed": True,
    "event_terms_met": True,
    "other_leave_serves": False,
    "relation_close": True,
    "visited_objects": False,
    "supervision": "alone",
}
"""What is known of a request for incidental leave that is in order."""
REQUEST_FACTS: dict[str, dict[str, Any]] = {
    "er zijn ernstige spanningen op het te bezoeken adres": {"tension_at_address": True},
    "er is gevaar voor de gedetineerde": {"danger_to_prisoner": True},
    "er is risico van maatschappelijke onrust": {"social_unrest": True},
    "het openbaar ministerie adviseert tot afwijzing": {"prosecutor_objects": True},
    "zijn aanwezigheid is niet noodzakelijk": {"presence_needed": False},
    "het is niet bekend of zijn aanwezigheid noodzakelijk is": {"presence_needed": None},
    "invrijheidstelling of ander verlof binnen een maand volstaat": {"other_leave_serves": True},
    "de relatie met de te bezoeken persoon is niet hecht": {"relation_close": False},
    "de te bezoeken persoon of de nabestaanden hebben bezwaar": {"visited_objects": True},
    "het is niet bekend of de te bezoeken persoon bezwaar heeft": {"visited_objects": None},
    "het is niet bekend of er een hechte band is": {"relation_close": None},
    "het is niet bekend of de gebeurtenis is bevestigd": {"event_confirmed": None},
    "de gebeurtenis is niet bevestigd": {"event_confirmed": False},
    "aan de nadere eisen voor zo'n gebeurtenis is niet voldaan": {"event_terms_met": False},
    "het is niet bekend of begeleiding of bewaking nodig is": {"supervision": None},
    "het verlof is zelfstandig": {"supervision": "alone"},
    "het verlof is met begeleiding": {"supervision": "escorted"},
    "het verlof is onder bewaking": {"supervision": "guarded"},
}
GOALS = {
    "een doel van het plan waarvoor verlof nodig is": {"goal": "housing", "supports_leave": True},
    "een doel van het plan over het sociale netwerk waarvoor verlof nodig is": {
        "goal": "network",
        "supports_leave": True,
    },
    "een doel van het plan over werk en inkomen waarvoor verlof nodig is": {
        "goal": "work_income",
        "supports_leave": True,
    },
    "geen doel van het plan wordt met verlof gediend": {"goal": "housing", "supports_leave": False},
    "het is niet bekend of verlof een doel van het plan dient": {"goal": "housing"},
}
CLAIMS = {
    "een geldboete": "fine",
    "een schadevergoedingsmaatregel": "victim_compensation",
    "een ontnemingsmaatregel": "confiscation",
    "een administratieve sanctie": "administrative_fine",
    "een huurschuld": "rent",
}
OFFENCES = {
    "ernstig geweld": {"offence_class": "serious_violence", "severity": 4},
    "een zedendelict": {"offence_class": "sexual", "severity": 4},
    "een levensdelict": {"offence_class": "homicide", "severity": 5},
    "diefstal": {"offence_class": "theft", "severity": 2},
}
LIBERTIES = {
    "algemeen verlof": "general_leave",
    "regimesgebonden verlof": "regime_leave",
    "kortdurend re-integratieverlof": "short_leave",
    "langdurend re-integratieverlof": "long_leave",
    "verlof voor extramurale arbeid": "extramural_leave",
    "incidenteel verlof": "incidental_leave",
}
ENDINGS = {
    "goed verlopen": "returned",
    "te laat geëindigd": "late",
    "geëindigd zonder terugkeer": "absconded",
    "geëindigd met een strafbaar feit": "offence",
}
TABLES = {
    "het verlofadres": "housing",
    "slachtoffers": "victims",
    "schulden": "debts",
    "het gedrag": "conduct",
    "promotie, plan en doelen": "programme",
    "eerdere vrijheden": "liberties",
    "onderzoeken": "assessments",
    "veroordelingen": "convictions",
}
WEEKS_OF = {"re-integratie": "reintegration", "leefklimaat": "living_climate"}
ASSESSED = {"gunstig": "favourable", "ongunstig": "unfavourable", "onbeslist": "inconclusive"}
