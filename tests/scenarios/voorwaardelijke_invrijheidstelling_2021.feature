# language: nl
@beleid:conditional_release/2021-07-01
Functionaliteit: Voorwaardelijke invrijheidstelling (v.i.), vonnissen vanaf 1 juli 2021
  Wetboek van Strafvordering (Sv) arts. 6:2:10-6:2:14 na de Wet straffen en beschermen, en de Aanwijzing voorwaardelijke
  invrijheidstelling 2021A001. Het openbaar ministerie beslist, in elk geval afzonderlijk, op gedrag, risico's en slachtoffers.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 oktober 2021
    En het vonnis is van 1 oktober 2021
    En de datum van voorwaardelijke invrijheidstelling is 24 mei 2023
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Sv art. 6:2:10 lid 1: vrijheidsstraf van meer dan een jaar

    Abstract Scenario: Meer dan een jaar
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 oktober 2021
      En de datum van voorwaardelijke invrijheidstelling is 2 oktober 2022
      Als op 20 september 2022 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "straf van meer dan een jaar" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval            | straf | vereiste     | uitkomst       |
        | precies een jaar | 365   | niet voldaan | niet toewijzen |
        | een dag meer     | 366   | voldaan      | toewijzen      |

  Regel: Sv art. 6:2:10 lid 1: tot en met twee jaar na een jaar en een derde van de rest; daarboven na twee derde
    Uit het hoofd, zoals in de oude tekst (Sr art. 15): op de grens van precies twee jaar zijn beide gelijk (486 2/3 dag).
    Keuze van het project: een deel van een dag blijft buiten beschouwing, zodat 486 dagen volstaan.

    Abstract Scenario: De datum
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 oktober 2021
      En de datum van voorwaardelijke invrijheidstelling is <datum>
      Als op <dag> over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "datum volgens de wet" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                               | straf | datum            | dag              | vereiste     | uitkomst       |
        | 545 dagen: na 425                   | 545   | 30 november 2022 | 20 november 2022 | voldaan      | toewijzen      |
        | 545 dagen: na 424, een dag te vroeg | 545   | 29 november 2022 | 20 november 2022 | niet voldaan | niet toewijzen |
        | precies twee jaar: na 486           | 730   | 30 januari 2023  | 20 januari 2023  | voldaan      | toewijzen      |
        | precies twee jaar: na 485           | 730   | 29 januari 2023  | 20 januari 2023  | niet voldaan | niet toewijzen |
        | 900 dagen: na 600                   | 900   | 24 mei 2023      | 10 mei 2023      | voldaan      | toewijzen      |
        | 900 dagen: na 599                   | 900   | 23 mei 2023      | 10 mei 2023      | niet voldaan | niet toewijzen |

  Regel: Sv art. 6:2:10 lid 2: een periode van ten hoogste twee jaar
    Straf van 2400 dagen: een derde is 800 dagen, maar de v.i. duurt ten hoogste twee jaar.
    Keuze van het project: twee kalenderjaren, ten hoogste 731 dagen.

    Abstract Scenario: Ten hoogste twee jaar
      Gegeven een gevangenisstraf van 2400 dagen, begonnen op 1 oktober 2021
      En de datum van voorwaardelijke invrijheidstelling is <datum>
      Als op 1 april 2026 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "ten hoogste twee jaar" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval     | datum         | vereiste     | uitkomst       |
        | 730 dagen | 28 april 2026 | voldaan      | toewijzen      |
        | 731 dagen | 27 april 2026 | voldaan      | toewijzen      |
        | 732 dagen | 26 april 2026 | niet voldaan | niet toewijzen |

  Regel: Sv art. 6:2:10: keuze van het project, er wordt gekeken binnen dertig dagen voor de datum van v.i.

    Abstract Scenario: Binnen dertig dagen
      Als op <dag> over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "binnen dertig dagen voor de datum" <vereiste>

      Voorbeelden:
        | geval           | dag           | vereiste     |
        | 31 dagen ervoor | 23 april 2023 | niet voldaan |
        | 30 dagen ervoor | 24 april 2023 | voldaan      |

  Regel: Sv art. 6:2:10 lid 3: geen v.i. voor een deels voorwaardelijke straf of een vreemdeling zonder rechtmatig verblijf

    Abstract Scenario: Wie geen v.i. heeft
      Gegeven <feit>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                         | feit                                              | vereiste                       |
        | deels voorwaardelijk          | 90 dagen van de straf zijn voorwaardelijk         | geheel onvoorwaardelijke straf |
        | een enkele dag voorwaardelijk | 1 dag van de straf is voorwaardelijk              | geheel onvoorwaardelijke straf |
        | zonder rechtmatig verblijf    | hij is een vreemdeling zonder rechtmatig verblijf | rechtmatig verblijf            |

    Scenario: Of hij rechtmatig verblijf heeft is niet bekend
      Gegeven het is niet bekend of hij rechtmatig verblijf heeft
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is niet bekend of aan het vereiste "rechtmatig verblijf" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Aanwijzing v.i. 2021A001, Sv art. 6:2:11: het gedrag van de veroordeelde

    Abstract Scenario: Gedrag dat tegen v.i. spreekt, of niet bekend is
      Gegeven <feit>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                             | feit                                                         |
        | ontoelaatbaar gedrag vorige maand | op 10 april 2023 ontoelaatbaar gedrag: agressie              |
        | over het gedrag is niets bekend   | over het gedrag is niets bekend                              |
        | weigert een doel van het plan     | een doel van het plan is geweigerd                           |
        | niet bereid tot voorwaarden       | hij verklaart zich niet bereid de voorwaarden na te leven    |
        | bereidheid niet besproken         | zijn bereidheid om voorwaarden na te leven is niet besproken |

  Regel: Aanwijzing v.i. 2021A001, Sv art. 6:2:11: de belangen van slachtoffers, nabestaanden en anderen

    Abstract Scenario: Belangen die zwaar wegen of niet bekend zijn
      Gegeven <feit>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                             | feit                                                  |
        | slachtoffers zijn niet nagevraagd | over slachtoffers is niets bekend                     |
        | hoge behoefte aan bescherming     | een slachtoffer met een hoge behoefte aan bescherming |
        | een slachtoffer maakt bezwaar     | een slachtoffer maakt bezwaar                         |

    Abstract Scenario: Bijzondere voorwaarden
      Gegeven <wens>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"
      En geldt als voorwaarde "algemene voorwaarden"

      Voorbeelden:
        | geval         | wens                                        | voorwaarde    |
        | contactverbod | een slachtoffer vraagt om een contactverbod | contactverbod |
        | locatieverbod | een slachtoffer vraagt om een gebiedsverbod | gebiedsverbod |

  Regel: Aanwijzing v.i. 2021A001, Sv art. 6:2:11: de risico's die aan de v.i. verbonden zijn

    Abstract Scenario: Een van de risico's is hoog
      Gegeven het risico <waarop> is hoog
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                 | waarop                             |
        | alleen geweld         | op geweld binnen twee jaar         |
        | alleen een nieuw feit | op een nieuw feit binnen twee jaar |

  Regel: De dag van het vonnis wijst de regeling aan (Sv art. 6:2:10, Wet straffen en beschermen, 1 juli 2021)

    Scenario: Vonnis van 1 juli 2021
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2021
      En het vonnis is van 1 juli 2021
      En de datum van voorwaardelijke invrijheidstelling is 24 augustus 2022
      Als op 10 augustus 2022 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: De dag van het vonnis is niet bekend
      Gegeven de dag van het vonnis is niet bekend
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is niet bekend of aan het vereiste "dag van het vonnis" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Sv art. 6:2:11 en Aanwijzing v.i. 2021A001: het openbaar ministerie beslist

    Scenario: Wie beslist
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan beslist het openbaar ministerie

  Regel: Sv art. 6:2:10: een veroordeelde

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Sv art. 6:2:11: wat gewogen wordt, moet bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 15 mei 2023 ontoelaatbaar gedrag: agressie
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Sv art. 6:2:11: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
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
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | toewijzen                  |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                          |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 april 2023 aangevraagd                             |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 april 2023, geldig tot en met 9 mei 2023, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 april 2023, geldig tot en met 10 mei 2023, is <oordeel>
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst afwijzen

    Scenario: Bij een verslaving en een matig risico hoort een verbod op alcohol en drugs
      Gegeven hij heeft een ernstige verslaving
      En het risico is matig
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Een schadevergoedingsmaatregel die nog openstaat wordt een voorwaarde
      Gegeven hij komt een betalingsregeling voor een schadevergoedingsmaatregel na
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "schadevergoeding"

    Scenario: Een doel van het plan dat niet is bereikt, bij een laag risico
      Gegeven een doel van het plan is niet bereikt
      En het risico is laag
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Zonder adres en met een matig risico hoort begeleid wonen
      Gegeven geen enkel adres
      En het risico is matig
      Als op 10 mei 2023 over voorwaardelijke invrijheidstelling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "begeleid wonen of opvang"
