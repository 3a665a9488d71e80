//! The software table: source packages, what is built from them, and their version in each release.
//!
//! Names and upstream versions are those of the real distributions, so that lists look familiar; the updates
//! made of them in [`super::history`] are invented.

use super::release::Release;

/// What a machine is used for; decides what is on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// On every machine.
    Base,
    /// Serves web pages.
    Web,
    /// Keeps databases.
    Data,
    /// Runs programs of the house.
    App,
    /// Sends and receives mail.
    Mail,
    /// Names, addresses, remote access.
    Net,
    /// Builds and runs containers.
    Build,
    /// Somebody sits in front of it.
    Desk,
}

/// How versions of updates are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The release's version with a counter behind it: `+deb12u1`, `.1`.
    Patched,
    /// A new upstream version: the number in braces in the table's version grows.
    Upstream,
}

/// One source package.
#[derive(Debug)]
pub struct Source {
    /// Name.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Where it is installed.
    pub part: Part,
    /// How its updates are numbered.
    pub style: Style,
    /// Updates in a hundred that fix vulnerabilities.
    pub security: u64,
    /// Most updates in the time the world looks back.
    pub busy: u64,
    /// Binary packages and their size in KiB, as most releases call them.
    binaries: &'static [(&'static str, u32)],
    /// Version in each release; empty where it is not part of one.
    versions: [&'static str; 5],
}

impl Source {
    /// Its binary packages in a release, with their size in KiB; none where it is not part of one.
    pub fn binaries(&self, release: Release) -> impl Iterator<Item = (&'static str, u32)> {
        let there = !self.version(release).is_empty();
        self.binaries.iter().filter(move |_| there).map(move |(name, size)| (renamed(name, release), *size))
    }

    /// Its name in a release.
    #[must_use]
    pub fn name_in(&self, release: Release) -> &'static str {
        renamed(self.name, release)
    }

    /// Its version when the release came out, with `{}` where upstream versions count; empty when it is not part of it.
    #[must_use]
    pub fn version(&self, release: Release) -> &'static str {
        self.versions.get(release.column()).copied().unwrap_or_default()
    }
}

