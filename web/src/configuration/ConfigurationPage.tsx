import {
  IconActivity,
  IconCopy,
  IconFileUpload,
  IconKey,
  IconListSearch,
  IconRss,
  IconTags,
  IconTicket,
  IconUsers,
  IconWorldDownload,
} from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { useMay } from "~/entry/session";
import styles from "./Configuration.module.css";

/** Pages about the installation itself, as far as the reader may. */
export function ConfigurationPage() {
  const may = useMay();
  const manage = may("configuration.manage");
  const places = [
    { to: "/configuration/keys", label: "Activation keys", Icon: IconKey, shown: manage },
    { to: "/configuration/tags", label: "Tags", Icon: IconTags, shown: may("fleet.view") },
    { to: "/configuration/feeds", label: "Feeds", Icon: IconRss, shown: manage },
    { to: "/configuration/custom-patches", label: "Custom patches", Icon: IconFileUpload, shown: manage },
    { to: "/configuration/mirrors", label: "Mirrors", Icon: IconCopy, shown: manage },
    {
      to: "/configuration/download-locations",
      label: "Download locations",
      Icon: IconWorldDownload,
      shown: may("fleet.view"),
    },
    { to: "/configuration/users", label: "Users", Icon: IconUsers, shown: may("administer") },
    { to: "/configuration/tokens", label: "API tokens", Icon: IconTicket, shown: may("account.manage_own") },
    {
      to: "/configuration/audit",
      label: "Audit log",
      Icon: IconListSearch,
      shown: may("administer"),
    },
    { to: "/configuration/status", label: "Status", Icon: IconActivity, shown: may("fleet.view") },
  ] as const;
  return (
    <div className={styles.layout}>
      <nav className={styles.nav} aria-label="Configuration">
        <h2>Configuration</h2>
        <ul>
          {places
            .filter(({ shown }) => shown)
            .map(({ to, label, Icon }) => (
              <li key={to}>
                <Link to={to} activeProps={{ "aria-current": "page" }}>
                  <Icon size={17} stroke={1.7} aria-hidden />
                  {label}
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <div className={styles.place}>
        <Outlet />
      </div>
    </div>
  );
}
