# language: nl
@beleid:leave/2021-07-01
Functionaliteit: Kortdurend re-integratieverlof, vanaf 1 juli 2021
  Regeling tijdelijk verlaten van de inrichting (Rtvi) zoals gewijzigd bij Stcrt. 2021-28357, artikelen 15 en 19.
  Drie criteria voor elk verlof: het gedrag tijdens de gehele detentie, de risico's, en de belangen van slachtoffers.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2021
    En een doel van het plan waarvoor verlof nodig is
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): verlof alleen voor een re-integratiedoel in het detentie- en re-integratieplan

    Scenario: Verlof dient een doel van het plan
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "verlof dient een doel van het plan" voldaan
      En is de uitkomst toewijzen

    Scenario: Geen doel wordt met verlof gediend
      Gegeven geen doel van het plan wordt met verlof gediend
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "verlof dient een doel van het plan" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rtvi art. 15"

    Scenario: Of verlof een doel van het plan dient, is niet genoteerd
      Gegeven het is niet bekend of verlof een doel van het plan dient
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: Er is geen plan
      Gegeven er is geen detentie- en re-integratieplan
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "verlof dient een doel van het plan" niet voldaan
      En is de uitkomst afwijzen

    Scenario: Over plan en doelen is niets bekend
      Gegeven over promotie, plan en doelen is niets bekend
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is niet bekend of aan het vereiste "verlof dient een doel van het plan" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): alleen in de laatste fase; keuze van het project: het laatste jaar, van 365 dagen
    De voorwaardelijke invrijheidstelling telt (Kamerbrief Recht doen, kansen bieden).

    Abstract Scenario: De laatste fase, tot de voorwaardelijke invrijheidstelling
      Gegeven een gevangenisstraf van 1800 dagen, begonnen op 1 januari 2021
      En op de dag van de beslissing resteren <dagen> dagen tot de voorwaardelijke invrijheidstelling
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "laatste fase" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                                               | dagen | vereiste     | uitkomst  |
        | precies de grens                                    | 365   | voldaan      | toewijzen |
        | een dag meer                                        | 366   | niet voldaan | afwijzen  |
        | op de dag van de voorwaardelijke invrijheidstelling | 0     | voldaan      | toewijzen |

    Scenario: De laatste fase zonder voorwaardelijke invrijheidstelling: 365 dagen tot het einde
      Gegeven op de dag van de beslissing resteren 365 dagen
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "laatste fase" voldaan

    Scenario: Een dag meer, en van een voorwaardelijke invrijheidstelling is niets bekend
      Gegeven op de dag van de beslissing resteren 366 dagen
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is niet bekend of aan het vereiste "laatste fase" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 14 lid 3 (tekst van 2017), keuze van het project: wie was uitgesloten blijft dat

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                      | feit                                                 | vereiste                       |
        | tbs met dwangverpleging    | de rechter legde ook tbs met dwangverpleging op      | geen tbs met dwangverpleging   |
        | in een EBI                 | hij verblijft in een extra beveiligde inrichting     | geen bijzondere beveiliging    |
        | in een terroristenafdeling | hij verblijft in een terroristenafdeling             | geen bijzondere beveiliging    |
        | hij wordt uitgezet         | het staat vast dat hij na de detentie wordt uitgezet | geen uitzetting of uitlevering |

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): het gedrag tijdens de gehele detentie

    Scenario: Ontoelaatbaar gedrag vorige maand
      Gegeven op 10 augustus 2022 ontoelaatbaar gedrag: agressie
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: Over het gedrag is niets bekend
      Gegeven over het gedrag is niets bekend
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "gedrag"

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): de belangen van slachtoffers

    Scenario: Er is geen navraag gedaan
      Gegeven over slachtoffers is niets bekend
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "slachtofferbelangen"

    Abstract Scenario: Belangen waaraan voorwaarden tegemoetkomen
      Gegeven <wens>
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval         | wens                                        | voorwaarde    |
        | contactverbod | een slachtoffer vraagt om een contactverbod | contactverbod |
        | locatieverbod | een slachtoffer vraagt om een gebiedsverbod | gebiedsverbod |

    Abstract Scenario: Zwaarwegende belangen, keuze van het project: eerst onderzoek, dat beslist
      Gegeven <belang>
      En <onderzoek>
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                         | belang                                                | onderzoek                                                                                          | uitkomst                   |
        | hoge behoefte, geen onderzoek | een slachtoffer met een hoge behoefte aan bescherming | het risico is laag                                                                                 | eerst verdiepend onderzoek |
        | bezwaar, geen onderzoek       | een slachtoffer maakt bezwaar                         | het risico is laag                                                                                 | eerst verdiepend onderzoek |
        | hoge behoefte, ongunstig      | een slachtoffer met een hoge behoefte aan bescherming | een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 december 2022, is ongunstig | afwijzen                   |

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): de risico's; Kamerbrief Recht doen, kansen bieden: zo nodig eerst een verdiepende risicotaxatie

    Abstract Scenario: Het risico en een verdiepend onderzoek
      Gegeven het risico is <risico>
      En <onderzoek>
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                | risico | onderzoek                                                                                          | uitkomst                   |
        | hoog, geen onderzoek | hoog   | navraag bij slachtoffers leverde geen belang op                                                    | eerst verdiepend onderzoek |
        | hoog, aangevraagd    | hoog   | een verdiepende risicotaxatie is op 1 augustus 2022 aangevraagd                                    | eerst verdiepend onderzoek |
        | hoog, gunstig        | hoog   | een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 september 2022, is gunstig  | toewijzen                  |
        | hoog, verlopen       | hoog   | een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 31 augustus 2022, is gunstig  | eerst verdiepend onderzoek |
        | hoog, ongunstig      | hoog   | een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 december 2022, is ongunstig | afwijzen                   |
        | niets te zeggen      | laag   | het model kan over iemand als hij niets zeggen                                                     | eerst verdiepend onderzoek |

    Scenario: Een ernstig delict met een laag risico vraagt geen onderzoek
      Gegeven hij is veroordeeld voor ernstig geweld
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 19 (Stcrt. 2021-28357): een en dezelfde dag, zo nodig begeleid

    Scenario: Het verlof eindigt op de dag waarop het begint
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan geldt als voorwaarde "eindigt op dezelfde dag"

    Scenario: Met een hoog risico en een gunstig onderzoek gaat begeleiding mee
      Gegeven het risico is hoog
      En een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 december 2022, is gunstig
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "met begeleiding"

  Regel: Rtvi (Stcrt. 2021-28357), in werking op 1 juli 2021: de dag van de beslissing wijst de regeling aan

    Scenario: Op 1 juli 2021 geldt de nieuwe regeling
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      Als op 1 juli 2021 over verlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "eindigt op dezelfde dag"

  Regel: Rtvi art. 14 lid 1 (tekst van 2017): wie "is veroordeeld tot een vrijheidsstraf"

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst niet toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): wat gewogen wordt, moet bekend zijn
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 september 2022 ontoelaatbaar gedrag: agressie
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): het risico; keuzes van het project over welk risico weegt en hoe zeker het is

    Abstract Scenario: Een van de risico's is hoog, of niet zeker
      Gegeven <feit>
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                                   | feit                                                  |
        | alleen het risico op een mislukt verlof | het risico op een mislukt verlof is hoog              |
        | alleen het risico op geweld             | het risico op geweld binnen twee jaar is hoog         |
        | de schatting loopt over een grens heen  | de schatting van het risico loopt over een grens heen |

    Scenario: Een verdiepend onderzoek dat niets uitwijst helpt niet
      Gegeven het risico is hoog
      En een verdiepende risicotaxatie van 1 augustus 2022, geldig tot en met 1 december 2022, is onbeslist
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven hij is veroordeeld voor <delict>
      En het risico is matig
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval            | delict           | uitkomst                   |
        | diefstal         | diefstal         | toewijzen                  |
        | een zedendelict  | een zedendelict  | eerst verdiepend onderzoek |
        | een levensdelict | een levensdelict | eerst verdiepend onderzoek |
        | ernstig geweld   | ernstig geweld   | eerst verdiepend onderzoek |

    Scenario: Een verlof dat eindigde met een strafbaar feit
      Gegeven kortdurend re-integratieverlof op 1 juli 2022 is geëindigd met een strafbaar feit
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: Een slachtoffer zonder wensen en zonder grote behoefte aan bescherming
      Gegeven een slachtoffer zonder wensen
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rtvi art. 15 (Stcrt. 2021-28357): hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval          | onderdeel                |
        | gedrag         | het gedrag               |
        | plan           | promotie, plan en doelen |
        | veroordelingen | veroordelingen           |
        | onderzoeken    | onderzoeken              |
        | vrijheden      | eerdere vrijheden        |
        | slachtoffers   | slachtoffers             |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst afwijzen

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 14 mei 2022 ongewenst gedrag: drugs
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Een doel van het plan dat niet is bereikt, bij een laag risico
      Gegeven een doel van het plan is niet bereikt
      En het risico is laag
      Als op 1 september 2022 over kortdurend re-integratieverlof wordt beslist
      Dan is de uitkomst toewijzen
