"""The report in Italian."""

from metrics.report.language import Language, MetricName

ITALIAN = Language(
    code="it",
    decimal=",",
    thousands=".",
    title="Di chi è l'esperienza dei nostri clienti",
    period="{from} {to}, registro {version}",
    note=(
        "Le cifre sono descrittive e riguardano i reparti, mai le persone. Tra parentesi: intervalli al 95 %; n: "
        "osservazioni (giorni, per un cambio di responsabile). {comparisons}: con la correzione di Holm, al massimo "
        "un rapporto su venti segnala qualcosa dove va tutto bene. Sotto le 30 osservazioni effettive una "
        "cifra è segnata come incerta e non si afferma alcun confronto."
    ),
    details="dettagli",
    more="ancora {n}: vedi {command}",
    interval="da {low} a {high}",
    uncertain="incerto",
    too_few={
        "": "troppo poche osservazioni per una cifra",
        "weight_lived": "quanto riceve nei fatti (casi, spesa, allarmi) non si sa: troppo poche osservazioni",
    },
    nobody="nessuno",
    others="altri punti di contatto",
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
    first_day="1º",
    day="{day} {month}",
    year="{day} {year}",
    dates={
        "on": ("il ", "l'"),
        "since": ("dal ", "dall'"),
        "from": ("dal ", "dall'"),
        "to": ("al ", "all'"),
        "until": ("fino al ", "fino all'"),
    },
    share_articles=("il ", "l'", "lo "),
    sections={
        "changed": "Che cosa hanno portato i cambi di responsabile",
        "drift": "Che cosa sta cambiando, e chi ne è responsabile",
        "lines": "Chi è responsabile",
        "talk": "Chi deve parlare con chi",
        "terms": "Breve termine contro lungo termine",
        "success": "Che cosa i clienti chiamano successo",
        "money": "Denaro",
        "perception": "Chi viene ritenuto responsabile",
        "good": "Buone notizie",
        "open": "Domande aperte",
    },
    nothing={
        "changed": "Nessun cambio di responsabile ha peggiorato qualcosa, per quanto mostrano i dati.",
        "drift": "Nessuna metrica sorvegliata è in calo rispetto al suo livello abituale.",
        "lines": "Ogni linea di responsabilità è chiara.",
        "talk": "Nessun passaggio con abbastanza risposte costa soddisfazione oltre il rumore statistico.",
        "terms": "Non ci sono ancora cifre per entrambi i termini.",
        "success": "I clienti vogliono ciò a cui puntiamo, per quanto mostrano le risposte.",
        "money": "La spesa per l'esperienza nascosta in altri budget è poca o nulla.",
        "perception": "Nessun ruolo con abbastanza risposte ritiene chiaramente responsabile un altro reparto.",
        "good": "Nessuna confermata dai dati.",
        "open": "Nessuna.",
    },
    unknown={
        "": "Non ci sono ancora dati al riguardo.",
        "drift": "Nessuna metrica è ancora sorvegliata: mancano i livelli di riferimento.",
    },
    no_events="Nessun evento in questo periodo: non c'è nulla su cui basare un giudizio.",
    one_metric="un indice si basa su 1 metrica di {targets}",
    change_of_figure="{before} prima, {after} da allora",
    budget=(
        "Tutti i rilevatori insieme possono dare circa {false_alarms} al mese; nei 30 giorni {until} hanno dato "
        "{alarms}."
    ),
    units={
        "points": "{0} punti su 100",
        "index": "{0} punti dell'indice",
        "count": "{0}",
        "owners": "{0} responsabili effettivi",
        "share": "{0} %",
        "days": "{0} giorni",
        "money": "{0}",
    },
    counts={
        "points": ("{0} punto", "{0} punti"),
        "false_alarms": ("{0} falso allarme", "{0} falsi allarmi"),
        "alarms": ("{0} allarme, vero o falso", "{0} allarmi, veri e falsi"),
        "explained": (
            "; {0} altro, spiegato da un cambio di responsabile, non conta",
            "; altri {0}, spiegati da un cambio di responsabile, non contano",
        ),
        "others": ("e {0} altra", "e altre {0}"),
        "days": ("{0} giorno", "{0} giorni"),
        "comparisons": (
            "{0} confronto sottoposto a un test di significatività",
            "{0} confronti sottoposti a un test di significatività",
        ),
    },
    verbs={"falls": ("è in calo", "sono in calo"), "rises": ("è in crescita", "sono in crescita")},
    metrics={
        "nps": MetricName("NPS", "l'"),
        "csat": MetricName("CSAT", "il "),
        "ces": MetricName("facilità (CES)", "la "),
        "referrals": MetricName("raccomandazioni al giorno", "le ", is_plural=True),
        "repeat_rate": MetricName("tasso di riacquisto", "il "),
        "retention": MetricName("tasso di rinnovo", "il "),
        "awareness": MetricName("notorietà al giorno", "la "),
        "traffic": MetricName("visite al giorno", "le ", is_plural=True),
        "conversions": MetricName("conversioni al giorno", "le ", is_plural=True),
        "conversion_rate": MetricName("tasso di conversione", "il "),
    },
    belongs={
        "department": "di {0}",
        "company": "dell'azienda",
        "nobody": "dei punti di contatto senza responsabile",
    },
    respondents={"department": "Personale di {0}", "role": "Intervistati con il ruolo {0}"},
    clauses={
        "passed": "Il punto di contatto «{touchpoint}» è passato da {other} a {department} {on}",
        "gained": (
            "Il punto di contatto «{touchpoint}», fino ad allora senza responsabile, è passato a {department} {on}"
        ),
        "lost": "Il punto di contatto «{touchpoint}», fino ad allora di {other}, è rimasto senza responsabile {on}",
        "majority": "la maggioranza ritiene che il responsabile di «{touchpoint}» sia {other}",
        "plurality": "il reparto più indicato come responsabile di «{touchpoint}» è {other}",
        "majority_nobody": "la maggioranza ritiene che nessuno sia responsabile di «{touchpoint}»",
        "plurality_nobody": (
            "chi risponde che nessuno è responsabile di «{touchpoint}» è più numeroso di chi indica un singolo reparto"
        ),
        "minority": "i pareri su chi sia responsabile di «{touchpoint}» sono discordi",
    },
    texts={
        "change_hurt": (
            "{change}; la soddisfazione è scesa rispetto ai punti di contatto che hanno mantenuto il loro responsabile"
        ),
        "change_helped": (
            "{change}; la soddisfazione è salita rispetto ai punti di contatto che hanno mantenuto il loro responsabile"
        ),
        "change_no_effect": "{change}; nessun effetto sulla soddisfazione oltre il caso, dato il numero di confronti",
        "change_unclear": (
            "{change}; l'effetto non è chiaro: i giorni sono troppo pochi, o la soddisfazione si muoveva già prima"
        ),
        "owner_changed": "{change}",
        "registry_changed": "La versione {other} del registro è in vigore {since}",
        "drift_down": "{metric} {belongs} {verb} {since}",
        "drift_unclear": (
            "Per {metric} {belongs} c'è un allarme {since}, ma non c'è nulla su cui basare un giudizio: nessuna "
            "osservazione in questo periodo, o nessuna con cui confrontarla"
        ),
        "drift_up": "{metric} {belongs} {verb} {since}",
        "moved_down": (
            "{metric} {belongs} {verb} {since}, soprattutto perché alcuni punti di contatto hanno cambiato "
            "responsabile ({other}): spiegano {against} della variazione"
        ),
        "moved_up": (
            "{metric} {belongs} {verb} {since}, soprattutto perché alcuni punti di contatto hanno cambiato "
            "responsabile ({other}): spiegano {against} della variazione"
        ),
        "two_accountable": (
            "Più reparti sono responsabili del punto di contatto «{touchpoint}»: {other}; deve essercene uno solo"
        ),
        "crowded": (
            "Troppi galli in un pollaio: il punto di contatto «{touchpoint}» (responsabile: {department}) ha più "
            "responsabili di quanti ne ammetta la politica ({against})"
        ),
        "orphan": "Nessuno è responsabile del punto di contatto «{touchpoint}»",
        "orphan_events": "Eventi di cui nessuno è responsabile",
        "new_silo": (
            "Un nuovo silo: {department} è responsabile della maggior parte dei punti di contatto, il servizio "
            "clienti di nessuno"
        ),
        "no_responsibility": "{department} non è responsabile di nessun punto di contatto e non collabora a nessuno",
        "no_sponsor": "Punti di contatto senza uno sponsor esecutivo",
        "redundant_programs": (
            "Due programmi di responsabili diversi perseguono la stessa metrica negli stessi punti di contatto: {other}"
        ),
        "opposed_programs": "Due programmi spingono la stessa metrica in direzioni opposte: {other}",
        "bad_hand_off": (
            "I clienti che passano da {other} a {department} sono meno soddisfatti di quelli già seguiti da "
            "{department}, negli stessi punti di contatto; i due reparti dovrebbero parlarsi"
        ),
        "good_hand_off": (
            "I clienti che passano da {other} a {department} sono più soddisfatti di quelli già seguiti da "
            "{department}, negli stessi punti di contatto"
        ),
        "hand_offs_unclear": "Coppie di reparti con troppo poche risposte dopo un passaggio per trarre conclusioni",
        "myopia": (
            "L'indice a breve termine di {department} è salito di {points} in otto settimane, mentre "
            "quello a lungo termine è sceso"
        ),
        "weight_lived": "Gli obiettivi danno al lungo termine {against} del peso",
        "balance": "Indice a lungo termine meno indice a breve termine {belongs}",
        "expect_more": "I clienti si aspettano più dell'obiettivo di {against} per {metric}",
        "expect_less": "I clienti si accontenterebbero di meno dell'obiettivo di {against} per {metric}",
        "hidden_spend": "Quota della spesa per l'esperienza (in {other}) nascosta in altri budget",
        "cost_per_promoter": "Spesa per ogni promotore guadagnato nel punto di contatto «{touchpoint}», in {other}",
        "mistaken_owner": "{respondents}: {belief}; il responsabile dichiarato è {department}",
        "clear_lines": "Ogni punto di contatto ha esattamente un reparto responsabile, entro la politica",
        "agreement": "Gli intervistati indicano il responsabile dichiarato",
        "on_target": "{department} raggiunge i suoi obiettivi in entrambi i termini",
        "confirmed": "I clienti confermano che {department} ha chiuso i loro casi",
        "unwatched": "Metriche non sorvegliate, perché non hanno ancora un livello di riferimento: {other}",
        "unheard": (
            "Troppo poche risposte nel punto di contatto «{touchpoint}» (responsabile: {department}) per dire "
            "quanto sono soddisfatti i clienti"
        ),
        "open_cases": "Casi aperti {belongs}, il più vecchio da {days}",
        "no_success_answers": "Nessuno ha chiesto ai clienti che cosa sarebbe un successo",
        "no_ownership_answers": "Nessuno ha chiesto alle persone chi ritengono responsabile",
    },
    figures={
        "myopia": "una variazione di {0}",
        "weight_lived": "nei fatti (casi, spesa, allarmi) riceve {article}{0}",
        "expect_more": "la metà di loro indica almeno {0}",
        "expect_less": "la metà di loro indica al massimo {0}",
        "mistaken_owner": "lo indica {article}{0}",
        "agreement": "lo fa {article}{0}",
        "on_target": "l'indice più basso è a {0}",
        "confirmed": "lo fa {article}{0} degli interpellati",
    },
)
