import { Button } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import type { CustomPatch } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { Empty } from "~/display/states";
import { DataTable } from "~/list/DataTable";
import { usualDensity } from "~/list/density";
import { ListPage, Tools, ViewTools } from "~/list/ListPage";
import { SearchBox } from "~/list/SearchBox";
import { useColumns } from "~/list/useColumns";
import { useCursorList } from "~/list/useCursorList";
import type { CustomPatchesAddress } from "./address";
import { customColumns } from "./columns";
import { customPatchesPage } from "./queries";

const route = getRouteApi("/app/configuration/custom-patches");

/** Patches that were made of uploaded files. */
export function CustomPatchesPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (patch: Partial<CustomPatchesAddress>) =>
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: true }),
    [navigate],
  );
  const onSearch = useCallback((text: string) => change({ q: text || undefined }), [change]);
  const { q = "", sort } = address;
  const list = useCursorList<CustomPatch>(["custom-patches", "list", q, sort], (at, signal) =>
    customPatchesPage(address, at, signal),
  );
  const { shown, place } = useColumns(customColumns, address.cols, false);
  const density = address.density ?? usualDensity();
  const add = (
    <LinkButton
      to="/configuration/custom-patches/new"
      leftSection={<IconUpload size={16} stroke={1.8} aria-hidden />}
    >
      Upload a patch
    </LinkButton>
  );
  return (
    <ListPage
      title="Custom patches"
      place={place}
      total={list.total}
      actions={add}
      tools={
        <Tools
          end={
            <ViewTools
              all={customColumns}
              shown={shown}
              density={density}
              onColumns={(cols) => change({ cols })}
              onDensity={(next) => change({ density: next })}
            />
          }
        >
          <SearchBox value={q} label="Search titles, products, files" onChange={onSearch} />
        </Tools>
      }
    >
      <DataTable
        label="Custom patches"
        columns={shown}
        list={list}
        rowId={(row) => row.id}
        rowName={(row) => row.details.title}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        density={density}
        empty={
          q ? (
            <Empty title="No custom patch matches">
              <Button variant="default" size="xs" onClick={() => change({ q: undefined })}>
                Show all
              </Button>
            </Empty>
          ) : (
            <Empty
              title="No custom patches"
              detail="Upload an MSI package, a program for Windows, a deb or an rpm of your own. It is then missing where an older version is installed."
            >
              {add}
            </Empty>
          )
        }
      />
    </ListPage>
  );
}
