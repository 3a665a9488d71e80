//! A server with its own certificate authority: whom the command line believes.

use crate::terminal::{PASSWORD, Terminal};
use fettle_server::serve::{self, Parts, Server};
use fettle_server::settings::{ConsoleTls, Settings};
use fettle_server::system::{SystemClock, SystemEntropy};
use std::sync::Arc;

/// A server on HTTPS. Certificates are judged by the real time here, because another program judges them.
async fn https(folder: &std::path::Path) -> Server {
    let settings = Settings { console_tls: ConsoleTls::OwnAuthority, ..crate::harness::settings(folder) };
    let parts = Parts { settings, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
    Box::pin(serve::start(parts)).await.expect("the server starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_authority_is_believed_by_its_fingerprint_or_its_file_and_no_other() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let server = https(folder.path()).await;
    let address = format!("https://localhost:{}", server.console.port());
    let terminal = Terminal::of(&address);
    let data = folder.path().display().to_string();
    // Whoever reads the data folder needs no more to know the server.
    terminal.typed(&["setup", "--data", &data, "--name", "ada", "--password-stdin"], PASSWORD).await.fine();

    let login = ["login", "--name", "ada", "--password-stdin"];
    terminal.typed(&login, PASSWORD).await.fails(2, "no terminal to ask on");
    let wrong = "ab".repeat(32);
    terminal.typed(&[&login[..], &["--pin", &wrong]].concat(), PASSWORD).await.fails(1, "not trusted");
    assert!(!terminal.login_file().exists());

    let doctor = terminal.json_of_any(&["doctor", "--data", &data]).await;
    let pin = doctor
        .as_array()
        .expect("findings")
        .iter()
        .find(|finding| finding["subject"].as_str().is_some_and(|text| text.contains("SHA-256")));
    let pin = pin.expect("the fingerprint")["found"].as_str().expect("text").to_owned();
    terminal.typed(&[&login[..], &["--pin", &pin]].concat(), PASSWORD).await.fine();
    terminal.run(&["whoami"]).await.fine();
    // The name is checked as well as the authority.
    let elsewhere = address.replace("localhost", "localhost.localdomain.example");
    terminal.run(&["whoami", "--server", &elsewhere]).await.fails(1, "not logged in");

    let other = Terminal::of(&address);
    let authority = folder.path().join("secrets/authority.pem").display().to_string();
    other.typed(&[&login[..], &["--ca", &authority]].concat(), PASSWORD).await.fine();
    other.run(&["assets"]).await.fine();
    other.run(&["assets", "--ca", "/dev/null"]).await.fails(2, "no PEM certificates");
    server.stop().await;
}
