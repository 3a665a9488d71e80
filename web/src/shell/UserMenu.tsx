import { Menu, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { IconKey, IconLogout, IconPassword } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { role } from "~/display/words";
import { logOut, useMay, useMe } from "~/entry/session";
import { PasswordDialog } from "./PasswordDialog";
import styles from "./Shell.module.css";

const SCHEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "System" },
];

/** Who is logged in, the colour scheme, the account, log-out. */
export function UserMenu() {
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [password, setPassword] = useState(false);
  const leave = async () => {
    await logOut(client);
    await navigate({ to: "/login" });
  };
  return (
    <>
      <Menu position="right-end" width={250} offset={12}>
        <Menu.Target>
          <button type="button" className={styles.user}>
            <span className="visually-hidden">Account</span>
            <span className={styles.face} aria-hidden>
              {initials(me.name)}
            </span>
            <span className={styles.who}>
              <span>{me.name}</span>
              <span>{role(me.role).label}</span>
            </span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {me.name} · {role(me.role).label}
          </Menu.Label>
          <div style={{ padding: "2px 8px 8px" }}>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-label="Colour scheme"
              data={SCHEMES}
              value={colorScheme}
              onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")}
            />
          </div>
          <Menu.Divider />
          {may("account.manage_own") ? (
            <>
              <Menu.Item
                leftSection={<IconPassword size={16} stroke={1.7} />}
                onClick={() => setPassword(true)}
              >
                Change password
              </Menu.Item>
              <Menu.Item
                leftSection={<IconKey size={16} stroke={1.7} />}
                onClick={() => void navigate({ to: "/configuration/tokens" })}
              >
                API tokens
              </Menu.Item>
              <Menu.Divider />
            </>
          ) : null}
          <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} />} onClick={() => void leave()}>
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <PasswordDialog opened={password} onClose={() => setPassword(false)} />
    </>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  return (words.length > 1 ? `${words[0]?.[0]}${words[1]?.[0]}` : name.slice(0, 2)).toUpperCase();
}
