import { Button, SegmentedControl, Switch } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import type { AssetRow } from "~/api/model";
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
import { both, hasTerm, toggleTerm } from "~/query/terms";
import { Unknown, UnknownOnly } from "~/query/Unknown";
import { useFacets } from "~/query/useFacets";
import { AssetActions } from "./AssetActions";
import { type AssetsAddress, assetsAsked, LATEST } from "./address";
import { assetColumns } from "./columns";
import { assetFacets, assetsPage } from "./queries";

const route = getRouteApi("/app/assets");
const idOf = (row: AssetRow) => row.id;

/** All assets the reader may see, as far as a query goes. */
export function AssetsPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const { query = "", patches = "", status = "missing" } = address;
  const change = useCallback(
    (patch: Partial<AssetsAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onBoxes = ({ query, beside }: Partial<Boxes>) =>
    change({
      ...(query === undefined ? {} : { query: query || undefined }),
      ...(beside === undefined ? {} : { patches: beside || undefined }),
      ...(beside === "" ? { status: undefined } : {}),
    });
  const selection = useSelection(idOf);
  const asked = assetsAsked(address);
  const list = useCursorList<AssetRow>(
    ["assets", "list", asked, address.sort],
    (at, signal) => assetsPage(address, at, undefined, signal),
    { refetchInterval: 30_000 },
  );
  const [gathering, setGathering] = useState(false);
  const selectAll = async () => {
    setGathering(true);
    try {
      selection.set(await everyRow((at) => assetsPage(address, at, 1000)));
    } catch (error) {
      notifyProblem(error);
    } finally {
      setGathering(false);
    }
  };
  const selectable = may("asset.operate") || may("job.create");
  const { shown, place } = useColumns(assetColumns, address.cols, selectable);
  const density = address.density ?? usualDensity();
  const { naming } = useNaming("asset");
  const draft = useRef(query);
  const groups = useFacets({
    query,
    naming,
    list,
    key: ["assets", "facets", patches, patches ? status : "", address.truth ?? ""],
    fetch: (text, version, signal) => assetFacets({ ...address, query: text || undefined }, version, signal),
  });

  const beside: Beside = {
    entity: "patch",
    label: "Patch query",
    placeholder: "Patches they miss or have: severity:critical",
    add: "Add a patch query",
    parameter: "patches",
    join: (
      <div className={queryStyles.join}>
        <SegmentedControl
          size="xs"
          aria-label="Patches that are"
          value={status}
          data={[
            { value: "missing", label: "Missing" },
            { value: "installed", label: "Installed" },
          ]}
          onChange={(value) => change({ status: value === "installed" ? value : undefined })}
        />
        <Switch
          size="xs"
          label="Latest only"
          checked={hasTerm(patches, LATEST)}
          onChange={() => change({ patches: toggleTerm(patches, LATEST, { single: true }) || undefined })}
        />
      </div>
    ),
  };

  return (
    <ListPage
      title="Assets"
      place={place}
      total={list.total}
      aside={
        <>
          <Unknown
            unknown={list.unknown}
            link={{ to: "/assets", search: (before) => ({ ...before, truth: "unknown" }) }}
          />
          <UnknownOnly shown={address.truth === "unknown"} onCertain={() => change({ truth: undefined })} />
        </>
      }
      actions={
        may("configuration.manage") ? (
          <LinkButton to="/configuration/keys" variant="default">
            Add assets
          </LinkButton>
        ) : null
      }
      facets={
        <Facets
          groups={groups}
          onChange={(id, values) => {
            const group = groups?.find((one) => one.id === id);
            const term = group && pickedOf(group, values);
            if (term)
              change({
                query: toggleTerm(draft.current, term, { naming, single: group.single }) || undefined,
              });
          }}
        />
      }
      tools={
        <QueryTools
          bulk={
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
            ) : undefined
          }
          end={
            <ViewTools
              all={assetColumns}
              shown={shown}
              density={density}
              exportHref={`/api/v1/assets/export${writeAddress({ ...asked, sort: address.sort })}`}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <QueryBar
            entity="asset"
            label="Asset query"
            placeholder="Search assets, or ask: missing.severity:critical and os:debian"
            boxes={{ query, beside: patches }}
            kept={
              status === "installed" && patches
                ? { query: both(query, `installed:(${patches})`), beside: "" }
                : undefined
            }
            beside={beside}
            error={list.error}
            draft={draft}
            onBoxes={onBoxes}
          />
        </QueryTools>
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
        empty={
          <NoAssets
            asked={query !== "" || patches !== "" || address.truth !== undefined}
            unknown={list.unknown}
            certain={address.truth !== "unknown"}
            onClear={() =>
              change({ query: undefined, patches: undefined, status: undefined, truth: undefined })
            }
          />
        }
      />
    </ListPage>
  );
}

function NoAssets(props: { asked: boolean; unknown: number; certain: boolean; onClear: () => void }) {
  const { asked, unknown, certain, onClear } = props;
  const may = useMay();
  if (asked) {
    return (
      <Empty
        title={certain ? "No asset matches" : "Nothing is unknown"}
        detail={
          !certain
            ? "Of every asset you can see it is known whether the query holds."
            : unknown
              ? "Of those with a good scan none fits. What the unknown ones miss nobody can say."
              : "Nothing you can see fits the query."
        }
      >
        <Button variant="default" size="xs" onClick={onClear}>
          Show all assets
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
