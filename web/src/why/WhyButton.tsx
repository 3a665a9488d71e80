import { ActionIcon, Tooltip } from "@mantine/core";
import { IconZoomQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Column } from "~/list/column";

/** Opens the explanation of one row; it is a link, as what it opens stands in the address. */
function WhyButton({ of, name }: { of: string; name: string }) {
  return (
    <Tooltip label="Why?">
      <ActionIcon
        component={Link}
        // The rest of the address stays as it is.
        {...({ to: ".", search: (before: object) => ({ ...before, why: of }), replace: true } as object)}
        variant="subtle"
        color="gray"
        size={28}
        aria-label={`Why? ${name}`}
      >
        <IconZoomQuestion size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}

/** The column that leads to the explanation of a row. */
export function whyColumn<T>(of: (row: T) => string, name: (row: T) => string): Column<T> {
  return {
    id: "why",
    title: "Why",
    width: 52,
    fixed: true,
    quiet: true,
    cell: (row) => <WhyButton of={of(row)} name={name(row)} />,
  };
}
