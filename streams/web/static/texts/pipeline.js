// The texts of the view Pipeline.
export const PIPELINE = {
  line_events: ["Events accepted a second", "Eventi accettati al secondo", "Eventos aceptados por segundo"],
  line_rejected: ["Events rejected a second", "Eventi rifiutati al secondo", "Eventos rechazados por segundo"],
  line_landing: ["From publication to the store, 95th percentile of a minute, s", "Dalla pubblicazione all'archivio, 95º percentile di un minuto, s", "De la publicación al almacén, percentil 95 de un minuto, s"],
  line_insert: ["An insert, 95th percentile of a minute, s", "Un inserimento, 95º percentile di un minuto, s", "Una inserción, percentil 95 de un minuto, s"],
  line_nothing: ["nothing came", "non è arrivato nulla", "no llegó nada"],
  line_soon: ["the first figure comes in five seconds", "il primo valore arriva fra cinque secondi", "el primer valor llega en cinco segundos"],
  records_wait: ["{n} records wait in {of} partitions.", "{n} record in attesa in {of} partizioni.", "{n} registros en espera en {of} particiones."],
  none_waits: ["No record waits in its {of} partitions.", "Nessun record in attesa nelle sue {of} partizioni.", "Ningún registro en espera en sus {of} particiones."],
  no_partitions: ["It reads no partition.", "Non legge nessuna partizione.", "No lee ninguna partición."],
  lag_by_partition: ["Records waiting, by partition", "Record in attesa, per partizione", "Registros en espera, por partición"],
  partition: ["Partition", "Partizione", "Partición"],
  since_start: ["Since the worker started, and now", "Dall'avvio del worker, e adesso", "Desde el inicio del worker, y ahora"],
  cx_ingest_stalled: ["Store, dead-letter topic or schema registry unreachable", "Archivio, topic degli eventi rifiutati o registro degli schemi irraggiungibile", "Almacén, topic de eventos rechazados o registro de esquemas inaccesible"],
  cx_broker_answers: ["The broker answers", "Il broker risponde", "El broker responde"],
  cx_registry_valid: ["The registry file is valid", "Il file del registro è valido", "El archivo del registro es válido"],
};
