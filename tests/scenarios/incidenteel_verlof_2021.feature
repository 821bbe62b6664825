# language: nl
@beleid:incidental_leave/2021-07-01
Functionaliteit: Incidenteel verlof, vanaf 1 juli 2021
  Regeling tijdelijk verlaten van de inrichting (Rtvi) zoals gewijzigd bij Stcrt. 2021-28357. Incidenteel verlof bestaat naast
  re-integratieverlof; de criteria gedrag, risico's en slachtoffers gelden voor elk verlof.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 700 dagen, begonnen op 1 januari 2022
    En hij vraagt incidenteel verlof voor een naaste in levensgevaar
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rtvi art. 21 lid 1: "gebeurtenissen in de persoonlijke sfeer van de gedetineerde, waarbij zijn aanwezigheid noodzakelijk is"

    Scenario: Alles is in orde
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Ook in de eerste weken van de straf, en zonder doel in het plan
      Gegeven geen doel van het plan wordt met verlof gediend
      Als op 1 maart 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

    Abstract Scenario: Noodzaak en andere wegen
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                                 | feit                                                         | vereiste                   |
        | lid 1: aanwezigheid niet noodzakelijk | zijn aanwezigheid is niet noodzakelijk                       | aanwezigheid noodzakelijk  |
        | lid 3: ander verlof volstaat          | invrijheidstelling of ander verlof binnen een maand volstaat | ander verlof volstaat niet |

    Scenario: Of zijn aanwezigheid noodzakelijk is, is niet bekend
      Gegeven het is niet bekend of zijn aanwezigheid noodzakelijk is
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is niet bekend of aan het vereiste "aanwezigheid noodzakelijk" is voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 22: band, bezwaar en bevestiging

    Abstract Scenario: De te bezoeken persoon en de gebeurtenis
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                   | feit                                                     | vereiste                      |
        | lid 1 sub b: niet hecht | de relatie met de te bezoeken persoon is niet hecht      | band staat vast en is hecht   |
        | lid 1 sub c: bezwaar    | de te bezoeken persoon of de nabestaanden hebben bezwaar | geen bezwaar tegen het bezoek |
        | lid 2: niet bevestigd   | de gebeurtenis is niet bevestigd                         | gebeurtenis bevestigd         |

  Regel: Rtvi art. 22 lid 1 en 2: alleen voor een bezoek, en bij "geboorte, ziekte, lichamelijke of geestelijke gesteldheid of overlijden"

    Abstract Scenario: Bij een examen is er niemand die wordt bezocht, en niets dat een arts bevestigt
      Gegeven hij vraagt incidenteel verlof voor een examen
      En <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" voldaan
      En is de uitkomst toewijzen

      Voorbeelden:
        | geval                            | feit                                                       | vereiste                      |
        | lid 1 sub b: band niet bekend    | het is niet bekend of er een hechte band is                | band staat vast en is hecht   |
        | lid 1 sub c: bezwaar niet bekend | het is niet bekend of de te bezoeken persoon bezwaar heeft | geen bezwaar tegen het bezoek |
        | lid 2: bevestiging niet bekend   | het is niet bekend of de gebeurtenis is bevestigd          | gebeurtenis bevestigd         |

  Regel: Rtvi art. 23-31 (tekst van 2017): nadere eisen per gebeurtenis

    Abstract Scenario: Nadere eisen
      Gegeven hij vraagt incidenteel verlof voor een <gebeurtenis>
      En <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" <voldaan>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                                    | gebeurtenis                            | feit                                                      | vereiste                               | voldaan      | uitkomst  |
        | art. 24 lid 3: uitvaart onder bewaking   | uitvaart                               | het verlof is onder bewaking                              | uitvaart niet onder bewaking           | niet voldaan | afwijzen  |
        | art. 24 lid 3: uitvaart met begeleiding  | uitvaart                               | het verlof is met begeleiding                             | uitvaart niet onder bewaking           | voldaan      | toewijzen |
        | art. 24 lid 3: rouwbezoek onder bewaking | rouwbezoek                             | het verlof is onder bewaking                              | uitvaart niet onder bewaking           | voldaan      | toewijzen |
        | art. 26: kraambezoek te laat             | kraambezoek                            | aan de nadere eisen voor zo'n gebeurtenis is niet voldaan | nadere eisen voor de gebeurtenis       | niet voldaan | afwijzen  |
        | art. 30 lid 1: studie, niet zelfstandig  | studie                                 | het verlof is met begeleiding                             | studie: reist zelfstandig              | niet voldaan | afwijzen  |
        | art. 30 lid 1: studie, zelfstandig       | studie                                 | het verlof is zelfstandig                                 | studie: reist zelfstandig              | voldaan      | toewijzen |
        | art. 31 lid 2: 90 dagen voor het einde   | voorbereiding op de invrijheidstelling | op de dag van de beslissing resteren 90 dagen             | invrijheidstelling binnen drie maanden | voldaan      | toewijzen |
        | art. 31 lid 2: 91 dagen voor het einde   | voorbereiding op de invrijheidstelling | op de dag van de beslissing resteren 91 dagen             | invrijheidstelling binnen drie maanden | niet voldaan | afwijzen  |

  Regel: Rtvi art. 4 (tekst van 2017): "Het verlof wordt geweigerd in geval van"

    Abstract Scenario: Een weigeringsgrond
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 4"

      Voorbeelden:
        | geval                                       | feit                                                  | vereiste                          |
        | sub f: spanningen op het adres              | er zijn ernstige spanningen op het te bezoeken adres  | geen spanningen, gevaar of onrust |
        | sub g: confrontatie                         | een slachtoffer met een hoge behoefte aan bescherming | slachtofferbelangen               |
        | sub h: gevaar                               | er is gevaar voor de gedetineerde                     | geen spanningen, gevaar of onrust |
        | sub i: onrust                               | er is risico van maatschappelijke onrust              | geen spanningen, gevaar of onrust |
        | sub j: geen aanvaardbaar adres, zelfstandig | een niet aanvaardbaar verlofadres                     | aanvaardbaar adres                |
        | sub l: hij wordt uitgezet                   | het staat vast dat hij na de detentie wordt uitgezet  | geen uitzetting of uitlevering    |

    Scenario: Onder begeleiding is geen verlofadres nodig (keuze van het project)
      Gegeven een niet aanvaardbaar verlofadres
      En het verlof is met begeleiding
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "aanvaardbaar adres" voldaan
      En is de uitkomst toewijzen

  Regel: Rtvi art. 32 lid 1 en 2 (tekst van 2017): de minister beslist bij bijzondere categorieën

    Abstract Scenario: Wanneer de minister beslist
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En <minister>

      Voorbeelden:
        | geval                    | feit                                                          | minister                                        |
        | sub l: precies twee jaar | een gevangenisstraf van 730 dagen, begonnen op 1 januari 2022 | geldt niet als voorwaarde "de minister beslist" |
        | sub l: een dag meer      | een gevangenisstraf van 731 dagen, begonnen op 1 januari 2022 | geldt als voorwaarde "de minister beslist"      |
        | sub a: tbs               | de rechter legde ook tbs met dwangverpleging op               | geldt als voorwaarde "de minister beslist"      |

  Regel: Rtvi art. 4: de weigeringsgronden en de drie criteria gelden voor elk verlof

    Abstract Scenario: Wat tegen verlof spreekt, of niet bekend is
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                             | feit                                                  |
        | hoge behoefte aan bescherming     | een slachtoffer met een hoge behoefte aan bescherming |
        | slachtoffers zijn niet nagevraagd | over slachtoffers is niets bekend                     |

  Regel: Rtvi art. 21 lid 2 en 4: begeleiding of bewaking; het verlof eindigt op de dag waarop het begint

    Abstract Scenario: Begeleiding en duur
      Gegeven het verlof is <toezicht>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "eindigt op dezelfde dag"
      En <begeleiding>

      Voorbeelden:
        | geval           | toezicht        | begeleiding                                 |
        | zelfstandig     | zelfstandig     | geldt niet als voorwaarde "met begeleiding" |
        | met begeleiding | met begeleiding | geldt als voorwaarde "met begeleiding"      |

  Regel: Rtvi (Stcrt. 2021-28357), in werking op 1 juli 2021: de dag van de beslissing wijst de regeling aan

    Scenario: Op 1 juli 2021 geldt de nieuwe regeling
      Gegeven een gevangenisstraf van 700 dagen, begonnen op 1 januari 2021
      Als op 1 juli 2021 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 3 lid 1 (tekst van 2017): "alle benodigde inlichtingen en adviezen"
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 juli 2022 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 4 (tekst van 2017): hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval        | onderdeel    |
        | gedrag       | het gedrag   |
        | onderzoeken  | onderzoeken  |
        | slachtoffers | slachtoffers |

    Abstract Scenario: De schatting van het risico is niet zeker
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | eerst verdiepend onderzoek |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                 |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                           |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 juni 2022 aangevraagd                               |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 juni 2022, geldig tot en met 30 juni 2022, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 juni 2022, geldig tot en met 1 juli 2022, is <oordeel>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 maart 2022 ongewenst gedrag: drugs
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Abstract Scenario: Gedrag en eerdere vrijheden als weigeringsgrond (sub a tot en met e)
      Gegeven <feit>
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                           | feit                                                  | vereiste              |
        | sub a: eerder ontvlucht         | op 1 mei 2022 een ontvluchting                        | geen onttrekking      |
        | sub c: drugs vorige maand       | op 1 juni 2022 ontoelaatbaar gedrag: drugs            | gedrag                |
        | sub d: te laat terug van verlof | incidenteel verlof op 1 mei 2022 is te laat geëindigd | nakomen van afspraken |
        | sub e: agressie vorige maand    | op 1 juni 2022 ontoelaatbaar gedrag: agressie         | gedrag                |

    Scenario: Onder bewaking kan ook bij een hoog risico
      Gegeven het risico is hoog
      En het verlof is onder bewaking
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "onder bewaking"

    Scenario: Met begeleiding kan ook bij een matig risico
      Gegeven het risico is matig
      En het verlof is met begeleiding
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Welk toezicht nodig is, is niet bekend (art. 21 lid 2)
      Gegeven het is niet bekend of begeleiding of bewaking nodig is
      Als op 1 juli 2022 over incidenteel verlof wordt beslist
      Dan is de uitkomst niet toewijzen
