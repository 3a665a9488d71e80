//! What a manager keeps: tags, keys, users, tokens, feeds.

use crate::harness::Harness;
use crate::terminal::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn tags_keys_tokens_and_feeds_are_made_shown_and_removed() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;

    terminal.run(&["tags", "create", "Sites"]).await.fine();
    terminal.run(&["tags", "create", "Berlin", "--parent", "Sites"]).await.fine();
    assert!(terminal.run(&["tags"]).await.fine().out.contains("Sites/Berlin"));
    terminal.run(&["tags", "rename", "sites/berlin", "Potsdam"]).await.fine();
    assert_eq!(terminal.json(&["tags"]).await[1]["path"], "Sites/Potsdam");

    let made = terminal.run(&["keys", "create", "--title", "Site", "--tag", "Sites/Potsdam", "--limit", "3"]).await.fine();
    assert!(made.out.starts_with("fettle-agent enroll --server https://localhost:"), "{made:?}");
    assert_eq!(made.out.lines().count(), 1, "only the command goes to standard output, so that it can be piped");
    terminal.run(&["keys", "disable", "Site"]).await.fine();
    let keys = terminal.json(&["keys"]).await;
    assert_eq!((&keys[0]["disabled"], &keys[0]["use_limit"]), (&true.into(), &3.into()));
    terminal.run(&["keys", "remove", "Site"]).await.fine();
    assert_eq!(terminal.json(&["keys"]).await.as_array().map(Vec::len), Some(0));

    let token = terminal.run(&["tokens", "create", "ci", "--role", "patch_reader", "--expires", "2026-02-01T00:00:00Z"]).await.fine();
    assert!(token.out.starts_with("ft1_"), "{token:?}");
    terminal.run(&["tokens", "remove", "ci"]).await.fine();

    let source = "https://mirror.example/debian bookworm main";
    let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    terminal
        .run(&["feeds", "add", "--name", "Bookworm", "--release", "debian/bookworm", "--source", source, "--keyring", keyring])
        .await
        .fine();
    terminal.run(&["feeds", "disable", "Bookworm"]).await.fine();
    let csv = terminal.run(&["feeds", "--output", "csv"]).await.fine().out;
    assert!(csv.starts_with("name,release,enabled,") && csv.contains("Bookworm,debian/bookworm,false,"), "{csv}");
    terminal.run(&["catalog", "sync"]).await.fails(1, "fettle feeds");
    let file = terminal.home().join("feed.json");
    let mut feed = terminal.json(&["feeds", "show", "Bookworm"]).await;
    terminal.run(&["feeds", "remove", "Bookworm"]).await.fine();
    feed.as_object_mut().expect("an object").retain(|field, _| ["name", "config"].contains(&field.as_str()));
    std::fs::write(&file, feed.to_string()).expect("written");
    terminal.run(&["feeds", "add", "--from", &file.display().to_string()]).await.fine();
    assert_eq!(terminal.json(&["feeds"]).await[0]["name"], "Bookworm");
    terminal.run(&["feeds", "add-microsoft", "--name", "Windows", "--source", "/srv/msrc"]).await.fine();
    let windows = terminal.json(&["feeds", "show", "Windows"]).await;
    assert_eq!((&windows["config"]["kind"], &windows["config"]["source"]), (&"microsoft".into(), &"/srv/msrc".into()));
    terminal.run(&["feeds", "add-winget", "--manifests", "/srv/manifests", "--package", "7zip.7zip", "Mozilla.*"]).await.fine();
    terminal
        .run(&["feeds", "add-rpm", "--name", "Rocky", "--release", "rocky/9", "--repository", "/srv/base", "/srv/updates"])
        .await
        .fine();
    terminal
        .run(&["feeds", "add-rpm", "--name", "R", "--release", "rocky/9", "--repository", "http://mirror.example/base"])
        .await
        .fails(1, "give the keyring that signs it");
    terminal.run(&["feeds", "add-microsoft", "--name", "W", "--since", "last year"]).await.fails(1, "give a day, such as 2023-01-01");
    terminal.run(&["tags", "remove", "Sites/Potsdam"]).await.fine();
}

