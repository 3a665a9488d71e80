import { Button, Switch } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import type { PatchRow } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { notifyProblem } from "~/display/notify";
import { Empty } from "~/display/states";
import { useMay } from "~/entry/session";
import { writeAddress } from "~/list/address";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { Facets, pickedOf } from "~/list/Facets";
import { BulkBar, ListPage, QueryTools, ViewTools } from "~/list/ListPage";
import { useColumns } from "~/list/useColumns";
import { everyRow, useCursorList } from "~/list/useCursorList";
import { useSelection } from "~/list/useSelection";
import type { Boxes } from "~/query/boxes";
import { useNaming } from "~/query/naming";
import queryStyles from "~/query/Query.module.css";
import { type Beside, QueryBar } from "~/query/QueryBar";
import { toggleTerm } from "~/query/terms";
import { Unknown } from "~/query/Unknown";
import { useFacets } from "~/query/useFacets";
import { inAddress, type PatchesAddress, patchesAsked, USUAL_PATCHES } from "./address";
import { patchColumnsOn } from "./columns";
import { PatchActions } from "./PatchActions";
import styles from "./Patches.module.css";
import { patchesPage, patchFacets } from "./queries";

const route = getRouteApi("/app/patches");
const idOf = (row: PatchRow) => row.id;

const BESIDE: Beside = {
  entity: "asset",
  label: "Asset query",
  placeholder: "Assets the numbers are of: tags.name:production",
  add: "Add an asset query",
  parameter: "assets",
  join: <div className={queryStyles.join}>On assets</div>,
};

/** Patches of the catalog, as far as a query goes, with their numbers on the assets of another. */
export function PatchesPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const { query = USUAL_PATCHES, assets = "" } = address;
  const change = useCallback(
    (patch: Partial<PatchesAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onBoxes = ({ query: text, beside }: Partial<Boxes>) =>
    change({
      ...(text === undefined ? {} : { query: inAddress(text) }),
      ...(beside === undefined ? {} : { assets: beside || undefined }),
    });
  const selection = useSelection(idOf);
  const asked = patchesAsked(address);
  const list = useCursorList<PatchRow>(
    ["patches", "list", asked, address.sort],
    (at, signal) => patchesPage(address, at, undefined, signal),
    { refetchInterval: 60_000 },
  );
  const [gathering, setGathering] = useState(false);
  const selectAll = async () => {
    setGathering(true);
    try {
      selection.set(await everyRow((at) => patchesPage(address, at, 1000)));
    } catch (error) {
      notifyProblem(error);
    } finally {
      setGathering(false);
    }
  };
  const columns = useMemo(() => patchColumnsOn(assets), [assets]);
  const { shown, place } = useColumns(columns, address.cols, may("job.create"));
  const density = address.density ?? usualDensity();
  const { naming } = useNaming("patch");
  const draft = useRef(query);
  const groups = useFacets({
    query,
    naming,
    list,
    key: ["patches", "facets", assets, asked.applicable ?? ""],
    fetch: (text, version, signal) => patchFacets({ ...address, query: text }, version, signal),
  });
  const chosen = [...selection.chosen.values()];

  return (
    <ListPage
      title="Patches"
      place={place}
      total={list.total}
      aside={
        <Unknown
          unknown={list.unknown}
          asker="The asset query"
          link={{ to: "/assets", search: { query: assets || undefined, truth: "unknown" } }}
        />
      }
      facets={
        <Facets
          groups={groups}
          onChange={(id, values) => {
            const group = groups?.find((one) => one.id === id);
            const term = group && pickedOf(group, values);
            if (term)
              change({ query: inAddress(toggleTerm(draft.current, term, { naming, single: group.single })) });
          }}
        >
          <Switch
            className={styles.wholeCatalog}
            size="xs"
            label="Whole catalog"
            description="Also what applies to no asset"
            checked={address.applicable === "all"}
            onChange={(event) => change({ applicable: event.currentTarget.checked ? "all" : undefined })}
          />
        </Facets>
      }
      tools={
        <QueryTools
          bulk={
            chosen.length > 0 ? (
              <BulkBar
                chosen={chosen.length}
                total={list.total ?? 0}
                noun="patches"
                onAll={() => void selectAll()}
                busy={gathering}
                onClear={selection.clear}
              >
                <PatchActions patches={chosen} />
                <PatchActions patches={chosen} uninstall />
              </BulkBar>
            ) : undefined
          }
          end={
            <ViewTools
              all={columns}
              shown={shown}
              density={density}
              exportHref={`/api/v1/patches/export${writeAddress({ ...asked, sort: address.sort })}`}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <QueryBar
            entity="patch"
            label="Patch query"
            placeholder="Search patches and CVEs, or ask: severity:critical and publishedDate>now-30d"
            boxes={{ query, beside: assets }}
            beside={BESIDE}
            error={list.error}
            draft={draft}
            onBoxes={onBoxes}
          />
        </QueryTools>
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
        empty={
          <NoPatches
            query={query}
            assets={assets}
            whole={address.applicable === "all"}
            onClear={() => change({ query: undefined, assets: undefined })}
          />
        }
      />
    </ListPage>
  );
}

function NoPatches(props: { query: string; assets: string; whole: boolean; onClear: () => void }) {
  const { query, assets, whole } = props;
  const may = useMay();
  if (assets || (query && query !== USUAL_PATCHES)) {
    return (
      <Empty title="No patch matches" detail="Nothing in this list fits the query.">
        <Button variant="default" size="xs" onClick={props.onClear}>
          Show what is missing
        </Button>
      </Empty>
    );
  }
  if (whole && !query) {
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
  if (query) {
    return (
      <Empty
        title="Nothing is missing"
        detail="No asset you can see misses a patch. If that is a surprise, look whether feeds are synchronised and assets have scanned."
      >
        <LinkButton to="/patches" search={{ query: "", applicable: "all" }} variant="default" size="xs">
          Show the whole catalog
        </LinkButton>
      </Empty>
    );
  }
  return <Empty title="No patch applies" detail="No patch of the catalog applies to an asset you can see." />;
}
