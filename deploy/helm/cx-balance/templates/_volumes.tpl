{{/* What is mounted, and where: whole folders, since a single file of a ConfigMap would not follow its changes. */}}
{{- define "cx-balance.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- if has "registry" .names }}
- name: registry
  configMap:
    name: {{ .root.Values.registry.existingConfigMap | default (printf "%s-registry" (include "cx-balance.fullname" .root)) | quote }}
    items:
      - key: {{ .root.Values.registry.existingConfigMap | empty | ternary "registry.toml" .root.Values.registry.key | quote }}
        path: registry.toml
{{- end }}
{{- with .root.Values.sources }}
{{- if and (has "sources" $.names) (or .toml .existingConfigMap) }}
- name: sources
  configMap:
    name: {{ .existingConfigMap | default (printf "%s-sources" (include "cx-balance.fullname" $.root)) | quote }}
    items:
      - key: {{ .existingConfigMap | empty | ternary "sources.toml" .key | quote }}
        path: sources.toml
{{- if .existingSecret }}
- name: source-secrets
  secret:
    secretName: {{ .existingSecret | quote }}
    defaultMode: 0440
{{- end }}
{{- end }}
{{- end }}
{{- if and (has "kafka" .names) .root.Values.kafka.tls.existingSecret }}
- name: kafka-tls
  secret:
    secretName: {{ .root.Values.kafka.tls.existingSecret | quote }}
    defaultMode: 0440
{{- end }}
{{- if and (has "clickhouse" .names) .root.Values.clickhouse.tls.existingSecret }}
- name: clickhouse-tls
  secret:
    secretName: {{ .root.Values.clickhouse.tls.existingSecret | quote }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- define "cx-balance.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if has "registry" .names }}
- name: registry
  mountPath: /etc/cx-balance/registry
  readOnly: true
{{- end }}
{{- with .root.Values.sources }}
{{- if and (has "sources" $.names) (or .toml .existingConfigMap) }}
- name: sources
  mountPath: /etc/cx-balance/sources
  readOnly: true
{{- if .existingSecret }}
- name: source-secrets
  mountPath: /etc/cx-balance/source-secrets
  readOnly: true
{{- end }}
{{- end }}
{{- end }}
{{- if and (has "kafka" .names) .root.Values.kafka.tls.existingSecret }}
- name: kafka-tls
  mountPath: /etc/cx-balance/kafka-tls
  readOnly: true
{{- end }}
{{- if and (has "clickhouse" .names) .root.Values.clickhouse.tls.existingSecret }}
- name: clickhouse-tls
  mountPath: /etc/cx-balance/clickhouse-tls
  readOnly: true
{{- end }}
{{- end -}}
