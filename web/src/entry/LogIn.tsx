import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { Refusal } from "~/display/states";
import { Entry } from "./Entry";
import { logIn } from "./session";

const route = getRouteApi("/login");

/** Log-in; afterwards the page that was wanted is shown. */
export function LogIn() {
  const client = useQueryClient();
  const router = useRouter();
  const { back } = route.useSearch();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => logIn(client, name.trim(), password),
    onSuccess: () => router.history.push(back ?? "/assets"),
    onError: () => setPassword(""),
  });
  return (
    <Entry title="Log in" lead="With your Fettle account." onSubmit={() => attempt.mutate()}>
      <Refusal error={attempt.error} />
      <TextInput
        label="Name"
        name="username"
        autoComplete="username"
        autoFocus
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={attempt.isPending} disabled={!name.trim() || !password}>
        Log in
      </Button>
    </Entry>
  );
}
