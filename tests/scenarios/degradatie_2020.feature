# language: nl
@beleid:degradation/2020-10-01
Functionaliteit: Degradatie, vanaf 1 oktober 2020
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog) art. 1d zoals gewijzigd bij Stcrt. 2020-49131.
  De vraag is of iemand in het plusprogramma daar kan blijven.

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2021
    En hij is op 1 april 2021 gepromoveerd

  Regel: Rspog art. 1d (Stcrt. 2020-49131): ontoelaatbaar gedrag leidt altijd tot degradatie

    Abstract Scenario: Ontoelaatbaar gedrag
      Gegeven op <dag> ontoelaatbaar gedrag: <onderwerp>
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan wordt hij gedegradeerd
      En verwijst de reden naar "Rspog art. 1d"

      Voorbeelden:
        | geval          | dag          | onderwerp  |
        | agressie       | 28 juni 2021 | agressie   |
        | vernieling     | 28 juni 2021 | vernieling |
        | op de dag zelf | 1 juli 2021  | agressie   |

    Scenario: Ontoelaatbaar gedrag weegt zwaarder dan alle gewenste weken
      Gegeven de laatste 20 weken gewenst gedrag in beide categorieën
      En op 28 juni 2021 ontoelaatbaar gedrag: bedreiging
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan wordt hij gedegradeerd

    Scenario: Ontoelaatbaar en ongewenst gedrag samen
      Gegeven op 20 juni 2021 ongewenst gedrag: te laat komen
      En op 28 juni 2021 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan wordt hij gedegradeerd

    Scenario: Ontoelaatbaar gedrag van voor de promotie
      Gegeven op 1 februari 2021 ontoelaatbaar gedrag: agressie
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan blijft hij in het plusprogramma

  Regel: Rspog art. 1d (Stcrt. 2020-49131): bij ongewenst gedrag kan de directeur degraderen, gezien de omstandigheden

    Abstract Scenario: Ongewenst gedrag
      Gegeven op <dag> ongewenst gedrag: <onderwerp>
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan weegt de directeur af of hij wordt gedegradeerd
      En verwijst de reden naar "Rspog art. 1d"

      Voorbeelden:
        | geval                | dag          | onderwerp            |
        | te laat komen        | 28 juni 2021 | te laat komen        |
        | weigering van arbeid | 28 juni 2021 | weigering van arbeid |

    Scenario: Een weekbeoordeling met ongewenst gedrag
      Gegeven de laatste 0 weken gewenst gedrag in leefklimaat
      En in de weken daarvoor ongewenst gedrag in leefklimaat
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan weegt de directeur af of hij wordt gedegradeerd

    Scenario: Alleen gewenst gedrag
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan blijft hij in het plusprogramma

    Scenario: Over het gedrag is niets bekend
      Gegeven over het gedrag is niets bekend
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan is de uitkomst niet toewijzen

  Regel: Rspog art. 1d (Stcrt. 2020-49131): degradatie is intrekking van promotie

    Scenario: Wie niet is gepromoveerd
      Gegeven hij is niet gepromoveerd
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan is aan het vereiste "is in het plusprogramma" niet voldaan

    Abstract Scenario: Waar promotie en degradatie niet gelden: PPC, JCvSZ, EBI en TA
      Gegeven <feit>
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan is aan het vereiste "promotie en degradatie gelden" niet voldaan
      En is de uitkomst niet toewijzen

      Voorbeelden:
        | geval | feit                                                         |
        | PPC   | hij verblijft in een penitentiair psychiatrisch centrum      |
        | JCvSZ | hij verblijft in het justitieel centrum voor somatische zorg |
        | EBI   | hij verblijft in een extra beveiligde inrichting             |
        | TA    | hij verblijft in een terroristenafdeling                     |

    Scenario: Wie al is gedegradeerd
      Gegeven hij is op 1 juni 2021 gedegradeerd
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan is aan het vereiste "is in het plusprogramma" niet voldaan

    Scenario: Over het programma is niets bekend
      Gegeven over promotie, plan en doelen is niets bekend
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan is niet bekend of aan het vereiste "is in het plusprogramma" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rspog art. 1d (Stcrt. 2020-49131), in werking op 1 oktober 2020: de dag van de beslissing wijst de regeling aan

    Scenario: Op 1 oktober 2020 leidt ontoelaatbaar gedrag altijd tot degradatie
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      En hij is op 1 april 2020 gepromoveerd
      En op 28 september 2020 ontoelaatbaar gedrag: agressie
      Als op 1 oktober 2020 over degradatie wordt beslist
      Dan wordt hij gedegradeerd

  Regel: Rspog art. 1d lid 1 (Stcrt. 2020-49131): de directeur beslist

    Scenario: Wie beslist
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan beslist de directeur

  Regel: Rspog art. 1d: keuze van het project, wat niet deugt of niet bekend is leidt niet vanzelf tot promotie of blijven

    Scenario: Een onbruikbare regel in het dossier
      Gegeven een regel van het dossier is onbruikbaar
      Als op 1 juli 2021 over degradatie wordt beslist
      Dan is de uitkomst niet toewijzen
