// The page's texts: English, Italian, Spanish. Names of departments and touchpoints come from the registry.
import { COMPARE } from "./texts/compare.js";
import { DEPARTMENT } from "./texts/department.js";
import { DRIFT } from "./texts/drift.js";
import { GOVERNANCE } from "./texts/governance.js";
import { OVERVIEW } from "./texts/overview.js";
import { OWNERSHIP } from "./texts/ownership.js";
import { PIPELINE } from "./texts/pipeline.js";
import { REFUSED } from "./texts/refused.js";
import { WHAT_IF } from "./texts/what_if.js";

export const TEXTS = {
  ...OVERVIEW, ...DEPARTMENT, ...OWNERSHIP, ...DRIFT, ...GOVERNANCE, ...WHAT_IF, ...COMPARE, ...REFUSED, ...PIPELINE,
  title: ["Who owns our customers' experience, and is it getting better?", "Di chi è l'esperienza dei nostri clienti, e sta migliorando?", "¿De quién es la experiencia de nuestros clientes, y está mejorando?"],
  skip: ["To the figures", "Vai ai dati", "Ir a los datos"],
  views: ["Views", "Viste", "Vistas"],
  overview: ["Overview", "Panoramica", "Resumen"],
  department: ["Department", "Reparto", "Departamento"],
  touchpoints: ["Ownership map", "Mappa dei responsabili", "Mapa de responsables"],
  drift: ["Drift", "Scostamenti", "Desviaciones"],
  compare: ["Compare", "Confronto", "Comparación"],
  refused: ["Rejected events", "Eventi rifiutati", "Eventos rechazados"],
  pipeline: ["Pipeline", "Flusso dei dati", "Flujo de datos"],
  at: ["As of (UTC)", "Alla data (UTC)", "A fecha de (UTC)"],
  now: ["Now", "Adesso", "Ahora"],
  view: ["Attribute to", "Attribuisci a", "Atribuir a"],
  as_was: ["owner at the time", "responsabile di allora", "responsable de entonces"],
  as_is: ["current owner", "responsabile attuale", "responsable actual"],
  lang: ["Language", "Lingua", "Idioma"],
  theme: ["Theme", "Tema", "Tema"],
  auto: ["system", "sistema", "sistema"],
  light: ["light", "chiaro", "claro"],
  dark: ["dark", "scuro", "oscuro"],
  log_out: ["Log out", "Esci", "Cerrar sesión"],
  export: ["Export this view", "Esporta questa vista", "Exportar esta vista"],
  figures_of: ["Figures {at} UTC", "Dati {at} UTC", "Datos {at} UTC"],
  live: ["live", "in diretta", "en directo"],
  failed: ["The figures could not be read: {error}. Check the service with: cxb doctor", "Impossibile leggere i dati: {error}. Controlla il servizio con: cxb doctor", "No se pudieron leer los datos: {error}. Compruebe el servicio con: cxb doctor"],
  registry_broken: ["The registry file is invalid; the last valid one stays in force: {error}. Check it with: cxb check FILE", "Il file del registro non è valido; resta in vigore l'ultimo valido: {error}. Controllalo con: cxb check FILE", "El archivo del registro no es válido; sigue en vigor el último válido: {error}. Compruébelo con: cxb check FILE"],
  descriptive: ["Descriptive, not causal. People are never scored.", "Dati descrittivi, non causali. Le persone non vengono mai valutate.", "Datos descriptivos, no causales. Nunca se evalúa a las personas."],
  company: ["Whole company", "Tutta l'azienda", "Toda la empresa"],
  unowned: ["Nobody", "Nessuno", "Nadie"],
  other_touchpoints: ["Other touchpoints", "Altri punti di contatto", "Otros puntos de contacto"],
  no_facts: ["No events up to that time. Send some with: cxb publish FILE, or try: cxb simulate --events 5000 | cxb publish --wait -", "Nessun evento fino a quel momento. Inviane con: cxb publish FILE, oppure prova: cxb simulate --events 5000 | cxb publish --wait -", "Ningún evento hasta ese momento. Envíe algunos con: cxb publish FILE, o pruebe: cxb simulate --events 5000 | cxb publish --wait -"],
  even: ["Even", "In pari", "Igualados"],
  short: ["Short", "Breve", "Corto"],
  long: ["Long", "Lungo", "Largo"],
  balance: ["Long minus short", "Lungo meno breve", "Largo menos corto"],
  one_metric: ["(1 of {n} metrics)", "(1 metrica su {n})", "(1 métrica de {n})"],
  reads_long_will_follow: ["With {short} at {rise}, {long} has moved by {effect} (95 % interval {low} … {high}) {later}: the long term follows.", "Con {short} a {rise}, {long} ha avuto {later} una variazione di {effect} (intervallo al 95 %: {low} … {high}): il lungo termine segue.", "Con {short} a {rise}, {long} ha variado {later} en {effect} (intervalo del 95 %: {low} … {high}): el largo plazo lo sigue."],
  reads_bought_from_the_future: ["With {short} at {rise}, {long} has moved by {effect} (95 % interval {low} … {high}) {later}: bought from the future.", "Con {short} a {rise}, {long} ha avuto {later} una variazione di {effect} (intervallo al 95 %: {low} … {high}): è preso in prestito dal futuro.", "Con {short} a {rise}, {long} ha variado {later} en {effect} (intervalo del 95 %: {low} … {high}): es un préstamo del futuro."],
  one_week_later: ["one week later", "una settimana dopo", "una semana después"],
  weeks_later: ["{n} weeks later", "{n} settimane dopo", "{n} semanas después"],
  repeat_purchases: ["Repeat purchases", "Riacquisti", "Recompras"],
  attainment_note: ["Attainment of targets: 0 is the floor, 100 the target; capped at 150.", "Raggiungimento degli obiettivi: 0 è il minimo, 100 l'obiettivo; al massimo 150.", "Cumplimiento de objetivos: 0 es el mínimo, 100 el objetivo; como máximo 150."],
  drifting: ["What is changing, and since when", "Che cosa sta cambiando, e da quando", "Qué está cambiando, y desde cuándo"],
  nothing_drifts: ["No metric is drifting. How soon a shift is detected: cxb drift plan", "Nessuna metrica si sta scostando. In quanto tempo si rileva uno scostamento: cxb drift plan", "Ninguna métrica se está desviando. Cuánto tarda en detectarse una desviación: cxb drift plan"],
  up_since: ["up {since}", "in crescita {since}", "al alza {since}"],
  down_since: ["down {since}", "in calo {since}", "a la baja {since}"],
  began_between: ["(between {from} and {to})", "(tra {from} e {to})", "(entre {from} y {to})"],
  nothing_to_judge: ["nothing to judge by, no observations before or since", "nulla su cui basare un giudizio, nessuna osservazione prima o da allora", "nada en que basar un juicio, ninguna observación antes o desde entonces"],
  owner_is: ["Owner: {owner}", "Responsabile: {owner}", "Responsable: {owner}"],
  moved: ["{at} {touchpoint} went from {from} to {to}", "{at} il punto di contatto «{touchpoint}» è passato da {from} a {to}", "{at} el punto de contacto «{touchpoint}» pasó de {from} a {to}"],
  moved_from_nobody: ["{at} {touchpoint}, until then without an owner, went to {to}", "{at} il punto di contatto «{touchpoint}», fino ad allora senza responsabile, è passato a {to}", "{at} el punto de contacto «{touchpoint}», hasta entonces sin responsable, pasó a {to}"],
  moved_to_nobody: ["{at} {touchpoint} lost its owner, {from}", "{at} il punto di contatto «{touchpoint}», fino ad allora di {from}, è rimasto senza responsabile", "{at} el punto de contacto «{touchpoint}», hasta entonces de {from}, quedó sin responsable"],
  contributes: ["{group} accounts for {share} of it", "quota di «{group}»: {share}", "«{group}» explica el {share}"],
  more: ["{n} more", "ancora {n}", "{n} más"],
  nobody_owns: ["What nobody owns", "Che cosa non è di nessuno", "Lo que no es de nadie"],
  unowned_events: ["{n} of {total} events of the last 90 days ({share}) had no owner.", "Eventi senza responsabile negli ultimi 90 giorni: {n} su {total} ({share}).", "Eventos sin responsable en los últimos 90 días: {n} de {total} ({share})."],
  unowned_remedy: ["Give them an owner in the registry, then: cxb check FILE", "Assegna loro un responsabile nel registro, poi: cxb check FILE", "Asígneles un responsable en el registro y luego: cxb check FILE"],
  everything_owned: ["Every event of the last 90 days and every declared touchpoint has an owner.", "Tutti gli eventi degli ultimi 90 giorni e tutti i punti di contatto dichiarati hanno un responsabile.", "Todos los eventos de los últimos 90 días y todos los puntos de contacto declarados tienen responsable."],
  no_owner_declared: ["declared, without an owner", "dichiarato, senza responsabile", "declarado, sin responsable"],
  metric: ["Metric", "Metrica", "Métrica"],
  horizon_short: ["Short horizon", "Orizzonte breve", "Horizonte corto"],
  horizon_long: ["Long horizon", "Orizzonte lungo", "Horizonte largo"],
  term: ["Term", "Termine", "Plazo"],
  interval: ["95 % interval", "Intervallo al 95 %", "Intervalo del 95 %"],
  target: ["Target", "Obiettivo", "Objetivo"],
  customer_target: ["Customers' target", "Obiettivo dei clienti", "Objetivo de los clientes"],
  floor: ["Floor", "Minimo", "Mínimo"],
  attainment: ["Attainment", "Raggiungimento", "Cumplimiento"],
  weight: ["Weight of the long term", "Peso del lungo termine", "Peso del largo plazo"],
  customers: ["Against the customers' targets: short {short}, long {long}", "Rispetto agli obiettivi dei clienti: breve {short}, lungo {long}", "Frente a los objetivos de los clientes: corto {short}, largo {long}"],
  too_few: ["no figure ({why})", "nessun dato ({why})", "sin dato ({why})"],
  "why_stale": ["stale: no new observations for a long time", "non aggiornato: nessuna nuova osservazione da molto tempo", "sin actualizar: ninguna observación nueva desde hace mucho tiempo"],
  "why_no_denominator": ["nothing to divide by yet", "ancora niente per cui dividere", "todavía nada entre lo que dividir"],
  "why_n_eff<5": ["too few: n_eff<5", "troppo poche osservazioni: n_eff<5", "muy pocas observaciones: n_eff<5"],
  "why_warming_up": ["warming up: less than a day of data", "in avvio: meno di un giorno di dati", "iniciando: menos de un día de datos"],
  sampled: ["{n}, from one customer in {k}", "{n}, da un cliente su {k}", "{n}, de un cliente de cada {k}"],
  last_observation: ["Newest observation", "Osservazione più recente", "Observación más reciente"],
  uncertain: ["uncertain", "incerto", "incierto"],
  explain: ["Explain {metric}, {horizon}: {value}", "Spiega {metric}, {horizon}: {value}", "Explicar {metric}, {horizon}: {value}"],
  close: ["Close", "Chiudi", "Cerrar"],
  formula: ["Formula", "Formula", "Fórmula"],
  value: ["Value", "Valore", "Valor"],
  kinds: ["Events counted", "Eventi contati", "Eventos contados"],
  half_life: ["Half-life", "Emivita", "Semivida"],
  days: ["{n} days", "{n} giorni", "{n} días"],
  hours: ["{n} h", "{n} h", "{n} h"],
  minutes: ["{n} min", "{n} min", "{n} min"],
  one_day: ["{n} day", "{n} giorno", "{n} día"],
  n_meaning: ["n: observations that still count", "n: osservazioni che contano ancora", "n: observaciones que aún cuentan"],
  n_eff_meaning: ["n_eff: effective number of observations, (Σw)²/Σw²; one customer's answers count as one", "n_eff: numero effettivo di osservazioni, (Σw)²/Σw²; le risposte di un cliente contano per una", "n_eff: número efectivo de observaciones, (Σw)²/Σw²; las respuestas de un cliente cuentan como una"],
  attainment_formula: ["100 × (value − floor) / (target − floor), from 0 to 150", "100 × (valore − minimo) / (obiettivo − minimo), da 0 a 150", "100 × (valor − mínimo) / (objetivo − mínimo), de 0 a 150"],
  touchpoint: ["Touchpoint", "Punto di contatto", "Punto de contacto"],
  stage: ["Stage", "Fase", "Fase"],
  channel: ["Channel", "Canale", "Canal"],
  before: ["before the purchase", "prima dell'acquisto", "antes de la compra"],
  during: ["during the purchase", "durante l'acquisto", "durante la compra"],
  after: ["after the purchase", "dopo l'acquisto", "después de la compra"],
  online: ["online", "online", "en línea"],
  offline: ["offline", "di persona", "en persona"],
  owners: ["Owner at that time", "Responsabile in quel momento", "Responsable en ese momento"],
  events: ["Events, 90 days", "Eventi, 90 giorni", "Eventos, 90 días"],
  by_owner: ["Events by owner at the time", "Eventi per responsabile di allora", "Eventos por responsable de entonces"],
  shares: ["Shares of the work", "Quote del lavoro", "Reparto del trabajo"],
  sponsor: ["Sponsor", "Sponsor", "Patrocinador"],
  undeclared: ["undeclared", "non dichiarato", "no declarado"],
  contributions: ["What contributes to {what}", "Che cosa contribuisce a {what}", "Qué contribuye a {what}"],
  dimension: ["Dimension", "Dimensione", "Dimensión"],
  group: ["Group", "Gruppo", "Grupo"],
  was: ["Before", "Prima", "Antes"],
  is: ["After", "Dopo", "Después"],
  change: ["Contribution", "Contributo", "Contribución"],
  share: ["Share", "Quota", "Proporción"],
  budget: ["All detectors together may raise about {false_alarms} a month; in the last 30 days they raised {alarms}{explained}.", "Tutti i rilevatori insieme possono dare circa {false_alarms} al mese; negli ultimi 30 giorni hanno dato {alarms}{explained}.", "Todos los detectores juntos pueden dar alrededor de {false_alarms} al mes; en los últimos 30 días dieron {alarms}{explained}."],
  nothing_watched: ["Nothing is watched for drift at that time: no metric has a baseline. How one is created: cxb drift plan", "In quel momento nessuna metrica è sorvegliata: mancano i livelli di riferimento. Come se ne crea uno: cxb drift plan", "En ese momento no se vigila ninguna métrica: faltan los niveles de referencia. Cómo se crea uno: cxb drift plan"],
  false_alarms: ["{n} false alarms", "{n} falsi allarmi", "{n} falsas alertas"],
  one_false_alarms: ["{n} false alarm", "{n} falso allarme", "{n} falsa alerta"],
  alarms: ["{n} alarms, true and false", "{n} allarmi, veri e falsi", "{n} alertas, verdaderas y falsas"],
  one_alarms: ["{n} alarm, true or false", "{n} allarme, vero o falso", "{n} alerta, verdadera o falsa"],
  explained: ["; {n} more, explained by a change of ownership, do not count", "; altri {n}, spiegati da un cambio di responsabile, non contano", "; {n} más, explicadas por un cambio de responsable, no cuentan"],
  one_explained: ["; {n} more, explained by a change of ownership, does not count", "; {n} altro, spiegato da un cambio di responsabile, non conta", "; {n} más, explicada por un cambio de responsable, no cuenta"],
  history: ["Every change of state", "Tutti i cambi di stato", "Todos los cambios de estado"],
  trend_was: ["{metric} of {department}: {first} {from}, {last} {to}.", "{metric} di {department}: {first} {from}, {last} {to}.", "{metric} de {department}: {first} {from}, {last} {to}."],
  as_table: ["As a table", "Come tabella", "Como tabla"],
  when: ["When", "Quando", "Cuándo"],
  state: ["State", "Stato", "Estado"],
  calm: ["calm", "stabile", "estable"],
  up: ["up", "in crescita", "al alza"],
  down: ["down", "in calo", "a la baja"],
  since: ["Since", "Dal", "Desde"],
  statistic: ["Statistic", "Statistica", "Estadístico"],
  threshold: ["Threshold", "Soglia", "Umbral"],
  other: ["Compared with (UTC)", "Confrontato con (UTC)", "Comparado con (UTC)"],
  difference: ["Difference", "Differenza", "Diferencia"],
  yes: ["yes", "sì", "sí"],
  no: ["no", "no", "no"],
  reason: ["Reason", "Motivo", "Motivo"],
  all: ["all", "tutti", "todos"],
  detail: ["Detail", "Dettaglio", "Detalle"],
  source: ["Source", "Origine", "Origen"],
  payload: ["Content, masked", "Contenuto, mascherato", "Contenido, enmascarado"],
  none_refused: ["No event has been rejected. Try it with: cxb simulate --bad 0.05 | cxb publish --wait -", "Nessun evento è stato rifiutato. Prova con: cxb simulate --bad 0.05 | cxb publish --wait -", "No se ha rechazado ningún evento. Pruebe con: cxb simulate --bad 0.05 | cxb publish --wait -"],
  this_worker: ["This worker", "Questo worker", "Este worker"],
  is_ready: ["ready", "pronto", "listo"],
  series: ["Measure", "Misura", "Medida"],
  nps: ["NPS", "NPS", "NPS"], csat: ["CSAT", "CSAT", "CSAT"], ces: ["Ease (CES)", "Facilità (CES)", "Facilidad (CES)"],
  referrals: ["Referrals", "Raccomandazioni", "Recomendaciones"], repeat_rate: ["Repeat purchase rate", "Tasso di riacquisto", "Tasa de recompra"],
  retention: ["Retention", "Tasso di rinnovo", "Retención"], awareness: ["Awareness", "Notorietà", "Notoriedad"],
  traffic: ["Traffic", "Visite", "Visitas"], conversions: ["Conversions", "Conversioni", "Conversiones"],
  conversion_rate: ["Conversion rate", "Tasso di conversione", "Tasa de conversión"],
  meaning_nps: ["share of promoters (9, 10) minus share of detractors (0 to 6), times 100", "quota di promotori (9, 10) meno quota di detrattori (da 0 a 6), per 100", "proporción de promotores (9, 10) menos proporción de detractores (0 a 6), por 100"],
  meaning_csat: ["share of scores 4 and 5", "quota di voti 4 e 5", "proporción de notas 4 y 5"],
  meaning_ces: ["mean of the scores; higher is easier (CES 2.0)", "media dei voti; più è alta, più è facile (CES 2.0)", "media de las notas; cuanto más alta, más fácil (CES 2.0)"],
  meaning_referrals: ["referrals a day", "raccomandazioni al giorno", "recomendaciones al día"],
  meaning_repeat_rate: ["share of repeat purchases in all purchases", "quota di riacquisti su tutti gli acquisti", "proporción de recompras entre todas las compras"],
  meaning_retention: ["renewals as a share of renewals and churns", "rinnovi sul totale di rinnovi e abbandoni", "renovaciones sobre el total de renovaciones y bajas"],
  meaning_awareness: ["sum of `count` a day", "somma di `count` al giorno", "suma de `count` al día"],
  meaning_traffic: ["sum of `count` of visits a day", "somma di `count` delle visite al giorno", "suma de `count` de visitas al día"],
  meaning_conversions: ["conversions a day", "conversioni al giorno", "conversiones al día"],
  meaning_conversion_rate: ["conversions per hundred visits", "conversioni ogni cento visite", "conversiones por cada cien visitas"],
  "a day": ["a day", "al giorno", "al día"], points: ["points", "punti", "puntos"],
  cx_events_total: ["Events accepted since the worker started", "Eventi accettati dall'avvio del worker", "Eventos aceptados desde el inicio del worker"],
  cx_rejected_total: ["Events rejected since then", "Eventi rifiutati da allora", "Eventos rechazados desde entonces"],
  cx_unowned_events_total: ["Events without an owner", "Eventi senza responsabile", "Eventos sin responsable"],
  cx_consumer_lag_events: ["Records waiting", "Record in attesa", "Registros en espera"],
  cx_records_lost_total: ["Records removed before they were read", "Record rimossi prima di essere letti", "Registros eliminados antes de leerse"],
  cx_event_landing_seconds: ["Mean time from publication to the store, s", "Tempo medio dalla pubblicazione all'archivio, s", "Tiempo medio de la publicación al almacén, s"],
  cx_insert_seconds: ["Mean time of an insert, s", "Tempo medio di un inserimento, s", "Tiempo medio de una inserción, s"],
  process_resident_memory_bytes: ["Memory, MB", "Memoria, MB", "Memoria, MB"],
};
const LANGUAGES = ["en", "it", "es"];
let language = "en";

