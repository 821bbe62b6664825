# language: nl
@beleid:leave/1999-01-01
Functionaliteit: Algemeen verlof, tot en met 30 juni 2021
  Regeling tijdelijk verlaten van de inrichting (Rtvi, BWBR0010171), tekst van 2017, artikelen 4, 5 en 14-18.
  De dag van de beslissing zelf telt niet als ondergaan: op 30 juni zijn vanaf 1 januari 180 dagen ondergaan.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2017
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rtvi art. 14 lid 1 sub a: "hij ten minste een derde deel van de onvoorwaardelijk opgelegde straf heeft ondergaan"

    Abstract Scenario: Een derde van de straf
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2017
      En <voorwaardelijk> dagen van de straf zijn voorwaardelijk
      Als op <dag> over algemeen verlof wordt beslist
      Dan is aan het vereiste "een derde ondergaan" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                                        | straf | voorwaardelijk | dag          | vereiste     | uitkomst  |
        | de dag voordat een derde is ondergaan        | 540   | 0              | 29 juni 2017 | niet voldaan | afwijzen  |
        | de dag waarop precies een derde is ondergaan | 540   | 0              | 30 juni 2017 | voldaan      | toewijzen |
        | een derde is geen hele dag: de dag ervoor    | 541   | 0              | 30 juni 2017 | niet voldaan | afwijzen  |
        | een derde is geen hele dag: de dag erna      | 541   | 0              | 1 juli 2017  | voldaan      | toewijzen |
        | het voorwaardelijke deel telt niet mee       | 720   | 180            | 30 juni 2017 | voldaan      | toewijzen |

    Scenario: Tijd die elders is ondergaan en in mindering komt telt mee
      Gegeven een gevangenisstraf van 540 dagen, begonnen op 1 januari 2017
      En 30 dagen zijn elders ondergaan en komen in mindering op de straf
      Als op 31 mei 2017 over algemeen verlof wordt beslist
      Dan is aan het vereiste "een derde ondergaan" voldaan

    Scenario: Hij is nog niet veroordeeld (aanhef)
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst afwijzen

    Scenario: Een vonnis dat niet onherroepelijk is: "al dan niet onherroepelijk, is veroordeeld"
      Gegeven hij zit in voorlopige hechtenis na een vonnis dat niet onherroepelijk is
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" voldaan
      En is de uitkomst toewijzen

    Scenario: De duur van de straf is niet bekend
      Gegeven de duur van de straf is niet bekend
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is niet bekend of aan het vereiste "een derde ondergaan" is voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 14"

  Regel: Rtvi art. 14 lid 1 sub b: "zijn strafrestant nog ten minste drie maanden en ten hoogste een jaar bedraagt"
    Een maand is 30 dagen (Rtvi art. 16 lid 1; Wetboek van Strafrecht art. 88) en een jaar 365 dagen.

    Abstract Scenario: Het strafrestant
      Gegeven op de dag van de beslissing resteren <dagen> dagen
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" <voldaan>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                        | dagen | vereiste                | voldaan      | uitkomst  |
        | een dag minder dan 3 maanden | 89    | ten minste drie maanden | niet voldaan | afwijzen  |
        | precies drie maanden         | 90    | ten minste drie maanden | voldaan      | toewijzen |
        | precies een jaar             | 365   | ten hoogste een jaar    | voldaan      | toewijzen |
        | een dag meer dan een jaar    | 366   | ten hoogste een jaar    | niet voldaan | afwijzen  |

    Scenario: "komt eerst voor algemeen verlof in aanmerking": de grens van drie maanden geldt voor een eerste verlof
      De tekst laat dit open; keuze van het project: een vervolgverlof kan ook in de laatste drie maanden.
      Gegeven op de dag van de beslissing resteren 89 dagen
      En algemeen verlof op 1 mei 2018 is goed verlopen
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "ten minste drie maanden" voldaan
      En is de uitkomst toewijzen

    Scenario: Het strafrestant loopt tot de verwachte invrijheidstelling, niet tot het einde van de straf
      Gegeven de verwachte invrijheidstelling is op 28 september 2018
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "ten minste drie maanden" niet voldaan

    Scenario: De datum van invrijheidstelling is niet bekend
      Gegeven de verwachte invrijheidstelling is niet bekend
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is niet bekend of aan het vereiste "ten minste drie maanden" is voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 14 lid 3: "Algemeen verlof wordt niet verleend aan"

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 14"

      Voorbeelden:
        | geval                                           | feit                                                     | vereiste                           |
        | sub a: het verlof is deel van het regime (BBI)  | hij verblijft in een beperkt beveiligde inrichting       | verlof is geen deel van het regime |
        | sub a: het verlof is deel van het regime (ZBBI) | hij verblijft in een zeer beperkt beveiligde inrichting  | verlof is geen deel van het regime |
        | sub b: tbs met dwangverpleging                  | de rechter legde ook tbs met dwangverpleging op          | geen tbs met dwangverpleging       |
        | sub c: geplaatst in een EBI                     | hij verblijft in een extra beveiligde inrichting         | niet in EBI of UBI                 |
        | sub c: geplaatst in een UBI                     | hij verblijft in een uitgebreid beveiligde inrichting    | niet in EBI of UBI                 |
        | sub c: geselecteerd voor een EBI                | hij is geselecteerd voor een extra beveiligde inrichting | niet geselecteerd voor EBI of UBI  |
        | sub d: elektronisch detentiehuis                | hij verblijft in een elektronisch detentiehuis           | niet in elektronische detentie     |

    Scenario: Of tbs is opgelegd is niet bekend
      Gegeven het is niet bekend of ook tbs met dwangverpleging is opgelegd
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is niet bekend of aan het vereiste "geen tbs met dwangverpleging" is voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 4: "Het verlof wordt geweigerd in geval van"

    Abstract Scenario: Een weigeringsgrond weigert, ook bij een laag risico
      Gegeven <feit>
      En het risico is laag
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 4"

      Voorbeelden:
        | geval                                               | feit                                                          | vereiste                          |
        | sub a: eerder ontvlucht in deze detentie            | op 1 februari 2018 een ontvluchting                           | geen onttrekking                  |
        | sub a en d: van een eerder verlof niet teruggekeerd | algemeen verlof op 1 april 2018 is geëindigd zonder terugkeer | nakomen van afspraken             |
        | sub d: te laat terug van een eerder verlof          | algemeen verlof op 1 april 2018 is te laat geëindigd          | nakomen van afspraken             |
        | sub f: spanningen op het te bezoeken adres          | er zijn ernstige spanningen op het te bezoeken adres          | geen spanningen, gevaar of onrust |
        | sub g: ongewenste confrontatie met slachtoffer      | een slachtoffer met een hoge behoefte aan bescherming         | slachtofferbelangen               |
        | sub h: gevaar voor de gedetineerde                  | er is gevaar voor de gedetineerde                             | geen spanningen, gevaar of onrust |
        | sub i: maatschappelijke onrust                      | er is risico van maatschappelijke onrust                      | geen spanningen, gevaar of onrust |
        | sub j: geen aanvaardbaar verlofadres                | een niet aanvaardbaar verlofadres                             | aanvaardbaar adres                |
        | sub j: geen adres                                   | geen enkel adres                                              | aanvaardbaar adres                |
        | sub k: hij wordt uitgeleverd                        | het staat vast dat hij na de detentie wordt uitgeleverd       | geen uitzetting of uitlevering    |
        | sub l: hij wordt uitgezet                           | het staat vast dat hij na de detentie wordt uitgezet          | geen uitzetting of uitlevering    |

    Abstract Scenario: Gedrag in de inrichting als weigeringsgrond; keuze van het project: in de laatste zes maanden
      Gegeven <feit>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 4"

      Voorbeelden:
        | geval              | feit                                             |
        | sub c: drugs       | op 1 juni 2018 ontoelaatbaar gedrag: drugs       |
        | sub c: contrabande | op 1 juni 2018 ontoelaatbaar gedrag: contrabande |
        | sub e: agressie    | op 1 juni 2018 ontoelaatbaar gedrag: agressie    |

    Abstract Scenario: Wat niet bekend is, leidt nooit tot verlof
      Gegeven <feit>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "<onbekend>"

      Voorbeelden:
        | geval                                 | feit                                                    | onbekend                       |
        | sub j: het adres is niet onderzocht   | een verlofadres dat niet is onderzocht                  | aanvaardbaar adres             |
        | sub j: over het adres is niets bekend | over het verlofadres is niets bekend                    | aanvaardbaar adres             |
        | sub g: slachtoffers niet nagevraagd   | over slachtoffers is niets bekend                       | slachtofferbelangen            |
        | sub k en l: verblijf niet bekend      | het is niet bekend of hij wordt uitgezet of uitgeleverd | geen uitzetting of uitlevering |
        | sub c en d: gedrag niet bekend        | over het gedrag is niets bekend                         | gedrag                         |

    Abstract Scenario: Wensen van een slachtoffer waaraan met een voorwaarde wordt tegemoetgekomen weigeren niet
      Gegeven <wens>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval                              | wens                                        | voorwaarde    |
        | sub g met art. 5 lid 2: contact    | een slachtoffer vraagt om een contactverbod | contactverbod |
        | sub g met art. 5 lid 2: een gebied | een slachtoffer vraagt om een gebiedsverbod | gebiedsverbod |

  Regel: Rtvi art. 4 sub b: "gevaar voor ernstige verstoring van de openbare orde of het plegen van strafbare feiten"
    Keuze van het project: een hoog risico weigert niet vanzelf, maar vraagt eerst een verdiepend onderzoek; dat beslist.

    Abstract Scenario: Het risico en een verdiepend onderzoek
      Gegeven het risico is <risico>
      En <onderzoek>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                   | risico | onderzoek                                                                                      | uitkomst                   |
        | hoog, geen onderzoek    | hoog   | navraag bij slachtoffers leverde geen belang op                                                | eerst verdiepend onderzoek |
        | hoog, aangevraagd       | hoog   | een verdiepende risicotaxatie is op 1 juni 2018 aangevraagd                                    | eerst verdiepend onderzoek |
        | hoog, gunstig           | hoog   | een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 1 juli 2018, is gunstig       | toewijzen                  |
        | hoog, ongunstig         | hoog   | een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 1 december 2018, is ongunstig | afwijzen                   |
        | hoog, gisteren verlopen | hoog   | een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 30 juni 2018, is gunstig      | eerst verdiepend onderzoek |

  Regel: Rtvi art. 15 en art. 16 lid 1: "maximaal 60 uur"; "De laatste vijf dagen van de detentie vindt geen verlof plaats"

    Scenario: Wie verlof krijgt, krijgt ten hoogste 60 uur, niet in de laatste vijf dagen, en blijft in Nederland
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "ten hoogste 60 uur"
      En geldt als voorwaarde "niet in de laatste vijf dagen"
      En geldt als voorwaarde "Nederland niet verlaten"

    Abstract Scenario: Een vervolgverlof en de laatste vijf dagen
      Gegeven op de dag van de beslissing resteren <dagen> dagen
      En algemeen verlof op 1 mei 2018 is goed verlopen
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is aan het vereiste "niet in de laatste vijf dagen" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval          | dagen | vereiste     | uitkomst  |
        | nog zes dagen  | 6     | voldaan      | toewijzen |
        | nog vijf dagen | 5     | niet voldaan | afwijzen  |

  Regel: Rtvi art. 17 lid 1 sub a: "De minister beslist over een eerste verzoek om algemeen verlof" bij een straf "langer dan twee jaar"

    Scenario: Een straf van precies twee jaar
      Gegeven een gevangenisstraf van 730 dagen, begonnen op 1 januari 2017
      Als op 1 maart 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt niet als voorwaarde "de minister beslist"

    Scenario: Een straf van een dag meer dan twee jaar, eerste verzoek
      Gegeven een gevangenisstraf van 731 dagen, begonnen op 1 januari 2017
      Als op 1 maart 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "de minister beslist"

    Scenario: Het voorwaardelijke deel telt niet mee: "onvoorwaardelijke vrijheidsstraf"
      Gegeven een gevangenisstraf van 800 dagen, begonnen op 1 januari 2017
      En 100 dagen van de straf zijn voorwaardelijk
      Als op 1 maart 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt niet als voorwaarde "de minister beslist"

    Scenario: Na een eerste verlof dat goed verliep beslist de directeur (lid 3)
      Gegeven een gevangenisstraf van 731 dagen, begonnen op 1 januari 2017
      En algemeen verlof op 1 januari 2018 is goed verlopen
      Als op 1 maart 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt niet als voorwaarde "de minister beslist"

  Regel: Rtvi art. 17 lid 1 sub b: de minister beslist als het openbaar ministerie "anders dan de directeur van mening is dat het verlof niet moet worden verleend"

    Scenario: Het openbaar ministerie adviseert anders
      Gegeven een gevangenisstraf van 700 dagen, begonnen op 1 januari 2017
      En het openbaar ministerie adviseert tot afwijzing
      Als op 1 maart 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "de minister beslist na advies van het openbaar ministerie"

  Regel: De dag van de beslissing wijst de regeling aan (Rtvi, Stcrt. 2021-28357, in werking op 1 juli 2021)

    Scenario: Op 30 juni 2021 geldt nog de oude regeling
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      Als op 30 juni 2021 over verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "ten hoogste 60 uur"

  Regel: Rtvi art. 17 lid 2: "In alle overige gevallen wordt de beslissing omtrent het verlenen van algemeen verlof door de directeur genomen"

    Scenario: Wie beslist
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan beslist de directeur

  Regel: Rtvi art. 3 lid 1: "alle benodigde inlichtingen en adviezen"
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 juli 2018 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 4 sub b: het risico; keuzes van het project over welk risico weegt en hoe zeker het is

    Abstract Scenario: Een van de risico's is hoog, of niet zeker
      Gegeven <feit>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                                   | feit                                                  |
        | alleen het risico op een mislukt verlof | het risico op een mislukt verlof is hoog              |
        | alleen het risico op geweld             | het risico op geweld binnen twee jaar is hoog         |
        | de schatting loopt over een grens heen  | de schatting van het risico loopt over een grens heen |

    Scenario: Een verdiepend onderzoek dat niets uitwijst helpt niet
      Gegeven het risico is hoog
      En een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 1 december 2018, is onbeslist
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven hij is veroordeeld voor <delict>
      En het risico is matig
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval            | delict           | uitkomst                   |
        | diefstal         | diefstal         | toewijzen                  |
        | een zedendelict  | een zedendelict  | eerst verdiepend onderzoek |
        | een levensdelict | een levensdelict | eerst verdiepend onderzoek |
        | ernstig geweld   | ernstig geweld   | eerst verdiepend onderzoek |

    Scenario: Een verlof dat eindigde met een strafbaar feit
      Gegeven algemeen verlof op 1 mei 2018 is geëindigd met een strafbaar feit
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: Een slachtoffer zonder wensen en zonder grote behoefte aan bescherming
      Gegeven een slachtoffer zonder wensen
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 4: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval          | onderdeel         |
        | gedrag         | het gedrag        |
        | veroordelingen | veroordelingen    |
        | onderzoeken    | onderzoeken       |
        | vrijheden      | eerdere vrijheden |
        | slachtoffers   | slachtoffers      |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 maart 2018 ongewenst gedrag: drugs
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Abstract Scenario: Een matig risico samen met een lichter feit
      Gegeven het risico is matig
      En <feit>
      Als op 1 juli 2018 over algemeen verlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                         | feit                                                   |
        | ongewenst gedrag vorige maand | op 10 juni 2018 ongewenst gedrag: weigering van arbeid |
        | drugs, een half jaar geleden  | op 1 maart 2018 ongewenst gedrag: drugs                |
