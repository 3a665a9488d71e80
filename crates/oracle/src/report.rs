//! Counting agreement.

use std::collections::BTreeMap;

/// What one judge found.
#[derive(Debug)]
pub(crate) struct Report {
    kind: &'static str,
    /// The data is law: it states what is there and what has the fix, or is the vendor's own answer. What other tools
    /// with known faults say is a witness.
    is_law: bool,
    agreed: u64,
    asked: u64,
    /// By rule that explains them; those without a rule first.
    differences: BTreeMap<Option<&'static str>, Vec<String>>,
    notes: Vec<String>,
}

impl Report {
    /// A report about data that is law.
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, is_law: true, agreed: 0, asked: 0, differences: BTreeMap::new(), notes: Vec::new() }
    }

    /// A report about what another tool with known faults says.
    pub(crate) fn witness(kind: &'static str) -> Self {
        Self { is_law: false, ..Self::new(kind) }
    }

    /// One question, and whether both answer it alike.
    pub(crate) fn same(&mut self, agrees: bool, what: impl FnOnce() -> String) {
        self.judged(agrees, None, what);
    }

    /// One question that is answered otherwise, for a reason.
    pub(crate) fn explained(&mut self, what: impl FnOnce() -> String, rule: &'static str) {
        self.judged(false, Some(rule), what);
    }

    fn judged(&mut self, agrees: bool, rule: Option<&'static str>, what: impl FnOnce() -> String) {
        self.asked += 1;
        if agrees {
            self.agreed += 1;
        } else {
            self.differences.entry(rule).or_default().push(what());
        }
    }

    /// Something worth telling.
    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    fn unexplained(&self) -> u64 {
        self.differences.get(&None).map_or(0, |differences| differences.len() as u64)
    }

    /// Prints it, with so many differences of each kind.
    pub(crate) fn tell(&self, show: usize) {
        println!("{}{}:", self.kind, if self.is_law { "" } else { ", a witness" });
        self.notes.iter().for_each(|note| println!("  {note}"));
        for (rule, differences) in &self.differences {
            println!("  {} differ: {}", differences.len(), rule.unwrap_or("UNEXPLAINED"));
            differences.iter().take(show).for_each(|difference| println!("    {difference}"));
            if differences.len() > show {
                println!("    and {} more", differences.len() - show);
            }
        }
        println!("{}", self.result());
    }

    /// The last line of what is told.
    pub(crate) fn result(&self) -> String {
        format!(
            "RESULT oracle-{} agreement_pct={:.2} n={} m={} explained={} unexplained={}",
            self.kind,
            percent(self.agreed, self.asked),
            self.agreed,
            self.asked,
            self.asked - self.agreed - self.unexplained(),
            self.unexplained()
        )
    }
}

/// All reports together.
#[derive(Debug, Default)]
pub(crate) struct Total {
    agreed: u64,
    asked: u64,
    unexplained: u64,
    witness_agreed: u64,
    witness_asked: u64,
}

impl Total {
    pub(crate) fn add(&mut self, report: &Report) {
        let (agreed, asked) =
            if report.is_law { (&mut self.agreed, &mut self.asked) } else { (&mut self.witness_agreed, &mut self.witness_asked) };
        *agreed += report.agreed;
        *asked += report.asked;
        self.unexplained += report.unexplained();
    }

    /// Questions that were asked.
    pub(crate) fn asked(&self) -> u64 {
        self.asked + self.witness_asked
    }

    /// Differences that no rule explains.
    pub(crate) fn unexplained(&self) -> u64 {
        self.unexplained
    }

    /// Per cent of the questions that are answered alike, where the data is law.
    pub(crate) fn agreement(&self) -> f64 {
        percent(self.agreed, self.asked)
    }

    pub(crate) fn tell(&self) {
        println!(
            "RESULT oracle agreement_pct={:.2} n={} m={} unexplained={} witness_pct={:.2} witness_n={} witness_m={}",
            self.agreement(),
            self.agreed,
            self.asked,
            self.unexplained,
            percent(self.witness_agreed, self.witness_asked),
            self.witness_agreed,
            self.witness_asked
        );
    }
}

/// All of nothing is agreement.
fn percent(agreed: u64, asked: u64) -> f64 {
    if asked == 0 { 100.0 } else { agreed as f64 * 100.0 / asked as f64 }
}
