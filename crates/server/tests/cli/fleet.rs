//! Looking at assets and patches, and operating assets.

use crate::harness::Harness;
use crate::harness::samples::{bookworm, patch};
use crate::terminal::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn assets_and_patches_are_found_shown_and_exported() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let machine = harness.enrolled("web-1.corp.example").await;
    machine.scan_fully(&bookworm("web-1.corp.example", &[("curl", "7.88.1-10"), ("bash", "5.2.15-2")])).await.expect("scanned");
    let feed = harness.feed("bookworm").await;
    let curl = patch("curl", "7.88.1-10+deb12u5", Some("7.88.1-10"));
    harness.import(feed, &[curl, patch("nginx", "1.22.1-9", None)]).await;

    let assets = terminal.json(&["assets"]).await;
    assert_eq!((&assets[0]["name"], &assets[0]["latest_missing"]), (&"web-1.corp.example".into(), &1.into()));
    // The name before the domain is enough.
    let shown = terminal.run(&["assets", "show", "web-1"]).await.fine().out;
    assert!(shown.contains("1 not superseded, 1 of them security"), "{shown}");
    assert!(terminal.run(&["assets", "packages", "web-1"]).await.fine().out.contains("5.2.15-2"));
    assert!(terminal.run(&["assets", "patches", "web-1", "--status", "missing"]).await.fine().out.contains("curl 7.88.1-10+deb12u5"));
    assert_eq!(terminal.json(&["assets", "nothing-like-it"]).await.as_array().map(Vec::len), Some(0));
    assert!(terminal.run(&["assets", "export"]).await.fine().out.contains("web-1.corp.example"));
    let file = terminal.home().join("assets.csv");
    terminal.run(&["assets", "export", "--file", &file.display().to_string()]).await.fine();
    assert!(std::fs::read_to_string(&file).expect("written").contains("web-1.corp.example"));

    let id = "debian:bookworm:curl@7.88.1-10+deb12u5";
    assert_eq!(terminal.json(&["patches"]).await[0]["id"], id);
    assert_eq!(terminal.json(&["patches", "--all"]).await.as_array().map(Vec::len), Some(2));
    assert_eq!(terminal.json(&["patches", "title:curl", "--assets", "name:web*"]).await.as_array().map(Vec::len), Some(1));
    assert!(terminal.run(&["patches", "show", id]).await.fine().out.contains("missing on"));
    assert!(terminal.run(&["patches", "assets", id]).await.fine().out.contains("web-1.corp.example"));
    assert!(terminal.run(&["patches", "export"]).await.fine().out.contains(id));

    terminal.run(&["tags", "create", "Pilot"]).await.fine();
    assert!(terminal.run(&["assets", "tag", "web-1", "--add", "pilot"]).await.fine().out.contains("now carries Pilot"));
    assert_eq!(terminal.json(&["assets", "tags.name:Pilot"]).await.as_array().map(Vec::len), Some(1));
    assert!(terminal.run(&["assets", "tag", "web-1", "--remove", "Pilot"]).await.fine().out.contains("no tags"));
    terminal.run(&["assets", "scan", "web-1"]).await.fine();
    terminal.run(&["assets", "remove", "web-1"]).await.fails(2, "no terminal to ask on");
    terminal.run(&["assets", "remove", "web-1", "--yes"]).await.fine();
    assert_eq!(terminal.json(&["assets"]).await.as_array().map(Vec::len), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_asked_by_query_counted_and_explained() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let machine = harness.enrolled("web-1.corp.example").await;
    machine.scan_fully(&bookworm("web-1.corp.example", &[("curl", "7.88.1-10")])).await.expect("scanned");
    harness.enrolled("new").await;
    let feed = harness.feed("bookworm").await;
    harness.import(feed, &[patch("curl", "7.88.1-10+deb12u5", None)]).await;
    let id = "debian:bookworm:curl@7.88.1-10+deb12u5";

    let missing = terminal.run(&["assets", "--patches", "title:curl"]).await.fine();
    assert!(missing.out.contains("web-1.corp.example") && !missing.out.contains("new"), "{missing:?}");
    assert!(missing.err.contains("Nobody knows about 1 asset more"), "{missing:?}");
    let unknown = terminal.run(&["assets", "--patches", "title:curl", "--unknown"]).await.fine();
    assert!(unknown.out.contains("new") && !unknown.out.contains("web-1.corp.example"), "{unknown:?}");
    assert_eq!(terminal.run(&["assets", "missing:*", "--unknown", "--count"]).await.fine().out, "1\n");
    assert_eq!(terminal.run(&["assets", "os.family:linux", "--count"]).await.fine().out, "1\n");
    let counted = terminal.json(&["assets", "missing:*", "--count"]).await;
    assert_eq!((&counted["total"], &counted["unknown"]), (&1.into(), &1.into()));
    assert_eq!(terminal.json(&["assets", "--patches", "title:curl", "--installed"]).await.as_array().map(Vec::len), Some(0));
    let names = terminal.run(&["assets", "--sort=-name", "--limit", "1", "--output", "csv"]).await.fine().out;
    assert!(names.lines().nth(1).is_some_and(|line| line.starts_with("web-1")) && names.lines().count() == 2, "{names}");
    let facets = terminal.run(&["assets", "--facets"]).await.fine().out;
    assert!(facets.contains("scanStatus:never_scanned") && facets.contains("missing.vendorSeverity"), "{facets}");
    assert!(terminal.run(&["patches", "--facets"]).await.fine().out.contains("category:security"));
    assert_eq!(terminal.run(&["patches", "", "--all", "--count"]).await.fine().out, "1\n");

    let wrong = terminal.run(&["assets", "nmae:web"]).await.fails(2, "did you mean");
    assert!(wrong.err.contains("1 | nmae:web") && wrong.err.contains('^') && wrong.out.is_empty(), "{wrong:?}");
    terminal.run(&["patches", "--assets", "(("]).await.fails(2, "^");
    terminal.run(&["assets", "--installed"]).await.fails(2, "--patches");
    terminal.run(&["query", "explain", "nmae:web"]).await.fails(2, "did you mean");
    let explained = terminal.run(&["query", "explain", "name:web* and missing.kev:yes"]).await.fine().out;
    assert!(explained.lines().count() > 1, "{explained}");
    assert!(terminal.run(&["query", "fields", "--of", "patch"]).await.fine().out.contains("vendorSeverity"));

    let why = terminal.run(&["why", "web-1", id]).await.fine().out;
    assert!(why.contains("web-1.corp.example") && why.contains("7.88.1-10+deb12u5"), "{why}");
    assert_eq!(terminal.json(&["why", "web-1", id]).await["status"], "missing");
    terminal.run(&["why", "web-1", "debian:bookworm:none"]).await.fails(1, "Not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_made_looked_at_and_deleted() {
    let harness = Harness::start().await;
    let terminal = Terminal::administrator(&harness).await;
    let machine = harness.enrolled("web-1").await;
    machine.scan_fully(&bookworm("web-1", &[("curl", "7.88.1-10")])).await.expect("scanned");
    let feed = harness.feed("bookworm").await;
    harness.import(feed, &[patch("curl", "7.88.1-10+deb12u5", None)]).await;
    let id = "debian:bookworm:curl@7.88.1-10+deb12u5";

    let half = terminal.run(&["jobs", "create", "--install", "--patch", id, "--name", "Half"]).await.fine();
    assert!(half.out.contains("cannot be enabled yet"), "{half:?}");
    terminal.run(&["jobs", "enable", "Half"]).await.fails(1, "what to do");
    terminal.run(&["jobs", "watch", "Half"]).await.fails(1, "has not run yet");

    let file = terminal.home().join("job.toml");
    let text = format!(
        "name = 'From file'\nkind = 'install'\npatches = ['{id}']\n[assets]\ninclude_assets = ['web-1']\n[schedule]\ntype = 'on_demand'\n"
    );
    std::fs::write(&file, text).expect("written");
    terminal.run(&["jobs", "create", "--from", &file.display().to_string()]).await.fine();
    let preview = terminal.run(&["jobs", "preview", "From file"]).await.fine().out;
    assert!(preview.starts_with("1 asset would be patched.") && preview.contains("curl 7.88.1-10+deb12u5"), "{preview}");
    assert!(terminal.run(&["jobs", "show", "From file"]).await.fine().out.contains("on demand"));
    terminal.run(&["jobs", "clone", "From file"]).await.fine();
    assert_eq!(terminal.json(&["jobs"]).await.as_array().map(Vec::len), Some(3));
    assert_eq!(terminal.json(&["jobs", "--status", "partially_configured"]).await[0]["name"], "Half");
    // Nobody carries it out: watching gives up, and cancelling ends it.
    terminal.run(&["jobs", "enable", "From file"]).await.fine();
    terminal.run(&["jobs", "watch", "From file", "--timeout", "1"]).await.fails(1, "it goes on");
    terminal.run(&["jobs", "cancel", "From file"]).await.fine();
    let watched = terminal.run(&["jobs", "watch", "From file", "--timeout", "30"]).await;
    assert_eq!(watched.code, 1, "{watched:?}");
    assert!(watched.out.contains("1 cancelled"), "{watched:?}");
    terminal.run(&["jobs", "delete", "Half", "--yes"]).await.fine();
}
