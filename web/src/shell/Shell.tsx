import {
  IconBug,
  IconChecklist,
  IconDeviceDesktop,
  IconSettings,
  IconShieldCheck,
} from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Brand } from "./Brand";
import styles from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

const PLACES = [
  { to: "/assets", label: "Assets", Icon: IconDeviceDesktop },
  { to: "/patches", label: "Patches", Icon: IconShieldCheck },
  { to: "/vulnerabilities", label: "Vulnerabilities", Icon: IconBug },
  { to: "/jobs", label: "Jobs", Icon: IconChecklist },
  { to: "/configuration", label: "Configuration", Icon: IconSettings },
] as const;

/** The frame around every page behind the log-in. */
export function Shell() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);

  // After going to another page the keyboard starts there, and a screen reader says where one is.
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <nav className={styles.rail} aria-label="Main">
        <Link to="/assets" className={styles.brand} aria-label="Fettle, assets">
          <Brand size={24} />
          <span className={styles.word}>Fettle</span>
        </Link>
        <ul className={styles.places}>
          {PLACES.map(({ to, label, Icon }) => (
            <li key={to}>
              <Link
                to={to}
                className={styles.place}
                data-active={path.startsWith(to) || undefined}
                aria-label={label}
                title={label}
              >
                <Icon size={19} stroke={1.7} aria-hidden />
                <span className={styles.word}>{label}</span>
              </Link>
            </li>
          ))}
        </ul>
        <UserMenu />
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
    </div>
  );
}
