# language: nl
@beleid:promotion/2014-03-01
Functionaliteit: Promotie naar het plusprogramma, tot en met 30 september 2020
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog, BWBR0011558), tekst van 2017, artikelen 1b, 1d en 1e.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2017
    En hij is niet gepromoveerd

  Regel: Rspog art. 1d lid 2: "aanspraak op promotie indien hij op alle onderdelen van goed gedrag positief scoort gedurende een periode van zes weken"

    Scenario: Zes weken positief op alle onderdelen
      Gegeven de laatste 6 weken gewenst gedrag in beide categorieën
      Als op 1 mei 2017 over promotie wordt beslist
      Dan wordt hij gepromoveerd

    Scenario: Vijf weken
      Gegeven de laatste 5 weken gewenst gedrag in beide categorieën
      Als op 1 mei 2017 over promotie wordt beslist
      Dan wordt hij niet gepromoveerd
      En verwijst de reden naar "Rspog art. 1d"

    Scenario: Pas vijf weken binnen
      Als op 5 februari 2017 over promotie wordt beslist
      Dan wordt hij niet gepromoveerd

    Abstract Scenario: Op een onderdeel niet positief
      Gegeven op <dag> ongewenst gedrag: <onderwerp>
      Als op 1 mei 2017 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                      | dag           | onderwerp            | uitkomst                    |
        | vorige week                | 24 april 2017 | te laat komen        | wordt hij niet gepromoveerd |
        | in de eerste van zes weken | 21 maart 2017 | te laat komen        | wordt hij niet gepromoveerd |
        | voor de zes weken          | 19 maart 2017 | te laat komen        | wordt hij gepromoveerd      |
        | een enkel ander onderdeel  | 24 april 2017 | weigering van arbeid | wordt hij niet gepromoveerd |

    Scenario: Over het gedrag is niets bekend
      Gegeven over het gedrag is niets bekend
      Als op 1 mei 2017 over promotie wordt beslist
      Dan wordt hij niet gepromoveerd

  Regel: Rspog art. 1d lid 4: met een beperking of stoornis hoeft hij "niet positief" te scoren "op het onderdeel zorg en begeleiding", "mits hij de bereidheid toont tot verbetering"
    Ook dan "kan de directeur besluiten": hij weegt of promotie mogelijk is.

    Abstract Scenario: Zorg en begeleiding
      Gegeven op 24 april 2017 ongewenst gedrag: zorg en begeleiding
      En <beperking>
      En <bereidheid>
      Als op 1 mei 2017 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                        | beperking                                        | bereidheid                                         | uitkomst                                     |
        | verslaafd en bereid          | hij heeft een ernstige verslaving                | hij toont zich bereid tot verbetering              | weegt de directeur of hij wordt gepromoveerd |
        | beperking en bereid          | hij heeft een verstandelijke beperking           | hij toont zich bereid tot verbetering              | weegt de directeur of hij wordt gepromoveerd |
        | verslaafd en niet bereid     | hij heeft een ernstige verslaving                | hij toont zich niet bereid tot verbetering         | wordt hij niet gepromoveerd                  |
        | niet bekend of hij bereid is | hij heeft een ernstige verslaving                | over zorg en begeleiding is niet met hem gesproken | wordt hij niet gepromoveerd                  |
        | geen beperking               | hij heeft geen beperking, stoornis of verslaving | hij toont zich bereid tot verbetering              | wordt hij niet gepromoveerd                  |

    Scenario: Ander ongewenst gedrag wordt niet door een beperking opgeheven
      Gegeven op 24 april 2017 ongewenst gedrag: agressie
      En hij heeft een verstandelijke beperking
      En hij toont zich bereid tot verbetering
      Als op 1 mei 2017 over promotie wordt beslist
      Dan wordt hij niet gepromoveerd

  Regel: Rspog art. 1d lid 5: de veroordeelde die zich zelf meldt is "bij aanvang van zijn detentie gepromoveerd"

    Scenario: Een zelfmelder op zijn eerste dag
      Gegeven hij is zelfmelder
      Als op 1 januari 2017 over promotie wordt beslist
      Dan wordt hij gepromoveerd

  Regel: Rspog art. 1e en art. 1b: "Uitgesloten van promotie of het plusprogramma"

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 mei 2017 over promotie wordt beslist
      Dan is aan het vereiste "<vereiste>" niet voldaan
      En wordt hij niet gepromoveerd
      En verwijst de reden naar "Rspog art. <artikel>"

      Voorbeelden:
        | geval                             | artikel | feit                                                                         | vereiste                                 |
        | sub a: vordering ISD              | 1e      | het openbaar ministerie vordert de ISD-maatregel                             | geen vordering ISD                       |
        | sub b: vervolgd                   | 1e      | hij wordt vervolgd voor een misdrijf in detentie                             | geen vervolging voor feit in detentie    |
        | sub b: veroordeeld                | 1e      | hij is op 1 april 2017 veroordeeld voor een feit dat hij in detentie pleegde | geen vervolging voor feit in detentie    |
        | sub c: justitieel medisch centrum | 1e      | hij verblijft in het justitieel centrum voor somatische zorg                 | niet in medisch of psychiatrisch centrum |
        | sub c: PPC                        | 1e      | hij verblijft in een penitentiair psychiatrisch centrum                      | niet in medisch of psychiatrisch centrum |
        | sub d: UBI                        | 1e      | hij verblijft in een uitgebreid beveiligde inrichting                        | niet in EBI, UBI of TA                   |
        | sub d: EBI                        | 1e      | hij verblijft in een extra beveiligde inrichting                             | niet in EBI, UBI of TA                   |
        | sub d: terroristenafdeling        | 1e      | hij verblijft in een terroristenafdeling                                     | niet in EBI, UBI of TA                   |
        | art. 1b: ISD opgelegd             | 1b      | hij ondergaat de ISD-maatregel                                               | geen ISD-maatregel                       |

  Regel: Rspog art. 1 sub j: "het in een gevangenis aangeboden programma"

    Scenario: Hij zit in voorlopige hechtenis, niet in een gevangenis
      Gegeven hij zit in voorlopige hechtenis, zonder vonnis
      Als op 1 mei 2017 over promotie wordt beslist
      Dan is aan het vereiste "in een gevangenis" niet voldaan
      En wordt hij niet gepromoveerd

  Regel: Pbw art. 10 lid 1: gevangenissen zijn voor wie, "al dan niet onherroepelijk", tot vrijheidsstraf is veroordeeld

    Scenario: Een vonnis dat niet onherroepelijk is telt
      Gegeven hij zit in voorlopige hechtenis na een vonnis dat niet onherroepelijk is
      Als op 1 mei 2017 over promotie wordt beslist
      Dan is aan het vereiste "in een gevangenis" voldaan
      En wordt hij gepromoveerd

  Regel: Rspog art. 1d (Stcrt. 2020-49131, in werking op 1 oktober 2020): de dag van de beslissing wijst de regeling aan

    Scenario: Op 30 september 2020 geldt nog de oude regeling
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      Als op 30 september 2020 over promotie wordt beslist
      Dan wordt hij gepromoveerd

  Regel: Rspog art. 1d lid 1: "De directeur besluit over promotie en degradatie van een gedetineerde"

    Scenario: Wie beslist
      Als op 1 mei 2017 over promotie wordt beslist
      Dan beslist de directeur

  Regel: Rspog art. 1d lid 3: na degradatie een periode van "maximaal zes weken" waarin hij op alle onderdelen positief moet scoren
    Keuze van het project: de periode is zes weken.

    Abstract Scenario: Opnieuw promoveren na degradatie
      Gegeven hij is op 1 maart 2017 gepromoveerd
      En hij is op <dag> gedegradeerd
      Als op 1 juni 2017 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                     | dag           | uitkomst                    |
        | twee weken na degradatie  | 18 mei 2017   | wordt hij niet gepromoveerd |
        | zeven weken na degradatie | 13 april 2017 | wordt hij gepromoveerd      |

  Regel: Rspog art. 1d: keuze van het project, wat niet deugt of niet bekend is leidt niet vanzelf tot promotie of blijven

    Scenario: Een onbruikbare regel in het dossier
      Gegeven een regel van het dossier is onbruikbaar
      Als op 1 mei 2017 over promotie wordt beslist
      Dan is de uitkomst niet toewijzen
