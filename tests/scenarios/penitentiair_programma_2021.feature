# language: nl
@beleid:penitentiary_programme/2021-12-01
Functionaliteit: Penitentiair programma, vanaf 1 december 2021
  Penitentiaire beginselenwet (Pbw) art. 4 na de Wet straffen en beschermen; gelezen in toelichtingen, niet in de wettekst.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 360 dagen, begonnen op 1 maart 2022
    En op de dag van de beslissing resteren 60 dagen
    En het programma heeft 26 uur per week
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Pbw art. 4 (Wet straffen en beschermen): onvoorwaardelijke straffen van samen ten minste zes maanden en ten hoogste een jaar

    Abstract Scenario: De duur van de straf
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 maart 2022
      En op de dag van de beslissing resteren 40 dagen
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "<vereiste>" <voldaan>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | straf | vereiste                         | voldaan      | uitkomst  |
        | een dag te kort     | 179   | straf van ten minste zes maanden | niet voldaan | afwijzen  |
        | precies zes maanden | 180   | straf van ten minste zes maanden | voldaan      | toewijzen |
        | precies een jaar    | 365   | straf van ten hoogste een jaar   | voldaan      | toewijzen |
        | een dag meer        | 366   | straf van ten hoogste een jaar   | niet voldaan | afwijzen  |

  Regel: Pbw art. 4 (Wet straffen en beschermen): ten hoogste twee maanden
    Een maand is 30 dagen (Wetboek van Strafrecht art. 88).

    Abstract Scenario: De duur van het programma
      Gegeven op de dag van de beslissing resteren <dagen> dagen
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste twee maanden" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                | dagen | vereiste     | uitkomst  |
        | precies twee maanden | 60    | voldaan      | toewijzen |
        | een dag meer         | 61    | niet voldaan | afwijzen  |

  Regel: Pbw art. 4 (Wet straffen en beschermen), overgangsrecht: straffen die op 1 december 2021 lopen, met een strafrest van ten hoogste drie jaar, gedurende drie jaar

    Abstract Scenario: Een straf van meer dan een jaar
      Gegeven een gevangenisstraf van 900 dagen, begonnen op <begin>
      En op de dag van de beslissing resteren 60 dagen
      Als op <dag> over een penitentiair programma wordt beslist
      Dan is aan het vereiste "straf van ten hoogste een jaar" <vereiste>

      Voorbeelden:
        | geval                               | begin           | dag             | vereiste     |
        | de straf liep al op 1 december 2021 | 1 november 2021 | 1 februari 2024 | voldaan      |
        | de straf begon daarna               | 2 december 2021 | 1 februari 2024 | niet voldaan |
        | na de drie jaar                     | 1 november 2021 | 2 december 2024 | niet voldaan |

  Regel: Pbw art. 4 (Wet straffen en beschermen): goed gedrag

    Abstract Scenario: Gedrag
      Gegeven <feit>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                            | feit                                               |
        | ontoelaatbaar gedrag vorige week | op 24 november 2022 ontoelaatbaar gedrag: agressie |
        | over het gedrag is niets bekend  | over het gedrag is niets bekend                    |

  Regel: Pm art. 6 (tekst van 2017): wie is uitgesloten

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                                              | feit                                                 | vereiste                       |
        | tbs met dwangverpleging                            | de rechter legde ook tbs met dwangverpleging op      | geen tbs met dwangverpleging   |
        | hij wordt uitgezet                                 | het staat vast dat hij na de detentie wordt uitgezet | geen uitzetting of uitlevering |
        | zonder rechtmatig verblijf (keuze van het project) | hij is een vreemdeling zonder rechtmatig verblijf    | geen uitzetting of uitlevering |
        | in een EBI                                         | hij verblijft in een extra beveiligde inrichting     | niet in EBI                    |
        | in een terroristenafdeling (keuze van het project) | hij verblijft in een terroristenafdeling             | geen bijzondere beveiliging    |

  Regel: Pm art. 7 lid 3 en 4 (tekst van 2017): risico, adres, bereidheid

    Scenario: Een hoog risico
      Gegeven het risico is hoog
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

    Abstract Scenario: Adres en bereidheid ontbreken
      Gegeven <feit>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                                | feit                                                      | vereiste           |
        | lid 3 sub e: geen aanvaardbaar adres | een niet aanvaardbaar verlofadres                         | aanvaardbaar adres |
        | lid 4: niet bereid                   | hij verklaart zich niet bereid de voorwaarden na te leven | bereid             |

    Abstract Scenario: Adres en bereidheid zijn niet bekend
      Gegeven <feit>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is niet bekend of aan het vereiste "<vereiste>" is voldaan
      En is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                          | feit                                                         | vereiste           |
        | lid 3 sub e: adres niet bekend | over het verlofadres is niets bekend                         | aanvaardbaar adres |
        | lid 4: niet besproken          | zijn bereidheid om voorwaarden na te leven is niet besproken | bereid             |

  Regel: Pm art. 5 lid 1 (tekst van 2017): "minimaal 26 uur per week aan activiteiten"

    Abstract Scenario: De uren van het programma
      Gegeven het programma heeft <uren> uur per week
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten minste 26 uur per week" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval             | uren | vereiste     | uitkomst  |
        | een uur te weinig | 25   | niet voldaan | afwijzen  |
        | precies 26 uur    | 26   | voldaan      | toewijzen |

  Regel: Pbw art. 4 lid 2 sub b (tekst van 2017, niet nagelezen of dit is behouden): "ten minste vier weken"

    Abstract Scenario: Vier weken
      Gegeven op de dag van de beslissing resteren <dagen> dagen
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten minste vier weken" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval              | dagen | vereiste     | uitkomst  |
        | een dag te kort    | 27    | niet voldaan | afwijzen  |
        | precies vier weken | 28    | voldaan      | toewijzen |

  Regel: Pbw art. 4 lid 2 (tekst van 2017), overgangsrecht van de Wet straffen en beschermen: wie onder de oude regeling valt, heeft de oude duur

    Abstract Scenario: De grens van twee maanden en die van een jaar straf
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 november 2021
      En op de dag van de beslissing resteren 61 dagen
      Als op 1 september 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste twee maanden" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                      | straf | vereiste     | uitkomst  |
        | precies een jaar           | 365   | niet voldaan | afwijzen  |
        | een dag meer: de oude duur | 366   | voldaan      | toewijzen |

    Scenario: De datum van invrijheidstelling is onzeker
      Gegeven de datum van invrijheidstelling is onzeker
      Als op 1 februari 2024 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "zekere datum van invrijheidstelling" niet voldaan

    Abstract Scenario: Ten hoogste een zesde deel
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 november 2021
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 februari 2024 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste een zesde van de straf" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval             | dagen | vereiste     | uitkomst  |
        | precies een zesde | 150   | voldaan      | toewijzen |
        | een dag meer      | 151   | niet voldaan | afwijzen  |

    Abstract Scenario: Ten hoogste een jaar
      Gegeven een gevangenisstraf van 2500 dagen, begonnen op 1 juni 2017
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 februari 2024 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste een jaar" <vereiste>

      Voorbeelden:
        | geval            | dagen | vereiste     |
        | precies een jaar | 365   | voldaan      |
        | een dag meer     | 366   | niet voldaan |

  Regel: Pm art. 7 lid 3 (tekst van 2017): wie niet is veroordeeld

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Pbw art. 4 (Wet straffen en beschermen), in werking op 1 december 2021: de dag van de beslissing wijst de regeling aan

    Scenario: Op 1 december 2021 geldt de nieuwe regeling
      Gegeven een gevangenisstraf van 360 dagen, begonnen op 1 maart 2021
      Als op 1 december 2021 over een penitentiair programma wordt beslist
      Dan is aan het vereiste "ten hoogste twee maanden" voldaan
      En is de uitkomst toewijzen

  Regel: Pm art. 7 lid 3 (tekst van 2017): de aspecten die "in ieder geval" worden betrokken, moeten bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 december 2022 ontoelaatbaar gedrag: agressie
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Pm art. 7 lid 3 (tekst van 2017): hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 december 2022 over een penitentiair programma wordt beslist
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
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | toewijzen                  |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                         |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                                   |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 november 2022 aangevraagd                                   |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 november 2022, geldig tot en met 30 november 2022, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 november 2022, geldig tot en met 1 december 2022, is <oordeel>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst afwijzen

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 augustus 2022 ongewenst gedrag: drugs
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Abstract Scenario: Zwaarwegende belangen van een slachtoffer vragen eerst een onderzoek, dat beslist
      Gegeven een slachtoffer met een hoge behoefte aan bescherming
      En <onderzoek>
      Als op 1 december 2022 over een penitentiair programma wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval          | onderzoek                                                                                        | uitkomst                   |
        | geen onderzoek | het risico is laag                                                                               | eerst verdiepend onderzoek |
        | gunstig        | een verdiepende risicotaxatie van 1 november 2022, geldig tot en met 1 december 2022, is gunstig | toewijzen                  |
