import { Link } from "@tanstack/react-router";
import { Tabs } from "~/display/Page";

/** Jobs, and what became of them. */
export function JobTabs() {
  return (
    <Tabs label="Jobs and results">
      <Link to="/jobs" activeOptions={{ exact: true, includeSearch: false }}>
        Jobs
      </Link>
      <Link to="/jobs/results" activeOptions={{ includeSearch: false }}>
        Results
      </Link>
    </Tabs>
  );
}
