//! Linux kernels, whose packages need rules of their own.
//!
//! * Debian signs kernel images for secure boot in source packages of their own: `linux-signed-amd64` at `6.1.176+1` is
//!   built from `linux` at `6.1.176-1`, `linux-signed-6.12-amd64` from `linux-6.12`. Advisories name the latter only, so
//!   the signed ones count as what they are built from.
//! * Every kernel build brings packages under new names, such as `linux-image-6.1.0-50-amd64`. A build that was left
//!   installed beside a newer one never gets a newer version: its old version says nothing about what runs. Such
//!   packages are upgraded like any other and otherwise not judged; what is judged is the meta package
//!   (`linux-image-amd64`) and the packages that keep their name.

use fettle_model::version::DpkgVersion;

/// Source package and version that a package counts as.
pub(super) fn counted_source(source: &str, version: &DpkgVersion) -> Option<(String, DpkgVersion)> {
    let series = match source.strip_prefix("linux-signed-")?.rsplit_once('-') {
        Some((series, _architecture)) if starts_with_digit(series) => format!("linux-{series}"),
        _ => "linux".to_owned(),
    };
    let built_from = DpkgVersion::parse(&version.as_str().replacen('+', "-", 1)).ok()?;
    Some((series, built_from))
}

/// Whether a source package, after [`counted_source`], is a kernel: `linux`, `linux-6.1`.
pub(super) fn is_kernel(source: &str) -> bool {
    match source.strip_prefix("linux") {
        Some("") => true,
        Some(rest) => rest.strip_prefix('-').is_some_and(starts_with_digit),
        None => false,
    }
}

/// Whether a package of a kernel belongs to one build: its name has a part like `6.1.0` or `6.12.117`.
pub(super) fn is_of_one_build(name: &str) -> bool {
    name.split(['-', '+']).any(|part| {
        let numbers: Vec<&str> = part.split('.').collect();
        numbers.len() >= 3 && numbers.iter().all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_kernels_count_as_what_they_are_built_from() {
        let counted = |source: &str, version: &str| {
            let counted = counted_source(source, &DpkgVersion::parse(version).expect("a version"));
            counted.map(|(source, version)| format!("{source} {version}"))
        };
        assert_eq!(counted("linux-signed-amd64", "6.1.176+1").as_deref(), Some("linux 6.1.176-1"));
        assert_eq!(counted("linux-signed-arm64", "6.12.9+1~bpo12+1").as_deref(), Some("linux 6.12.9-1~bpo12+1"));
        assert_eq!(counted("linux-signed-6.12-amd64", "6.12.117+1~deb12u1").as_deref(), Some("linux-6.12 6.12.117-1~deb12u1"));
        assert_eq!(counted("linux", "6.1.176-1"), None);
        assert_eq!(counted("shim-signed-x", "1+2"), None);
    }

    #[test]
    fn kernels_and_their_builds_are_told_by_name() {
        assert!(is_kernel("linux") && is_kernel("linux-6.1"));
        assert!(!is_kernel("linux-atm") && !is_kernel("linuxptp") && !is_kernel("util-linux"));
        for name in
            ["linux-image-6.1.0-50-amd64", "linux-headers-5.15.0-91-generic", "linux-support-6.1.0-50", "linux-image-6.12.117+deb12-amd64"]
        {
            assert!(is_of_one_build(name), "{name}");
        }
        for name in ["linux-image-amd64", "linux-kbuild-6.1", "linux-libc-dev", "linux-compiler-gcc-12-x86", "linux-perf"] {
            assert!(!is_of_one_build(name), "{name}");
        }
    }
}
