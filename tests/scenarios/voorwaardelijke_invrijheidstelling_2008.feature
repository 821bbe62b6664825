# language: nl
@beleid:conditional_release/2008-07-01
Functionaliteit: Voorwaardelijke invrijheidstelling (v.i.), vonnissen tot en met 30 juni 2021
  Wetboek van Strafrecht (Sr, BWBR0001854), tekst van 2017, artikelen 15-15l. De v.i. volgt van rechtswege; alleen de rechter
  kan haar uitstellen of achterwege laten, op vordering van het openbaar ministerie. "Toewijzen" is hier: er is geen grond daarvoor.
  Keuze van het project: er wordt gekeken binnen dertig dagen voor de datum van v.i. (Sr art. 15d lid 6).

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2017
    En de datum van voorwaardelijke invrijheidstelling is 24 augustus 2018
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Sr art. 15 lid 1: "vrijheidsstraf van meer dan een jaar"

    Abstract Scenario: Meer dan een jaar
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2017
      En de datum van voorwaardelijke invrijheidstelling is 2 januari 2018
      Als op 20 december 2017 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "straf van meer dan een jaar" <vereiste>
      En <uitkomst>

      Voorbeelden:
        | geval            | straf | vereiste     | uitkomst                                            |
        | precies een jaar | 365   | niet voldaan | is de uitkomst niet toewijzen                       |
        | een dag meer     | 366   | voldaan      | is er geen grond voor uitstel of achterwege blijven |

    Scenario: Het vonnis is er nog niet
      Gegeven het vonnis is van 1 september 2018
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "dag van het vonnis" niet voldaan
      En is de uitkomst niet toewijzen

    Scenario: Hij is niet "veroordeeld tot vrijheidsstraf"
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Sr art. 15 lid 1: meer dan een jaar en ten hoogste twee jaren: na "ten minste een jaar" en "van het alsdan nog ten uitvoer te leggen gedeelte" een derde
    Een jaar is 365 dagen. Straf van 545 dagen: 365 + 180/3 = 425 dagen. Straf van precies 730 dagen: 365 + 365/3 is 486 2/3 dag.
    Keuze van het project: een deel van een dag blijft buiten beschouwing, zodat 486 dagen volstaan.

    Abstract Scenario: Een jaar en een derde van de rest
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2017
      En de datum van voorwaardelijke invrijheidstelling is <datum>
      Als op <dag> over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "datum volgens de wet" <vereiste>
      En <uitkomst>

      Voorbeelden:
        | geval                                   | straf | datum        | dag              | vereiste     | uitkomst                                            |
        | 425 dagen na aanvang                    | 545   | 2 maart 2018 | 20 februari 2018 | voldaan      | is er geen grond voor uitstel of achterwege blijven |
        | 424 dagen na aanvang: een dag te vroeg  | 545   | 1 maart 2018 | 20 februari 2018 | niet voldaan | is de uitkomst niet toewijzen                       |
        | precies twee jaar, 486 dagen na aanvang | 730   | 2 mei 2018   | 20 april 2018    | voldaan      | is er geen grond voor uitstel of achterwege blijven |
        | precies twee jaar, 485 dagen na aanvang | 730   | 1 mei 2018   | 20 april 2018    | niet voldaan | is de uitkomst niet toewijzen                       |

  Regel: Sr art. 15 lid 2: "meer dan twee jaren ... wanneer hij tweederde gedeelte daarvan heeft ondergaan"

    Abstract Scenario: Twee derde
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2017
      En de datum van voorwaardelijke invrijheidstelling is <datum>
      Als op <dag> over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "datum volgens de wet" <vereiste>
      En <uitkomst>

      Voorbeelden:
        | geval                                 | straf | datum            | dag              | vereiste     | uitkomst                                            |
        | een dag meer dan twee jaar, 487 dagen | 731   | 3 mei 2018       | 20 april 2018    | voldaan      | is er geen grond voor uitstel of achterwege blijven |
        | een dag meer dan twee jaar, 486 dagen | 731   | 2 mei 2018       | 20 april 2018    | niet voldaan | is de uitkomst niet toewijzen                       |
        | 900 dagen: na precies 600             | 900   | 24 augustus 2018 | 10 augustus 2018 | voldaan      | is er geen grond voor uitstel of achterwege blijven |
        | 900 dagen: na 599                     | 900   | 23 augustus 2018 | 10 augustus 2018 | niet voldaan | is de uitkomst niet toewijzen                       |

    Abstract Scenario: Voorarrest dat elders is ondergaan telt mee (lid 4)
      Gegeven 30 dagen zijn elders ondergaan en komen in mindering op de straf
      En de datum van voorwaardelijke invrijheidstelling is <datum>
      Als op 10 juli 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "datum volgens de wet" <vereiste>

      Voorbeelden:
        | geval                               | datum        | vereiste     |
        | 570 dagen na aanvang, 600 ondergaan | 25 juli 2018 | voldaan      |
        | 569 dagen na aanvang, 599 ondergaan | 24 juli 2018 | niet voldaan |

    Scenario: De datum van v.i. is niet bekend
      Gegeven de datum van voorwaardelijke invrijheidstelling is niet bekend
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is niet bekend of aan het vereiste "datum volgens de wet" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Sr art. 15d lid 6: "uiterlijk dertig dagen vóór het tijdstip van voorwaardelijke invrijheidstelling"

    Abstract Scenario: Binnen dertig dagen
      Als op <dag> over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "binnen dertig dagen voor de datum" <vereiste>

      Voorbeelden:
        | geval           | dag          | vereiste     |
        | 31 dagen ervoor | 24 juli 2018 | niet voldaan |
        | 30 dagen ervoor | 25 juli 2018 | voldaan      |

  Regel: Sr art. 15 lid 3: "Het eerste en het tweede lid zijn niet van toepassing indien"

    Abstract Scenario: Wie geen v.i. heeft
      Gegeven <feit>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst niet toewijzen
      En verwijst de reden naar "Sr art. 15"

      Voorbeelden:
        | geval                                         | feit                                                    | vereiste                        |
        | sub a: een deel is voorwaardelijk             | 90 dagen van de straf zijn voorwaardelijk               | geheel onvoorwaardelijke straf  |
        | sub a: een enkele dag voorwaardelijk          | 1 dag van de straf is voorwaardelijk                    | geheel onvoorwaardelijke straf  |
        | sub b: last tot tenuitvoerlegging             | een voorwaardelijk deel wordt alsnog ten uitvoer gelegd | geen last tot tenuitvoerlegging |
        | sub c: vreemdeling zonder rechtmatig verblijf | hij is een vreemdeling zonder rechtmatig verblijf       | rechtmatig verblijf             |

    Abstract Scenario: Wat niet bekend is
      Gegeven <feit>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is niet bekend of aan het vereiste "<vereiste>" is voldaan
      En is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                      | feit                                                 | vereiste                       |
        | sub a: voorwaardelijk deel | het voorwaardelijke deel van de straf is niet bekend | geheel onvoorwaardelijke straf |
        | sub c: rechtmatig verblijf | het is niet bekend of hij rechtmatig verblijf heeft  | rechtmatig verblijf            |

  Regel: Sr art. 15d lid 1: "Voorwaardelijke invrijheidstelling kan worden uitgesteld of achterwege blijven indien"

    Abstract Scenario: Een grond voor uitstel of achterwege blijven
      Gegeven <feit>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is er een grond voor uitstel of achterwege blijven
      En verwijst de reden naar "Sr art. 15d"

      Voorbeelden:
        | geval                                         | feit                                                                        |
        | sub b onder 1: veroordeling voor een misdrijf | hij is op 1 juni 2018 veroordeeld voor een feit dat hij in detentie pleegde |
        | sub c: onttrekking                            | op 1 februari 2018 een ontvluchting                                         |
        | sub c: niet teruggekeerd van verlof           | algemeen verlof op 1 april 2018 is geëindigd zonder terugkeer               |
        | sub d: niet bereid                            | hij verklaart zich niet bereid de voorwaarden na te leven                   |

    Scenario: sub b onder 2: gedrag dat "meermalen heeft geleid tot het opleggen van een disciplinaire straf", met een risico dat niet laag is
      Gegeven op 1 februari 2018 een disciplinaire straf voor agressie
      En op 1 maart 2018 een disciplinaire straf voor agressie
      En het risico is matig
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: sub b onder 2: meermalen gestraft, met een laag risico (keuze van het project: dan geen grond)
      Gegeven op 1 februari 2018 een disciplinaire straf voor agressie
      En op 1 maart 2018 een disciplinaire straf voor agressie
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is er geen grond voor uitstel of achterwege blijven

    Scenario: sub b onder 2: een enkele disciplinaire straf is niet "meermalen"
      Gegeven op 1 februari 2018 een disciplinaire straf voor agressie
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is er geen grond voor uitstel of achterwege blijven

    Scenario: sub a: tbs, en of de verpleging "voortzetting behoeft" is niet bekend
      Gegeven de rechter legde ook tbs met dwangverpleging op
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

    Scenario: sub d: of hij de voorwaarden wil naleven is niet besproken
      Gegeven zijn bereidheid om voorwaarden na te leven is niet besproken
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "bereidheid"

  Regel: Sr art. 15a lid 1 en 3: algemene en bijzondere voorwaarden

    Scenario: De algemene voorwaarde geldt altijd, met een proeftijd van ten minste een jaar (art. 15c lid 2)
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is er geen grond voor uitstel of achterwege blijven
      En geldt als voorwaarde "algemene voorwaarden"

    Abstract Scenario: Bijzondere voorwaarden voor een slachtoffer
      Gegeven <wens>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is er geen grond voor uitstel of achterwege blijven
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval                  | wens                                        | voorwaarde    |
        | onder 1: contactverbod | een slachtoffer vraagt om een contactverbod | contactverbod |
        | onder 2: locatieverbod | een slachtoffer vraagt om een gebiedsverbod | gebiedsverbod |

  Regel: De dag van het vonnis wijst de regeling aan (Sr art. 15; Sv art. 6:2:10, voor vonnissen vanaf 1 juli 2021)

    Scenario: Vonnis van 30 juni 2021, beslissing daarna: de oude regeling
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2021
      En het vonnis is van 30 juni 2021
      En de datum van voorwaardelijke invrijheidstelling is 24 augustus 2022
      Als op 10 augustus 2022 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is er geen grond voor uitstel of achterwege blijven

  Regel: Sr art. 15d lid 4 en art. 15f: het openbaar ministerie vordert, de "rechtbank" beslist over uitstel of achterwege blijven

    Scenario: Wie beslist
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan beslist rechtbank

  Regel: Sr art. 15a lid 3 en 15d: waarover voorwaarden of gronden gaan, moet bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 15 augustus 2018 ontoelaatbaar gedrag: agressie
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Sr art. 15d lid 1 sub d: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
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
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict   | uitkomst  |
        | geen ernstig delict | diefstal | toewijzen |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                    |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                              |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 juli 2018 aangevraagd                                  |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 juli 2018, geldig tot en met 9 augustus 2018, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 juli 2018, geldig tot en met 10 augustus 2018, is <oordeel>
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Bij een verslaving en een matig risico hoort een verbod op alcohol en drugs
      Gegeven hij heeft een ernstige verslaving
      En het risico is matig
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Of tbs is opgelegd is niet bekend (sub a)
      Gegeven het is niet bekend of ook tbs met dwangverpleging is opgelegd
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: Zonder adres en met een matig risico hoort begeleid wonen (art. 15a lid 3 onder 8)
      Gegeven geen enkel adres
      En het risico is matig
      Als op 10 augustus 2018 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "begeleid wonen of opvang"
