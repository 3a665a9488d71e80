//! What people are told about queries that cannot be read.

use fettle_query::{QueryError, parse, render};

/// All errors of some texts, as a terminal shows them.
fn told(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let error = parse(text).err();
        assert!(error.is_some(), "this can be read: {text}");
        if let Some(error) = error {
            suggestions_lead_somewhere(text, &error);
            out.push_str(&render(&error, text));
            out.push_str("\n\n");
        }
    }
    out
}

/// Taking one suggestion after the other ends with a query, or with an error that nobody can guess an answer to.
fn suggestions_lead_somewhere(text: &str, error: &QueryError) {
    let mut text = text.to_owned();
    let mut error = Some(error.clone());
    let mut taken = 0;
    while let Some(QueryError { place, suggestion: Some(suggestion), .. }) = error {
        assert!(taken < 8, "this goes on and on: {text}");
        text.replace_range(place.start..place.end, &suggestion);
        error = parse(&text).err();
        taken += 1;
    }
}

#[test]
fn quotes() {
    insta::assert_snapshot!(told(&[
        r#"name:"web server"#,
        r#"name:""#,
        "name:`web and os.name:debian",
        r#"path:"C:\temp\""#,
        r#"path:"C:\temp\"#,
        "name:'web server'",
        "'web server'",
        "name:'web",
        "name:“web server” and a",
        "name:\"web\"server",
        "name:\"web\"\"server\"",
        "\"name\":web",
        "\"two words\" = 3",
    ]));
}

#[test]
fn parentheses() {
    insta::assert_snapshot!(told(&[
        "(a and (b or c)",
        "missing:(severity:critical and name:[a, b",
        "missing:((a",
        "a)",
        "a and (b or c))",
        "()",
        "a and (",
        "missing:()",
        "missing:( )",
        "missing:",
        "title:KB5001(x86)",
        "title:KB5001(x86",
        "name]",
        "missing:(and)",
    ]));
}

#[test]
fn joining_words() {
    insta::assert_snapshot!(told(&[
        "a and",
        "a or ",
        "not",
        "and a",
        "or",
        "a and and b",
        "a and or b",
        "a or and b",
        "not and b",
        "(a and) or b",
        "(or a)",
        "a && b",
        "a&&b||c",
        "a & b",
        "!a",
        "a and !(b)",
        "a, b",
        "a; b",
        "-windows",
        "+web -db",
        "web?",
        "[a, b]",
    ]));
}

#[test]
fn operators() {
    insta::assert_snapshot!(told(&[
        "name:",
        "name: and severity:x",
        "name:and",
        "name = or",
        "name:not web",
        "name == web",
        "count => 5",
        "count =< 5",
        "count > = 5",
        "count:>5",
        "count = = 5",
        "count >> 5",
        "name != web",
        "name <> web",
        "a and name!=web",
        "5 < count",
        "1 < count < 5",
        ":web",
        "web :",
        "name::web",
        "name: :web",
        "> 5",
        "fe80::1 :web",
        "count>[1 .. 5]",
        "count<(1 .. 5)",
        "name：web",
        "name:web\u{200b}server",
    ]));
}

#[test]
fn nulls() {
    insta::assert_snapshot!(told(&[
        "name is nul",
        "name is",
        "name is not",
        "name is not nul",
        "name is empty",
        "name is web",
        "name is \"web server\"",
        "name is not web",
        "name:null",
        "name = NULL",
        "name != null",
        "name null",
        "name not null",
        "null",
        "is null",
        "name is not not null",
    ]));
}

#[test]
fn ranges_and_lists() {
    insta::assert_snapshot!(told(&[
        "size:[1MB 2MB]",
        "size:[1MB to 2MB]",
        "size:[1MB - 2MB]",
        "size:[1MB … 2MB]",
        "size:[.. 2MB]",
        "size:[1MB ..]",
        "size:(1MB ..)",
        "size:[1MB .. 2MB",
        "size:[1MB .. 2 MB]",
        "size:[1 .. 2 .. 3]",
        "size:[1, 2 .. 3]",
        "size:1MB..2MB",
        "size:1MB .. 2MB and a",
        "size:1MB..",
        "size:(10 MB .. 20 MB)",
        "1..5",
        "name:[]",
        "name:[ ]",
        "name:[a,]",
        "name:[,a]",
        "name:[a,,b]",
        "name:[a b]",
        "name:[a, b c]",
        "name:[a or b]",
        "name:[a; b]",
        "name:[a, b",
        "name:[a, b)",
        "name:[",
        "name:[[a]]",
        "name:(a, b)",
        "name:{a, b}",
        "name:[a, null]",
        "name:[not, a]",
    ]));
}

#[test]
fn lines_tabs_and_wide_letters() {
    insta::assert_snapshot!(told(&[
        "name:web\nand severity = = critical\nand a",
        "name:web and\n\tseverity:\n",
        "\t\tname:\"web",
        "東京 and 大阪 and and b",
        "e\u{301}te\u{301} and and b",
        "name:(\n  a and\n  b and\n  c and\n  d",
        "a\r\nand and\r\nb",
        "name:\u{1b}[31mred",
        &format!("{} and and {}", "first ".repeat(40), "last ".repeat(40)),
        &format!("a and\n\"{}", "long ".repeat(60)),
    ]));
}

#[test]
fn limits() {
    let deep = format!("{}a{}", "(".repeat(65), ")".repeat(65));
    let denied = format!("{}a", "not ".repeat(65));
    let nested = format!("{}a{}", "missing:(".repeat(65), ")".repeat(65));
    let many = "a ".repeat(2_000);
    let list = format!("name:[{}]", vec!["a"; 1_001].join(","));
    let long = format!("name:\"{}\"", "ä".repeat(9_000));
    let grown = "ab:[a,b]".repeat(1_600);
    insta::assert_snapshot!(told(&[&deep, &denied, &nested, &many, &list, &long, &grown]));
}
