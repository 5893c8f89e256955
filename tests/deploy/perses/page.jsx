// Draws panels with the components of Perses: window.draw(board) with { prometheus, scrape, past, cells }, as mapping.py makes them.
import { ThemeProvider } from "@mui/material";
import { ChartsProvider, SnackbarProvider, generateChartsTheme, getTheme } from "@perses-dev/components";
import { DatasourceStoreProvider, Panel, VariableProvider } from "@perses-dev/dashboards";
import { DataQueriesProvider, PluginRegistry, TimeRangeProvider, dynamicImportPluginLoader } from "@perses-dev/plugin-system";
import * as prometheus from "@perses-dev/prometheus-plugin";
import * as stat from "@perses-dev/stat-chart-plugin";
import * as states from "@perses-dev/status-history-chart-plugin";
import * as lines from "@perses-dev/timeseries-chart-plugin";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

// What Grafana's transformation renameByRegex does to the names of lines: Perses has no such thing, so its answers are renamed.
const query = prometheus.PrometheusTimeSeriesQuery;
const renaming = {
  ...prometheus,
  PrometheusTimeSeriesQuery: {
    ...query,
    getTimeSeriesData: async ({ renames, ...spec }, ...rest) => {
      const data = await query.getTimeSeriesData(spec, ...rest);
      const named = (name) => renames.reduce((text, [regex, pattern]) => text.replace(new RegExp(regex), pattern), name);
      return { ...data, series: data.series.map((one) => ({ ...one, formattedName: named(one.formattedName ?? one.name) })) };
    },
  },
};
const plugins = dynamicImportPluginLoader(
  [renaming, stat, states, lines].map((plugin) => ({ resource: plugin.getPluginModule(), importPlugin: async () => plugin })),
);
const theme = getTheme("light");
const client = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: 0 } } });

function Cell({ heading, width, height, panel, queries }) {
  if (heading !== undefined) return <h2 style={{ gridColumn: "span 24" }}>{heading}</h2>;
  return (
    <div className="cell" data-title={panel.spec.display.name} style={{ gridColumn: `span ${width}`, height }}>
      <DataQueriesProvider definitions={queries}>
        <Panel definition={panel} />
      </DataQueriesProvider>
    </div>
  );
}

// Titles of the panels that show nothing yet, or an error: what has data has a number or a legend as well.
window.empty = () =>
  [...document.querySelectorAll(".cell")]
    .filter((cell) => {
      const says = cell.textContent.replace(cell.dataset.title, "").trim();
      return says === "" || says.includes("No data") || cell.querySelector("[role=alert]") !== null;
    })
    .map((cell) => cell.dataset.title);

window.draw = ({ prometheus: url, scrape, past, cells }) => {
  const source = {
    kind: "GlobalDatasource",
    metadata: { name: "prometheus" },
    spec: { default: true, plugin: { kind: "PrometheusDatasource", spec: { directUrl: url, scrapeInterval: scrape } } },
  };
  const sources = {
    getDatasource: async () => undefined,
    getGlobalDatasource: async () => source,
    listDatasources: async () => [],
    listGlobalDatasources: async () => [source],
    buildProxyUrl: () => url,
  };
  createRoot(document.getElementById("board")).render(
    <ThemeProvider theme={theme}>
      <ChartsProvider chartsTheme={generateChartsTheme(theme, {})}>
        <SnackbarProvider>
          <PluginRegistry pluginLoader={plugins} defaultPluginKinds={{ Panel: "TimeSeriesChart", TimeSeriesQuery: "PrometheusTimeSeriesQuery" }}>
            <QueryClientProvider client={client}>
              <TimeRangeProvider timeRange={{ pastDuration: past }} refreshInterval="0s">
                <VariableProvider>
                  <DatasourceStoreProvider dashboardResource={{ kind: "Dashboard", metadata: {}, spec: {} }} datasourceApi={sources}>
                    {cells.map((cell, number) => <Cell key={number} {...cell} />)}
                  </DatasourceStoreProvider>
                </VariableProvider>
              </TimeRangeProvider>
            </QueryClientProvider>
          </PluginRegistry>
        </SnackbarProvider>
      </ChartsProvider>
    </ThemeProvider>,
  );
};
