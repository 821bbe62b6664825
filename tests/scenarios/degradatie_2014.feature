# language: nl
@beleid:degradation/2014-03-01
Functionaliteit: Degradatie, tot en met 30 september 2020
  Regeling selectie, plaatsing en overplaatsing van gedetineerden (Rspog, BWBR0011558), tekst van 2017, artikelen 1d en 1e.
  De vraag is of iemand in het plusprogramma daar kan blijven. De oude tekst kent geen gedrag dat altijd tot degradatie leidt:
  verzaakt hij op een onderdeel, dan "kan de directeur besluiten".

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is
    En een gevangenisstraf van 900 dagen, begonnen op 1 januari 2017
    En hij is op 1 april 2017 gepromoveerd

  Regel: Rspog art. 1d lid 3: "Indien de gedetineerde die is gepromoveerd, op een van de onderdelen van goed gedrag verzaakt, kan de directeur besluiten tot degradatie"

    Scenario: Geen verzaken
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan blijft hij in het plusprogramma

    Abstract Scenario: Hij verzaakt op een onderdeel
      Gegeven op <dag> <gedrag>
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan weegt de directeur af of hij wordt gedegradeerd
      En verwijst de reden naar "Rspog art. 1d"

      Voorbeelden:
        | geval                                | dag          | gedrag                                 |
        | een keer te laat                     | 28 juni 2017 | ongewenst gedrag: te laat komen        |
        | weigering van arbeid                 | 28 juni 2017 | ongewenst gedrag: weigering van arbeid |
        | agressie: ook dan "kan" de directeur | 28 juni 2017 | ontoelaatbaar gedrag: agressie         |

    Scenario: Een weekbeoordeling die niet positief is
      Gegeven de laatste 0 weken gewenst gedrag in re-integratie
      En in de weken daarvoor ongewenst gedrag in re-integratie
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan weegt de directeur af of hij wordt gedegradeerd

    Scenario: Oud gedrag, van voor de promotie, telt niet
      Gegeven op 10 februari 2017 ongewenst gedrag: te laat komen
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan blijft hij in het plusprogramma

    Scenario: Over het gedrag is niets bekend
      Gegeven over het gedrag is niets bekend
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is de uitkomst niet toewijzen

  Regel: Rspog art. 1d lid 4: met een beperking of stoornis degradatie als hij "niet meer bereid is zich te verbeteren op het onderdeel zorg en begeleiding"

    Abstract Scenario: Zorg en begeleiding bij een verslaving
      Gegeven op 28 juni 2017 ongewenst gedrag: zorg en begeleiding
      En hij heeft een ernstige verslaving
      En <bereidheid>
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan <uitkomst>

      Voorbeelden:
        | geval            | bereidheid                                 | uitkomst                                        |
        | bereid           | hij toont zich bereid tot verbetering      | blijft hij in het plusprogramma                 |
        | niet meer bereid | hij toont zich niet bereid tot verbetering | weegt de directeur af of hij wordt gedegradeerd |

  Regel: Rspog art. 1 sub k en l: degradatie is "intrekking van promotie"

    Scenario: Wie niet is gepromoveerd kan niet worden gedegradeerd
      Gegeven hij is niet gepromoveerd
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is aan het vereiste "is in het plusprogramma" niet voldaan

    Scenario: Een zelfmelder is van het begin af gepromoveerd (art. 1d lid 5)
      Gegeven hij is niet gepromoveerd
      En hij is zelfmelder
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is aan het vereiste "is in het plusprogramma" voldaan
      En blijft hij in het plusprogramma

    Scenario: Gedegradeerd, en daarna opnieuw gepromoveerd
      Gegeven hij is op 10 april 2017 gedegradeerd
      En hij is op 1 juni 2017 opnieuw gepromoveerd
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is aan het vereiste "niet gedegradeerd" voldaan
      En blijft hij in het plusprogramma

    Scenario: Een zelfmelder die al is gedegradeerd
      Gegeven hij is niet gepromoveerd
      En hij is zelfmelder
      En hij is op 1 juni 2017 gedegradeerd
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is aan het vereiste "niet gedegradeerd" niet voldaan

    Scenario: Over het programma is niets bekend
      Gegeven over promotie, plan en doelen is niets bekend
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is niet bekend of aan het vereiste "is in het plusprogramma" is voldaan
      En is de uitkomst niet toewijzen

  Regel: Rspog art. 1e: "Uitgesloten van promotie of het plusprogramma zijn gedetineerden"

    Abstract Scenario: Wie is uitgesloten van het plusprogramma kan er niet blijven
      Gegeven <feit>
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is aan het vereiste "niet uitgesloten van het plusprogramma" niet voldaan
      En wordt hij gedegradeerd
      En verwijst de reden naar "Rspog art. 1e"

      Voorbeelden:
        | geval                             | feit                                                         |
        | sub a: vordering ISD              | het openbaar ministerie vordert de ISD-maatregel             |
        | sub b: vervolgd voor feit binnen  | hij wordt vervolgd voor een misdrijf in detentie             |
        | sub c: justitieel medisch centrum | hij verblijft in het justitieel centrum voor somatische zorg |
        | sub c: PPC                        | hij verblijft in een penitentiair psychiatrisch centrum      |
        | sub d: EBI                        | hij verblijft in een extra beveiligde inrichting             |
        | sub d: UBI                        | hij verblijft in een uitgebreid beveiligde inrichting        |
        | sub d: terroristenafdeling        | hij verblijft in een terroristenafdeling                     |

  Regel: Rspog art. 1d (Stcrt. 2020-49131, in werking op 1 oktober 2020): de dag van de beslissing wijst de regeling aan

    Scenario: Op 30 september 2020 "kan" de directeur, ook bij ontoelaatbaar gedrag
      Gegeven een gevangenisstraf van 900 dagen, begonnen op 1 januari 2020
      En hij is op 1 april 2020 gepromoveerd
      En op 28 september 2020 ontoelaatbaar gedrag: agressie
      Als op 30 september 2020 over degradatie wordt beslist
      Dan weegt de directeur af of hij wordt gedegradeerd

  Regel: Rspog art. 1d lid 1: "De directeur besluit over promotie en degradatie van een gedetineerde"

    Scenario: Wie beslist
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan beslist de directeur

  Regel: Rspog art. 1d: keuze van het project, wat niet deugt of niet bekend is leidt niet vanzelf tot promotie of blijven

    Scenario: Een onbruikbare regel in het dossier
      Gegeven een regel van het dossier is onbruikbaar
      Als op 1 juli 2017 over degradatie wordt beslist
      Dan is de uitkomst niet toewijzen