export const speak = (wanted) => { language = wanted; };
export const known = (key) => Object.hasOwn(TEXTS, key);

/** A text in the language of the page; {names} are filled in. A key that has no text stands for itself. */
export function t(key, values = {}) {
  const text = known(key) ? TEXTS[key][LANGUAGES.indexOf(language)] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A number with what it counts: the text of a key, or that of `one_` and the key for exactly one. @param {string} key @param {number} n */
export const counted = (key, n) => t(n === 1 ? `one_${key}` : key, { n: n.toLocaleString(language, { maximumFractionDigits: 2 }) });

const rounded = (value, digits, signDisplay) => value === null || value === undefined || Number.isNaN(value) ? "–"
  : value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay });
/** What rounds to zero has no sign. */
export const number = (value, digits = 1) => rounded(value, digits, "negative");
export const signed = (value, digits = 1) => rounded(value, digits, "exceptZero");
export const whole = (value) => number(value, 0);
export const percent = (share) => share === null ? "–" : share.toLocaleString(language, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });

const dated = (options) => (text) => text ? new Date(text).toLocaleString(language, { timeZone: "UTC", ...options }) : "–";
export const day = dated({ day: "numeric", month: "short", year: "numeric" });
/** Without the year, where there is little room. */
export const dayOnly = dated({ day: "numeric", month: "short" });
/** The same by the clocks of a zone, such as "Europe/Rome". @param {string} zone */
export const dayIn = (zone) => dated({ day: "numeric", month: "short", year: "numeric", timeZone: zone });
export const dayOnlyIn = (zone) => dated({ day: "numeric", month: "short", timeZone: zone });
export const moment = dated({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

// What stands before a date, in the order of LANGUAGES; Italian elides it before the 8th and the 11th.
const BEFORE = {
  on: ["on ", "il ", "el "], since: ["since ", "dal ", "desde el "], of: ["as of ", "del ", "del "],
  from: ["", "dal ", "del "], to: ["to ", "al ", "al "], between: ["", "il ", "el "],
};
const ELIDED = { on: "l'", since: "dall'", of: "dell'", from: "dall'", to: "all'", between: "l'" };

/** A date inside a sentence, with preposition and article: "since Apr 2, 2026", "dall'8 apr 2026", "el 1 abr 2026". */
export function dateIn(form, text, write = day) {
  const written = write(text);
  const before = language === "it" && /^(8|11)\b/.test(written) ? ELIDED[form] : BEFORE[form][LANGUAGES.indexOf(language)];
  return before + (language === "it" ? written.replace(/^1\b/, "1º") : written);
}
