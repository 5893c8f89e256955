// The texts of the view Rejected events.
export const REFUSED = {
  rejected_says: ["{events}; the most frequent reason is {reason} ({share}).", "{events}; il motivo più frequente è {reason} ({share}).", "{events}; el motivo más frecuente es {reason} ({share})."],
  rejected_events: ["{n} events were rejected and have not been sent again", "{n} eventi sono stati rifiutati e non ancora inviati di nuovo", "{n} eventos se rechazaron y aún no se han vuelto a enviar"],
  one_rejected_events: ["{n} event was rejected and has not been sent again", "{n} evento è stato rifiutato e non ancora inviato di nuovo", "{n} evento se rechazó y aún no se ha vuelto a enviar"],
  one_source: ["All come from {source}.", "Tutti provengono da {source}.", "Todos proceden de {source}."],
  rejected_newest: ["The newest came {at}.", "Il più recente è arrivato {at}.", "El más reciente llegó {at}."],
  by_reason: ["By reason", "Per motivo", "Por motivo"],
  by_source: ["By source", "Per origine", "Por origen"],
  rejected_n: ["Events", "Eventi", "Eventos"],
  newest: ["Newest", "Il più recente", "El más reciente"],
  latest_rejected: ["The latest 100", "Gli ultimi 100", "Los últimos 100"],
  search: ["Search in detail and content", "Cerca in dettaglio e contenuto", "Buscar en detalle y contenido"],
  none_match: ["None is like that.", "Nessuno corrisponde.", "Ninguno coincide."],
  send_again: ["Fix the publisher or the data, then count and send them again:", "Correggi chi pubblica o i dati, poi contali e inviali di nuovo:", "Corrija el emisor o los datos, luego cuéntelos y vuelva a enviarlos:"],
  and_then: [", then ", ", poi ", ", luego "],
};
