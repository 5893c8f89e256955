{{/* The settings of each program, as variables: docs/configuration.md. */}}
{{- define "cx-balance.env.settings" -}}
{{- range $name, $value := .Values.settings }}
{{- if not (kindIs "invalid" $value) }}
- name: {{ $name }}
  value: {{ include "cx-balance.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A number as people write it: YAML's 1000000 is a float, which would print as 1e+06. */}}
{{- define "cx-balance.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{- define "cx-balance.env.kafka" -}}
{{- $kafka := .Values.kafka -}}
- name: CXB_KAFKA_BOOTSTRAP_SERVERS
  value: {{ $kafka.bootstrapServers | quote }}
- name: CXB_KAFKA_SECURITY_PROTOCOL
  value: {{ $kafka.securityProtocol }}
- name: CXB_KAFKA_TOPIC
  value: {{ $kafka.topic | quote }}
{{- if hasPrefix "SASL" $kafka.securityProtocol }}
- name: CXB_KAFKA_SASL_MECHANISM
  value: {{ $kafka.sasl.mechanism }}
- name: CXB_KAFKA_SASL_USERNAME
  value: {{ $kafka.sasl.username | quote }}
- name: CXB_KAFKA_SASL_PASSWORD
  {{- include "cx-balance.env.secret" (dict "name" .Values.secrets.existingSecret "key" .Values.secrets.kafkaPassword) | nindent 2 }}
{{- end }}
{{- if $kafka.tls.existingSecret }}
{{- range $name, $key := dict "CXB_KAFKA_SSL_CAFILE" $kafka.tls.ca "CXB_KAFKA_SSL_CERTFILE" $kafka.tls.cert "CXB_KAFKA_SSL_KEYFILE" $kafka.tls.key }}
{{- if $key }}
- name: {{ $name }}
  value: /etc/cx-balance/kafka-tls/{{ $key }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "cx-balance.env.group" -}}
{{- $kafka := .Values.kafka -}}
- name: CXB_KAFKA_DLQ_TOPIC
  value: {{ $kafka.dlqTopic | quote }}
- name: CXB_KAFKA_GROUP
  value: {{ $kafka.group | quote }}
- name: CXB_KAFKA_PARTITIONS
  value: {{ $kafka.partitions | int | quote }}
{{- end -}}

{{/* Of a dict: root, and user, secret and key where they are others than the workers'. */}}
{{- define "cx-balance.env.clickhouse" -}}
{{- $values := .root.Values -}}
- name: CXB_CLICKHOUSE_URL
  value: {{ $values.clickhouse.url | quote }}
- name: CXB_CLICKHOUSE_DATABASE
  value: {{ $values.clickhouse.database | quote }}
- name: CXB_CLICKHOUSE_USER
  value: {{ .user | default $values.clickhouse.user | quote }}
- name: CXB_CLICKHOUSE_PASSWORD
  {{- include "cx-balance.env.secret" (dict "name" (.secret | default $values.secrets.existingSecret) "key" (.key | default $values.secrets.clickhousePassword)) | nindent 2 }}
{{- if $values.clickhouse.tls.existingSecret }}
- name: CXB_CLICKHOUSE_CA_FILE
  value: /etc/cx-balance/clickhouse-tls/{{ $values.clickhouse.tls.ca }}
{{- end }}
{{- end -}}

{{- define "cx-balance.env.secret" -}}
valueFrom:
  secretKeyRef:
    name: {{ .name | quote }}
    key: {{ .key | quote }}
{{- end -}}

{{- define "cx-balance.env.token" -}}
- name: CXB_HTTP_TOKEN
  {{- include "cx-balance.env.secret" (dict "name" .Values.secrets.existingSecret "key" .Values.secrets.httpToken) | nindent 2 }}
{{- end -}}

{{/* A file cannot hold the customer key: those of a Secret are readable by the pod's group, which the service refuses. */}}
{{- define "cx-balance.env.customerKey" -}}
- name: CXB_CUSTOMER_KEY
  {{- include "cx-balance.env.secret" (dict "name" .Values.secrets.existingSecret "key" .Values.secrets.customerKey) | nindent 2 }}
{{- end -}}

{{- define "cx-balance.env.registry" -}}
- name: CXB_REGISTRY
  value: /etc/cx-balance/registry/registry.toml
{{- end -}}

{{- define "cx-balance.env.sources" -}}
{{- if or .Values.sources.toml .Values.sources.existingConfigMap }}
- name: CXB_SOURCES
  value: /etc/cx-balance/sources/sources.toml
{{- end }}
{{- if .Values.settings.CXB_SCHEMA_REGISTRY_USER }}
- name: CXB_SCHEMA_REGISTRY_PASSWORD
  {{- include "cx-balance.env.secret" (dict "name" .Values.secrets.existingSecret "key" .Values.secrets.schemaRegistryPassword) | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a worker has; the check of helm test has the same. */}}
{{- define "cx-balance.env.worker" -}}
{{- include "cx-balance.env.kafka" . }}
{{ include "cx-balance.env.group" . }}
{{ include "cx-balance.env.clickhouse" (dict "root" .) }}
{{ include "cx-balance.env.customerKey" . }}
{{ include "cx-balance.env.token" . }}
{{ include "cx-balance.env.registry" . }}
{{- include "cx-balance.env.sources" . }}
- name: CXB_HTTP_HOST
  value: 0.0.0.0
- name: CXB_HTTP_PORT
  value: "6066"
{{- with include "cx-balance.publicUrl" . }}
- name: CXB_HTTP_PUBLIC_URL
  value: {{ . | quote }}
{{- end }}
{{- include "cx-balance.env.settings" . }}
{{- end -}}