#[tokio::test(flavor = "multi_thread")]
async fn mirrors_are_made_changed_and_removed_and_locations_listed() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let (from, to) = ("https://download.example/", "https://mirror.example/d/");
    terminal.run(&["mirrors", "add", "--name", "Inside", "--from", from, "--to", to]).await.fine();
    let digest = "ab".repeat(32);
    terminal.run(&["mirrors", "add", "--name", "One", "--sha256", &digest, "--to", "http://b.example/x", "--plain-http"]).await.fine();
    let list = terminal.run(&["mirrors", "--output", "csv"]).await.fine().out;
    assert!(list.contains(&format!("Inside,{from},{to},true,false,")) && list.contains(&format!("One,sha256 {digest},")), "{list}");
    terminal.run(&["mirrors", "edit", "inside", "--to", "https://other.example/", "--name", "Outside"]).await.fine();
    assert_eq!(terminal.json(&["mirrors", "show", "Outside"]).await["rule"]["from"], from);
    terminal.run(&["mirrors", "edit", "Outside"]).await.fails(2, "say what to change");
    terminal.run(&["mirrors", "edit", "One", "--from", from]).await.fails(2, "only --to");
    terminal.run(&["mirrors", "edit", "One", "--plain-http", "no"]).await.fails(1, "https://");
    terminal.run(&["mirrors", "disable", "Outside"]).await.fine();
    assert_eq!(terminal.json(&["mirrors", "show", "Outside"]).await["enabled"], false);
    terminal.run(&["mirrors", "remove", "Outside"]).await.fine();
    terminal.run(&["mirrors", "show", "Outside"]).await.fails(1, "fettle mirrors");
    let locations = terminal.json(&["catalog", "download-locations", "--purpose", "server", "--sort", "-patches"]).await;
    assert_eq!((locations[0]["host"].as_str(), locations[0]["purpose"].as_str()), (Some("localhost"), Some("server")));
    let file = terminal.home().join("hosts.csv").display().to_string();
    terminal.run(&["catalog", "download-locations", "localhost", "--export", &file]).await.fine();
    assert!(std::fs::read_to_string(&file).expect("written").starts_with("scheme,host,port,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_tags_with_queries_are_kept() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    harness.enrolled("web-1").await;

    terminal.run(&["searches", "save", "Urgent", "online:yes", "--beside", "kev:yes"]).await.fine();
    terminal.run(&["searches", "save", "urgent", "online:no"]).await.fine();
    let kept = terminal.json(&["searches"]).await;
    assert_eq!((kept.as_array().map(Vec::len), &kept[0]["query"], &kept[0]["beside"]), (Some(1), &"online:no".into(), &"".into()));
    terminal.run(&["searches", "save", "Wrong", "onlin:no"]).await.fails(2, "did you mean");
    terminal.run(&["searches", "save", "Failed", "status:failed", "--of", "result"]).await.fine();
    assert_eq!(terminal.json(&["searches", "--of", "result"]).await[0]["name"], "Failed");
    terminal.run(&["searches", "delete", "Failed"]).await.fails(1, "fettle searches");
    terminal.run(&["searches", "delete", "Urgent"]).await.fine();

    terminal.run(&["tags", "create", "Web", "--query", "name:web*"]).await.fine();
    assert_eq!(terminal.json(&["tags"]).await[0]["assets"], 1);
    terminal.run(&["tags", "query", "Web", "nmae:web"]).await.fails(2, "did you mean");
    assert!(terminal.run(&["tags", "query", "Web", "name:db*"]).await.fine().out.contains("0 assets"));
    assert!(terminal.run(&["tags", "query", "Web"]).await.fine().out.contains("assigned by hand"));
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_patches_are_made_changed_and_removed() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let file = terminal.home().join("tool.deb");
    std::fs::write(&file, crate::harness::samples::deb("tool", "2.1-1")).expect("written");
    let file = file.display().to_string();
    terminal.run(&["custom-patches", "add", &file]).await.fails(1, "details.release");
    let said = ["--release", "debian/bookworm", "--severity", "critical", "--cve", "CVE-2026-1", "--category", "security"];
    terminal.run(&[&["custom-patches", "add", &file], &said[..]].concat()).await.fails(1, "CVE-2026-1234");
    let said = ["--release", "debian/bookworm", "--title", "Our tool", "--cve", "CVE-2026-1234", "--category", "security"];
    let made = terminal.run(&[&["custom-patches", "add", &file], &said[..]].concat()).await.fine().out;
    assert!(made.starts_with("Added Our tool as custom:"), "{made}");
    let list = terminal.run(&["custom-patches", "--output", "csv"]).await.fine().out;
    assert!(list.contains("Our tool,deb,tool.deb,"), "{list}");
    terminal.run(&["custom-patches", "edit", "our tool"]).await.fails(2, "say what to change");
    terminal.run(&["custom-patches", "edit", "our tool", "--severity", "important", "--advisory", "https://example.org/1"]).await.fine();
    terminal.run(&["custom-patches", "disable", "Our tool"]).await.fine();
    let shown = terminal.json(&["custom-patches", "show", "Our tool"]).await;
    assert_eq!(
        (&shown["details"]["severity"], &shown["enabled"], &shown["file"]["name"]),
        (&"important".into(), &false.into(), &"tool".into())
    );
    terminal.run(&["custom-patches", "remove", "Our tool"]).await.fine();
    let nothing = terminal.home().join("nothing.exe").display().to_string();
    terminal.run(&["custom-patches", "add", &nothing]).await.fails(1, "could not read");
    std::fs::write(&nothing, "no program").expect("written");
    terminal.run(&["custom-patches", "add", &nothing]).await.fails(1, "MSI package");
}
