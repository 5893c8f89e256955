// The texts of the view Drift.
export const DRIFT = {
  drift_said: ["{drifting} beyond noise; the newest: {what}, {moved}.", "{drifting} oltre il rumore; la più recente: {what}, {moved}.", "{drifting} más allá del ruido; la más reciente: {what}, {moved}."],
  drifts: ["{n} metrics are changing", "{n} metriche stanno cambiando", "{n} métricas están cambiando"],
  one_drifts: ["1 metric is changing", "1 metrica sta cambiando", "1 métrica está cambiando"],
  drift_note: ["Line and band: the figure on the short horizon with its 95 % interval. Grey band: the usual level. Shaded: since the change began; dashes: the level since then. Triangles: what happened.", "Linea e fascia: il dato sull'orizzonte breve con il suo intervallo al 95 %. Fascia grigia: il livello abituale. Sfondo: da quando è iniziato il cambiamento; tratteggio: il livello da allora. Triangoli: che cosa è successo.", "Línea y banda: la cifra en el horizonte corto con su intervalo del 95 %. Banda gris: el nivel habitual. Fondo: desde que empezó el cambio; guiones: el nivel desde entonces. Triángulos: qué pasó."],
  usual_is: ["Usual level: {level} ({low} … {high}), from {n} observations {from} {to}.", "Livello abituale: {level} ({low} … {high}), da {n} osservazioni {from} {to}.", "Nivel habitual: {level} ({low} … {high}), de {n} observaciones {from} {to}."],
  happened_then: ["What happened then:", "Che cosa è successo in quel periodo:", "Qué pasó entonces:"],
  nothing_known: ["nothing that the registry or a note says.", "nulla che il registro o una nota dica.", "nada que digan el registro o una nota."],
  adds_by_touchpoint: ["By touchpoint", "Per punto di contatto", "Por punto de contacto"],
  adds_by_segment: ["By segment", "Per segmento", "Por segmento"],
  adds_by_region: ["By region", "Per regione", "Por región"],
  drift_details: ["Details: {what}", "Dettagli: {what}", "Detalles: {what}"],
  noticed: ["Noticed", "Rilevato", "Detectado"],
  events_a_day: ["Events a day, before and since", "Eventi al giorno, prima e da allora", "Eventos al día, antes y desde entonces"],
  mix_moved: ["Share of the answers that come from elsewhere than before", "Quota delle risposte che arrivano da altrove rispetto a prima", "Proporción de las respuestas que vienen de otro sitio que antes"],
};
