# language: nl
@beleid:low_security/2021-07-01
Functionaliteit: Plaatsing in een beperkt beveiligde afdeling (BBA), vanaf 1 juli 2021
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog) art. 2 en Regeling tijdelijk verlaten van de
  inrichting (Rtvi) art. 20a, zoals gewijzigd bij Stcrt. 2021-28357.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 april 2021
    En op de dag van de beslissing resteren 100 dagen
    En verlof voor extramurale arbeid is op 1 augustus 2022 verleend
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rspog art. 2 leden 1 en 2 (Stcrt. 2021-28357): alleen wie re-integratieverlof voor extramurale arbeid heeft

    Scenario: Het verlof is verleend
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "verlof voor extramurale arbeid" voldaan
      En is de uitkomst toewijzen

    Scenario: Het verlof is ingetrokken
      Gegeven verlof voor extramurale arbeid is op 31 augustus 2022 ingetrokken
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "verlof voor extramurale arbeid" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rspog art. 2"

    Scenario: De dag voordat het verlof is verleend
      Als op 31 juli 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "verlof voor extramurale arbeid" niet voldaan
      En is de uitkomst afwijzen

    Scenario: Over vrijheden is niets bekend
      Gegeven over eerdere vrijheden is niets bekend
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is niet bekend of aan het vereiste "verlof voor extramurale arbeid" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 20a (Stcrt. 2021-28357): ten hoogste een zesde deel van de straf

    Abstract Scenario: Een zesde deel
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 april 2021
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "ten hoogste een zesde van de straf" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                           | straf | dagen | vereiste     | uitkomst  |
        | precies een zesde               | 720   | 120   | voldaan      | toewijzen |
        | een dag meer                    | 720   | 121   | niet voldaan | afwijzen  |
        | een zesde is net geen 120 dagen | 719   | 120   | niet voldaan | afwijzen  |
        | een zesde is geen hele dag      | 725   | 120   | voldaan      | toewijzen |

  Regel: Rtvi art. 20a (Stcrt. 2021-28357): ten minste vier weken, ten hoogste twaalf maanden
    Open: twaalf maanden van 30 dagen (360), een jaar van 365, of kalendermaanden (ten hoogste 366). Keuze van het project: een jaar van 365 dagen.

    Abstract Scenario: De duur
      Gegeven een gevangenisstraf van 2500 dagen, begonnen op 1 januari 2017
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "<vereiste>" <voldaan>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval              | dagen | vereiste                   | voldaan      | uitkomst  |
        | een dag te kort    | 27    | ten minste vier weken      | niet voldaan | afwijzen  |
        | precies vier weken | 28    | ten minste vier weken      | voldaan      | toewijzen |
        | twaalf maanden     | 365   | ten hoogste twaalf maanden | voldaan      | toewijzen |
        | meer dan een jaar  | 366   | ten hoogste twaalf maanden | niet voldaan | afwijzen  |

  Regel: Rspog art. 3 lid 2 (tekst van 2017), keuze van het project: wie was uitgesloten blijft dat

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                   | feit                                                  | vereiste                       |
        | tbs met dwangverpleging | de rechter legde ook tbs met dwangverpleging op       | geen tbs met dwangverpleging   |
        | hij wordt uitgezet      | het staat vast dat hij na de detentie wordt uitgezet  | geen uitzetting of uitlevering |
        | in TA                   | hij verblijft in een terroristenafdeling              | geen bijzondere beveiliging    |
        | in UBI                  | hij verblijft in een uitgebreid beveiligde inrichting | geen bijzondere beveiliging    |
        | in EBI                  | hij verblijft in een extra beveiligde inrichting      | geen bijzondere beveiliging    |

  Regel: Rtvi art. 15 en 20a (Stcrt. 2021-28357): gedrag, risico's en slachtoffers

    Abstract Scenario: Wat tegen de plaatsing spreekt, of niet bekend is
      Gegeven <feit>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                             | feit                                                  |
        | ontoelaatbaar gedrag vorige maand | op 10 augustus 2022 ontoelaatbaar gedrag: agressie    |
        | over het gedrag is niets bekend   | over het gedrag is niets bekend                       |
        | slachtoffers zijn niet nagevraagd | over slachtoffers is niets bekend                     |
        | hoge behoefte aan bescherming     | een slachtoffer met een hoge behoefte aan bescherming |
        | een slachtoffer maakt bezwaar     | een slachtoffer maakt bezwaar                         |

    Scenario: Bij een hoog risico met een gunstig onderzoek hoort strakker toezicht (Kamerbrief Recht doen, kansen bieden)
      Gegeven het risico is hoog
      En een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 december 2022, is gunstig
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "elektronisch toezicht"

    Scenario: Bij een laag risico niet
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt niet als voorwaarde "elektronisch toezicht"

  Regel: Rspog art. 25 lid 2 (tekst van 2017): de "selectiefunctionaris" plaatst

    Scenario: Wie beslist
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan beslist de selectiefunctionaris

  Regel: Rtvi art. 14 lid 1 (tekst van 2017): wie "is veroordeeld tot een vrijheidsstraf"

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Rspog art. 2 (Stcrt. 2021-28357), in werking op 1 juli 2021: de dag van de beslissing wijst de regeling aan

    Scenario: Op 1 juli 2021 is verlof voor extramurale arbeid nodig
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      Als op 1 juli 2021 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "verlof voor extramurale arbeid" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): wat gewogen wordt, moet bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 september 2022 ontoelaatbaar gedrag: agressie
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
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
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | toewijzen                  |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                         |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                                   |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 augustus 2022 aangevraagd                                   |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 31 augustus 2022, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 september 2022, is <oordeel>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst afwijzen

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 14 mei 2022 ongewenst gedrag: drugs
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Een doel van het plan dat niet is bereikt, bij een laag risico
      Gegeven een doel van het plan is niet bereikt
      En het risico is laag
      Als op 1 september 2022 over plaatsing in een beperkt beveiligde afdeling wordt beslist
      Dan is de uitkomst toewijzen
