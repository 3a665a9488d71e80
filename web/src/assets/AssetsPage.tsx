import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import type { AssetFacets, AssetRow } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { notifyProblem } from "~/display/notify";
import { Empty } from "~/display/states";
import { scanStatus, shortOs } from "~/display/words";
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
import { AssetActions } from "./AssetActions";
import { type AssetsAddress, assetFilters, NO_ASSET_FILTERS } from "./address";
import { assetColumns } from "./columns";
import { assetCountQuery, assetFacetsQuery, assetsPage } from "./queries";

const route = getRouteApi("/app/assets");
const idOf = (row: AssetRow) => row.id;

/** All assets the reader may see. */
export function AssetsPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const change = useCallback(
    (patch: Partial<AssetsAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((q: string) => change({ q: q || undefined }), [change]);
  const selection = useSelection(idOf);
  const list = useCursorList<AssetRow>(
    ["assets", "list", assetFilters(address), address.sort],
    (cursor, signal) => assetsPage(address, cursor, undefined, signal),
    { refetchInterval: 30_000 },
  );
  const [gathering, setGathering] = useState(false);
  const selectAll = async () => {
    setGathering(true);
    try {
      selection.set(await everyRow((cursor) => assetsPage(address, cursor, 1000)));
    } catch (error) {
      notifyProblem(error);
    } finally {
      setGathering(false);
    }
  };
  const selectable = may("asset.operate") || may("job.create");
  const { shown, place } = useColumns(assetColumns, address.cols, selectable);
  const density = address.density ?? usualDensity();
  const filtered = Object.values(assetFilters(address)).some((value) => value !== undefined);

  const tools =
    selection.chosen.size > 0 ? (
      <BulkBar
        chosen={selection.chosen.size}
        total={list.total ?? 0}
        noun="assets"
        onAll={() => void selectAll()}
        busy={gathering}
        onClear={selection.clear}
      >
        <AssetActions assets={[...selection.chosen.values()]} onDone={selection.clear} />
      </BulkBar>
    ) : (
      <Tools
        end={
          <ViewTools
            all={assetColumns}
            shown={shown}
            density={density}
            exportHref={`/api/v1/assets/export${writeAddress({ ...assetFilters(address), sort: address.sort })}`}
            onColumns={(cols) => change({ cols })}
            onDensity={(next) => change({ density: next })}
          />
        }
      >
        <SearchBox value={address.q ?? ""} label="Search assets" onChange={onSearch} />
      </Tools>
    );

  return (
    <ListPage
      title="Assets"
      place={place}
      total={list.total}
      actions={
        may("configuration.manage") ? (
          <LinkButton to="/configuration/keys" variant="default">
            Add assets
          </LinkButton>
        ) : null
      }
      facets={<AssetFacetList address={address} change={change} />}
      tools={
        <>
          {tools}
          {filtered ? <Filters address={address} change={change} /> : null}
        </>
      }
    >
      <DataTable
        label="Assets"
        columns={shown}
        list={list}
        rowId={idOf}
        rowName={(row) => row.name}
        sort={address.sort}
        onSort={(sort) => change({ sort })}
        selection={selectable ? selection : undefined}
        density={density}
        empty={<NoAssets filtered={filtered} onClear={() => change(NO_ASSET_FILTERS)} />}
      />
    </ListPage>
  );
}

type Part = { address: AssetsAddress; change: (patch: Partial<AssetsAddress>) => void };

function AssetFacetList({ address, change }: Part) {
  const facets: AssetFacets | undefined = useQuery(assetFacetsQuery(address)).data;
  const online = useQuery(assetCountQuery({ ...address, online: true })).data;
  const restart = useQuery(assetCountQuery({ ...address, reboot_pending: true })).data;
  const groups: FacetGroup[] = [
    {
      id: "state",
      title: "State",
      options:
        online === undefined || restart === undefined
          ? undefined
          : [
              { value: "online", label: "Online", count: online },
              { value: "reboot_pending", label: "Restart pending", count: restart },
            ],
      chosen: [...(address.online ? ["online"] : []), ...(address.reboot_pending ? ["reboot_pending"] : [])],
    },
    {
      id: "scan_status",
      title: "Scan status",
      options: facets?.scan_status.map(({ value, count }) => ({
        value,
        count,
        label: scanStatus(value).label,
      })),
      chosen: address.scan_status ?? [],
    },
    {
      id: "os",
      title: "Operating system",
      options: facets?.os.map(({ value, count }) => ({ value, count, label: shortOs(value) || "Unknown" })),
      chosen: address.os ?? [],
    },
    {
      id: "tag",
      title: "Tags",
      options: facets?.tags.map(({ id, name, count }) => ({ value: id, label: name, count })),
      chosen: address.tag ?? [],
    },
  ];
  return (
    <Facets
      groups={groups}
      onChange={(group, values) => {
        if (group === "state") {
          change({
            online: values.includes("online") || undefined,
            reboot_pending: values.includes("reboot_pending") || undefined,
          });
        } else change({ [group]: values.length ? values : undefined });
      }}
    />
  );
}

function Filters({ address, change }: Part) {
  const { data: facets } = useQuery(assetFacetsQuery(address));
  const tagName = (id: string) => facets?.tags.find((tag) => tag.id === id)?.name ?? "…";
  const without = (values: string[] | undefined, value: string) => {
    const left = values?.filter((each) => each !== value);
    return left?.length ? left : undefined;
  };
  return (
    <FilterBar onClear={() => change(NO_ASSET_FILTERS)}>
      {address.q ? <FilterChip label={`“${address.q}”`} onRemove={() => change({ q: undefined })} /> : null}
      {address.online !== undefined ? (
        <FilterChip
          label={address.online ? "Online" : "Offline"}
          onRemove={() => change({ online: undefined })}
        />
      ) : null}
      {address.reboot_pending !== undefined ? (
        <FilterChip label="Restart pending" onRemove={() => change({ reboot_pending: undefined })} />
      ) : null}
      {address.missing_patch ? (
        <FilterChip
          label={`Misses ${address.missing_patch}`}
          onRemove={() => change({ missing_patch: undefined })}
        />
      ) : null}
      {address.installed_patch ? (
        <FilterChip
          label={`Has ${address.installed_patch}`}
          onRemove={() => change({ installed_patch: undefined })}
        />
      ) : null}
      {address.scan_status?.map((value) => (
        <FilterChip
          key={value}
          label={scanStatus(value).label}
          onRemove={() => change({ scan_status: without(address.scan_status, value) })}
        />
      ))}
      {address.os?.map((value) => (
        <FilterChip
          key={value}
          label={shortOs(value)}
          onRemove={() => change({ os: without(address.os, value) })}
        />
      ))}
      {address.release?.map((value) => (
        <FilterChip
          key={value}
          label={value}
          onRemove={() => change({ release: without(address.release, value) })}
        />
      ))}
      {address.tag?.map((value) => (
        <FilterChip
          key={value}
          label={`Tag ${tagName(value)}`}
          onRemove={() => change({ tag: without(address.tag, value) })}
        />
      ))}
    </FilterBar>
  );
}

function NoAssets({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const may = useMay();
  if (filtered) {
    return (
      <Empty title="No asset matches" detail="Nothing you can see fits all of these filters.">
        <Button variant="default" size="xs" onClick={onClear}>
          Clear filters
        </Button>
      </Empty>
    );
  }
  return (
    <Empty
      title="No assets yet"
      detail="An asset appears here as soon as its agent enrols. Make an activation key and run the install command it shows."
    >
      {may("configuration.manage") ? (
        <LinkButton to="/configuration/keys" size="xs">
          Make an activation key
        </LinkButton>
      ) : null}
    </Empty>
  );
}
