import { Button, SegmentedControl, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { PatchFacets, PatchRow } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { notifyProblem } from "~/display/notify";
import { Empty } from "~/display/states";
import { category, sentence, severity } from "~/display/words";
import { useMay } from "~/entry/session";
import { writeAddress } from "~/list/address";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { type FacetGroup, Facets } from "~/list/Facets";
import { BulkBar, FilterBar, FilterChip, ListPage, Tools, ViewTools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useColumns } from "~/list/useColumns";
import { everyRow, useCursorList } from "~/list/useCursorList";
import { useSelection } from "~/list/useSelection";
import { NO_PATCH_FILTERS, type PatchesAddress, patchFilters } from "./address";
import { patchColumns } from "./columns";
import { PatchActions } from "./PatchActions";
import styles from "./Patches.module.css";
import { patchesPage, patchFacetsQuery } from "./queries";

const route = getRouteApi("/app/patches");
const idOf = (row: PatchRow) => row.id;
const STATUSES = [
  { value: "missing", label: "Missing" },
  { value: "installed", label: "Installed" },
  { value: "any", label: "Either" },
];

/** Patches that apply to at least one asset the reader may see; all with a switch. */
export function PatchesPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const change = useCallback(
    (patch: Partial<PatchesAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((q: string) => change({ q: q || undefined }), [change]);
  const selection = useSelection(idOf);
  const filters = patchFilters(address);
  const list = useCursorList<PatchRow>(
    ["patches", "list", filters, address.sort],
    (cursor, signal) => patchesPage(address, cursor, undefined, signal),
    { refetchInterval: 60_000 },
  );
  const [gathering, setGathering] = useState(false);
  const selectAll = async () => {
    setGathering(true);
    try {
      selection.set(await everyRow((cursor) => patchesPage(address, cursor, 1000)));
    } catch (error) {
      notifyProblem(error);
    } finally {
      setGathering(false);
    }
  };
  const { shown, place } = useColumns(patchColumns, address.cols, may("job.create"));
  const density = address.density ?? usualDensity();
  const narrowed = Object.keys(NO_PATCH_FILTERS).some(
    (key) => address[key as keyof PatchesAddress] !== undefined,
  );

  const tools =
    selection.chosen.size > 0 ? (
      <BulkBar
        chosen={selection.chosen.size}
        total={list.total ?? 0}
        noun="patches"
        onAll={() => void selectAll()}
        busy={gathering}
        onClear={selection.clear}
      >
        <PatchActions patches={[...selection.chosen.values()]} />
        <PatchActions patches={[...selection.chosen.values()]} uninstall />
      </BulkBar>
    ) : (
      <Tools
        end={
          <ViewTools
            all={patchColumns}
            shown={shown}
            density={density}
            exportHref={`/api/v1/patches/export${writeAddress({ ...filters, sort: address.sort })}`}
            onColumns={(cols) => change({ cols })}
            onDensity={(next) => change({ density: next })}
          />
        }
      >
        <SearchBox value={address.q ?? ""} label="Search patches and CVEs" onChange={onSearch} width={260} />
        <SegmentedControl
          size="xs"
          style={{ flex: "none" }}
          aria-label="Status on assets"
          data={STATUSES}
          value={address.status ?? "missing"}
          onChange={(value) =>
            change({ status: value === "missing" ? undefined : (value as "installed" | "any") })
          }
        />
        <div className={styles.switches}>
          <Switch
            size="xs"
            label="Latest only"
            checked={address.latest ?? true}
            onChange={(event) => change({ latest: event.currentTarget.checked ? undefined : false })}
          />
          <Switch
            size="xs"
            label="Whole catalog"
            checked={address.all ?? false}
            onChange={(event) =>
              change(
                event.currentTarget.checked
                  ? { all: true, status: "any" }
                  : { all: undefined, status: undefined },
              )
            }
          />
        </div>
      </Tools>
    );

  return (
    <ListPage
      title="Patches"
      place={place}
      total={list.total}
      facets={<PatchFacetList address={address} change={change} />}
      tools={
        <>
          {tools}
          {narrowed ? <Filters address={address} change={change} /> : null}
        </>
      }
    >
      <DataTable
        label="Patches"
        columns={shown}
        list={list}
        rowId={idOf}
        rowName={(row) => row.title}
        sort={address.sort}
        onSort={(sort) => change({ sort })}
        selection={may("job.create") ? selection : undefined}
        density={density}
        empty={<NoPatches address={address} narrowed={narrowed} onClear={() => change(NO_PATCH_FILTERS)} />}
      />
    </ListPage>
  );
}

type Part = { address: PatchesAddress; change: (patch: Partial<PatchesAddress>) => void };

function PatchFacetList({ address, change }: Part) {
  const facets: PatchFacets | undefined = useQuery(patchFacetsQuery(address)).data;
  const groups: FacetGroup[] = [
    {
      id: "category",
      title: "Category",
      options: facets?.category.map((each) => ({ ...each, label: category(each.value).label })),
      chosen: address.category ?? [],
    },
    {
      id: "severity",
      title: "Vendor severity",
      options: facets?.severity.map((each) => ({ ...each, label: severity(each.value).label })),
      chosen: address.severity ?? [],
    },
    {
      id: "release",
      title: "Release",
      options: facets?.release.map((each) => ({ ...each, label: each.value || "None" })),
      chosen: address.release ?? [],
    },
    {
      id: "kind",
      title: "Kind",
      single: true,
      options: facets?.kind.map((each) => ({
        ...each,
        label: each.value === "os" ? "Operating system" : sentence(each.value),
      })),
      chosen: address.kind ? [address.kind] : [],
    },
  ];
  return (
    <Facets
      groups={groups}
      onChange={(group, values) => {
        if (group === "kind") change({ kind: values[0] as PatchesAddress["kind"] });
        else change({ [group]: values.length ? values : undefined });
      }}
    />
  );
}

function Filters({ address, change }: Part) {
  const without = (values: string[] | undefined, value: string) => {
    const left = values?.filter((each) => each !== value);
    return left?.length ? left : undefined;
  };
  return (
    <FilterBar onClear={() => change(NO_PATCH_FILTERS)}>
      {address.q ? <FilterChip label={`“${address.q}”`} onRemove={() => change({ q: undefined })} /> : null}
      {address.cve ? <FilterChip label={address.cve} onRemove={() => change({ cve: undefined })} /> : null}
      {address.kind ? (
        <FilterChip
          label={address.kind === "os" ? "Operating system" : "Application"}
          onRemove={() => change({ kind: undefined })}
        />
      ) : null}
      {address.category?.map((value) => (
        <FilterChip
          key={value}
          label={category(value).label}
          onRemove={() => change({ category: without(address.category, value) })}
        />
      ))}
      {address.severity?.map((value) => (
        <FilterChip
          key={value}
          label={severity(value).label}
          onRemove={() => change({ severity: without(address.severity, value) })}
        />
      ))}
      {address.release?.map((value) => (
        <FilterChip
          key={value}
          label={value}
          onRemove={() => change({ release: without(address.release, value) })}
        />
      ))}
    </FilterBar>
  );
}

function NoPatches({
  address,
  narrowed,
  onClear,
}: {
  address: PatchesAddress;
  narrowed: boolean;
  onClear: () => void;
}) {
  const may = useMay();
  if (narrowed) {
    return (
      <Empty title="No patch matches" detail="Nothing in this list fits all of these filters.">
        <Button variant="default" size="xs" onClick={onClear}>
          Clear filters
        </Button>
      </Empty>
    );
  }
  if (address.all) {
    return (
      <Empty
        title="The catalog is empty"
        detail="Patches come from feeds. Add one, or make feeds from the server's own package sources."
      >
        {may("configuration.manage") ? (
          <LinkButton to="/configuration/feeds" size="xs">
            Open feeds
          </LinkButton>
        ) : null}
      </Empty>
    );
  }
  if ((address.status ?? "missing") === "missing") {
    return (
      <Empty
        title="Nothing is missing"
        detail="No asset you can see misses a patch. If that is a surprise, look whether feeds are synchronised and assets have scanned."
      >
        <LinkButton to="/patches" search={{ all: true, status: "any" }} variant="default" size="xs">
          Show the whole catalog
        </LinkButton>
      </Empty>
    );
  }
  return <Empty title="No patch applies" detail="No patch of the catalog applies to an asset you can see." />;
}
