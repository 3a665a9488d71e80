//! Asking the person at the keyboard. Secrets come from a prompt without echo or from standard input, never from arguments.

use super::error::CliError;
use std::io::{BufRead, IsTerminal, Read, Write};

/// Most bytes of a secret on standard input.
const SECRET_LIMIT: u64 = 4096;

/// Asks for a line of text.
pub(super) fn ask(question: &str) -> Result<String, CliError> {
    need_terminal(question)?;
    let mut err = std::io::stderr();
    write!(err, "{question}: ").and_then(|()| err.flush()).map_err(CliError::Terminal)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(CliError::Terminal)?;
    Ok(line.trim().to_owned())
}

/// Asks for a secret, which is not shown while it is typed.
pub(super) fn ask_secret(question: &str) -> Result<String, CliError> {
    need_terminal(question)?;
    let term = console::Term::stderr();
    term.write_str(&format!("{question}: ")).map_err(CliError::Terminal)?;
    term.read_secure_line().map_err(CliError::Terminal)
}

/// Asks a question that only "yes" answers with yes.
pub(super) fn confirm(question: &str) -> Result<bool, CliError> {
    Ok(ask(&format!("{question} (yes/no)"))?.eq_ignore_ascii_case("yes"))
}

/// Reads a secret from standard input: its first line, without the line end.
pub(super) fn secret_from_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin().lock().take(SECRET_LIMIT).read_to_string(&mut text).map_err(CliError::Terminal)?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.is_empty() { Err(CliError::Usage("standard input holds no secret".to_owned())) } else { Ok(line) }
}

/// Reads two secrets from standard input: its first two lines.
pub(super) fn two_secrets_from_stdin() -> Result<(String, String), CliError> {
    let mut text = String::new();
    std::io::stdin().lock().take(SECRET_LIMIT).read_to_string(&mut text).map_err(CliError::Terminal)?;
    match text.lines().collect::<Vec<_>>().as_slice() {
        [first, second, ..] if !first.is_empty() && !second.is_empty() => Ok(((*first).to_owned(), (*second).to_owned())),
        _ => Err(CliError::Usage("standard input must hold two lines".to_owned())),
    }
}

/// A secret from standard input when asked so, otherwise from the keyboard.
pub(super) fn secret(from_stdin: bool, question: &str) -> Result<String, CliError> {
    if from_stdin { secret_from_stdin() } else { ask_secret(question) }
}

/// A new password: twice from the keyboard, or once from standard input.
pub(super) fn new_password(from_stdin: bool) -> Result<String, CliError> {
    if from_stdin {
        return secret_from_stdin();
    }
    let first = ask_secret("New password (at least 12 characters)")?;
    if ask_secret("The same again")? == first { Ok(first) } else { Err(CliError::Failed("the two passwords differ: try again".to_owned())) }
}

fn need_terminal(question: &str) -> Result<(), CliError> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(CliError::Usage(format!("there is no terminal to ask on ({question}): give it with an option; see --help")))
}
