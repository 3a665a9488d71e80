import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { byField, Problem } from "~/api/problem";
import { LinkButton } from "~/display/LinkButton";
import { Notice, Refusal } from "~/display/states";
import { Entry } from "./Entry";
import { LEAST_PASSWORD, passwordComplaint } from "./password";
import { setUp, setupQuery } from "./session";

/** Makes the first administrator, with the one-time token of the link the server printed. */
export function SetUp() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: needed } = useQuery(setupQuery);
  // The token stands behind #, so that it reaches no server log.
  const [token] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const attempt = useMutation({
    mutationFn: () => setUp(client, token, name.trim(), password),
    onSuccess: () => navigate({ to: "/assets" }),
  });
  const complaint = passwordComplaint(password, again);
  const refused = attempt.error instanceof Problem ? byField(attempt.error) : {};

  if (needed === false) {
    return (
      <Entry title="Already set up" lead="This installation has its administrator; the link has been used.">
        <LinkButton to="/login">Log in</LinkButton>
      </Entry>
    );
  }
  if (!token) {
    return (
      <Entry title="Welcome to Fettle" lead="The first administrator is made with a one-time link.">
        <Notice tone="busy">
          The server prints it when it starts, after the words <strong>First administrator</strong>. Open that
          link here. If it is lost, start the server again: every start makes a new one.
        </Notice>
      </Entry>
    );
  }
  const submit = () => {
    setTried(true);
    if (name.trim() && !complaint) attempt.mutate();
  };
  return (
    <Entry
      title="Make the first administrator"
      lead="This account may do everything. More accounts can be added later."
      onSubmit={submit}
    >
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
        error={refused.name ?? (tried && !name.trim() ? "Choose a name to log in with." : undefined)}
      />
      <PasswordInput
        label="Password"
        name="password"
        description={`At least ${LEAST_PASSWORD} characters. A sentence works well.`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={refused.password ?? (tried && complaint?.of === "password" ? complaint.message : undefined)}
      />
      <PasswordInput
        label="Password again"
        name="password-again"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={tried && complaint?.of === "again" ? complaint.message : undefined}
      />
      <Button type="submit" loading={attempt.isPending}>
        Create administrator
      </Button>
    </Entry>
  );
}
