# language: nl
@beleid:incidental_leave/1999-01-01
Functionaliteit: Incidenteel verlof, tot en met 30 juni 2021
  Regeling tijdelijk verlaten van de inrichting (Rtvi, BWBR0010171), tekst van 2017, artikelen 4, 5 en 21-33.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 700 dagen, begonnen op 1 januari 2017
    En hij vraagt incidenteel verlof voor een naaste in levensgevaar
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rtvi art. 21 lid 1: "gebeurtenissen in de persoonlijke sfeer van de gedetineerde, waarbij zijn aanwezigheid noodzakelijk is"
    Anders dan algemeen verlof is incidenteel verlof aan geen deel van de straf gebonden.

    Scenario: Alles is in orde
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Ook in de eerste weken van de straf
      Als op 1 maart 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Zijn aanwezigheid is niet noodzakelijk
      Gegeven zijn aanwezigheid is niet noodzakelijk
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "aanwezigheid noodzakelijk" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 21"

    Scenario: Of zijn aanwezigheid noodzakelijk is, is niet bekend
      Gegeven het is niet bekend of zijn aanwezigheid noodzakelijk is
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is niet bekend of aan het vereiste "aanwezigheid noodzakelijk" is voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 21 lid 3: geen incidenteel verlof als "invrijheidstelling of regimesgebonden of algemeen verlof" binnen een maand volstaat

    Scenario: Ander verlof binnen een maand volstaat
      Gegeven invrijheidstelling of ander verlof binnen een maand volstaat
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "ander verlof volstaat niet" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 22 lid 1: "de beweerde band bestaat", "de relatie hecht is" en "geen bezwaar tegen het bezoek"

    Scenario: De relatie is niet hecht
      Gegeven de relatie met de te bezoeken persoon is niet hecht
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "band staat vast en is hecht" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 22"

    Scenario: De te bezoeken persoon heeft bezwaar
      Gegeven de te bezoeken persoon of de nabestaanden hebben bezwaar
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "geen bezwaar tegen het bezoek" niet voldaan
      En is de uitkomst afwijzen

    Scenario: Of de te bezoeken persoon bezwaar heeft is niet bekend
      Gegeven het is niet bekend of de te bezoeken persoon bezwaar heeft
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is niet bekend of aan het vereiste "geen bezwaar tegen het bezoek" is voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 22 lid 2: de gebeurtenis is "door een arts respectievelijk de burgerlijke stand" bevestigd

    Scenario: De gebeurtenis is niet bevestigd
      Gegeven de gebeurtenis is niet bevestigd
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "gebeurtenis bevestigd" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 22 lid 1 en 2: alleen voor een bezoek, en bij "geboorte, ziekte, lichamelijke of geestelijke gesteldheid of overlijden"

    Abstract Scenario: Bij een examen is er niemand die wordt bezocht, en niets dat een arts bevestigt
      Gegeven hij vraagt incidenteel verlof voor een examen
      En <feit>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" voldaan
      En is de uitkomst toewijzen

      Voorbeelden:
        | geval                            | feit                                                       | vereiste                      |
        | lid 1 sub b: band niet bekend    | het is niet bekend of er een hechte band is                | band staat vast en is hecht   |
        | lid 1 sub c: bezwaar niet bekend | het is niet bekend of de te bezoeken persoon bezwaar heeft | geen bezwaar tegen het bezoek |
        | lid 2: bevestiging niet bekend   | het is niet bekend of de gebeurtenis is bevestigd          | gebeurtenis bevestigd         |

  Regel: Rtvi art. 23-31: nadere eisen per gebeurtenis, zoals een kraambezoek "binnen 14 dagen na de bevalling" (art. 26)

    Scenario: Aan de nadere eisen is niet voldaan
      Gegeven hij vraagt incidenteel verlof voor een kraambezoek
      En aan de nadere eisen voor zo'n gebeurtenis is niet voldaan
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "nadere eisen voor de gebeurtenis" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 24 lid 3: "Het bijwonen van de uitvaart is uitgesloten indien bewaking is aangewezen"

    Abstract Scenario: Uitvaart en rouwbezoek
      Gegeven hij vraagt incidenteel verlof voor een <gebeurtenis>
      En het verlof is <toezicht>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "uitvaart niet onder bewaking" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                     | gebeurtenis | toezicht        | vereiste     | uitkomst  |
        | uitvaart onder bewaking   | uitvaart    | onder bewaking  | niet voldaan | afwijzen  |
        | uitvaart met begeleiding  | uitvaart    | met begeleiding | voldaan      | toewijzen |
        | rouwbezoek onder bewaking | rouwbezoek  | onder bewaking  | voldaan      | toewijzen |

  Regel: Rtvi art. 30 lid 1: studie alleen als "de gedetineerde zelfstandig kan reizen"

    Abstract Scenario: Studie
      Gegeven hij vraagt incidenteel verlof voor een studie
      En het verlof is <toezicht>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "studie: reist zelfstandig" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                       | toezicht        | vereiste     | uitkomst  |
        | reist zelfstandig           | zelfstandig     | voldaan      | toewijzen |
        | kan niet zelfstandig reizen | met begeleiding | niet voldaan | afwijzen  |

  Regel: Rtvi art. 31 lid 2: voorbereiding "indien de invrijheidstelling binnen drie maanden te verwachten valt"

    Abstract Scenario: Voorbereiding op de invrijheidstelling
      Gegeven hij vraagt incidenteel verlof voor een voorbereiding op de invrijheidstelling
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "invrijheidstelling binnen drie maanden" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                | dagen | vereiste     | uitkomst  |
        | precies drie maanden | 90    | voldaan      | toewijzen |
        | een dag meer         | 91    | niet voldaan | afwijzen  |

  Regel: Rtvi art. 4: de weigeringsgronden gelden voor elk verlof

    Abstract Scenario: Een weigeringsgrond weigert
      Gegeven <feit>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 4"

      Voorbeelden:
        | geval                                          | feit                                                  | vereiste                          |
        | sub f: spanningen op het te bezoeken adres     | er zijn ernstige spanningen op het te bezoeken adres  | geen spanningen, gevaar of onrust |
        | sub g: ongewenste confrontatie met slachtoffer | een slachtoffer met een hoge behoefte aan bescherming | slachtofferbelangen               |
        | sub h: gevaar voor de gedetineerde             | er is gevaar voor de gedetineerde                     | geen spanningen, gevaar of onrust |
        | sub i: maatschappelijke onrust                 | er is risico van maatschappelijke onrust              | geen spanningen, gevaar of onrust |

    Abstract Scenario: Het verlofadres (sub j); keuze van het project: onder begeleiding is geen verlofadres nodig
      Gegeven een niet aanvaardbaar verlofadres
      En het verlof is <toezicht>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "aanvaardbaar adres" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval           | toezicht        | vereiste     | uitkomst  |
        | zelfstandig     | zelfstandig     | niet voldaan | afwijzen  |
        | met begeleiding | met begeleiding | voldaan      | toewijzen |

    Scenario: Hij wordt uitgezet (sub l)
      Gegeven het staat vast dat hij na de detentie wordt uitgezet
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "geen uitzetting of uitlevering" niet voldaan
      En is de uitkomst afwijzen

    Scenario: Slachtoffers zijn niet nagevraagd
      Gegeven over slachtoffers is niets bekend
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "slachtofferbelangen"

  Regel: Rtvi art. 21 lid 2 en 4: "onder begeleiding of bewaking"; het verlof "eindigt op de dag waarop het is aangevangen"

    Abstract Scenario: Begeleiding en duur
      Gegeven het verlof is <toezicht>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "eindigt op dezelfde dag"
      En <begeleiding>
      En <bewaking>

      Voorbeelden:
        | geval           | toezicht        | begeleiding                                 | bewaking                                   |
        | zelfstandig     | zelfstandig     | geldt niet als voorwaarde "met begeleiding" | geldt niet als voorwaarde "onder bewaking" |
        | met begeleiding | met begeleiding | geldt als voorwaarde "met begeleiding"      | geldt niet als voorwaarde "onder bewaking" |
        | onder bewaking  | onder bewaking  | geldt niet als voorwaarde "met begeleiding" | geldt als voorwaarde "onder bewaking"      |

  Regel: Rtvi art. 32 lid 1 en 2: de minister beslist bij bijzondere categorieën

    Abstract Scenario: Wanneer de minister beslist
      Gegeven <feit>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En <minister>

      Voorbeelden:
        | geval                                     | feit                                                          | minister                                        |
        | sub l: precies twee jaar                  | een gevangenisstraf van 730 dagen, begonnen op 1 januari 2017 | geldt niet als voorwaarde "de minister beslist" |
        | sub l: een dag meer dan twee jaar         | een gevangenisstraf van 731 dagen, begonnen op 1 januari 2017 | geldt als voorwaarde "de minister beslist"      |
        | sub a: tbs met dwangverpleging            | de rechter legde ook tbs met dwangverpleging op               | geldt als voorwaarde "de minister beslist"      |
        | sub c: in een extra beveiligde inrichting | hij verblijft in een extra beveiligde inrichting              | geldt als voorwaarde "de minister beslist"      |
        | het openbaar ministerie adviseert anders  | het openbaar ministerie adviseert tot afwijzing               | geldt als voorwaarde "de minister beslist"      |

  Regel: Rtvi art. 32 lid 1: "In de overige gevallen beslist de directeur"

    Scenario: Wie beslist
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan beslist de directeur

  Regel: Rtvi (Stcrt. 2021-28357), in werking op 1 juli 2021: de dag van de beslissing wijst de regeling aan

    Scenario: Op 30 juni 2021 geldt nog de oude regeling
      Gegeven een gevangenisstraf van 700 dagen, begonnen op 1 januari 2021
      Als op 30 juni 2021 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 3 lid 1: "alle benodigde inlichtingen en adviezen"
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 juli 2017 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 4: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval        | onderdeel    |
        | gedrag       | het gedrag   |
        | onderzoeken  | onderzoeken  |
        | slachtoffers | slachtoffers |

    Abstract Scenario: De schatting van het risico is niet zeker
      Gegeven <feit>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | eerst verdiepend onderzoek |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                 |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                           |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 juni 2017 aangevraagd                               |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 juni 2017, geldig tot en met 30 juni 2017, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 juni 2017, geldig tot en met 1 juli 2017, is <oordeel>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 maart 2017 ongewenst gedrag: drugs
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Abstract Scenario: Gedrag en eerdere vrijheden als weigeringsgrond (sub a tot en met e)
      Gegeven <feit>
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                           | feit                                                  | vereiste              |
        | sub a: eerder ontvlucht         | op 1 mei 2017 een ontvluchting                        | geen onttrekking      |
        | sub c: drugs vorige maand       | op 1 juni 2017 ontoelaatbaar gedrag: drugs            | gedrag                |
        | sub d: te laat terug van verlof | incidenteel verlof op 1 mei 2017 is te laat geëindigd | nakomen van afspraken |
        | sub e: agressie vorige maand    | op 1 juni 2017 ontoelaatbaar gedrag: agressie         | gedrag                |

    Scenario: Onder bewaking kan ook bij een hoog risico
      Gegeven het risico is hoog
      En het verlof is onder bewaking
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "onder bewaking"

    Scenario: Met begeleiding kan ook bij een matig risico
      Gegeven het risico is matig
      En het verlof is met begeleiding
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Welk toezicht nodig is, is niet bekend (art. 21 lid 2)
      Gegeven het is niet bekend of begeleiding of bewaking nodig is
      Als op 1 juli 2017 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen
