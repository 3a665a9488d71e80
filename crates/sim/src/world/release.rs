//! Operating systems of the fleet.

use fettle_model::os::{OperatingSystem, Platform};

/// A release whose packages the world knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Release {
    /// Debian 11.
    Bullseye,
    /// Debian 12.
    Bookworm,
    /// Debian 13.
    Trixie,
    /// Ubuntu 22.04 LTS.
    Jammy,
    /// Ubuntu 24.04 LTS.
    Noble,
}

impl Release {
    /// All of them, in the order of the software table's columns.
    pub const ALL: [Self; 5] = [Self::Bullseye, Self::Bookworm, Self::Trixie, Self::Jammy, Self::Noble];

    /// Its column in the software table.
    #[must_use]
    pub fn column(self) -> usize {
        Self::ALL.iter().position(|release| *release == self).unwrap_or(0)
    }

    /// `bookworm`.
    #[must_use]
    pub fn codename(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Jammy => "jammy",
            Self::Noble => "noble",
        }
    }

    /// `debian` or `ubuntu`.
    #[must_use]
    pub fn distribution(self) -> &'static str {
        if self.is_debian() { "debian" } else { "ubuntu" }
    }

    /// Whether it is Debian's own.
    #[must_use]
    pub fn is_debian(self) -> bool {
        matches!(self, Self::Bullseye | Self::Bookworm | Self::Trixie)
    }

    /// `12`, `24.04`.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::Bullseye => "11",
            Self::Bookworm => "12",
            Self::Trixie => "13",
            Self::Jammy => "22.04",
            Self::Noble => "24.04",
        }
    }

    /// As its os-release says, for people.
    #[must_use]
    pub fn pretty_name(self) -> &'static str {
        match self {
            Self::Bullseye => "Debian GNU/Linux 11 (bullseye)",
            Self::Bookworm => "Debian GNU/Linux 12 (bookworm)",
            Self::Trixie => "Debian GNU/Linux 13 (trixie)",
            Self::Jammy => "Ubuntu 22.04.5 LTS",
            Self::Noble => "Ubuntu 24.04.3 LTS",
        }
    }

    /// What an agent says of such a machine.
    #[must_use]
    pub fn operating_system(self) -> OperatingSystem {
        OperatingSystem {
            platform: Platform::Linux,
            id: self.distribution().to_owned(),
            name: self.pretty_name().to_owned(),
            version: self.version().to_owned(),
            codename: self.codename().to_owned(),
            architecture: "amd64".to_owned(),
            foreign_architectures: Vec::new(),
        }
    }
}

/// An operating system of a machine: one whose packages are known, or Windows, which is not assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Debian or Ubuntu.
    Linux(Release),
    /// Windows, by its full name and build.
    Windows(&'static str, &'static str),
}

impl System {
    /// What an agent says of such a machine.
    #[must_use]
    pub fn operating_system(self) -> OperatingSystem {
        match self {
            Self::Linux(release) => release.operating_system(),
            Self::Windows(name, build) => OperatingSystem {
                platform: Platform::Windows,
                id: "windows".to_owned(),
                name: name.to_owned(),
                version: build.to_owned(),
                codename: String::new(),
                architecture: "amd64".to_owned(),
                foreign_architectures: Vec::new(),
            },
        }
    }
}

/// How many machines in a hundred have which system.
pub const SHARES: &[(u64, System)] = &[
    (8, System::Linux(Release::Bullseye)),
    (33, System::Linux(Release::Bookworm)),
    (15, System::Linux(Release::Trixie)),
    (17, System::Linux(Release::Jammy)),
    (18, System::Linux(Release::Noble)),
    (5, System::Windows("Microsoft Windows 11 Enterprise", "10.0.26100")),
    (4, System::Windows("Microsoft Windows Server 2022 Standard", "10.0.20348")),
];
