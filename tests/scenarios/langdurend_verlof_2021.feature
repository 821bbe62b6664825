# language: nl
@beleid:long_leave/2021-07-01
Functionaliteit: Langdurend re-integratieverlof, vanaf 1 juli 2021
  Regeling tijdelijk verlaten van de inrichting (Rtvi) zoals gewijzigd bij Stcrt. 2021-28357, artikel 15 en volgende.
  De drie criteria zijn die van elk re-integratieverlof: gedrag, risico's, slachtoffers.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2021
    En een doel van het plan waarvoor verlof nodig is
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): verlof alleen voor een re-integratiedoel in het detentie- en re-integratieplan

    Scenario: Verlof dient een doel van het plan
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "verlof dient een doel van het plan" voldaan
      En is de uitkomst toewijzen

    Abstract Scenario: Geen doel, of geen plan
      Gegeven <feit>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "verlof dient een doel van het plan" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                              | feit                                            |
        | geen doel wordt met verlof gediend | geen doel van het plan wordt met verlof gediend |
        | er is geen plan                    | er is geen detentie- en re-integratieplan       |

    Scenario: Over plan en doelen is niets bekend
      Gegeven over promotie, plan en doelen is niets bekend
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is niet bekend of aan het vereiste "verlof dient een doel van het plan" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): alleen in de laatste fase; keuze van het project: de laatste twaalf maanden, een jaar van 365 dagen
    De voorwaardelijke invrijheidstelling telt (Kamerbrief Recht doen, kansen bieden).

    Abstract Scenario: De laatste fase, tot de voorwaardelijke invrijheidstelling
      Gegeven een gevangenisstraf van 1800 dagen, begonnen op 1 januari 2021
      En op de dag van de beslissing resteren <dagen> dagen tot de voorwaardelijke invrijheidstelling
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "laatste fase" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                                               | dagen | vereiste     | uitkomst  |
        | precies de grens                                    | 365   | voldaan      | toewijzen |
        | een dag meer                                        | 366   | niet voldaan | afwijzen  |
        | op de dag van de voorwaardelijke invrijheidstelling | 0     | voldaan      | toewijzen |

    Scenario: De laatste fase zonder voorwaardelijke invrijheidstelling: 365 dagen tot het einde
      Gegeven op de dag van de beslissing resteren 365 dagen
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "laatste fase" voldaan

    Scenario: Een dag meer, en van een voorwaardelijke invrijheidstelling is niets bekend
      Gegeven op de dag van de beslissing resteren 366 dagen
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is niet bekend of aan het vereiste "laatste fase" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 14 lid 3 (tekst van 2017), keuze van het project: wie was uitgesloten blijft dat

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                      | feit                                                 | vereiste                       |
        | tbs met dwangverpleging    | de rechter legde ook tbs met dwangverpleging op      | geen tbs met dwangverpleging   |
        | in een EBI                 | hij verblijft in een extra beveiligde inrichting     | geen bijzondere beveiliging    |
        | in een terroristenafdeling | hij verblijft in een terroristenafdeling             | geen bijzondere beveiliging    |
        | hij wordt uitgezet         | het staat vast dat hij na de detentie wordt uitgezet | geen uitzetting of uitlevering |

  Regel: Rtvi art. 4 sub j: "het ontbreken van een aanvaardbaar verlofadres"; langdurend verlof duurt ten minste een nacht

    Abstract Scenario: Het verlofadres
      Gegeven <adres>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval             | adres                                  |
        | niet aanvaardbaar | een niet aanvaardbaar verlofadres      |
        | geen adres        | geen enkel adres                       |
        | niet onderzocht   | een verlofadres dat niet is onderzocht |
        | niets bekend      | over het verlofadres is niets bekend   |

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): het gedrag tijdens de gehele detentie, de risico's en de belangen van slachtoffers

    Abstract Scenario: Wat tegen verlof spreekt, of niet bekend is
      Gegeven <feit>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                             | feit                                                  |
        | ontoelaatbaar gedrag vorige maand | op 10 augustus 2022 ontoelaatbaar gedrag: agressie    |
        | over het gedrag is niets bekend   | over het gedrag is niets bekend                       |
        | slachtoffers zijn niet nagevraagd | over slachtoffers is niets bekend                     |
        | hoge behoefte aan bescherming     | een slachtoffer met een hoge behoefte aan bescherming |
        | een slachtoffer maakt bezwaar     | een slachtoffer maakt bezwaar                         |
        | het model kan niets zeggen        | het model kan over iemand als hij niets zeggen        |

    Scenario: Bij een hoog risico met een gunstig onderzoek hoort strakker toezicht (Kamerbrief Recht doen, kansen bieden)
      Gegeven het risico is hoog
      En een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 december 2022, is gunstig
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "elektronisch toezicht"

    Scenario: Bij een laag risico niet
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt niet als voorwaarde "elektronisch toezicht"

    Abstract Scenario: Belangen waaraan voorwaarden tegemoetkomen
      Gegeven <wens>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval         | wens                                        | voorwaarde    |
        | contactverbod | een slachtoffer vraagt om een contactverbod | contactverbod |
        | locatieverbod | een slachtoffer vraagt om een gebiedsverbod | gebiedsverbod |

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): langdurend verlof duurt ten minste een nacht, met een grens aan het aantal nachten

    Scenario: De grens aan het aantal nachten
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "grens aan het aantal nachten"

  Regel: Rtvi art. 14 lid 1 (tekst van 2017): wie "is veroordeeld tot een vrijheidsstraf"

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): wat gewogen wordt, moet bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 september 2022 ontoelaatbaar gedrag: agressie
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
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
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | toewijzen                  |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                         |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                                   |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 augustus 2022 aangevraagd                                   |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 31 augustus 2022, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 september 2022, is <oordeel>
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst afwijzen

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 14 mei 2022 ongewenst gedrag: drugs
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Een doel van het plan dat niet is bereikt, bij een laag risico
      Gegeven een doel van het plan is niet bereikt
      En het risico is laag
      Als op 1 september 2022 over langdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
