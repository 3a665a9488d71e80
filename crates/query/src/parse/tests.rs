use super::parse;
use crate::print::print;
use rstest::rstest;

/// What is read, in canonical form; the tree is tested where it is not obvious from that.
fn canonical(text: &str) -> String {
    match parse(text) {
        Ok(expr) => {
            let printed = print(&expr);
            assert_eq!(parse(&printed).map(|again| print(&again)).as_deref(), Ok(&*printed), "{text}");
            printed
        }
        Err(error) => panic!("{text}: {error:?}"),
    }
}

#[rstest]
#[case("", "")]
#[case(" \t\n ", "")]
#[case("web", "web")]
#[case("name:web", "name:web")]
#[case("name = web", "name:web")]
#[case("name : web", "name:web")]
#[case("missingCount>0", "missingCount>0")]
#[case("missingCount >= 10", "missingCount>=10")]
#[case("missingCount<10", "missingCount<10")]
#[case("missingCount <=10", "missingCount<=10")]
#[case("a b", "a and b")]
#[case("a AND b Or c", "a and b or c")]
#[case("a and (b or c)", "a and (b or c)")]
#[case("((a)) and (b and c)", "a and b and c")]
#[case("a or (b or c) or d and e", "a or b or c or d and e")]
#[case("not a and not (b or c)", "not a and not (b or c)")]
#[case("NOT not a", "not not a")]
#[case("not(a)", "not a")]
#[case("not (a and b)", "not (a and b)")]
#[case("(a)(b)", "a and b")]
#[case("name:\"web server\"", "name:\"web server\"")]
#[case("name:`Web \\` \\\\ Server`", "name:`Web \\` \\\\ Server`")]
#[case("name:\"and\" \"or\"", "name:\"and\" and \"or\"")]
#[case("lastLoggedOnUser:CORP\\anna", "lastLoggedOnUser:CORP\\anna")]
#[case("lastLoggedOnUser:\"CORP\\anna\"", "lastLoggedOnUser:\"CORP\\\\anna\"")]
#[case("name:web*", "name:web*")]
#[case("name:*", "name:*")]
#[case("name is not null", "name:*")]
#[case("name IS NULL", "name is null")]
#[case("not name is null and b", "not name is null and b")]
#[case("id:debian:bookworm:DSA-1", "id:debian:bookworm:DSA-1")]
#[case("interfaces.address:10.0.0.0/24", "interfaces.address:10.0.0.0/24")]
#[case("interfaces.address:fe80::/10 interfaces.address: ::1", "interfaces.address:fe80::/10 and interfaces.address:::1")]
#[case("00:16:3e:01:02:03 or aa:bb:cc:dd:ee:ff or fe80::1", "00:16:3e:01:02:03 or aa:bb:cc:dd:ee:ff or fe80::1")]
#[case("lastScan<now-30d", "lastScan<now-30d")]
#[case("created>=2026-11-10T10:00:00+02:00", "created>=2026-11-10T10:00:00+02:00")]
#[case("size:[1MB .. 2GiB]", "size:[1MB .. 2GiB]")]
#[case("size:[1MB..2GiB]", "size:[1MB .. 2GiB]")]
#[case("size:(1MB .. 2GiB)", "size:(1MB .. 2GiB)")]
#[case("size:( 1.5..2.5 ]", "size:(1.5 .. 2.5]")]
#[case("size:[1 .. 2)", "size:[1 .. 2)")]
#[case("size:(* .. 2)", "size:[* .. 2)")]
#[case("size:[1 .. *)", "size:[1 .. *]")]
#[case("created:[\"2026-01-01 10:00\" .. now]", "created:[\"2026-01-01 10:00\" .. now]")]
#[case("name:[A,B , \"c d\"]", "name:[A, B, \"c d\"]")]
#[case("name:[A]", "name:[A]")]
#[case("missing:(severity:critical and publishedDate<now-30d)", "missing:(severity:critical and publishedDate<now-30d)")]
#[case("software:(name:openssl version<3.0.15)", "software:(name:openssl and version<3.0.15)")]
#[case("missing:((a or b) and not (c))", "missing:((a or b) and not c)")]
#[case("missing:( size:[1 .. 2] )", "missing:(size:[1 .. 2])")]
#[case("2026-11-10T10:00:00Z", "2026-11-10T10:00:00Z")]
#[case("ÄÖÜ straße 東京", "ÄÖÜ and straße and 東京")]
#[case("O'Brien", "O'Brien")]
#[case("owner:O’Brien", "owner:O’Brien")]
#[case("-5 or x>-5", "-5 or x>-5")]
fn texts_are_read_and_written(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(canonical(text), expected);
}
