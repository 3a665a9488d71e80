//! Setting up, logging in and out, and what is said when that does not work.

use crate::harness::Harness;
use crate::terminal::{PASSWORD, Terminal};
use std::os::unix::fs::PermissionsExt;

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_administrator_to_logging_out() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let data = harness.folder().display().to_string();
    let file = terminal.login_file();
    assert_eq!(std::fs::metadata(&file).expect("remembered").permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(&file).expect("readable").contains(PASSWORD));
    assert!(!harness.folder().join("secrets/setup-token").exists(), "the one-time token is left");

    assert!(terminal.run(&["whoami"]).await.fine().out.starts_with("ada (super_user)"));
    terminal.typed(&["setup", "--data", &data, "--name", "eve", "--password-stdin"], PASSWORD).await.fails(1, "fettle login");
    assert_eq!(terminal.json(&["tokens"]).await.as_array().map(Vec::len), Some(1));

    let token = std::fs::read_to_string(&file).expect("readable").lines().find_map(|line| line.strip_prefix("token = ").map(str::to_owned));
    terminal.run(&["logout"]).await.fine();
    assert!(!file.exists());
    terminal.run(&["assets"]).await.fails(1, "fettle login");
    // The token is withdrawn, not only forgotten.
    let token = token.expect("a token").trim_matches('"').to_owned();
    std::fs::write(&file, format!("server = {:?}\ntoken = {token:?}\n", harness.console() + "/")).expect("written");
    terminal.run(&["assets"]).await.fails(1, "fettle login");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_what_to_do() {
    let mut harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let stranger = Terminal::at(&harness);
    stranger.log_in("ada", "wrong horse battery staple").await.fails(1, "what to do");
    assert!(!stranger.login_file().exists(), "a refused login is remembered");
    stranger.run(&["jobs"]).await.fails(1, "you are not logged in");

    for wrong in [&["frobnicate"][..], &["jobs", "create"], &["assets", "--output", "xml"], &["assets", "tag", "x"], &["keys", "create"]] {
        let ended = terminal.run(wrong).await;
        assert_eq!(ended.code, 2, "{wrong:?}: {ended:?}");
    }
    terminal.run(&["assets", "--server", "http://fettle.example"]).await.fails(2, "use https");
    terminal.run(&["assets", "show", "nobody"]).await.fails(1, "there is no asset \"nobody\"");
    terminal.run(&["assets", "os.release:x", "--sort", "nonsense"]).await.fails(1, "sort");
    let unknown = ["jobs", "create", "--install", "--patch", "debian:bookworm:none@1", "--tag", "none"];
    terminal.run(&unknown).await.fails(1, "there is no tag \"none\"");
    terminal.run(&unknown[..5]).await.fails(1, "debian:bookworm:none@1");
    terminal.typed(&["users", "create", "bob", "--role", "patch_reader", "--password-stdin"], "short").await.fails(1, "password");

    // A token is for the server it was made on, and for no other.
    terminal.run(&["assets", "--server", "http://127.0.0.1:1"]).await.fails(1, "you are not logged in to http://127.0.0.1:1");
    harness.stop().await;
    terminal.run(&["assets"]).await.fails(1, "could not reach").fails(1, "fettle doctor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_what_their_role_does_not_allow() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    terminal.typed(&["users", "create", "rick", "--role", "patch_reader", "--everything", "--password-stdin"], PASSWORD).await.fine();
    let rick = Terminal::at(&harness);
    rick.log_in("rick", PASSWORD).await.fine();
    rick.run(&["assets"]).await.fine();
    rick.run(&["users"]).await.fails(1, "fettle whoami");
    rick.run(&["jobs", "create", "--install", "--patch", "x"]).await.fails(1, "role");
    rick.typed(&["users", "password", "--password-stdin"], &format!("{PASSWORD}\nanother battery horse")).await.fine();
    rick.log_in("rick", PASSWORD).await.fails(1, "what to do");
    rick.log_in("rick", "another battery horse").await.fine();
    terminal.run(&["users", "change", "rick", "--disable"]).await.fine();
    rick.run(&["assets"]).await.fails(1, "fettle login");
}
