# language: nl
@beleid:low_security/2014-03-01
Functionaliteit: Plaatsing in een beperkt beveiligde inrichting (BBI), tot en met 30 juni 2021
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog, BWBR0011558), tekst van 2017, artikelen 3 en 25.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2017
    En hij is op 1 maart 2017 gepromoveerd
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rspog art. 3 lid 1 sub b: "een strafrestant hebben van maximaal achttien maanden"
    Een maand is 30 dagen (Wetboek van Strafrecht art. 88): achttien maanden zijn 540 dagen.

    Abstract Scenario: Achttien maanden
      Gegeven op de dag van de beslissing resteren <dagen> dagen
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "ten hoogste achttien maanden" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                    | dagen | vereiste     | uitkomst  |
        | precies achttien maanden | 540   | voldaan      | toewijzen |
        | een dag meer             | 541   | niet voldaan | afwijzen  |

    Scenario: De datum van invrijheidstelling is niet bekend
      Gegeven de verwachte invrijheidstelling is niet bekend
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is niet bekend of aan het vereiste "ten hoogste achttien maanden" is voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 3 lid 1 sub c en d: "een aanvaardbaar verlofadres" en "gepromoveerd"

    Abstract Scenario: Adres en promotie
      Gegeven <feit>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rspog art. 3"

      Voorbeelden:
        | geval                          | feit                               | vereiste           |
        | sub c: geen aanvaardbaar adres | een niet aanvaardbaar verlofadres  | aanvaardbaar adres |
        | sub d: niet gepromoveerd       | hij is niet gepromoveerd           | gepromoveerd       |
        | lid 2 sub d: gedegradeerd      | hij is op 1 juni 2018 gedegradeerd | niet gedegradeerd  |

    Scenario: Gedegradeerd, en daarna opnieuw gepromoveerd
      Gegeven hij is op 1 april 2017 gedegradeerd
      En hij is op 20 mei 2017 opnieuw gepromoveerd
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "niet gedegradeerd" voldaan
      En is de uitkomst toewijzen

    Scenario: Een zelfmelder is "bij aanvang van zijn detentie gepromoveerd" (art. 1d lid 5)
      Gegeven hij is zelfmelder
      En hij is niet gepromoveerd
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "gepromoveerd" voldaan
      En is de uitkomst toewijzen

    Scenario: Het verlofadres is niet onderzocht
      Gegeven een verlofadres dat niet is onderzocht
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is niet bekend of aan het vereiste "aanvaardbaar adres" is voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 3 lid 2: "komen niet in aanmerking gedetineerden"

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rspog art. 3"

      Voorbeelden:
        | geval                          | feit                                                                              | vereiste                       |
        | sub a: uitlevering             | het staat vast dat hij na de detentie wordt uitgeleverd                           | geen uitzetting of uitlevering |
        | sub b: tbs met dwangverpleging | de rechter legde ook tbs met dwangverpleging op                                   | geen tbs met dwangverpleging   |
        | sub e: geldboete               | hij weigert een afgesproken betalingsregeling voor een geldboete                  | weigert geen betalingsregeling |
        | sub e: ontneming               | hij weigert een afgesproken betalingsregeling voor een ontnemingsmaatregel        | weigert geen betalingsregeling |
        | sub e: schadevergoeding        | hij weigert een afgesproken betalingsregeling voor een schadevergoedingsmaatregel | weigert geen betalingsregeling |
        | sub e: administratieve sanctie | hij weigert een afgesproken betalingsregeling voor een administratieve sanctie    | weigert geen betalingsregeling |

    Scenario: Een betalingsregeling die wordt nagekomen
      Gegeven hij komt een betalingsregeling voor een schadevergoedingsmaatregel na
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "weigert geen betalingsregeling" voldaan
      En is de uitkomst toewijzen

    Scenario: Of hij wordt uitgezet is niet bekend
      Gegeven het is niet bekend of hij wordt uitgezet of uitgeleverd
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is niet bekend of aan het vereiste "geen uitzetting of uitlevering" is voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 3 lid 1 sub a: "een beperkt vlucht- en maatschappelijk risico"
    Keuze van het project: de risicoband, ontvluchtingen en de ernst van het delict staan voor dit risico.

    Scenario: Eerder ontvlucht in deze detentie
      Gegeven op 1 februari 2018 een ontvluchting
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst afwijzen

  Regel: Rspog art. 7 lid 1 met Rtvi art. 4 sub g: het verlof dat bij de plaats hoort, en slachtoffers
    Keuze van het project: verlof hoort bij het regime, zodat een risico van ongewenste confrontatie ook de plaats weigert.

    Scenario: Een slachtoffer met een hoge behoefte aan bescherming
      Gegeven een slachtoffer met een hoge behoefte aan bescherming
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst niet toewijzen

    Scenario: Slachtoffers zijn niet nagevraagd
      Gegeven over slachtoffers is niets bekend
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst niet toewijzen
      En moet eerst bekend worden "slachtofferbelangen"

  Regel: Rspog art. 25 lid 5: bij een "vrijheidsstraf van 8 jaar of meer" eerst advies van het Penitentiair Selectie Centrum
    Keuze van het project: dat advies is hier een verdiepend onderzoek; een jaar is 365 dagen.

    Abstract Scenario: Acht jaar
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2012
      En op de dag van de beslissing resteren 300 dagen
      En <onderzoek>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                        | straf | onderzoek                                                                                    | uitkomst                   |
        | een dag minder dan acht jaar | 2919  | het risico is laag                                                                           | toewijzen                  |
        | precies acht jaar            | 2920  | het risico is laag                                                                           | eerst verdiepend onderzoek |
        | precies acht jaar, gunstig   | 2920  | een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 1 december 2018, is gunstig | toewijzen                  |

  Regel: Rspog art. 25 lid 2: de "selectiefunctionaris" kan de gedetineerde overplaatsen

    Scenario: Wie beslist
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan beslist de selectiefunctionaris

  Regel: Rspog art. 7 lid 2: "arrestanten voor zover de detentie nog geen acht weken heeft geduurd"

    Abstract Scenario: Een arrestant
      Gegeven een gevangenisstraf van 300 dagen, begonnen op 1 januari 2018
      En 0 dagen zijn elders ondergaan en komen in mindering op de straf
      En hij is arrestant
      En hij is op 20 februari 2018 gepromoveerd
      En op de dag van de beslissing resteren 200 dagen
      Als op <dag> over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "arrestant ten minste acht weken" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval              | dag              | vereiste     | uitkomst  |
        | 55 dagen           | 25 februari 2018 | niet voldaan | afwijzen  |
        | precies acht weken | 26 februari 2018 | voldaan      | toewijzen |

    Scenario: Wie geen arrestant is, hoeft niet te wachten
      Gegeven een gevangenisstraf van 300 dagen, begonnen op 1 januari 2018
      En hij is zelfmelder
      Als op 20 februari 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "arrestant ten minste acht weken" voldaan
      En is de uitkomst toewijzen

  Regel: Rspog art. 1e: "Uitgesloten van promotie of het plusprogramma", en dus van plaatsing

    Abstract Scenario: Wie van promotie is uitgesloten
      Gegeven <feit>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                             | feit                                                                        | vereiste                              |
        | sub a: vordering ISD              | het openbaar ministerie vordert de ISD-maatregel                            | geen vordering ISD                    |
        | sub b: vervolgd                   | hij wordt vervolgd voor een misdrijf in detentie                            | geen vervolging voor feit in detentie |
        | sub b: veroordeeld                | hij is op 1 juni 2018 veroordeeld voor een feit dat hij in detentie pleegde | geen vervolging voor feit in detentie |
        | sub c: PPC                        | hij verblijft in een penitentiair psychiatrisch centrum                     | geen afdeling zonder promotie         |
        | sub c: justitieel medisch centrum | hij verblijft in het justitieel centrum voor somatische zorg                | geen afdeling zonder promotie         |
        | sub d: EBI                        | hij verblijft in een extra beveiligde inrichting                            | geen afdeling zonder promotie         |
        | sub d: TA                         | hij verblijft in een terroristenafdeling                                    | geen afdeling zonder promotie         |
        | sub d: UBI                        | hij verblijft in een uitgebreid beveiligde inrichting                       | geen afdeling zonder promotie         |
        | art. 1b: ISD opgelegd             | hij ondergaat de ISD-maatregel                                              | geen ISD-maatregel                    |

  Regel: Rspog art. 1 sub e en art. 1a: een "opgelegde vrijheidsstraf"

    Scenario: Een vonnis dat niet onherroepelijk is telt (art. 1a)
      Gegeven hij zit in voorlopige hechtenis na een vonnis dat niet onherroepelijk is
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" voldaan
      En is de uitkomst toewijzen

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 2 (Stcrt. 2021-28357), in werking op 1 juli 2021: de dag van de beslissing wijst de regeling aan

    Scenario: Op 30 juni 2021 geldt nog de oude regeling, zonder verlof voor extramurale arbeid
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      En hij is op 1 maart 2020 gepromoveerd
      Als op 30 juni 2021 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rspog art. 25 lid 1: "de beschikbare informatie omtrent het gedrag, de persoon"
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 juli 2018 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rspog art. 3 lid 1 sub a: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
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
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | toewijzen                  |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                 |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                           |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 juni 2018 aangevraagd                               |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 30 juni 2018, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 juni 2018, geldig tot en met 1 juli 2018, is <oordeel>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst afwijzen

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 maart 2018 ongewenst gedrag: drugs
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Ontoelaatbaar gedrag vorige maand
      Gegeven op 10 juni 2018 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2018 over plaatsing in een beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst afwijzen
