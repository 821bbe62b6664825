# language: nl
@beleid:regime_leave/1999-01-01
Functionaliteit: Regimesgebonden verlof, tot en met 30 juni 2021
  Regeling tijdelijk verlaten van de inrichting (Rtvi, BWBR0010171), tekst van 2017, artikelen 4, 5, 19 en 20.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2017
    En hij is op 1 maart 2018 geplaatst in een beperkt beveiligde inrichting
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rtvi art. 19 lid 1 en 3: "een inrichting waar vierwekelijks verlof", of "wekelijks verlof deel uitmaakt van het regime"

    Scenario: In een beperkt beveiligde inrichting
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "verlof is deel van het regime" voldaan
      En is de uitkomst toewijzen

    Scenario: In een zeer beperkt beveiligde inrichting
      Gegeven hij is op 1 maart 2018 geplaatst in een zeer beperkt beveiligde inrichting
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "verlof is deel van het regime" voldaan
      En is de uitkomst toewijzen

    Scenario: In een gewone gevangenis, of op een normaal beveiligde afdeling (art. 20 lid 2)
      Gegeven hij verblijft in een reguliere afdeling
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "verlof is deel van het regime" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 19"

    Scenario: In een elektronisch detentiehuis (art. 20a)
      Gegeven hij verblijft in een elektronisch detentiehuis
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "niet in elektronische detentie" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 20 lid 1: "nog geen vier werkweken verblijven in een beperkt beveiligde inrichting" geen verlof, "tenzij het gaat om gedetineerden die in het kader van detentiefasering in de inrichting worden geplaatst"
    Vier werkweken zijn hier 28 dagen.

    Abstract Scenario: Vier werkweken
      Gegeven hij is op <geplaatst> geplaatst in een <inrichting>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "vier werkweken of detentiefasering" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                             | geplaatst    | inrichting                         | vereiste     | uitkomst  |
        | 27 dagen                          | 4 juni 2018  | beperkt beveiligde inrichting      | niet voldaan | afwijzen  |
        | precies 28 dagen                  | 3 juni 2018  | beperkt beveiligde inrichting      | voldaan      | toewijzen |
        | de termijn geldt niet in een ZBBI | 20 juni 2018 | zeer beperkt beveiligde inrichting | voldaan      | toewijzen |

    Scenario: Korter dan vier weken, maar geplaatst in het kader van detentiefasering
      Gegeven hij is op 20 juni 2018 geplaatst in een beperkt beveiligde inrichting
      En dat was in het kader van detentiefasering
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "vier werkweken of detentiefasering" voldaan
      En is de uitkomst toewijzen

  Regel: Rtvi art. 20 lid 3: "deelname weigeren, dan wel hun deelname weigeren voort te zetten" aan Terugdringen Recidive

    Scenario: Hij weigert een traject Terugdringen Recidive
      Gegeven hij weigert deelname aan een traject Terugdringen Recidive
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "weigert Terugdringen Recidive niet" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 20"

    Scenario: Hij neemt deel aan een traject Terugdringen Recidive
      Gegeven hij neemt deel aan een traject Terugdringen Recidive
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "weigert Terugdringen Recidive niet" voldaan
      En is de uitkomst toewijzen

  Regel: Rtvi art. 19 lid 7: "In een beperkt beveiligde inrichting wordt in het laatste weekend van de detentie geen regimesgebonden verlof verleend"

    Abstract Scenario: Het laatste weekend
      Gegeven hij is op 1 maart 2018 geplaatst in een <inrichting>
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "niet in het laatste weekend" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                     | inrichting                         | dagen | vereiste     | uitkomst  |
        | zeven dagen, BBI          | beperkt beveiligde inrichting      | 7     | niet voldaan | afwijzen  |
        | acht dagen, BBI           | beperkt beveiligde inrichting      | 8     | voldaan      | toewijzen |
        | minder dan een week, ZBBI | zeer beperkt beveiligde inrichting | 6     | voldaan      | toewijzen |

  Regel: Rtvi art. 4: "Het verlof wordt geweigerd in geval van"

    Abstract Scenario: Een weigeringsgrond weigert, ook bij een laag risico
      Gegeven <feit>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 4"

      Voorbeelden:
        | geval                                          | feit                                                       | vereiste                          |
        | sub a: eerder ontvlucht in deze detentie       | op 1 februari 2018 een ontvluchting                        | geen onttrekking                  |
        | sub d: te laat terug van een eerder verlof     | regimesgebonden verlof op 1 juni 2018 is te laat geëindigd | nakomen van afspraken             |
        | sub f: spanningen op het te bezoeken adres     | er zijn ernstige spanningen op het te bezoeken adres       | geen spanningen, gevaar of onrust |
        | sub g: ongewenste confrontatie met slachtoffer | een slachtoffer met een hoge behoefte aan bescherming      | slachtofferbelangen               |
        | sub h: gevaar voor de gedetineerde             | er is gevaar voor de gedetineerde                          | geen spanningen, gevaar of onrust |
        | sub i: maatschappelijke onrust                 | er is risico van maatschappelijke onrust                   | geen spanningen, gevaar of onrust |
        | sub j: geen aanvaardbaar verlofadres           | een niet aanvaardbaar verlofadres                          | aanvaardbaar adres                |
        | sub k: hij wordt uitgeleverd                   | het staat vast dat hij na de detentie wordt uitgeleverd    | geen uitzetting of uitlevering    |

    Abstract Scenario: Wat niet bekend is, leidt nooit tot verlof
      Gegeven <feit>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "<onbekend>"

      Voorbeelden:
        | geval                        | feit                                 | onbekend            |
        | sub j: adres niet bekend     | over het verlofadres is niets bekend | aanvaardbaar adres  |
        | sub g: slachtoffers onbekend | over slachtoffers is niets bekend    | slachtofferbelangen |
        | gedrag niet bekend           | over het gedrag is niets bekend      | gedrag              |

  Regel: Rtvi art. 19 lid 4, 5 en 8: "maximale duur ... is 52 uur"; "advies door de reclassering"

    Scenario: Voorwaarden in een beperkt beveiligde inrichting
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan geldt als voorwaarde "eens per vier weken ten hoogste 52 uur"
      En geldt niet als voorwaarde "ieder weekend ten hoogste 52 uur"
      En geldt als voorwaarde "advies van de reclassering"
      En geldt als voorwaarde "Nederland niet verlaten"

    Scenario: Voorwaarden in een zeer beperkt beveiligde inrichting
      Gegeven hij is op 1 maart 2018 geplaatst in een zeer beperkt beveiligde inrichting
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan geldt als voorwaarde "ieder weekend ten hoogste 52 uur"
      En geldt niet als voorwaarde "eens per vier weken ten hoogste 52 uur"

  Regel: Rtvi art. 19 lid 6: "De directeur beslist over weigering of verplaatsing van regimesgebonden verlof"

    Scenario: Wie beslist
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan beslist de directeur

  Regel: Rtvi (Stcrt. 2021-28357), in werking op 1 juli 2021: regimesgebonden verlof bestaat niet meer

    Scenario: Op 30 juni 2021 bestaat het nog
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      En hij is op 1 maart 2021 geplaatst in een beperkt beveiligde inrichting
      Als op 30 juni 2021 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Op 1 juli 2021 niet meer
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      En hij is op 1 maart 2021 geplaatst in een beperkt beveiligde inrichting
      Als op 1 juli 2021 over regimesgebonden verlof wordt beslist
      Dan is er voor die dag geen regeling

  Regel: Rtvi art. 3 lid 1: "alle benodigde inlichtingen en adviezen"
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 juli 2018 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 4: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval          | onderdeel                |
        | gedrag         | het gedrag               |
        | plan           | promotie, plan en doelen |
        | veroordelingen | veroordelingen           |
        | onderzoeken    | onderzoeken              |
        | vrijheden      | eerdere vrijheden        |
        | slachtoffers   | slachtoffers             |

    Abstract Scenario: De schatting van het risico is niet zeker
      Gegeven <feit>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | toewijzen                  |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                 |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                           |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 juni 2018 aangevraagd                               |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 30 juni 2018, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 1 juli 2018, is <oordeel>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 maart 2018 ongewenst gedrag: drugs
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Abstract Scenario: Gedrag in de inrichting als weigeringsgrond (sub c en e)
      Gegeven <feit>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst afwijzen

      Voorbeelden:
        | geval                        | feit                                          |
        | sub c: drugs vorige maand    | op 1 juni 2018 ontoelaatbaar gedrag: drugs    |
        | sub e: agressie vorige maand | op 1 juni 2018 ontoelaatbaar gedrag: agressie |

    Abstract Scenario: Een matig risico samen met een lichter feit
      Gegeven het risico is matig
      En <feit>
      Als op 1 juli 2018 over regimesgebonden verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                         | feit                                                   |
        | ongewenst gedrag vorige maand | op 10 juni 2018 ongewenst gedrag: weigering van arbeid |
        | drugs, een half jaar geleden  | op 1 maart 2018 ongewenst gedrag: drugs                |
