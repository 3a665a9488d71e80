//! People logged on, from utmp(5).

use super::root::plain;
use fettle_model::inventory::LogOn;

/// Record type of a log-on (`USER_PROCESS`).
const USER_PROCESS: i16 = 7;
/// Most people that are told of; the server refuses more than it lists.
const LIMIT: usize = 1_000;

/// Size of a record: glibc keeps 32-bit times on most architectures for the sake of old files, but not on these.
const RECORD: usize = if cfg!(any(target_arch = "aarch64", target_arch = "riscv64", target_arch = "loongarch64")) { 400 } else { 384 };
/// Where the terminal's name is, and how long.
const LINE: std::ops::Range<usize> = 8..40;
/// Where the user's name is, and how long.
const USER: std::ops::Range<usize> = 44..76;

/// The log-ons in a utmp file; `alive` says whether the process behind one still is. Ordered, without doubles.
pub(in crate::platform) fn parse(utmp: &[u8], alive: impl Fn(i32) -> bool) -> Vec<LogOn> {
    let mut users: Vec<LogOn> = utmp.chunks_exact(RECORD).filter_map(|record| read(record, &alive)).take(LIMIT).collect();
    users.sort_by(|a, b| (&a.user, &a.terminal).cmp(&(&b.user, &b.terminal)));
    users.dedup();
    users
}

fn read(record: &[u8], alive: &impl Fn(i32) -> bool) -> Option<LogOn> {
    let kind = i16::from_ne_bytes(record.get(0..2)?.try_into().ok()?);
    let pid = i32::from_ne_bytes(record.get(4..8)?.try_into().ok()?);
    let user = text(record.get(USER)?);
    // Entries of sessions that crashed stay in the file.
    (kind == USER_PROCESS && !user.is_empty() && alive(pid)).then(|| LogOn { user, terminal: text(record.get(LINE).unwrap_or_default()) })
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    plain(&String::from_utf8_lossy(field.get(..end).unwrap_or_default()))
}

/// The log-ons `loginctl list-sessions --output=json` tells of: newer systems have no utmp.
pub(in crate::platform) fn parse_sessions(json: &[u8]) -> Vec<LogOn> {
    #[derive(serde::Deserialize)]
    struct Session {
        user: String,
        #[serde(default)]
        tty: Option<String>,
        #[serde(default)]
        seat: Option<String>,
        #[serde(default)]
        class: Option<String>,
    }
    let sessions: Vec<Session> = serde_json::from_slice(json).unwrap_or_default();
    let is_person = |session: &Session| session.class.as_deref().is_none_or(|class| class == "user");
    let terminal = |session: &Session| session.tty.clone().or(session.seat.clone()).unwrap_or_default();
    let mut users: Vec<LogOn> = sessions
        .iter()
        .filter(|session| is_person(session))
        .map(|session| LogOn { terminal: terminal(session), user: session.user.clone() })
        .collect();
    users.sort_by(|a, b| (&a.user, &a.terminal).cmp(&(&b.user, &b.terminal)));
    users.dedup();
    users
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(kind: i16, pid: i32, line: &str, user: &str) -> Vec<u8> {
        let mut bytes = vec![0; RECORD];
        bytes[0..2].copy_from_slice(&kind.to_ne_bytes());
        bytes[4..8].copy_from_slice(&pid.to_ne_bytes());
        bytes[LINE.start..LINE.start + line.len()].copy_from_slice(line.as_bytes());
        bytes[USER.start..USER.start + user.len()].copy_from_slice(user.as_bytes());
        bytes
    }

    fn log_on(user: &str, terminal: &str) -> LogOn {
        LogOn { user: user.to_owned(), terminal: terminal.to_owned() }
    }

    #[test]
    fn only_living_sessions_of_people() {
        let file = [
            record(2, 0, "~", "reboot"),
            record(7, 20, "tty1", "root"),
            record(7, 21, "pts/0", "anna"),
            record(8, 22, "pts/1", "gone"),
            record(7, 23, "pts/2", "crashed"),
            record(7, 21, "pts/0", "anna"),
            vec![7; 100],
        ]
        .concat();
        assert_eq!(parse(&file, |pid| pid != 23), [log_on("anna", "pts/0"), log_on("root", "tty1")]);
    }

    #[test]
    fn sessions_of_people_not_of_managers() {
        let json = br#"[{"session":"1","uid":1000,"user":"anna","seat":"seat0","tty":"tty2","class":"user"},
            {"session":"2","uid":0,"user":"root","seat":null,"tty":null,"class":"manager"},
            {"session":"c3","uid":1001,"user":"bert","seat":null,"tty":null}]"#;
        assert_eq!(parse_sessions(json), [log_on("anna", "tty2"), log_on("bert", "")]);
        assert_eq!(parse_sessions(b"no json"), []);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = parse(&bytes, |_| true);
        }
    }
}
