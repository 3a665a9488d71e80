//! Linux kernels, whose packages need rules of their own.
//!
//! * Debian signs kernel images for secure boot in source packages `linux-signed-<architecture>` at `6.1.176+1`, built
//!   from `linux` at `6.1.176-1`. Advisories name `linux` only, so both count as `linux` at `6.1.176-1` here.
//! * Every kernel build brings packages under new names, such as `linux-image-6.1.0-50-amd64`. A build that was left
//!   installed beside a newer one never gets a newer version: its old version says nothing about what runs. Such
//!   packages are upgraded like any other and otherwise not judged; what is judged is the meta package
//!   (`linux-image-amd64`) and the packages that keep their name.

use fettle_model::version::DpkgVersion;

/// Source package and version that a package counts as.
pub(super) fn counted_source(source: &str, version: &DpkgVersion) -> Option<(String, DpkgVersion)> {
    let (family, _) = source.split_once("-signed-")?;
    if !is_kernel(family) {
        return None;
    }
    let built_from = DpkgVersion::parse(&version.as_str().replacen('+', "-", 1)).ok()?;
    Some((family.to_owned(), built_from))
}

/// Whether a source package, after [`counted_source`], is a kernel: `linux`, `linux-6.1`.
pub(super) fn is_kernel(source: &str) -> bool {
    match source.strip_prefix("linux") {
        Some("") => true,
        Some(rest) => rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit())),
        None => false,
    }
}

/// Whether a package of a kernel belongs to one build: its name has a part like `6.1.0-50`.
pub(super) fn is_of_one_build(name: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = name.as_bytes();
    (0..bytes.len()).any(|start| {
        let Some(rest) = bytes.get(start..).filter(|rest| digit(rest.first())) else { return false };
        let number = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let dots = rest.iter().take(number).filter(|byte| **byte == b'.').count();
        dots >= 2 && rest.get(number) == Some(&b'-') && digit(rest.get(number + 1))
    })
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
        assert_eq!(counted("linux-6.1-signed-amd64", "6.1.1+1~deb11u1").as_deref(), Some("linux-6.1 6.1.1-1~deb11u1"));
        assert_eq!(counted("linux", "6.1.176-1"), None);
        assert_eq!(counted("shim-signed-x", "1+2"), None);
    }

    #[test]
    fn kernels_and_their_builds_are_told_by_name() {
        assert!(is_kernel("linux") && is_kernel("linux-6.1"));
        assert!(!is_kernel("linux-atm") && !is_kernel("linuxptp") && !is_kernel("util-linux"));
        for name in
            ["linux-image-6.1.0-50-amd64", "linux-headers-5.15.0-91-generic", "linux-support-6.1.0-50", "linux-headers-6.1.0-50-common"]
        {
            assert!(is_of_one_build(name), "{name}");
        }
        for name in ["linux-image-amd64", "linux-kbuild-6.1", "linux-libc-dev", "linux-compiler-gcc-12-x86", "linux-perf"] {
            assert!(!is_of_one_build(name), "{name}");
        }
    }
}
