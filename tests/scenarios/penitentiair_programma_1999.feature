# language: nl
@beleid:penitentiary_programme/1999-01-01
Functionaliteit: Penitentiair programma, tot en met 30 november 2021
  Penitentiaire beginselenwet (Pbw, BWBR0009709) art. 4 en Penitentiaire maatregel (Pm, BWBR0009398) arts. 5-9, teksten van 2017.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 540 dagen, begonnen op 1 januari 2017
    En op de dag van de beslissing resteren 80 dagen
    En het programma heeft 26 uur per week
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Pbw art. 4 lid 2: "gedurende ten hoogste een zesde deel van de opgelegde vrijheidsstraf direct voorafgaand aan de datum van invrijheidstelling"

    Abstract Scenario: Het laatste zesde deel
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2017
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste een zesde van de straf" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | straf | dagen | vereiste     | uitkomst  |
        | precies een zesde              | 540   | 90    | voldaan      | toewijzen |
        | een dag meer dan een zesde     | 540   | 91    | niet voldaan | afwijzen  |
        | een zesde is net geen 90 dagen | 539   | 90    | niet voldaan | afwijzen  |
        | een zesde is geen hele dag     | 541   | 90    | voldaan      | toewijzen |

  Regel: Pbw art. 4 lid 2 sub a: "een onvoorwaardelijke vrijheidsstraf van ten minste zes maanden"
    Een maand is 30 dagen (Wetboek van Strafrecht art. 88).

    Abstract Scenario: De duur van de onvoorwaardelijke straf
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2018
      En <voorwaardelijk> dagen van de straf zijn voorwaardelijk
      En op de dag van de beslissing resteren 28 dagen
      Als op 1 juni 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "straf van ten minste zes maanden" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                                  | straf | voorwaardelijk | vereiste     | uitkomst  |
        | een dag te kort                        | 179   | 0              | niet voldaan | afwijzen  |
        | precies zes maanden                    | 180   | 0              | voldaan      | toewijzen |
        | het voorwaardelijke deel telt niet mee | 209   | 30             | niet voldaan | afwijzen  |

  Regel: Pbw art. 4 lid 2 sub b: "ten minste vier weken en ten hoogste een jaar"

    Abstract Scenario: Het strafrestant
      Gegeven een gevangenisstraf van 2500 dagen, begonnen op 1 januari 2013
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 juni 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "<vereiste>" <voldaan>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval              | dagen | vereiste              | voldaan      | uitkomst  |
        | een dag te weinig  | 27    | ten minste vier weken | niet voldaan | afwijzen  |
        | precies vier weken | 28    | ten minste vier weken | voldaan      | toewijzen |
        | precies een jaar   | 365   | ten hoogste een jaar  | voldaan      | toewijzen |
        | een dag meer       | 366   | ten hoogste een jaar  | niet voldaan | afwijzen  |

  Regel: Pm art. 6: "Voor deelname aan een penitentiair programma komen niet in aanmerking"

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Pm art. 6"

      Voorbeelden:
        | geval                             | feit                                                    | vereiste                       |
        | sub a: tbs moet nog aanvangen     | de rechter legde ook tbs met dwangverpleging op         | geen tbs met dwangverpleging   |
        | sub b: vertrekplicht              | het staat vast dat hij na de detentie wordt uitgezet    | geen uitzetting of uitlevering |
        | sub b: zonder rechtmatig verblijf | hij is een vreemdeling zonder rechtmatig verblijf       | geen uitzetting of uitlevering |
        | sub b: uitlevering                | het staat vast dat hij na de detentie wordt uitgeleverd | geen uitzetting of uitlevering |
        | sub c: in een EBI                 | hij verblijft in een extra beveiligde inrichting        | niet in EBI                    |

    Scenario: Of tbs is opgelegd is niet bekend
      Gegeven het is niet bekend of ook tbs met dwangverpleging is opgelegd
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is niet bekend of aan het vereiste "geen tbs met dwangverpleging" is voldaan
      En is de uitkomst afwijzen

  Regel: Pm art. 7 lid 3: de aspecten die de selectiefunctionaris "in ieder geval" betrekt

    Abstract Scenario: Een aspect dat zich verzet
      Gegeven <feit>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                      | feit                                                          |
        | sub b: ontoelaatbaar gedrag vorige week    | op 25 maart 2018 ontoelaatbaar gedrag: agressie               |
        | sub c: hoog gevaar voor recidive           | het risico is hoog                                            |
        | sub d: van eerder verlof niet teruggekeerd | algemeen verlof op 1 maart 2018 is geëindigd zonder terugkeer |
        | sub e: adres niet bekend                   | over het verlofadres is niets bekend                          |

    Scenario: Geen aanvaardbaar verblijfadres (sub e)
      Gegeven een niet aanvaardbaar verlofadres
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "aanvaardbaar adres" niet voldaan
      En is de uitkomst afwijzen

    Scenario: De datum van invrijheidstelling is onzeker (sub g)
      Gegeven de datum van invrijheidstelling is onzeker
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "zekere datum van invrijheidstelling" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Pm art. 7 lid 4: "slechts indien de gedetineerde zich bereid heeft verklaard"

    Scenario: Hij is niet bereid
      Gegeven hij verklaart zich niet bereid de voorwaarden na te leven
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "bereid" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Pm art. 7"

    Scenario: Zijn bereidheid is niet besproken
      Gegeven zijn bereidheid om voorwaarden na te leven is niet besproken
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is niet bekend of aan het vereiste "bereid" is voldaan
      En is de uitkomst afwijzen

  Regel: Pm art. 5 lid 1: "minimaal 26 uur per week aan activiteiten"

    Abstract Scenario: De uren van het programma
      Gegeven het programma heeft <uren> uur per week
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten minste 26 uur per week" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval             | uren | vereiste     | uitkomst  |
        | een uur te weinig | 25   | niet voldaan | afwijzen  |
        | precies 26 uur    | 26   | voldaan      | toewijzen |

  Regel: Pm art. 7a: "gedurende het eerste derde deel" elektronisch toezicht; niet als het programma "korter is dan negen weken"

    Abstract Scenario: Elektronisch toezicht
      Gegeven op de dag van de beslissing resteren <dagen> dagen
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen
      En <toezicht>

      Voorbeelden:
        | geval                          | dagen | toezicht                                                                   |
        | een dag korter dan negen weken | 62    | geldt niet als voorwaarde "elektronisch toezicht in het eerste derde deel" |
        | precies negen weken            | 63    | geldt als voorwaarde "elektronisch toezicht in het eerste derde deel"      |

  Regel: Pbw art. 4 lid 2 sub a: "de gedetineerde is veroordeeld"

    Scenario: Een vonnis dat niet onherroepelijk is telt (lid 2, slotzin)
      Gegeven hij zit in voorlopige hechtenis na een vonnis dat niet onherroepelijk is
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" voldaan
      En is de uitkomst toewijzen

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Pm art. 9 lid 1: de algemene voorwaarden

    Scenario: Algemene voorwaarden bij deelname
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "algemene voorwaarden van het programma"
      En geldt als voorwaarde "26 uur per week"

  Regel: Pbw art. 4: de oude tekst geldt tot en met 30 november 2021

    Scenario: Op 30 november 2021 geldt nog de oude regeling
      Gegeven een gevangenisstraf van 540 dagen, begonnen op 1 september 2020
      Als op 30 november 2021 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste een zesde van de straf" voldaan

  Regel: Pm art. 7 lid 3: "Bij zijn beslissing ... betrekt de selectiefunctionaris"

    Scenario: Wie beslist
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan beslist de selectiefunctionaris

  Regel: Pm art. 7 lid 3: de aspecten die "in ieder geval" worden betrokken, moeten bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 april 2018 ontoelaatbaar gedrag: agressie
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Pm art. 7 lid 3: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 april 2018 over een penitentiair programma wordt beslist
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
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | eerst verdiepend onderzoek |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                   |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                             |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 maart 2018 aangevraagd                                |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 maart 2018, geldig tot en met 31 maart 2018, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 maart 2018, geldig tot en met 1 april 2018, is <oordeel>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst afwijzen

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 12 december 2017 ongewenst gedrag: drugs
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Abstract Scenario: Zwaarwegende belangen van een slachtoffer vragen eerst een onderzoek, dat beslist
      Gegeven een slachtoffer met een hoge behoefte aan bescherming
      En <onderzoek>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval          | onderzoek                                                                                  | uitkomst                   |
        | geen onderzoek | het risico is laag                                                                         | eerst verdiepend onderzoek |
        | gunstig        | een verdiepende risicotaxatie van 1 maart 2018, geldig tot en met 1 april 2018, is gunstig | toewijzen                  |

    Abstract Scenario: Een eerder verlof laat zien of hij verantwoordelijkheid kan dragen (sub d)
      Gegeven algemeen verlof op 1 december 2017 is goed verlopen
      En het risico is <risico>
      En hij is veroordeeld voor <delict>
      Als op 1 april 2018 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen

      Voorbeelden:
        | geval                       | risico | delict         |
        | matig risico                | matig  | diefstal       |
        | laag risico, ernstig geweld | laag   | ernstig geweld |
