import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import { api, body } from "~/api/client";
import type { VulnerabilityRow } from "~/api/model";
import { Empty } from "~/display/states";
import { writeAddress } from "~/list/address";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { Facets } from "~/list/Facets";
import { ListPage, Tools, ViewTools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useColumns } from "~/list/useColumns";
import { PAGE_SIZE, useCursorList } from "~/list/useCursorList";
import {
  PROBABILITIES,
  SCORES,
  type VulnerabilitiesAddress,
  vulnerabilitiesAddress,
  vulnerabilitiesAsked,
} from "./address";
import { columns, percent } from "./columns";

const route = getRouteApi("/app/vulnerabilities");
const yesNo = [
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];
const GROUPS = [
  { id: "missing", title: "Assets are exposed", options: yesNo },
  { id: "exploited", title: "Known exploited", options: yesNo },
  {
    id: "cvss",
    title: "CVSS",
    options: SCORES.map((value) => ({ value, label: `${value}.0 or more` })),
  },
  {
    id: "epss",
    title: "EPSS",
    options: PROBABILITIES.map((value) => ({ value, label: `${percent(Number(value))} or more` })),
  },
];

/** Vulnerabilities that patches fix, and how many assets are exposed to each. */
export function VulnerabilitiesPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (patch: Partial<VulnerabilitiesAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((text: string) => change({ q: text || undefined }), [change]);
  const asked = vulnerabilitiesAsked(address);
  const list = useCursorList<VulnerabilityRow>(["vulnerabilities", asked], ({ cursor }, signal) =>
    body(
      api.GET("/api/v1/vulnerabilities", {
        params: { query: { ...asked, limit: PAGE_SIZE, cursor } },
        signal,
      }),
    ),
  );
  const { shown, place } = useColumns(columns, address.cols, false);
  const density = address.density ?? usualDensity();
  const chosen = (id: string) => address[id as "missing" | "exploited" | "cvss" | "epss"];
  const narrowed = address.q !== undefined || GROUPS.some(({ id }) => chosen(id) !== undefined);
  return (
    <ListPage
      title="Vulnerabilities"
      place={place}
      total={list.total}
      facets={
        <Facets
          groups={GROUPS.map((group) => {
            const value = chosen(group.id);
            return { ...group, chosen: value ? [value] : [] };
          })}
          // One of a group at a time: the last that was chosen.
          onChange={(id, values) =>
            change({ [id]: undefined, ...vulnerabilitiesAddress({ [id]: values.at(-1) }) })
          }
        />
      }
      tools={
        <Tools
          end={
            <ViewTools
              all={columns}
              shown={shown}
              density={density}
              exportHref={`/api/v1/vulnerabilities/export${writeAddress(asked)}`}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <SearchBox value={address.q ?? ""} label="Search ids and titles" onChange={onSearch} />
        </Tools>
      }
    >
      <DataTable
        label="Vulnerabilities"
        columns={shown}
        list={list}
        rowId={(row) => row.id}
        rowName={(row) => row.id}
        sort={address.sort}
        onSort={(sort) => change({ sort })}
        density={density}
        empty={
          <Empty
            title={narrowed ? "No vulnerability matches" : "No patch names a vulnerability"}
            detail={narrowed ? undefined : "Feeds with advisories bring patches that name what they fix."}
          >
            {narrowed ? (
              <Button variant="default" size="xs" onClick={() => void navigate({ search: {} })}>
                Show all vulnerabilities
              </Button>
            ) : null}
          </Empty>
        }
      />
    </ListPage>
  );
}