/// Some names carry a version, which changed between releases.
fn renamed(name: &'static str, release: Release) -> &'static str {
    match (name, release) {
        ("libssl3", Release::Bullseye) => "libssl1.1",
        ("libssl3", Release::Trixie | Release::Noble) => "libssl3t64",
        ("libcurl4", Release::Trixie | Release::Noble) => "libcurl4t64",
        ("libgnutls30", Release::Trixie | Release::Noble) => "libgnutls30t64",
        ("postgresql", Release::Bullseye) => "postgresql-13",
        ("postgresql", Release::Bookworm) => "postgresql-15",
        ("postgresql", Release::Trixie) => "postgresql-17",
        ("postgresql", Release::Jammy) => "postgresql-14",
        ("postgresql", Release::Noble) => "postgresql-16",
        ("php8.2", Release::Bullseye) => "php7.4",
        ("php8.2", Release::Trixie) => "php8.4",
        ("php8.2", Release::Jammy) => "php8.1",
        ("php8.2", Release::Noble) => "php8.3",
        ("postgresql-15", Release::Bullseye) => "postgresql-13",
        ("postgresql-15", Release::Trixie) => "postgresql-17",
        ("postgresql-15", Release::Jammy) => "postgresql-14",
        ("postgresql-15", Release::Noble) => "postgresql-16",
        ("php8.2-fpm", Release::Bullseye) => "php7.4-fpm",
        ("php8.2-fpm", Release::Trixie) => "php8.4-fpm",
        ("php8.2-fpm", Release::Jammy) => "php8.1-fpm",
        ("php8.2-fpm", Release::Noble) => "php8.3-fpm",
        ("linux-image-amd64", Release::Jammy | Release::Noble) => "linux-image-generic",
        ("python3.11", Release::Bullseye) => "python3.9",
        ("python3.11", Release::Trixie) => "python3.13",
        ("python3.11", Release::Jammy) => "python3.10",
        ("python3.11", Release::Noble) => "python3.12",
        (name, _) => name,
    }
}

/// One line of the table: columns as in [`Release::ALL`].
macro_rules! source {
    ($part:ident $style:ident $security:literal $busy:literal $name:literal $about:literal [$($binary:literal $size:literal),+] [$($version:literal),+]) => {
        Source {
            name: $name, about: $about, part: Part::$part, style: Style::$style, security: $security, busy: $busy,
            binaries: &[$(($binary, $size)),+], versions: [$($version),+],
        }
    };
}

/// Everything there is.
pub const SOURCES: &[Source] = &[
    source!(Base Patched 10 2 "base-files" "Base system files" ["base-files" 340] ["11.1", "12.4", "13.8", "12ubuntu4", "13ubuntu10"]),
    source!(Base Patched 30 2 "bash" "GNU Bourne Again SHell" ["bash" 7_100] ["5.1-2", "5.2.15-2", "5.2.37-2", "5.1-6ubuntu1", "5.2.21-2ubuntu4"]),
    source!(Base Patched 80 3 "bind9" "Internet domain name server" ["bind9-host" 310, "bind9-libs" 3_700] ["1:9.16.15-1", "1:9.18.12-1", "1:9.20.9-1", "1:9.18.1-1ubuntu1", "1:9.18.24-0ubuntu5"]),
    source!(Base Patched 10 1 "ca-certificates" "Common CA certificates" ["ca-certificates" 380] ["20210119", "20230311", "20250419", "20211016", "20240203"]),
    source!(Base Patched 60 2 "cron" "Process scheduling daemon" ["cron" 260] ["3.0pl1-137", "3.0pl1-162", "3.0pl1-197", "3.0pl1-137ubuntu3", "3.0pl1-184ubuntu2"]),
    source!(Base Patched 85 4 "curl" "Command line tool for transferring data with URL syntax" ["curl" 480, "libcurl4" 840] ["7.74.0-1.3", "7.88.1-10", "8.14.1-2", "7.81.0-1ubuntu1", "8.5.0-2ubuntu10"]),
    source!(Base Patched 60 2 "dbus" "Simple interprocess messaging system" ["dbus" 220, "libdbus-1-3" 460] ["1.12.20-2", "1.14.6-1", "1.16.2-2", "1.12.20-2ubuntu4", "1.14.10-4ubuntu4"]),
    source!(Base Patched 20 1 "debconf" "Configuration management system" ["debconf" 520] ["1.5.77", "1.5.82", "1.5.91", "1.5.79ubuntu1", "1.5.86ubuntu1"]),
    source!(Base Patched 40 2 "dpkg" "Package management system" ["dpkg" 6_500] ["1.20.9", "1.21.21", "1.22.20", "1.21.1ubuntu2", "1.22.6ubuntu6"]),
    source!(Base Patched 75 3 "expat" "XML parsing library" ["libexpat1" 420] ["2.2.10-2", "2.5.0-1", "2.7.1-1", "2.4.7-1ubuntu0", "2.6.1-2"]),
    source!(Base Patched 50 1 "file" "Recognise the type of data in a file" ["file" 90, "libmagic1" 240] ["1:5.39-3", "1:5.44-3", "", "1:5.41-3", "1:5.45-3"]),
    source!(Base Patched 60 3 "glibc" "GNU C library" ["libc6" 13_100, "libc-bin" 2_000] ["2.31-13", "2.36-9", "2.41-6", "2.35-0ubuntu3", "2.39-0ubuntu8"]),
    source!(Base Patched 70 2 "gnupg2" "GNU privacy guard" ["gpgv" 1_000] ["2.2.27-2", "2.2.40-1.1", "2.4.7-21", "2.2.27-3ubuntu2", "2.4.4-2ubuntu17"]),
    source!(Base Patched 85 3 "gnutls28" "GNU TLS library" ["libgnutls30" 3_000] ["3.7.1-5", "3.7.9-2", "3.8.9-3", "3.7.3-4ubuntu1", "3.8.3-1.1ubuntu3"]),
    source!(Base Patched 40 1 "grub2" "GRand Unified Bootloader" ["grub-common" 12_000, "grub-pc" 600] ["2.06-3", "2.06-13", "2.12-9", "2.06-2ubuntu7", "2.12-1ubuntu7"]),
    source!(Base Patched 80 2 "krb5" "MIT Kerberos" ["libkrb5-3" 1_100, "libgssapi-krb5-2" 420] ["1.18.3-6", "1.20.1-2", "1.21.3-5", "1.19.2-2", "1.20.1-6ubuntu2"]),
    source!(Base Patched 60 2 "less" "Pager program similar to more" ["less" 320] ["551-2", "590-2", "668-1", "590-1build1", "590-2ubuntu2"]),
    source!(Base Patched 70 2 "libxml2" "GNOME XML library" ["libxml2" 1_850] ["2.9.10+dfsg-6.7", "2.9.14+dfsg-1.3~", "2.12.7+dfsg-2", "2.9.13+dfsg-1ubuntu0", "2.9.14+dfsg-1.3ubuntu3"]),
    source!(Base Upstream 90 5 "linux" "Linux kernel for 64-bit PCs" ["linux-image-amd64" 12] ["5.10.{200}-1", "6.1.{90}-1", "6.12.{30}-1", "5.15.0.{90}.90", "6.8.0-{31}.31"]),
    source!(Base Patched 75 2 "ncurses" "Terminal handling" ["libncursesw6" 420, "ncurses-base" 380] ["6.2+20201114-2", "6.4-4", "6.5+20250216-2", "6.3-2", "6.4+20240113-1ubuntu2"]),
    source!(Base Patched 80 3 "openssh" "Secure shell" ["openssh-server" 1_800, "openssh-client" 5_600] ["1:8.4p1-5", "1:9.2p1-2", "1:10.0p1-7", "1:8.9p1-3", "1:9.6p1-3ubuntu13"]),
    source!(Base Patched 90 4 "openssl" "Secure Sockets Layer toolkit" ["openssl" 2_300, "libssl3" 6_000] ["1.1.1n-0", "3.0.11-1", "3.5.0-1", "3.0.2-0ubuntu1", "3.0.13-0ubuntu3"]),
    source!(Base Patched 60 2 "pam" "Pluggable authentication modules" ["libpam-modules" 1_000, "libpam0g" 240] ["1.4.0-9", "1.5.2-6", "1.7.0-5", "1.4.0-11ubuntu2", "1.5.3-5ubuntu5"]),
    source!(Base Patched 70 2 "perl" "Larry Wall's practical extraction and report language" ["perl-base" 7_700, "perl" 670] ["5.32.1-4", "5.36.0-7", "5.40.1-6", "5.34.0-3ubuntu1", "5.38.2-3.2build2"]),
    source!(Base Patched 80 3 "python3.11" "Interactive high-level object-oriented language" ["python3.11" 600] ["3.9.2-1", "3.11.2-6", "3.13.5-2", "3.10.4-3", "3.12.3-1"]),
    source!(Base Patched 50 1 "rsync" "Fast and versatile remote file-copying tool" ["rsync" 780] ["3.2.3-4", "3.2.7-1", "3.4.1-3", "3.2.3-8ubuntu3", "3.2.7-1ubuntu1"]),
    source!(Base Patched 85 2 "sudo" "Provide limited super user privileges" ["sudo" 6_000] ["1.9.5p2-3", "1.9.13p3-1", "1.9.16p2-3", "1.9.9-1ubuntu2", "1.9.15p5-3ubuntu5"]),
    source!(Base Patched 40 3 "systemd" "System and service manager" ["systemd" 9_900, "udev" 8_300, "libsystemd0" 1_100] ["247.3-7", "252.17-1", "257.7-1", "249.11-0ubuntu3", "255.4-1ubuntu8"]),
    source!(Base Patched 10 3 "tzdata" "Time zone and daylight-saving time data" ["tzdata" 3_100] ["2021a-1", "2023c-5", "2025b-4", "2022a-0ubuntu1", "2024a-2ubuntu1"]),
    source!(Base Patched 80 3 "vim" "Vi IMproved, enhanced vi editor" ["vim-common" 380, "vim-tiny" 1_800] ["2:8.2.2434-3", "2:9.0.1378-2", "2:9.1.1230-2", "2:8.2.3995-1ubuntu2", "2:9.1.0016-1ubuntu7"]),
    source!(Base Patched 60 1 "xz-utils" "XZ-format compression utilities" ["xz-utils" 1_200, "liblzma5" 450] ["5.2.5-2", "5.4.1-0.2", "5.8.1-1", "5.2.5-2ubuntu1", "5.6.1+really5.4.5-1"]),
    source!(Base Patched 60 1 "zlib" "Compression library" ["zlib1g" 170] ["1:1.2.11.dfsg-2", "1:1.2.13.dfsg-1", "1:1.3.dfsg+really1.3.1-1", "1:1.2.11.dfsg-2ubuntu9", "1:1.3.dfsg-3.1ubuntu2"]),
    source!(Web Patched 85 4 "apache2" "Apache HTTP server" ["apache2" 560, "apache2-bin" 4_500] ["2.4.48-3", "2.4.57-2", "2.4.64-1", "2.4.52-1ubuntu4", "2.4.58-1ubuntu8"]),
    source!(Web Patched 80 2 "haproxy" "Fast and reliable load balancing reverse proxy" ["haproxy" 4_300] ["2.2.9-2", "2.6.12-1", "3.0.11-1", "2.4.18-0ubuntu1", "2.8.5-1ubuntu3"]),
    source!(Web Patched 80 2 "nginx" "Small, powerful, scalable web and proxy server" ["nginx" 520, "nginx-common" 320] ["1.18.0-6.1", "1.22.1-9", "1.26.3-3", "1.18.0-6ubuntu14", "1.24.0-2ubuntu7"]),
    source!(Web Patched 90 4 "php8.2" "Server-side, HTML-embedded scripting language" ["php8.2-fpm" 5_100] ["7.4.33-1", "8.2.7-1", "8.4.10-1", "8.1.2-1ubuntu2", "8.3.6-0ubuntu0"]),
    source!(Web Patched 70 2 "nodejs" "Evented I/O for V8 JavaScript" ["nodejs" 1_300] ["12.22.12~dfsg-1", "18.13.0+dfsg1-1", "20.19.2+dfsg-1", "12.22.9~dfsg-1ubuntu3", "18.19.1+dfsg-6ubuntu5"]),
    source!(Data Upstream 70 4 "mariadb" "Database server" ["mariadb-server" 28_000] ["1:10.5.{19}-0+deb11u2", "1:10.11.{4}-1~deb12u1", "1:11.8.{2}-1", "1:10.6.{12}-0ubuntu0", "1:10.11.{7}-2ubuntu2"]),
    source!(Data Upstream 75 4 "postgresql" "Object-relational SQL database" ["postgresql-15" 53_000, "libpq5" 820] ["13.{11}-0+deb11u1", "15.{3}-0+deb12u1", "17.{4}-1", "14.{8}-0ubuntu0", "16.{2}-1ubuntu4"]),
    source!(Data Patched 85 3 "redis" "Persistent key-value database" ["redis-server" 230, "redis-tools" 1_400] ["5:6.0.16-1", "5:7.0.11-1", "5:8.0.2-1", "5:6.0.16-1ubuntu1", "5:7.0.15-1build2"]),
    source!(Data Patched 60 1 "sqlite3" "Embeddable SQL database engine" ["libsqlite3-0" 1_700] ["3.34.1-3", "3.40.1-2", "3.46.1-7", "3.37.2-2", "3.45.1-1ubuntu2"]),
    source!(App Upstream 95 5 "openjdk-17" "OpenJDK Java runtime" ["openjdk-17-jre-headless" 190_000] ["17.0.{6}+10-1~deb11u1", "17.0.{6}+10-1", "", "17.0.{6}+10-0ubuntu1", "17.0.{11}+9-1"]),
    source!(App Patched 80 2 "git" "Fast, scalable, distributed revision control system" ["git" 45_000] ["1:2.30.2-1", "1:2.39.2-1.1", "1:2.47.2-0.2", "1:2.34.1-1ubuntu1", "1:2.43.0-1ubuntu7"]),
    source!(App Patched 70 2 "imagemagick" "Image manipulation programs" ["imagemagick" 190] ["8:6.9.11.60+dfsg-1.3", "8:6.9.11.60+dfsg-1.6", "8:7.1.1.43+dfsg1-1", "8:6.9.11.60+dfsg-1.3ubuntu0", "8:6.9.12.98+dfsg1-5.2"]),
    source!(App Patched 75 2 "ghostscript" "Interpreter for the PostScript language and for PDF" ["ghostscript" 140, "libgs9-common" 2_800] ["9.53.3~dfsg-7", "10.0.0~dfsg-11", "10.05.1~dfsg-1", "9.55.0~dfsg1-0ubuntu5", "10.02.1~dfsg1-0ubuntu7"]),
    source!(Mail Patched 85 3 "exim4" "Mail transport agent" ["exim4-daemon-light" 1_700] ["4.94.2-7", "4.96-15", "4.98.2-1", "4.95-4ubuntu2", "4.97-4ubuntu4"]),
    source!(Mail Patched 70 2 "dovecot" "Secure IMAP and POP3 server" ["dovecot-imapd" 1_700, "dovecot-core" 10_000] ["1:2.3.13+dfsg1-2", "1:2.3.19.1+dfsg1-2.1", "1:2.4.1+dfsg1-6", "1:2.3.16+dfsg1-3ubuntu2", "1:2.3.21+dfsg1-2ubuntu5"]),
    source!(Mail Patched 80 2 "clamav" "Anti-virus utility" ["clamav" 40_000] ["0.103.8+dfsg-0", "1.0.3+dfsg-1", "1.4.3+dfsg-1", "0.103.8+dfsg-0ubuntu0", "1.0.5+dfsg-1ubuntu2"]),
    source!(Mail Patched 60 2 "postfix" "High-performance mail transport agent" ["postfix" 4_300] ["3.5.18-0", "3.7.6-0", "3.10.3-2", "3.6.4-1ubuntu1", "3.8.6-1build2"]),
    source!(Net Patched 75 2 "dnsmasq" "Small caching DNS proxy and DHCP server" ["dnsmasq-base" 1_100] ["2.85-1", "2.89-1", "2.91-1", "2.86-1.1ubuntu0", "2.90-2build2"]),
    source!(Net Patched 80 2 "openvpn" "Virtual private network daemon" ["openvpn" 1_600] ["2.5.1-3", "2.6.3-1", "2.6.14-1", "2.5.5-1ubuntu3", "2.6.9-1ubuntu4"]),
    source!(Net Patched 80 2 "strongswan" "IPsec VPN solution" ["strongswan" 90, "libcharon-extra-plugins" 390] ["5.9.1-1", "5.9.8-5", "6.0.1-6", "5.9.5-2ubuntu2", "5.9.13-2ubuntu4"]),
    source!(Net Patched 80 3 "unbound" "Validating, recursive, caching DNS resolver" ["unbound" 4_400] ["1.13.1-1", "1.17.1-2", "1.22.0-2", "1.13.1-1ubuntu5", "1.19.2-1ubuntu3"]),
    source!(Net Patched 75 2 "squid" "Full featured web proxy cache" ["squid" 8_900] ["4.13-10", "5.7-2", "6.13-2", "5.2-1ubuntu4", "6.6-1ubuntu5"]),
    source!(Build Patched 80 3 "docker.io" "Linux container runtime" ["docker.io" 110_000] ["20.10.5+dfsg1-1", "20.10.24+dfsg1-1", "26.1.5+dfsg1-9", "24.0.5-0ubuntu1", "24.0.7-0ubuntu4"]),
    source!(Build Patched 85 3 "containerd" "Daemon to control runC" ["containerd" 92_000] ["1.4.13~ds1-1", "1.6.20~ds1-1", "1.7.24~ds1-6", "1.6.12-0ubuntu1", "1.7.12-0ubuntu4"]),
    source!(Build Patched 80 2 "runc" "Open Container Project runtime" ["runc" 9_900] ["1.0.0~rc93+ds1-5", "1.1.5+ds1-1", "1.1.15+ds1-2", "1.1.4-0ubuntu1", "1.1.12-0ubuntu3"]),
    source!(Build Patched 40 1 "make-dfsg" "Utility for directing compilation" ["make" 1_600] ["4.3-4.1", "4.3-4.1", "4.4.1-2", "4.3-4.1build1", "4.3-4.1build2"]),
    source!(Desk Upstream 95 6 "chromium" "Web browser" ["chromium" 220_000] ["120.0.6099.{71}-1~deb11u1", "126.0.6478.{56}-1~deb12u1", "138.0.7204.{49}-1", "", ""]),
    source!(Desk Upstream 95 5 "firefox-esr" "Mozilla Firefox web browser, extended support release" ["firefox-esr" 240_000] ["115.{4}.0esr-1~deb11u1", "128.{3}.0esr-1~deb12u1", "140.{1}.0esr-1~deb13u1", "", ""]),
    source!(Desk Upstream 90 5 "thunderbird" "Mail, news and chat client" ["thunderbird" 230_000] ["1:115.{4}.0-1~deb11u1", "1:128.{3}.0esr-1~deb12u1", "1:140.{1}.0esr-1~deb13u1", "1:115.{4}.0+build1-0ubuntu0", "1:128.{3}.0+build1-0ubuntu0"]),
    source!(Desk Patched 70 2 "libreoffice" "Office productivity suite" ["libreoffice-core" 135_000, "libreoffice-common" 65_000] ["1:7.0.4-4", "4:7.4.7-1", "4:25.2.3-2", "1:7.3.7-0ubuntu0", "4:24.2.4-0ubuntu0"]),
    source!(Desk Patched 85 3 "webkit2gtk" "Web content engine library for GTK" ["libwebkit2gtk-4.1-0" 88_000] ["", "2.42.2-1", "2.48.3-1", "2.42.1-0ubuntu0", "2.44.0-2"]),
    source!(Desk Patched 75 3 "cups" "Common UNIX printing system" ["cups" 720, "libcups2" 620] ["2.3.3op2-3", "2.4.2-3", "2.4.10-3", "2.4.1op1-1ubuntu4", "2.4.7-1.2ubuntu7"]),
    source!(Desk Patched 60 2 "poppler" "PDF rendering library" ["poppler-utils" 680] ["20.09.0-3.1", "22.12.0-2", "25.03.0-5", "22.02.0-2ubuntu0", "24.02.0-1ubuntu9"]),
    source!(Desk Patched 80 2 "xorg-server" "X server" ["xserver-xorg-core" 3_700] ["2:1.20.11-1", "2:21.1.7-3", "2:21.1.16-1", "2:21.1.3-2ubuntu2", "2:21.1.12-1ubuntu1"]),
    source!(Desk Patched 50 1 "gimp" "GNU Image Manipulation Program" ["gimp" 20_000] ["2.10.22-4", "2.10.34-1", "3.0.4-3", "2.10.30-1", "2.10.36-3build2"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_told_apart() {
        let names: BTreeSet<&str> = SOURCES.iter().map(|source| source.name).collect();
        assert_eq!(names.len(), SOURCES.len());
        for release in Release::ALL {
            let binaries: Vec<&str> = SOURCES.iter().flat_map(|source| source.binaries(release).map(|(name, _)| name)).collect();
            let different: BTreeSet<&str> = binaries.iter().copied().collect();
            assert_eq!(different.len(), binaries.len(), "{release:?}");
        }
    }

    #[test]
    fn upstream_versions_have_a_number_that_can_grow() {
        for source in SOURCES {
            for release in Release::ALL {
                let version = source.version(release);
                assert_eq!(version.contains('{'), source.style == Style::Upstream && !version.is_empty(), "{} {version}", source.name);
            }
        }
    }
}
