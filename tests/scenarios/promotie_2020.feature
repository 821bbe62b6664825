# language: nl
@beleid:promotion/2020-10-01
Functionaliteit: Promotie naar het plusprogramma, vanaf 1 oktober 2020
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog) art. 1d zoals gewijzigd bij Stcrt. 2020-49131.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2021
    En hij is niet gepromoveerd

  Regel: Rspog art. 1d (Stcrt. 2020-49131): zes weken gewenst gedrag in beide categorieën, re-integratie en leefklimaat

    Abstract Scenario: Zes weken in beide categorieën
      Gegeven de laatste <reintegratie> weken gewenst gedrag in re-integratie
      En de laatste <leefklimaat> weken gewenst gedrag in leefklimaat
      Als op 1 mei 2021 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                    | reintegratie | leefklimaat | uitkomst                    |
        | zes weken in beide       | 6            | 6           | wordt hij gepromoveerd      |
        | vijf weken re-integratie | 5            | 6           | wordt hij niet gepromoveerd |
        | vijf weken leefklimaat   | 6            | 5           | wordt hij niet gepromoveerd |
        | geen re-integratie       | 0            | 6           | wordt hij niet gepromoveerd |
        | geen leefklimaat         | 6            | 0           | wordt hij niet gepromoveerd |

    Scenario: Zes weken gewenst gedrag na eerder ongewenst gedrag
      Gegeven de laatste 6 weken gewenst gedrag in beide categorieën
      En in de weken daarvoor ongewenst gedrag in leefklimaat
      Als op 1 juli 2021 over promotie wordt beslist
      Dan wordt hij gepromoveerd

    Abstract Scenario: Ongewenst of ontoelaatbaar gedrag binnen de zes weken
      Gegeven op <dag> <gedrag>
      Als op 1 mei 2021 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                       | dag           | gedrag                          | uitkomst                    |
        | ongewenst vorige week       | 24 april 2021 | ongewenst gedrag: te laat komen | wordt hij niet gepromoveerd |
        | ontoelaatbaar vorige week   | 24 april 2021 | ontoelaatbaar gedrag: agressie  | wordt hij niet gepromoveerd |
        | ongewenst voor de zes weken | 15 maart 2021 | ongewenst gedrag: te laat komen | wordt hij gepromoveerd      |

    Scenario: Over het gedrag is niets bekend
      Gegeven over het gedrag is niets bekend
      Als op 1 mei 2021 over promotie wordt beslist
      Dan wordt hij niet gepromoveerd

    Abstract Scenario: Zes weken na aanvang van de detentie
      Als op <dag> over promotie wordt beslist
      Dan is aan het vereiste "zes weken in detentie" <vereiste>
      En <uitkomst>

      Voorbeelden:
        | geval    | dag              | vereiste     | uitkomst                    |
        | 41 dagen | 11 februari 2021 | niet voldaan | wordt hij niet gepromoveerd |
        | 42 dagen | 12 februari 2021 | voldaan      | wordt hij gepromoveerd      |

    Scenario: Wie al is gepromoveerd
      Gegeven hij is op 1 maart 2021 gepromoveerd
      Als op 1 mei 2021 over promotie wordt beslist
      Dan is aan het vereiste "niet al gepromoveerd" niet voldaan

  Regel: Rspog art. 1d (Stcrt. 2020-49131): niet in PPC, JCvSZ, EBI of TA

    Abstract Scenario: Wie is uitgesloten
      Gegeven <feit>
      Als op 1 mei 2021 over promotie wordt beslist
      Dan wordt hij niet gepromoveerd
      En verwijst de reden naar "Rspog art. 1d"

      Voorbeelden:
        | geval | feit                                                         |
        | PPC   | hij verblijft in een penitentiair psychiatrisch centrum      |
        | JCvSZ | hij verblijft in het justitieel centrum voor somatische zorg |
        | EBI   | hij verblijft in een extra beveiligde inrichting             |
        | TA    | hij verblijft in een terroristenafdeling                     |

  Regel: Rspog art. 1b (tekst van 2017, niet nagelezen of dit is behouden): niet bij een onherroepelijke ISD-maatregel

    Scenario: Hij ondergaat de ISD-maatregel
      Gegeven hij ondergaat de ISD-maatregel
      Als op 1 mei 2021 over promotie wordt beslist
      Dan is aan het vereiste "geen ISD-maatregel" niet voldaan
      En wordt hij niet gepromoveerd

  Regel: Rspog art. 1d (Stcrt. 2020-49131): met een beperking of psychische problemen blijft promotie mogelijk bij bereidheid tot verbetering; de directeur weegt dat

    Abstract Scenario: Beperking of stoornis, met ongewenst gedrag dat daarvan komt
      Gegeven op 24 april 2021 ongewenst gedrag: zorg en begeleiding
      En <beperking>
      En <bereidheid>
      Als op 1 mei 2021 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                        | beperking                                        | bereidheid                                 | uitkomst                                     |
        | beperking, bereid            | hij heeft een verstandelijke beperking           | hij toont zich bereid tot verbetering      | weegt de directeur of hij wordt gepromoveerd |
        | psychische problemen, bereid | hij heeft psychische problemen                   | hij toont zich bereid tot verbetering      | weegt de directeur of hij wordt gepromoveerd |
        | beperking, niet bereid       | hij heeft een verstandelijke beperking           | hij toont zich niet bereid tot verbetering | wordt hij niet gepromoveerd                  |
        | geen beperking               | hij heeft geen beperking, stoornis of verslaving | hij toont zich bereid tot verbetering      | wordt hij niet gepromoveerd                  |

  Regel: Rspog art. 1d (Stcrt. 2020-49131), in werking op 1 oktober 2020: de dag van de beslissing wijst de regeling aan

    Scenario: Op 1 oktober 2020 geldt de nieuwe regeling
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      Als op 1 oktober 2020 over promotie wordt beslist
      Dan wordt hij gepromoveerd

  Regel: Rspog art. 1d lid 1 (Stcrt. 2020-49131): de directeur beslist

    Scenario: Wie beslist
      Als op 1 mei 2021 over promotie wordt beslist
      Dan beslist de directeur

  Regel: Rspog art. 1d lid 6 (Stcrt. 2020-49131): na degradatie een periode die de directeur bepaalt
    Keuze van het project: de periode is zes weken.

    Abstract Scenario: Opnieuw promoveren na degradatie
      Gegeven hij is op 1 maart 2021 gepromoveerd
      En hij is op <dag> gedegradeerd
      Als op 1 juni 2021 over promotie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval                     | dag           | uitkomst                    |
        | twee weken na degradatie  | 18 mei 2021   | wordt hij niet gepromoveerd |
        | zeven weken na degradatie | 13 april 2021 | wordt hij gepromoveerd      |

  Regel: Rspog art. 1d: keuze van het project, wat niet deugt of niet bekend is leidt niet vanzelf tot promotie of blijven

    Scenario: Een onbruikbare regel in het dossier
      Gegeven een regel van het dossier is onbruikbaar
      Als op 1 mei 2021 over promotie wordt beslist
      Dan is de uitkomst niet toewijzen
