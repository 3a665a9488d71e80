//! Compares the product with what others decided: hosts with their package manager's own answers, tables of compared
//! versions, supersedence that vendors publish, reports of other tools, queries of other languages.
//!
//! The data lies in one folder with a folder for each kind; each kind has its judge here, a module of the same name, or one of several that are alike.
//! A judge asks the product the question that the data answers, through the same code that serves users, and counts.
//! What the product decides otherwise for a reason is told with that reason, found anew for each case by a rule; it
//! still does not count as agreement. To add a judge, write its module and name it in [`JUDGES`].

mod centos_updateinfo;
mod claircore;
mod data;
mod debian_security;
mod facts;
mod linux_hosts;
mod made;
mod msrc_cvrf;
mod osv_scanner;
mod query_languages;
mod report;
mod rpm_hosts;
mod scoop;
mod systeminfo;
mod trivy;
mod versions;
mod vuln_list_update;
mod vunnel;
mod wesng;
mod windows_releases;
mod winget;

use anyhow::{Result, ensure};
use clap::Parser;
use data::Data;
use report::{Report, Total};
use std::path::PathBuf;
use std::process::ExitCode;

/// A judge, and the folder it is for.
type Judge = (&'static str, fn(&Data) -> Result<Report>);

const JUDGES: &[Judge] = &[
    ("versions", versions::judge),
    ("linux-hosts", linux_hosts::judge),
    ("debian-security", debian_security::judge),
    ("rpm-hosts", rpm_hosts::judge),
    ("centos-updateinfo", centos_updateinfo::judge),
    ("osv-scanner", osv_scanner::judge),
    ("trivy", trivy::judge),
    ("msrc-cvrf", msrc_cvrf::judge),
    ("windows-releases", windows_releases::judge),
    ("wesng", wesng::judge),
    ("winget", winget::judge),
    ("scoop", scoop::judge),
    ("claircore", claircore::judge),
    ("vuln-list-update", vuln_list_update::judge),
    ("vunnel", vunnel::judge),
    ("query-languages", query_languages::judge),
    ("kev", facts::exploited),
    ("epss", facts::probabilities),
];

/// Least agreement where the data states installed and fixed versions, per cent.
const LEAST_AGREEMENT: f64 = 99.0;

/// Compare the product with what others decided.
#[derive(Parser)]
#[command(name = "fettle-oracle", disable_version_flag = true)]
struct Options {
    /// Folder with the data: a folder for each kind, such as `linux-hosts` and `versions`.
    folder: PathBuf,
    /// Judge only these kinds.
    #[arg(long, value_name = "KIND")]
    only: Vec<String>,
    /// Disagreements that are told one by one for each reason; all are counted.
    #[arg(long, default_value_t = 20)]
    show: usize,
}

fn main() -> ExitCode {
    match compare(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> Result<()> {
    let data = Data::open(&options.folder)?;
    let mut total = Total::default();
    for (kind, judge) in JUDGES.iter().filter(|(kind, _)| options.only.is_empty() || options.only.iter().any(|only| only == kind)) {
        if data.folder(kind).is_none() {
            println!("{kind}: there is no such folder, left out");
            continue;
        }
        let report = judge(&data)?;
        report.tell(options.show);
        total.add(&report);
    }
    let unknown = data.folders()?.into_iter().filter(|folder| !JUDGES.iter().any(|(kind, _)| kind == folder));
    unknown.for_each(|folder| println!("{folder}: nothing here is judged by it"));
    total.tell();
    ensure!(total.asked() > 0, "nothing was compared: {} has none of the folders that are known", options.folder.display());
    ensure!(total.unexplained() == 0, "{} answers differ and no rule explains why", total.unexplained());
    let agreement = total.agreement();
    ensure!(agreement >= LEAST_AGREEMENT, "agreement is {agreement:.2} per cent, less than {LEAST_AGREEMENT}");
    Ok(())
}
