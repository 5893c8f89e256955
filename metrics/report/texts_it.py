"""The report in Italian."""

from metrics.report.language import Language

ITALIAN = Language(
    code="it",
    decimal=",",
    thousands=".",
    title="Di chi è l'esperienza dei nostri clienti",
    period="inizio {since}, fine {at}, registro {version}",
    note=(
        "Le cifre sono descrittive e riguardano reparti, mai persone. Tra parentesi: intervalli al 95 %; n: "
        "osservazioni, di un cambio di responsabile giorni. {questions} domande sono state messe alla prova "
        "del caso: con la correzione di Holm, al più un rapporto su venti in cui tutto va bene afferma il "
        "contrario. Sotto 30 osservazioni efficaci non si afferma nulla."
    ),
    look="vedi",
    more="altre {n}: vedi {command}",
    interval="da {low} a {high}",
    uncertain="incerto",
    nobody="nessuno",
    company="l'azienda",
    months=(
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ),
    day="{day} {month} {year}",
    sections={
        "changed": "Che cosa è cambiato",
        "drift": "Che cosa si muove, e di chi è",
        "lines": "Chi è responsabile",
        "talk": "Chi deve parlare con chi",
        "terms": "Breve contro lungo termine",
        "success": "Che cosa i clienti chiamano successo",
        "money": "Denaro",
        "perception": "Chi è creduto il responsabile",
        "good": "Buone notizie",
        "open": "Domande aperte",
    },
    nothing={
        "changed": "Nulla, o solo in meglio: vedi le buone notizie.",
        "drift": "Nulla scende oltre il suo livello abituale.",
        "lines": "Ogni linea di responsabilità è chiara.",
        "talk": "Nessun passaggio costa soddisfazione oltre il rumore.",
        "terms": "Non ci sono ancora cifre di entrambi i termini.",
        "success": "I clienti vogliono ciò a cui puntiamo, per quanto dicono le risposte.",
        "money": "Poca o nessuna spesa per l'esperienza sta in altri bilanci.",
        "perception": "Nessun ruolo crede responsabile un altro reparto.",
        "good": "Nessuna che le cifre confermino.",
        "open": "Nessuna.",
    },
    unknown="Non è stato chiesto né contato nulla che lo dica.",
    units={
        "points": "{0} punti su 100",
        "index": "{0} punti dell'indice",
        "count": "{0}",
        "owners": "{0} responsabili efficaci",
        "share": "{0} %",
        "days": "{0} giorni",
        "money": "{0}",
    },
    metrics={
        "nps": "NPS",
        "csat": "CSAT",
        "ces": "facilità (CES)",
        "referrals": "raccomandazioni al giorno",
        "repeat_rate": "tasso di riacquisto",
        "retention": "fedeltà",
        "awareness": "notorietà al giorno",
        "traffic": "traffico al giorno",
        "conversions": "conversioni al giorno",
        "conversion_rate": "tasso di conversione",
    },
    texts={
        "change_hurt": (
            "{touchpoint} è passato da {other} a {department} ({since}); la soddisfazione è scesa rispetto ai "
            "punti di contatto che hanno tenuto il loro responsabile"
        ),
        "change_helped": (
            "{touchpoint} è passato da {other} a {department} ({since}); la soddisfazione è salita rispetto "
            "ai punti di contatto che hanno tenuto il loro responsabile"
        ),
        "change_no_effect": (
            "{touchpoint} è passato da {other} a {department} ({since}); nessun effetto sulla soddisfazione "
            "oltre il caso, fra tante domande"
        ),
        "change_unclear": (
            "{touchpoint} è passato da {other} a {department} ({since}); troppo pochi giorni, o un altro "
            "andamento prima, per dire che cosa ne è venuto"
        ),
        "owner_changed": "{touchpoint} è passato da {other} a {department} ({since})",
        "registry_changed": "Nuova versione del registro in vigore: {other} ({since})",
        "drift_down": "{metric} di {department} è in calo, inizio {since}",
        "drift_up": "{metric} di {department} è in crescita, inizio {since}",
        "two_accountable": "{touchpoint} ha più reparti responsabili: {other}; deve averne uno",
        "crowded": "{touchpoint}, di {department}, ha più cuochi di quanti la regola ne ammetta ({against})",
        "orphan": "Nessuno è responsabile di {touchpoint}",
        "orphan_events": "Eventi di cui nessuno è responsabile",
        "new_silo": (
            "{department} è responsabile della maggior parte dei punti di contatto e il servizio clienti di "
            "nessuno: un nuovo silo"
        ),
        "no_responsibility": "{department} non risponde di nulla e non lavora a nulla",
        "no_sponsor": "Punti di contatto senza un dirigente che li sostenga",
        "redundant_programs": (
            "Due programmi per la stessa metrica e gli stessi punti di contatto, di responsabili diversi: {other}"
        ),
        "opposed_programs": "Due programmi che tirano la stessa metrica in direzioni opposte: {other}",
        "bad_hand_off": (
            "{other} e {department} dovrebbero parlarsi: i clienti che passano da {other} a {department} sono "
            "meno contenti di quelli che c'erano già, negli stessi punti di contatto"
        ),
        "good_hand_off": (
            "I clienti che passano da {other} a {department} sono più contenti di quelli che c'erano già, "
            "negli stessi punti di contatto"
        ),
        "hand_offs_unclear": "Coppie di reparti con troppo poche risposte dopo un passaggio per dire qualcosa",
        "myopia": (
            "{department}: l'indice a breve termine è salito di {against} in otto settimane mentre quello a "
            "lungo termine è sceso"
        ),
        "weight_lived": (
            "Dell'attenzione avuta con casi, denaro e allarmi, il lungo termine ha avuto questa parte; gli "
            "obiettivi gli danno {against} del peso"
        ),
        "balance": "Indice a lungo meno indice a breve termine: {department}",
        "expect_more": "I clienti si aspettano più dell'obiettivo {against} per {metric}; metà di loro indica almeno",
        "expect_less": (
            "I clienti si accontenterebbero di meno dell'obiettivo di {against} per {metric}; la metà di loro "
            "indica al più"
        ),
        "hidden_spend": "Spesa per l'esperienza in {other} che sta in altri bilanci",
        "cost_per_promoter": "{touchpoint}: quanto si è speso per ogni promotore guadagnato, in {other}",
        "mistaken_owner": (
            "{role}: i più credono che di {touchpoint} sia responsabile {other}; il dichiarato, {department}, è "
            "nominato da"
        ),
        "clear_lines": "Ogni punto di contatto ha esattamente un reparto responsabile, entro la regola",
        "agreement": "Chi è stato interrogato nomina il responsabile dichiarato",
        "on_target": "{department} raggiunge i suoi obiettivi in entrambi i termini; l'indice più basso è",
        "confirmed": "I clienti concordano che {department} ha chiuso i loro casi",
        "unheard": "{touchpoint}, di {department}: troppo poche risposte per dire come si trovano i clienti",
        "open_cases": "{department}: casi aperti, il più vecchio da {against} giorni",
        "no_success_answers": "Nessuno ha chiesto ai clienti che cosa sarebbe un successo",
        "no_ownership_answers": "Nessuno ha chiesto alle persone chi credono responsabile",
    },
)
