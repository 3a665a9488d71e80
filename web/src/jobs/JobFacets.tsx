import { useQueries } from "@tanstack/react-query";
import { jobKind, jobStatus } from "~/display/words";
import { useMe } from "~/entry/session";
import { Facets, pickedOf } from "~/list/Facets";
import { useNaming } from "~/query/naming";
import { both, exactly, hasTerm, toggleTerm, withoutField } from "~/query/terms";
import { jobCountQuery } from "./queries";

const STATUSES = ["enabled", "disabled", "completed", "partially_configured"];
const KINDS = ["install", "uninstall"];

/** What the list of jobs can be narrowed by. */
export function JobFacets(props: { query: string; onPick: (change: (query: string) => string) => void }) {
  const { query } = props;
  const { name } = useMe();
  const { naming } = useNaming("job");
  const fields = [
    {
      field: "status",
      title: "Status",
      values: STATUSES.map((value) => ({ term: `status:${value}`, label: jobStatus(value).label })),
    },
    {
      field: "type",
      title: "Kind",
      values: KINDS.map((value) => ({ term: `type:${value}`, label: jobKind(value).label })),
    },
    { field: "owner", title: "Owner", values: [{ term: exactly("owner", name), label: "Mine" }] },
    {
      field: "coAuthor",
      title: "Co-author",
      values: [{ term: exactly("coAuthor", name), label: "Co-authored by me" }],
    },
  ];
  // A field counts the list without what is chosen of it, so that its other values stay there to be chosen too.
  const counts = useQueries({
    queries: fields.flatMap(({ field, values }) =>
      values.map(({ term }) => jobCountQuery(both(withoutField(query, field, naming), term))),
    ),
  });
  const known = counts.every(({ data }) => data !== undefined);
  const failed = counts.some(({ data, error }) => error && data === undefined);
  const numbers = counts.map(({ data }) => data);
  const groups = fields.map(({ field, title, values }) => {
    const options = values.map(({ term, label }) => ({ value: term, label, count: numbers.shift() }));
    const chosen = options.map(({ value }) => value).filter((term) => hasTerm(query, term, naming));
    return { id: field, title, options: known ? options : undefined, chosen };
  });
  return (
    <Facets
      groups={failed ? [] : groups}
      onChange={(id, values) => {
        const group = groups.find((one) => one.id === id);
        const term = group && pickedOf(group, values);
        if (term) props.onPick((before) => toggleTerm(before, term, { naming }));
      }}
    />
  );
}
