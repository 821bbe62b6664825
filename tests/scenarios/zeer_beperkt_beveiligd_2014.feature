# language: nl
@beleid:very_low_security/2014-03-01
Functionaliteit: Plaatsing in een zeer beperkt beveiligde inrichting (ZBBI), tot en met 30 juni 2021
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog, BWBR0011558), tekst van 2017, artikel 2.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 360 dagen, begonnen op 1 januari 2017
    En hij is op 1 maart 2017 gepromoveerd
    En een aanvaardbaar verlofadres
    En navraag bij slachtoffers leverde geen belang op
    En het risico is laag

  Regel: Rspog art. 2 lid 1 sub b: "aan wie een vrijheidsstraf van ten minste zes maanden is opgelegd"
    Een maand is 30 dagen (Wetboek van Strafrecht art. 88).

    Abstract Scenario: De duur van de straf
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2017
      Als op 15 april 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "straf van ten minste zes maanden" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | straf | vereiste     | uitkomst  |
        | een dag te kort     | 179   | niet voldaan | afwijzen  |
        | precies zes maanden | 180   | voldaan      | toewijzen |

  Regel: Rspog art. 2 lid 1 sub c: "ten minste de helft van de opgelegde gevangenisstraf hebben ondergaan"

    Abstract Scenario: De helft van de straf
      Als op <dag> over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "de helft ondergaan" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                       | dag          | vereiste     | uitkomst  |
        | de dag ervoor               | 29 juni 2017 | niet voldaan | afwijzen  |
        | de dag van precies de helft | 30 juni 2017 | voldaan      | toewijzen |

    Scenario: De helft is geen hele dag
      Gegeven een gevangenisstraf van 361 dagen, begonnen op 1 januari 2017
      Als op 30 juni 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "de helft ondergaan" niet voldaan

    Scenario: Tijd die elders is ondergaan en in mindering komt telt mee
      Gegeven 30 dagen zijn elders ondergaan en komen in mindering op de straf
      Als op 31 mei 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "de helft ondergaan" voldaan

  Regel: Rspog art. 2 lid 1 sub e: "een strafrestant hebben van ten minste zes weken en ten hoogste zes maanden"

    Abstract Scenario: Het strafrestant
      Gegeven een gevangenisstraf van 720 dagen, begonnen op 1 januari 2017
      En op de dag van de beslissing resteren <dagen> dagen
      Als op 1 september 2018 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" <voldaan>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | dagen | vereiste                | voldaan      | uitkomst  |
        | een dag te weinig   | 41    | ten minste zes weken    | niet voldaan | afwijzen  |
        | precies zes weken   | 42    | ten minste zes weken    | voldaan      | toewijzen |
        | precies zes maanden | 180   | ten hoogste zes maanden | voldaan      | toewijzen |
        | een dag te veel     | 181   | ten hoogste zes maanden | niet voldaan | afwijzen  |

  Regel: Rspog art. 2 lid 1 sub d en f: "een aanvaardbaar verlofadres" en "gepromoveerd"

    Abstract Scenario: Adres en promotie
      Gegeven <feit>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rspog art. 2"

      Voorbeelden:
        | geval                          | feit                               | vereiste           |
        | sub d: geen aanvaardbaar adres | een niet aanvaardbaar verlofadres  | aanvaardbaar adres |
        | sub f: niet gepromoveerd       | hij is niet gepromoveerd           | gepromoveerd       |
        | lid 2 sub d: gedegradeerd      | hij is op 1 juni 2017 gedegradeerd | niet gedegradeerd  |

    Scenario: Gedegradeerd, en daarna opnieuw gepromoveerd
      Gegeven hij is op 1 april 2017 gedegradeerd
      En hij is op 20 mei 2017 opnieuw gepromoveerd
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "niet gedegradeerd" voldaan
      En is de uitkomst toewijzen

    Scenario: Een zelfmelder is "bij aanvang van zijn detentie gepromoveerd" (art. 1d lid 5)
      Gegeven hij is zelfmelder
      En hij is niet gepromoveerd
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "gepromoveerd" voldaan
      En is de uitkomst toewijzen

    Scenario: Over het verlofadres is niets bekend
      Gegeven over het verlofadres is niets bekend
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is niet bekend of aan het vereiste "aanvaardbaar adres" is voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 2 lid 2: "komen niet in aanmerking gedetineerden"

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen
      En verwijst de reden naar "Rspog art. 2"

      Voorbeelden:
        | geval                                  | feit                                                                              | vereiste                       |
        | sub a: uitzetting                      | het staat vast dat hij na de detentie wordt uitgezet                              | geen uitzetting of uitlevering |
        | sub b: tbs met dwangverpleging         | de rechter legde ook tbs met dwangverpleging op                                   | geen tbs met dwangverpleging   |
        | sub e onder 1: geldboete               | hij weigert een afgesproken betalingsregeling voor een geldboete                  | weigert geen betalingsregeling |
        | sub e onder 2: ontneming               | hij weigert een afgesproken betalingsregeling voor een ontnemingsmaatregel        | weigert geen betalingsregeling |
        | sub e onder 3: schadevergoeding        | hij weigert een afgesproken betalingsregeling voor een schadevergoedingsmaatregel | weigert geen betalingsregeling |
        | sub e onder 4: administratieve sanctie | hij weigert een afgesproken betalingsregeling voor een administratieve sanctie    | weigert geen betalingsregeling |

    Abstract Scenario: Andere schulden sluiten niet uit
      Gegeven <feit>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "weigert geen betalingsregeling" voldaan
      En is de uitkomst toewijzen

      Voorbeelden:
        | geval                             | feit                                                              |
        | een regeling die wordt nagekomen  | hij komt een betalingsregeling voor een geldboete na              |
        | een geweigerde regeling voor huur | hij weigert een afgesproken betalingsregeling voor een huurschuld |

    Scenario: Over schulden is niets bekend
      Gegeven over schulden is niets bekend
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is niet bekend of aan het vereiste "weigert geen betalingsregeling" is voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 2 lid 1 sub a: "een te verwaarlozen vlucht- of maatschappelijk risico"
    Keuze van het project: alleen een laag risico, zonder ontvluchting in deze detentie, is te verwaarlozen.

    Scenario: Een laag risico
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen

    Abstract Scenario: Een risico dat niet te verwaarlozen is
      Gegeven <feit>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst niet toewijzen
      En verwijst de reden naar "Rspog art. 2"

      Voorbeelden:
        | geval                             | feit                                |
        | een matig risico                  | het risico is matig                 |
        | een hoog risico                   | het risico is hoog                  |
        | eerder ontvlucht in deze detentie | op 1 februari 2017 een ontvluchting |

  Regel: Rspog art. 2 lid 3: "In afwijking van het eerste lid" ook met een akkoord bevonden voorstel voor een penitentiair programma

    Abstract Scenario: Met een akkoord bevonden voorstel geldt het eerste lid niet
      Gegeven deelname aan een penitentiair programma is op 1 mei 2017 akkoord bevonden
      En <feit>
      Als op <dag> over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" voldaan
      En is de uitkomst toewijzen

      Voorbeelden:
        | geval                                | feit                                                          | dag         | vereiste                         |
        | sub b: straf korter dan zes maanden  | een gevangenisstraf van 170 dagen, begonnen op 1 januari 2017 | 9 mei 2017  | straf van ten minste zes maanden |
        | sub c: nog niet de helft             | een gevangenisstraf van 360 dagen, begonnen op 1 januari 2017 | 29 mei 2017 | de helft ondergaan               |
        | sub d: geen aanvaardbaar verlofadres | een niet aanvaardbaar verlofadres                             | 1 juli 2017 | aanvaardbaar adres               |
        | sub e: minder dan zes weken          | op de dag van de beslissing resteren 30 dagen                 | 1 juli 2017 | ten minste zes weken             |
        | sub e: meer dan zes maanden          | op de dag van de beslissing resteren 200 dagen                | 1 juli 2017 | ten hoogste zes maanden          |

  Regel: Rspog art. 25 lid 2: de "selectiefunctionaris" kan de gedetineerde overplaatsen

    Scenario: Wie beslist
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan beslist de selectiefunctionaris

  Regel: Rspog art. 7 lid 1 met Rtvi art. 4 sub g: het verlof dat bij de plaats hoort, en slachtoffers
    Keuze van het project: verlof hoort bij het regime, zodat een risico van ongewenste confrontatie ook de plaats weigert.

    Scenario: Een slachtoffer met een hoge behoefte aan bescherming
      Gegeven een slachtoffer met een hoge behoefte aan bescherming
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst niet toewijzen

  Regel: Rspog art. 25 lid 5: bij een "vrijheidsstraf van 8 jaar of meer" eerst advies van het Penitentiair Selectie Centrum
    Keuze van het project: dat advies is hier een verdiepend onderzoek; een jaar is 365 dagen.

    Abstract Scenario: Acht jaar
      Gegeven een gevangenisstraf van <straf> dagen, begonnen op 1 januari 2010
      En op de dag van de beslissing resteren 150 dagen
      En hij is op 1 maart 2010 gepromoveerd
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                        | straf | uitkomst                   |
        | een dag minder dan acht jaar | 2919  | toewijzen                  |
        | precies acht jaar            | 2920  | eerst verdiepend onderzoek |

  Regel: Rspog art. 7 lid 2: "arrestanten voor zover de detentie nog geen acht weken heeft geduurd"

    Abstract Scenario: Een arrestant
      Gegeven een gevangenisstraf van 180 dagen, begonnen op 5 april 2017
      En 60 dagen zijn elders ondergaan en komen in mindering op de straf
      En hij is arrestant
      En hij is op 25 mei 2017 gepromoveerd
      En op de dag van de beslissing resteren 60 dagen
      Als op <dag> over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "arrestant ten minste acht weken" <vereiste>
      En is de uitkomst <uitkomst>

      Voorbeelden:
        | geval              | dag         | vereiste     | uitkomst  |
        | 55 dagen           | 30 mei 2017 | niet voldaan | afwijzen  |
        | precies acht weken | 31 mei 2017 | voldaan      | toewijzen |

    Scenario: Wie geen arrestant is, hoeft niet te wachten
      Gegeven een gevangenisstraf van 180 dagen, begonnen op 1 mei 2017
      En 80 dagen zijn elders ondergaan en komen in mindering op de straf
      En op de dag van de beslissing resteren 60 dagen
      En hij is zelfmelder
      Als op 20 juni 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "arrestant ten minste acht weken" voldaan
      En is de uitkomst toewijzen

  Regel: Rspog art. 1e: "Uitgesloten van promotie of het plusprogramma", en dus van plaatsing

    Abstract Scenario: Wie van promotie is uitgesloten
      Gegeven <feit>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En is de uitkomst afwijzen

      Voorbeelden:
        | geval                             | feit                                                                        | vereiste                              |
        | sub a: vordering ISD              | het openbaar ministerie vordert de ISD-maatregel                            | geen vordering ISD                    |
        | sub b: vervolgd                   | hij wordt vervolgd voor een misdrijf in detentie                            | geen vervolging voor feit in detentie |
        | sub b: veroordeeld                | hij is op 1 juni 2017 veroordeeld voor een feit dat hij in detentie pleegde | geen vervolging voor feit in detentie |
        | sub c: PPC                        | hij verblijft in een penitentiair psychiatrisch centrum                     | geen afdeling zonder promotie         |
        | sub c: justitieel medisch centrum | hij verblijft in het justitieel centrum voor somatische zorg                | geen afdeling zonder promotie         |
        | sub d: EBI                        | hij verblijft in een extra beveiligde inrichting                            | geen afdeling zonder promotie         |
        | sub d: TA                         | hij verblijft in een terroristenafdeling                                    | geen afdeling zonder promotie         |
        | sub d: UBI                        | hij verblijft in een uitgebreid beveiligde inrichting                       | geen afdeling zonder promotie         |
        | art. 1b: ISD opgelegd             | hij ondergaat de ISD-maatregel                                              | geen ISD-maatregel                    |

  Regel: Rspog art. 1 sub e en art. 1a: een "opgelegde vrijheidsstraf"

    Scenario: Een vonnis dat niet onherroepelijk is telt (art. 1a en art. 2 lid 1 sub c)
      Gegeven hij zit in voorlopige hechtenis na een vonnis dat niet onherroepelijk is
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" voldaan
      En is de uitkomst toewijzen

    Scenario: Hij is nog niet veroordeeld
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is aan het vereiste "veroordeeld tot een vrijheidsstraf" niet voldaan
      En is de uitkomst afwijzen

  Regel: Rspog art. 2 (Stcrt. 2021-28357), in werking op 1 juli 2021: de ZBBI bestaat niet meer

    Scenario: Op 30 juni 2021 bestaat zij nog
      Gegeven een gevangenisstraf van 360 dagen, begonnen op 1 januari 2021
      En hij is op 1 maart 2021 gepromoveerd
      Als op 30 juni 2021 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen

    Scenario: Op 1 juli 2021 niet meer
      Gegeven een gevangenisstraf van 360 dagen, begonnen op 1 januari 2021
      En hij is op 1 maart 2021 gepromoveerd
      Als op 1 juli 2021 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is er voor die dag geen regeling

  Regel: Rspog art. 25 lid 1: "de beschikbare informatie omtrent het gedrag, de persoon"
    Keuze van het project: wat niet of niet volledig bekend is, leidt nooit tot toewijzen.

    Abstract Scenario: Niet volledig bekend
      Gegeven <feit>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst niet toewijzen

      Voorbeelden:
        | geval                                          | feit                                                                  |
        | navraag bij slachtoffers is niet volledig      | naar slachtoffers is niet volledig navraag gedaan                     |
        | bescherming van een slachtoffer is niet bekend | een slachtoffer van wie niet bekend is of het bescherming nodig heeft |
        | een onbruikbare regel in het dossier           | een regel van het dossier is onbruikbaar                              |

    Scenario: Wat na de dag van de beslissing gebeurt, telt niet
      Gegeven op 5 juli 2017 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen

  Regel: Rspog art. 2 lid 1 sub a: hoe dit project weegt
    Keuzes van het project; geen tekst noemt een kans of zegt hoe feiten samen wegen.

    Abstract Scenario: Over een heel onderdeel is niets bekend
      Gegeven over <onderdeel> is niets bekend
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
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
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                            | feit                                                  |
        | zij loopt over een grens heen    | de schatting van het risico loopt over een grens heen |
        | het model kent niemand zoals hij | het model kan over iemand als hij niets zeggen        |

    Abstract Scenario: Een matig risico en de ernst van het delict
      Gegeven het risico is matig
      En hij is veroordeeld voor <delict>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval               | delict         | uitkomst                   |
        | geen ernstig delict | diefstal       | eerst verdiepend onderzoek |
        | ernstig geweld      | ernstig geweld | eerst verdiepend onderzoek |

    Abstract Scenario: Een hoog risico en een verdiepend onderzoek dat er nog niet is
      Gegeven het risico is hoog
      En <onderzoek>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst eerst verdiepend onderzoek

      Voorbeelden:
        | geval                   | onderzoek                                                                                 |
        | geen onderzoek          | navraag bij slachtoffers leverde geen belang op                                           |
        | aangevraagd             | een verdiepende risicotaxatie is op 1 juni 2017 aangevraagd                               |
        | sinds gisteren verlopen | een verdiepende risicotaxatie van 1 juni 2017, geldig tot en met 30 juni 2017, is gunstig |

    Abstract Scenario: Een verdiepend onderzoek beslist
      Gegeven het risico is <risico>
      En een verdiepende risicotaxatie van 1 juni 2017, geldig tot en met 1 juli 2017, is <oordeel>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst <uitkomst>

      Voorbeelden:
        | geval                          | risico | oordeel   | uitkomst  |
        | gunstig bij een hoog risico    | hoog   | gunstig   | toewijzen |
        | ongunstig bij een hoog risico  | hoog   | ongunstig | afwijzen  |
        | ongunstig bij een matig risico | matig  | ongunstig | afwijzen  |

    Scenario: Hij weigert een doel van zijn plan
      Gegeven een doel van het plan is geweigerd
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst afwijzen

    Abstract Scenario: Voorwaarden ter bescherming van een slachtoffer
      Gegeven een slachtoffer vraagt om een <wens>
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "<voorwaarde>"

      Voorbeelden:
        | geval      | wens          | voorwaarde    |
        | contact    | contactverbod | contactverbod |
        | een gebied | gebiedsverbod | gebiedsverbod |

    Scenario: Na een incident met drugs, minder dan een half jaar geleden, hoort een verbod op alcohol en drugs
      Gegeven op 13 maart 2017 ongewenst gedrag: drugs
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst toewijzen
      En geldt als voorwaarde "geen alcohol of drugs"

    Scenario: Ontoelaatbaar gedrag vorige maand
      Gegeven op 10 juni 2017 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2017 over plaatsing in een zeer beperkt beveiligde inrichting wordt beslist
      Dan is de uitkomst afwijzen
