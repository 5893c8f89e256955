#!/bin/sh
# Publishes events with kcat (librdkafka), and reads them back: see README.md for the arguments.
set -eu
if [ "$1" = publish ]; then
  case "$5" in
    idempotent) how=enable.idempotence=true ;;
    *) how="acks=$5" ;;
  esac
  exec kcat -P -b "$2" -t "$3" -z "$4" -X "$how" -K '	' # each line: the customer, a tab, and the event
fi
exec kcat -q -b "$2" -G "$4" -X auto.offset.reset=earliest -c "$5" "$3"
