# language: nl
@beleid:leave/1999-01-01
Functionaliteit: Algemeen verlof, tot en met 30 juni 2021

  Achtergrond:
    Gegeven iemand van wie alles bekend en in orde is

  Regel: Rtvi art. 14 lid 1 sub a: "ten minste een derde deel van de onvoorwaardelijk opgelegde straf heeft ondergaan"

    Scenario: Op de dag dat een derde is ondergaan
      Gegeven een gevangenisstraf van 540 dagen, begonnen op 1 januari 2017
      Als op 30 juni 2017 over algemeen verlof wordt beslist
      Dan de uitkomst is toewijzen
