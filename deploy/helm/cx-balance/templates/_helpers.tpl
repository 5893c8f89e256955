{{/* Names: a Service's must begin with a letter and have no dot, a CronJob's at most 52 characters. */}}
{{- define "cx-balance.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := .Release.Name -}}
{{- if not (contains $name .Release.Name) -}}{{- $full = printf "%s-%s" .Release.Name $name -}}{{- end -}}
{{- $full = .Values.fullnameOverride | default $full | replace "." "-" -}}
{{- if regexMatch "^[0-9]" $full -}}{{- $full = printf "cx-%s" $full -}}{{- end -}}
{{- $full | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "cx-balance.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Values.nameOverride | default .root.Chart.Name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "cx-balance.labels" -}}
{{ include "cx-balance.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | quote }}
{{- end -}}

{{- define "cx-balance.metadata" -}}
name: {{ include "cx-balance.fullname" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "cx-balance.labels" . | nindent 2 }}
{{- end -}}

{{- define "cx-balance.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where browsers reach the page. */}}
{{- define "cx-balance.publicUrl" -}}
{{- with .Values.worker -}}
{{- if .publicUrl -}}{{ .publicUrl }}
{{- else if .ingress.enabled -}}{{ ternary "https" "http" (ne .ingress.tlsSecret "") }}://{{ .ingress.host }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What every pod has. Nothing here talks to Kubernetes. Variables of services would be taken for settings: a service
     named cxb-gateway would set CXB_GATEWAY_PORT. */}}
{{- define "cx-balance.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- if not (kindIs "invalid" .Values.runAsUser) }}
  runAsUser: {{ int64 .Values.runAsUser }}
  runAsGroup: {{ int64 .Values.runAsUser }}
  fsGroup: {{ int64 .Values.runAsUser }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "cx-balance.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}{{ .Values.serviceAccount.name | default (include "cx-balance.fullname" .) }}
{{- else -}}{{ .Values.serviceAccount.name | default "default" }}{{- end -}}
{{- end -}}

{{- define "cx-balance.containerBase" -}}
image: {{ include "cx-balance.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* The placing of a pod: of the values of its component. */}}
{{- define "cx-balance.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "cx-balance.spread" -}}
{{- $values := index .root.Values .component -}}
topologySpreadConstraints:
  {{- if $values.topologySpreadConstraints }}
  {{- toYaml $values.topologySpreadConstraints | nindent 2 }}
  {{- else }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cx-balance.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
  {{- end }}
{{- end -}}

{{/* What does not fit together, said before anything is rendered. */}}
{{- define "cx-balance.check" -}}
{{- $v := .Values -}}
{{- if not $v.kafka.bootstrapServers }}{{ fail "kafka.bootstrapServers is missing: give host:port, several separated by commas" }}{{ end -}}
{{- if not $v.clickhouse.url }}{{ fail "clickhouse.url is missing: give http(s)://host:port" }}{{ end -}}
{{- /* The value is not shown: somebody may have put a password there. */ -}}
{{- if not (regexMatch `^(\[[0-9a-fA-F:]+\]|[^:,\s\[\]"']+):[0-9]{1,5}(, ?(\[[0-9a-fA-F:]+\]|[^:,\s\[\]"']+):[0-9]{1,5})*$` $v.kafka.bootstrapServers) }}{{ fail "kafka.bootstrapServers must be host:port, several separated by commas" }}{{ end -}}
{{- if not (regexMatch `^https?://(\[[0-9a-fA-F:]+\]|[^/@?#:\s"'{}\[\]]+):[0-9]{1,5}/?$` $v.clickhouse.url) }}{{ fail "clickhouse.url must be http(s)://host:port: user and password have values of their own" }}{{ end -}}
{{- if not $v.secrets.existingSecret }}{{ fail "secrets.existingSecret is missing: make a Secret with the keys that secrets names, and give its name" }}{{ end -}}
{{- include "cx-balance.oneOf" (dict "values" $v.registry "path" "registry" "names" (list "toml" "existingConfigMap") "needed" true) -}}
{{- include "cx-balance.oneOf" (dict "values" $v.sources "path" "sources" "names" (list "toml" "existingConfigMap") "needed" false) -}}
{{- include "cx-balance.oneOf" (dict "values" $v.gateway.publishers "path" "gateway.publishers" "names" (list "toml" "existingConfigMap" "existingSecret") "needed" $v.gateway.enabled) -}}
{{- if and (hasPrefix "SASL" $v.kafka.securityProtocol) (not $v.kafka.sasl.username) }}{{ fail (printf "kafka.securityProtocol %s needs kafka.sasl.username, and the password in secrets" $v.kafka.securityProtocol) }}{{ end -}}
{{- if ne (empty $v.kafka.tls.cert) (empty $v.kafka.tls.key) }}{{ fail "kafka.tls.cert and kafka.tls.key go together" }}{{ end -}}
{{- if and $v.kafka.tls.cert (not $v.kafka.tls.existingSecret) }}{{ fail "kafka.tls.cert needs kafka.tls.existingSecret, where it is" }}{{ end -}}
{{- if $v.keda.enabled -}}
{{- if gt (int $v.keda.maxReplicas) (int $v.kafka.partitions) }}{{ fail (printf "keda.maxReplicas is %d, and the topic has %d partitions (kafka.partitions): further workers would be idle" (int $v.keda.maxReplicas) (int $v.kafka.partitions)) }}{{ end -}}
{{- if gt (int $v.keda.minReplicas) (int $v.keda.maxReplicas) }}{{ fail "keda.minReplicas is above keda.maxReplicas" }}{{ end -}}
{{- else if gt (int $v.worker.replicas) (int $v.kafka.partitions) }}{{ fail (printf "worker.replicas is %d, and the topic has %d partitions (kafka.partitions): further workers would be idle" (int $v.worker.replicas) (int $v.kafka.partitions)) }}{{ end -}}
{{- range list "worker" "gateway" -}}
{{- $ingress := (index $v .).ingress -}}
{{- if and $ingress.enabled (not $ingress.host) }}{{ fail (printf "%s.ingress.enabled needs %s.ingress.host" . .) }}{{ end -}}
{{- end -}}
{{- if $v.report.enabled -}}
{{- if not $v.report.receiver }}{{ fail "report.enabled needs report.receiver: the name of a receiver in receivers.toml" }}{{ end -}}
{{- if not $v.report.existingSecret }}{{ fail "report.enabled needs report.existingSecret: a Secret with receivers.toml and the files that it names" }}{{ end -}}
{{- end -}}
{{- if $v.monitoring.prometheusRule.enabled -}}
{{- range list "page" "grafana" "runbooks" -}}
{{- if not (index $v.monitoring.prometheusRule .) }}{{ fail (printf "monitoring.prometheusRule.enabled needs monitoring.prometheusRule.%s: where alerts send their readers" .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cx-balance.oneOf" -}}
{{- $given := list -}}
{{- range .names -}}{{- if index $.values . -}}{{- $given = append $given . -}}{{- end -}}{{- end -}}
{{- if gt (len $given) 1 }}{{ fail (printf "%s has %s: give one of them" .path (join " and " $given)) }}{{ end -}}
{{- if and .needed (not $given) }}{{ fail (printf "%s is missing: give %s.%s, for example with --set-file, or %s.%s" .path .path (first .names) .path (last .names)) }}{{ end -}}
{{- end -}}
